import { z } from 'zod';
import { defineTimer } from '../../platform/messaging/timers/definition.ts';
import type { Timers } from '../../platform/messaging/timers/timers.ts';
import type { Match, Prisma } from './generated/prisma/client.ts';
import type { Moved } from './record.ts';

/** Confirms the result of a match when the time to protest ends without a protest. Its key is the match's id. */
export const ConfirmResult = defineTimer({
  name: 'confirm-result',
  version: 1,
  payload: z.object({ matchId: z.uuid() }),
});

/** How long the sides may protest, unless the tournament sets another time. */
const DEFAULT_HOURS = 48;
const HOUR_MS = 3_600_000;

/**
 * Starts the time to protest, or restarts it if it runs: no side has confirmed this result.
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

/** No side has confirmed the result. */
export const NOBODY: Moved = { homeConfirmedBy: null, awayConfirmedBy: null };
