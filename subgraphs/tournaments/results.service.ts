import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { TIMERS } from '../../platform/injection/tokens.ts';
import type { Timers } from '../../platform/messaging/timers/timers.ts';
import type { MatchEventDetail, MatchFacts, MatchScore } from '../../schema/messages/matches.ts';
import { keepDeeds, type WholeDeeds } from './deeds.ts';
import { TournamentsMetrics } from './metrics.ts';
import type { Prisma, Result, Tournament } from './generated/prisma/client.ts';
import { CourseIsDue } from './timers.ts';

type Tx = Prisma.TransactionClient;

/**
 * How long after a result tables are updated, in milliseconds, together with the results that arrive until then. When
 * many results arrive at the same time, this makes storing them about twice as fast.
 */
const GATHER_MS = 100;

/** The state of a match after one of its events. */
export interface Known {
  readonly matchId: string;
  /**
   * The facts of the match. Null in events of old versions. They are older than tournaments, so they are of friendlies.
   */
  readonly match: MatchFacts | null;
  readonly score: MatchScore;
  /** When the event was recorded. Absent when the state comes from a snapshot. */
  readonly recordedAt?: string;
  /** What happened in the event. For a snapshot: the counts of each player so far. */
  readonly detail: MatchEventDetail | WholeDeeds;
}

/** Stores the results of the matches that tournaments planned. */
@Injectable()
export class ResultsService {
  constructor(
    @Inject(TIMERS) private readonly timers: Timers,
    @Optional() private readonly metrics?: TournamentsMetrics,
  ) {}

  /**
   * Stores the newest result of a match: see {@link keepAll}.
   * @param seq of the event, or of the last event that the snapshot includes
   */
  async keep(tx: Tx, known: Known, seq: number): Promise<void> {
    await this.keepAll(tx, [{ ...known, seq }]);
  }

  /**
   * Stores the newest results of matches, with a few statements for any number of events. It ignores friendlies,
   * repeats, annulled matches, and matches of an archived tournament. Tables and brackets follow in a transaction of
   * their own, once for all results that wait, because the whole stage is read for them. The timer that is set here does
   * that, also if this process ends now.
   * @param events those of each match in the order of `seq`
   */
  async keepAll(tx: Tx, events: readonly (Known & { readonly seq: number })[]): Promise<void> {
    const planned = events.flatMap(({ match, ...event }) => (match?.tournamentId ? [{ ...event, match }] : []));
    if (planned.length === 0) return;
    const matchIds = [...new Set(planned.map(({ matchId }) => matchId))];
    const tournaments = await lockOfMatches(tx, matchIds);
    if (tournaments.size === 0) return;
    const rows = await tx.result.findMany({ where: { matchId: { in: matchIds }, annulled: false } });
    const results = new Map(rows.map((row) => [row.matchId, row]));
    const changed = new Map<string, Result>();
    const deeds: Parameters<typeof keepDeeds>[1][number][] = [];
    const due = new Map<string, string | undefined>();
    for (const { matchId, match, score, detail, recordedAt, seq } of planned) {
      const tournament = tournaments.get(matchId);
      const row = results.get(matchId);
      if (tournament?.id !== match.tournamentId || tournament.state === 'ARCHIVED' || !row || row.seq >= seq) continue;
      const { state, counts, how, winner } = match;
      const next = { ...row, state, counts, how, winner, score, seq };
      results.set(matchId, next);
      changed.set(matchId, next);
      deeds.push({ of: { matchId, tournamentId: tournament.id, match }, detail });
      if (!row.counts && next.counts) this.metrics?.counted.inc();
      if (moves(row, next)) due.set(tournament.id, earlier(due.get(tournament.id), recordedAt));
    }
    if (changed.size === 0) return;
    await updateResults(tx, [...changed.values()]);
    await keepDeeds(tx, deeds);
    await this.timers.setAll(
      tx,
      CourseIsDue,
      [...due].map(([tournamentId, since]) => ({
        key: tournamentId,
        after: GATHER_MS,
        payload: { tournamentId, since },
        unlessSet: true,
      })),
    );
  }
}

/**
 * Locks the tournaments that have slots with these matches, as `lock` does, in the order of their ids. An event can
 * name any tournament, so the slot decides.
 * @returns the tournament of each match
 */
async function lockOfMatches(
  tx: Tx,
  matchIds: readonly string[],
): Promise<ReadonlyMap<string, Pick<Tournament, 'id' | 'state'>>> {
  const rows = await tx.$queryRaw<
    { readonly matchId: string; readonly tournament: Pick<Tournament, 'id' | 'state'> }[]
  >`
    SELECT r.match_id AS "matchId", jsonb_build_object('id', t.id, 'state', t.state) AS tournament
    FROM tournaments.results r
    JOIN tournaments.slots s ON s.id = r.slot_id
    JOIN tournaments.stages g ON g.id = s.stage_id
    JOIN tournaments.tournaments t ON t.id = g.tournament_id
    WHERE r.match_id = ANY (${matchIds}::uuid[]) ORDER BY t.id FOR NO KEY UPDATE OF t`;
  return new Map(rows.map(({ matchId, tournament }) => [matchId, tournament]));
}

/** Stores results in one statement. */
async function updateResults(tx: Tx, results: readonly Result[]): Promise<void> {
  await tx.$executeRaw`
    UPDATE tournaments.results r SET
      state = n.state, score = n.score, counts = n.counts, seq = n.seq,
      how = n.how::tournaments.result_how, winner = n.winner::tournaments.slot_side
    FROM jsonb_to_recordset(${JSON.stringify(results)}::jsonb)
      AS n("matchId" uuid, state text, score jsonb, counts boolean, how text, winner text, seq int)
    WHERE r.match_id = n."matchId"`;
}

/** The earlier of two times in RFC 3339, UTC. */
const earlier = (one: string | undefined, other: string | undefined): string | undefined =>
  one !== undefined && (other === undefined || one < other) ? one : other;

/** Whether the result can change tables, brackets or states. A goal in a match that is not over cannot. */
function moves(before: Result, after: Result): boolean {
  const isOver = ({ counts, state }: Result): boolean => counts || state === 'FINISHED';
  if (before.state !== after.state || before.counts !== after.counts) return true;
  return isOver(after) && (before.winner !== after.winner || !isDeepStrictEqual(before.score, after.score));
}
