import type { Timers } from '../../platform/messaging/timers/timers.ts';
import type { KnownMatch, Prisma } from './generated/prisma/client.ts';
import { MatchIsNear } from './timers.ts';

/** How long before the start of a match the members of its teams are notified. Milliseconds. */
const BEFORE_MS = 60 * 60_000;
/** The states of a match that has not begun and will begin at its kick-off time. */
const TO_COME = new Set(['SCHEDULED', 'LINEUPS']);

export const isToCome = ({ state, isEstimate }: KnownMatch): boolean => TO_COME.has(state) && !isEstimate;

/**
 * When the teams of a match are notified: an hour before its start, or at once when it gets its start later than that.
 * Milliseconds since 1970.
 */
export const soonAt = ({ kickoffAt }: KnownMatch, now: Date): number =>
  Math.max(kickoffAt.getTime() - BEFORE_MS, now.getTime());

/**
 * Sets, moves or cancels the timer that notifies the teams an hour before the match. The consumers call it after each
 * event of the match.
 */
export async function awaitKickoff(
  tx: Prisma.TransactionClient,
  timers: Timers,
  match: KnownMatch,
  now: Date,
): Promise<void> {
  const { id, kickoffAt } = match;
  if (isToCome(match) && kickoffAt > now)
    await timers.set(tx, MatchIsNear, { key: id, at: new Date(soonAt(match, now)), payload: { matchId: id } });
  else await timers.cancel(tx, MatchIsNear, id);
}
