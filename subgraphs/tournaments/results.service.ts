import { Inject, Injectable, Optional } from '@nestjs/common';
import { TIMERS } from '../../platform/injection/tokens.ts';
import type { Timers } from '../../platform/messaging/timers/timers.ts';
import type { MatchEventDetail, MatchFacts, MatchScore } from '../../schema/messages/matches.ts';
import { keepDeeds, replaceDeeds } from './deeds.ts';
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
  readonly detail: MatchEventDetail | Parameters<typeof replaceDeeds>[2];
}

/** Stores the results of the matches that tournaments planned. */
@Injectable()
export class ResultsService {
  constructor(
    @Inject(TIMERS) private readonly timers: Timers,
    @Optional() private readonly metrics?: TournamentsMetrics,
  ) {}

  /**
   * Stores the newest result of a match. It ignores friendlies, repeats, annulled matches, and matches of an archived
   * tournament. Tables and brackets follow in a transaction of their own, once for all results that wait, because the
   * whole stage is read for them. The timer that is set here does that, also if this process ends now.
   */
  async keep(tx: Tx, { matchId, match, score, detail, recordedAt }: Known, seq: number): Promise<void> {
    if (!match?.tournamentId) return;
    const tournament = await lockOfMatch(tx, matchId);
    if (tournament?.id !== match.tournamentId || tournament.state === 'ARCHIVED') return;
    const row = await tx.result.findUnique({ where: { matchId } });
    if (!row || row.annulled || row.seq >= seq) return;
    const { state, counts, how, winner } = match;
    const next = await tx.result.update({ where: { matchId }, data: { state, counts, how, winner, score, seq } });
    const of = { matchId, tournamentId: tournament.id, match };
    if ('kind' in detail) await keepDeeds(tx, of, detail);
    else await replaceDeeds(tx, of, detail);
    if (!row.counts && next.counts) this.metrics?.counted.inc();
    if (!moves(row, next)) return;
    const { id: tournamentId } = tournament;
    await this.timers.set(tx, CourseIsDue, {
      key: tournamentId,
      after: GATHER_MS,
      payload: { tournamentId, since: recordedAt },
      unlessSet: true,
    });
  }
}

/**
 * Locks the tournament that has a slot with the match, as `lock` does. An event can name any tournament, so the slot
 * decides.
 */
async function lockOfMatch(tx: Tx, matchId: string): Promise<Pick<Tournament, 'id' | 'state'> | undefined> {
  const [tournament] = await tx.$queryRaw<Pick<Tournament, 'id' | 'state'>[]>`
    SELECT t.id, t.state FROM tournaments.tournaments t
    JOIN tournaments.stages g ON g.tournament_id = t.id
    JOIN tournaments.slots s ON s.stage_id = g.id
    JOIN tournaments.results r ON r.slot_id = s.id
    WHERE r.match_id = ${matchId}::uuid FOR NO KEY UPDATE OF t`;
  return tournament;
}

/** Whether the result can change tables, brackets or states. A goal in a match that is not over cannot. */
function moves(before: Result, after: Result): boolean {
  const isOver = ({ counts, state }: Result): boolean => counts || state === 'FINISHED';
  if (before.state !== after.state || before.counts !== after.counts) return true;
  return (
    isOver(after) && (before.winner !== after.winner || JSON.stringify(before.score) !== JSON.stringify(after.score))
  );
}
