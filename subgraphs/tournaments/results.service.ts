import { Injectable } from '@nestjs/common';
import type { Emit } from '../../platform/messaging/outbox/outbox.ts';
import type { MatchEventDetail, MatchFacts, MatchScore } from '../../schema/messages/matches.ts';
import { keepDeeds, replaceDeeds } from './deeds.ts';
import type { Prisma, Result } from './generated/prisma/client.ts';
import { progress } from './progress.ts';
import { lock } from './record.ts';

type Tx = Prisma.TransactionClient;

/** What is known of a match after an event of it. */
export interface Known {
  readonly matchId: string;
  /** Null in events of old versions, which no match of a tournament has. */
  readonly match: MatchFacts | null;
  readonly score: MatchScore;
  /** What happened; of a snapshot, what every player has done so far. */
  readonly detail: MatchEventDetail | Parameters<typeof replaceDeeds>[2];
}

/** Results of the matches that tournaments planned. */
@Injectable()
export class ResultsService {
  /**
   * Keeps the newest result of a match, and brings tables and brackets up to date when it changes them. Friendlies, late
   * events and matches that another one replaced change nothing.
   */
  async keep(tx: Tx, emit: Emit, { matchId, match, score, detail }: Known, seq: number): Promise<void> {
    if (!match?.tournamentId) return;
    // The plan of a tournament says which matches are its own, not the match.
    const planned = await tx.result.findUnique({
      where: { matchId },
      select: { slot: { select: { stage: { select: { tournamentId: true } } } } },
    });
    if (planned?.slot.stage.tournamentId !== match.tournamentId) return;
    const tournament = await lock(tx, planned.slot.stage.tournamentId);
    const row = await tx.result.findUnique({ where: { matchId } });
    if (!tournament || tournament.state === 'ARCHIVED' || !row || row.annulled || row.seq >= seq) return;
    const { state, counts, how, winner } = match;
    const next = await tx.result.update({ where: { matchId }, data: { state, counts, how, winner, score, seq } });
    const of = { matchId, tournamentId: tournament.id, match };
    if ('kind' in detail) await keepDeeds(tx, of, detail);
    else await replaceDeeds(tx, of, detail);
    if (moves(row, next)) await progress(tx, emit, tournament);
  }
}

/** Whether tables, brackets or states can be others. A goal of a match in play is none of their business. */
function moves(before: Result, after: Result): boolean {
  const isOver = ({ counts, state }: Result): boolean => counts || state === 'FINISHED';
  if (before.state !== after.state || before.counts !== after.counts) return true;
  return (
    isOver(after) && (before.winner !== after.winner || JSON.stringify(before.score) !== JSON.stringify(after.score))
  );
}
