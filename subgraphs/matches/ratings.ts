import { isDeepStrictEqual } from 'node:util';
import { columnsOf } from '../../platform/postgres/columns.ts';
import { type Match, Prisma, type RatedMatch as Row, type RatingChange } from './generated/prisma/client.ts';
import { EMPTY_SHEET } from './match-sheet.ts';
import { playedIn } from './played.ts';
import {
  inOrder,
  type Kind,
  type Position,
  ratedMatch,
  type RatedMatch,
  type Rating,
  ratingsAfter,
  subjectsOf,
} from './rating.ts';
import { factsOf } from './record.ts';

type Tx = Prisma.TransactionClient;

/** The largest number of matches that one statement reads. More are read page by page. */
const PAGE = 500;

/**
 * Applies the current result of a match to the ratings, and computes the ratings of later matches again. Does nothing
 * if the result was applied before. A lock allows one update per sport at a time, and none during a rebuild's exchange.
 */
export async function updateRatings(tx: Tx, matchId: string): Promise<void> {
  const match = await tx.match.findUnique({ where: { id: matchId } });
  if (!match) return;
  const [after, earlier] = [await ratedNow(tx, match), await tx.ratedMatch.findUnique({ where: { matchId } })];
  if (!after && !earlier) return;
  await tx.$queryRaw`SELECT pg_advisory_xact_lock_shared(hashtextextended('matches.ratings', 0))::text,
    pg_advisory_xact_lock(hashtextextended('matches.ratings.' || ${match.sport}::text, 0))::text`;
  // The row is read again, because another process may have changed it while this one waited for the lock.
  const row = await tx.ratedMatch.findUnique({ where: { matchId } });
  const before = row && fromRow(row);
  if (isDeepStrictEqual(before, after)) return;
  await tx.ratingChange.deleteMany({ where: { matchId } });
  if (after) {
    const data = { ...after, homePlayers: [...after.homePlayers], awayPlayers: [...after.awayPlayers] };
    await tx.ratedMatch.upsert({ where: { matchId }, create: data, update: data });
  } else await tx.ratedMatch.delete({ where: { matchId } });
  const [first] = [before, after].filter((one) => one !== null).sort(inOrder);
  if (!first) return;
  const changed = new Set([...(before ? subjectsOf(before) : []), ...(after ? subjectsOf(after) : [])]);
  await recompute(tx, match.sport, first, changed);
}

async function ratedNow(tx: Tx, match: Match): Promise<RatedMatch | null> {
  const facts = factsOf(match);
  if (!facts.counts) return null;
  return ratedMatch(match.id, facts, (await playedIn(tx, [match])).get(match.id) ?? EMPTY_SHEET);
}

/**
 * Rates again, from this position on, the matches of these subjects, and those of all subjects whose ratings change as
 * a consequence.
 */
async function recompute(tx: Tx, sport: string, from: Position, changed: Set<string>): Promise<void> {
  const now = new Map<string, Rating>();
  for (let page = await matchesFrom(tx, sport, from, true); page.length > 0;) {
    const affected = page.filter((match) => {
      const subjects = subjectsOf(match);
      const isAffected = subjects.some((subject) => changed.has(subject));
      if (isAffected) for (const subject of subjects) changed.add(subject);
      return isAffected;
    });
    await readBefore(tx, sport, affected, now);
    const changes = affected.flatMap((match) => {
      const after = ratingsAfter(match, now);
      for (const [subject, rating] of after) now.set(subject, rating);
      return changesOf(match, after);
    });
    await writeChanges(tx, changes);
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    page = await matchesFrom(tx, sport, last, false);
  }
}

async function matchesFrom(
  tx: Tx,
  sport: string,
  { kickoffAt, matchId }: Position,
  itself: boolean,
): Promise<RatedMatch[]> {
  const at = new Date(kickoffAt);
  const rows = await tx.ratedMatch.findMany({
    // The condition on `kickoffAt` outside of OR makes the index usable.
    where: {
      sport,
      kickoffAt: { gte: at },
      OR: [{ kickoffAt: { gt: at } }, { matchId: { [itself ? 'gte' : 'gt']: matchId } }],
    },
    orderBy: [{ kickoffAt: 'asc' }, { matchId: 'asc' }],
    take: PAGE,
  });
  return rows.map(fromRow);
}

/** Adds to `now` the rating of each subject before its first match of the list, unless `now` has one for it. */
async function readBefore(
  tx: Tx,
  sport: string,
  matches: readonly RatedMatch[],
  now: Map<string, Rating>,
): Promise<void> {
  const wanted = new Map<string, Position>();
  for (const match of matches)
    for (const subject of subjectsOf(match)) if (!now.has(subject) && !wanted.has(subject)) wanted.set(subject, match);
  if (wanted.size === 0) return;
  const asked = [...wanted].map(([subject, { kickoffAt, matchId }]) => ({ ...partsOf(subject), kickoffAt, matchId }));
  const found = await tx.$queryRaw<RatingChange[]>`
    SELECT ${Prisma.raw(columnsOf(Prisma.RatingChangeScalarFieldEnum))}
    FROM unnest(${asked.map(({ kind }) => kind)}::text[], ${asked.map(({ id }) => id)}::uuid[],
                ${asked.map(({ kickoffAt }) => kickoffAt)}::timestamptz[], ${asked.map(({ matchId }) => matchId)}::uuid[])
      AS asked (of_kind, of_subject, before_at, before_id)
    CROSS JOIN LATERAL (
      SELECT * FROM matches.rating_changes c
      WHERE c.kind = asked.of_kind AND c.subject_id = asked.of_subject AND c.sport = ${sport}
        AND (c.kickoff_at, c.match_id) < (asked.before_at, asked.before_id)
      ORDER BY c.kickoff_at DESC, c.match_id DESC LIMIT 1
    ) c`;
  for (const { kind, subjectId, mu, sigma } of found) now.set(`${kind}:${subjectId}`, { mu, sigma });
}

export interface Change extends Position, Rating {
  readonly kind: Kind;
  readonly id: string;
  readonly sport: string;
}

const partsOf = (subject: string): { kind: Kind; id: string } => {
  const at = subject.indexOf(':');
  return { kind: subject.slice(0, at) as Kind, id: subject.slice(at + 1) };
};

export const changesOf = ({ sport, kickoffAt, matchId }: RatedMatch, after: ReadonlyMap<string, Rating>): Change[] =>
  [...after].map(([subject, rating]) => ({ ...partsOf(subject), sport, kickoffAt, matchId, ...rating }));

async function writeChanges(tx: Tx, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO matches.rating_changes (kind, subject_id, sport, match_id, kickoff_at, mu, sigma)
    SELECT * FROM unnest(${changes.map(({ kind }) => kind)}::text[], ${changes.map(({ id }) => id)}::uuid[],
      ${changes.map(({ sport }) => sport)}::text[], ${changes.map(({ matchId }) => matchId)}::uuid[],
      ${changes.map(({ kickoffAt }) => kickoffAt)}::timestamptz[],
      ${changes.map(({ mu }) => mu)}::float8[], ${changes.map(({ sigma }) => sigma)}::float8[])
    ON CONFLICT (kind, subject_id, match_id) DO UPDATE
      SET sport = EXCLUDED.sport, kickoff_at = EXCLUDED.kickoff_at, mu = EXCLUDED.mu, sigma = EXCLUDED.sigma`;
}

const fromRow = ({ kickoffAt, winner, ...row }: Row): RatedMatch => ({
  ...row,
  winner: winner as RatedMatch['winner'],
  kickoffAt: kickoffAt.toISOString(),
});
