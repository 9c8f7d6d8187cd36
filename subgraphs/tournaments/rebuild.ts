import { PrismaPg } from '@prisma/adapter-pg';
import type { LoggedEvent } from '../../platform/messaging/event-log/event-log.ts';
import type { Projection, Rebuild } from '../../platform/messaging/rebuild.ts';
import {
  Matches,
  MatchEventRecorded,
  type MatchFacts,
  type MatchScore,
  MatchSnapshot,
} from '../../schema/messages/matches.ts';
import { type Counted, deedsOf, teamOf } from './deeds.ts';
import { Prisma, PrismaClient, type Result } from './generated/prisma/client.ts';
import { lock } from './record.ts';
import type { Known } from './results.service.ts';
import {
  entrantOf,
  isBetween,
  isForfeited,
  type MovedSlot,
  slotNow,
  standingRows,
  storedCourse,
  updateSlots,
} from './stored-course.ts';

type Tx = Prisma.TransactionClient;

/** The consumer group that keeps results; see consumers.ts. */
const RESULTS_GROUP = 'tournaments';
/** Time for one transaction; results of its tournaments wait for it. */
const SWAP_MS = 600_000;
const NOTHING = { goals: 0, points: 0, ownGoals: 0, assists: 0, yellow: 0, secondYellow: 0, red: 0 };

/**
 * Results, goals and cards, tables, and the slots of brackets. Plans, entries, rulings, and which match belongs to which
 * slot are the service's own: they are read, not made.
 */
export const standings: Projection = {
  service: 'tournaments',
  topic: Matches.name,
  describe: 'results, tables and brackets of tournaments',
  open: (url) => StandingsRebuild.open(url),
};

interface Step extends Omit<Known, 'match'> {
  readonly seq: number;
  readonly match: MatchFacts;
}

/** A match after the newest event that is folded, and the events after it. */
interface Match {
  seq: number;
  /** Null before its first event. */
  last: { readonly match: MatchFacts; readonly score: MatchScore } | null;
  deeds: Map<string, Counted & { readonly playerId: string; readonly teamId: string }>;
  readonly waiting: Step[];
}

/** How far the live projection has handled a match that a tournament planned. */
interface Position {
  readonly matchId: string;
  readonly limit: number;
}

/**
 * One run. In memory are the last state of every match of a tournament, about 1 kB for each, and the events that came
 * while it ran. Events that the live projection has not handled yet are not applied: it handles them after the exchange
 * and emits what follows from them; a rebuild emits nothing.
 */
class StandingsRebuild implements Rebuild {
  readonly #prisma: PrismaClient;
  readonly #matches = new Map<string, Match>();
  readonly #handled: ReadonlyMap<string, number>;

  static async open(url: string): Promise<StandingsRebuild> {
    const prisma = new PrismaClient({
      adapter: new PrismaPg({ connectionString: url, max: 2 }, { schema: 'tournaments' }),
    });
    return new StandingsRebuild(prisma, await positions(prisma, null));
  }

  private constructor(prisma: PrismaClient, handled: readonly Position[]) {
    this.#prisma = prisma;
    this.#handled = new Map(handled.map(({ matchId, limit }) => [matchId, limit]));
  }

  handle({ key, seq, type, version, payload, topic }: LoggedEvent): void {
    const step = read(type, version, payload, seq, `${topic}/${key}#${seq}`);
    if (!step) return;
    const match: Match = this.#matches.get(key) ?? { seq: 0, last: null, deeds: new Map(), waiting: [] };
    this.#matches.set(key, match);
    // The log delivers at least once, and may be read twice.
    if (seq <= (match.waiting.at(-1)?.seq ?? match.seq)) return;
    match.waiting.push(step);
    fold(match, this.#handled.get(key) ?? 0);
  }

  async finish(readOn: () => Promise<void>): Promise<Record<string, number>> {
    const drawn = await this.#prisma.tournament.findMany({
      where: { state: { not: 'CANCELLED' }, stages: { some: { plan: { not: Prisma.DbNull } } } },
      select: { id: true },
      orderBy: { id: 'asc' },
    });
    const late: string[] = [];
    for (const { id } of drawn)
      await this.#transaction(async (tx) => {
        if (!(await this.#replace(tx, id))) late.push(id);
      });
    // Live results of these came during the reading. They wait now, so that the next reading has all that was handled.
    if (late.length > 0)
      await this.#transaction(async (tx) => {
        for (const id of late) await lock(tx, id);
        await readOn();
        for (const id of late)
          if (!(await this.#replace(tx, id))) throw new Error(`${Matches.name} lacks events of tournament ${id}`);
      });
    return { tournaments: drawn.length, matches: this.#matches.size, late: late.length };
  }

  async close(): Promise<void> {
    await this.#prisma.$disconnect();
  }

