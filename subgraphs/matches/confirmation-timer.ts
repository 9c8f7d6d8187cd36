import { z } from 'zod';
import { defineTimer } from '../../platform/messaging/timers/definition.ts';
import type { Timers } from '../../platform/messaging/timers/timers.ts';
import type { Match, Prisma } from './generated/prisma/client.ts';
import type { Moved } from './record.ts';

/** Fires at the end of the time to protest. Confirms the result unless a protest is open. The key is the match's id. */
export const ConfirmResult = defineTimer({
  name: 'confirm-result',
  version: 1,
  payload: z.object({ matchId: z.uuid() }),
});

/** For how many hours the sides may protest, if neither the match nor its tournament sets another number. */
const DEFAULT_HOURS = 48;
const HOUR_MS = 3_600_000;

/**
 * Starts the time to protest, or starts it again. It clears the confirmations of the sides, because the result is new.
 * @returns the changes for the match, which the caller has locked
 */
export async function awaitConfirmation(
  tx: Prisma.TransactionClient,
  timers: Timers,
  { id: matchId, tournamentId, protestHours }: Match,
): Promise<Moved> {
  const tournament = tournamentId && (await tx.knownTournament.findUnique({ where: { id: tournamentId } }));
  const hours = tournament ? tournament.protestHours : (protestHours ?? DEFAULT_HOURS);
  const after = hours * HOUR_MS;
  await timers.set(tx, ConfirmResult, { key: matchId, after, payload: { matchId } });
  return { confirmsAt: new Date(Date.now() + after), ...NOBODY };
}

/** Stops the time to protest. @returns the changes for the match, which the caller has locked */
export async function endConfirmation(tx: Prisma.TransactionClient, timers: Timers, { id }: Match): Promise<Moved> {
  await timers.cancel(tx, ConfirmResult, id);
  return { confirmsAt: null };
}

/** The columns that say who confirmed the result, for a match whose result no side has confirmed. */
export const NOBODY: Moved = { homeConfirmedBy: null, awayConfirmedBy: null };