  #transaction(work: (tx: Tx) => Promise<void>): Promise<void> {
    return this.#prisma.$transaction(work, { timeout: SWAP_MS, maxWait: SWAP_MS });
  }

  /** Replaces all rows of a tournament. @returns false when the live ones include events that have not been read */
  async #replace(tx: Tx, id: string): Promise<boolean> {
    const tournament = await lock(tx, id);
    // It was deleted or cancelled meanwhile.
    if (!tournament || tournament.state === 'CANCELLED') return true;
    const handled = await positions(tx, id);
    if (handled.some(({ matchId, limit }) => limit > this.#read(matchId))) return false;
    for (const { matchId, limit } of handled) {
      const match = this.#matches.get(matchId);
      if (match) fold(match, limit);
    }
    await this.#replaceResults(tx, id);
    await tx.deed.deleteMany({ where: { tournamentId: id } });
    await tx.deed.createMany({
      data: handled.flatMap(({ matchId }) =>
        [...(this.#matches.get(matchId)?.deeds.values() ?? [])].map((deed) => ({ ...deed, matchId, tournamentId: id })),
      ),
    });
    const stored = await storedCourse(tx, tournament);
    if (!stored) return true;
    const slots: MovedSlot[] = [];
    const forfeited: string[] = [];
    await tx.standing.deleteMany({ where: { group: { stage: { tournamentId: id } } } });
    for (const [index, stage] of stored.stages.entries()) {
      const { resolved, tables } = stored.course.stages[index]!;
      for (const slot of stage.slots) {
        const now = resolved.get(slot.key)!;
        const [home, away] = [entrantOf(now.home), entrantOf(now.away)];
        const match =
          home && away
            ? slot.results.findLast((result) => !result.annulled && isBetween(result, home, away))
            : undefined;
        slots.push({ id: slot.id, ...slotNow(now, match?.matchId ?? null) });
        if (match && isForfeited(match.state, now)) forfeited.push(match.matchId);
      }
      await tx.standing.createMany({
        data: stage.groups.flatMap((group, at) => standingRows(group.id, tables[at] ?? [])),
      });
    }
    await updateSlots(tx, slots);
    await tx.result.updateMany({ where: { matchId: { in: forfeited } }, data: { state: 'FORFEITED' } });
    return true;
  }

  #read(matchId: string): number {
    const match = this.#matches.get(matchId);
    return match?.waiting.at(-1)?.seq ?? match?.seq ?? 0;
  }

  async #replaceResults(tx: Tx, tournamentId: string): Promise<void> {
    const rows = await tx.result.findMany({ where: { slot: { stage: { tournamentId } } } });
    const next = rows.map((row) => resultNow(row, this.#matches.get(row.matchId)));
    await tx.$executeRaw`
      UPDATE tournaments.results SET state = d.state, score = nullif(d.score, 'null'::jsonb),
        winner = d.winner::tournaments.slot_side, how = d.how::tournaments.result_how, counts = d.counts, seq = d.seq
      FROM jsonb_to_recordset(${JSON.stringify(next)}::jsonb)
        AS d("matchId" uuid, state text, score jsonb, winner text, how text, counts boolean, seq int)
      WHERE results.match_id = d."matchId"`;
  }
}

/**
 * Positions of a tournament's matches; null for all tournaments. A match that was taken from its slot, or whose
 * tournament is archived, stays as it was then: its row's `seq` says when that was, and no event does.
 */
async function positions(tx: Pick<Tx, '$queryRaw'>, tournamentId: string | null): Promise<Position[]> {
  return tx.$queryRaw<Position[]>`
    SELECT r.match_id AS "matchId", CASE WHEN r.annulled OR t.state = 'ARCHIVED' THEN r.seq ELSE coalesce(i.last_seq, 0) END AS "limit"
    FROM tournaments.results r
    JOIN tournaments.slots s ON s.id = r.slot_id JOIN tournaments.stages g ON g.id = s.stage_id
    JOIN tournaments.tournaments t ON t.id = g.tournament_id
    LEFT JOIN tournaments.inbox i
      ON i.consumer = ${RESULTS_GROUP} AND i.topic = ${Matches.name} AND i.key = r.match_id::text
    WHERE ${tournamentId}::uuid IS NULL OR g.tournament_id = ${tournamentId}::uuid`;
}

/** Null for what live results do not keep either. */
function read(type: string, version: number, payload: unknown, seq: number, where: string): Step | null {
  if (type === MatchSnapshot.type) {
    const { matchId, score, players, ...match } = MatchSnapshot.read(version, payload, where);
    return match.tournamentId === null ? null : { seq, matchId, match, score, detail: players };
  }
  if (type !== MatchEventRecorded.type) return null;
  const { matchId, match, score, detail } = MatchEventRecorded.read(version, payload, where);
  return match?.tournamentId ? { seq, matchId, match, score, detail } : null;
}

/** Takes the events up to `limit` into the match. */
function fold(match: Match, limit: number): void {
  while (match.waiting[0] && match.waiting[0].seq <= limit) {
    const { seq, match: facts, score, detail } = match.waiting.shift()!;
    match.seq = seq;
    match.last = { match: facts, score };
    const isWhole = !('kind' in detail);
    if (isWhole || detail.kind === 'REPLAY') match.deeds.clear();
    const changes = isWhole ? detail.map(({ player, side, ...by }) => ({ player, side, by })) : deedsOf(detail);
    for (const { player: playerId, side, by } of changes) {
      const teamId = teamOf(facts, side);
      const deed = match.deeds.get(`${playerId} ${teamId}`) ?? { playerId, teamId, ...NOTHING };
      const sum = Object.entries(NOTHING).map(([name]) => {
        const counted = name as keyof Counted;
        return [counted, deed[counted] + (by[counted] ?? 0)];
      });
      match.deeds.set(`${playerId} ${teamId}`, { ...deed, ...(Object.fromEntries(sum) as Counted) });
    }
  }
}

function resultNow(row: Result, known: Match | undefined): Partial<Result> {
  const { matchId, annulled } = row;
  const { last, seq } = known ?? { last: null, seq: 0 };
  if (!last) {
    const state = annulled ? row.state : 'PLANNED';
    return { matchId, state, score: null, winner: null, how: 'PLAYED', counts: false, seq: 0 };
  }
  const { state, counts, how, winner } = last.match;
  const { score } = last;
  // The service itself says that a match is forfeited; isForfeited says it of a match that is not annulled.
  if (annulled)
    return {
      ...{ matchId, score, how, winner, seq },
      state: row.state === 'FORFEITED' ? row.state : state,
      counts: false,
    };
  return { matchId, state, counts, how, winner, score, seq };
}
