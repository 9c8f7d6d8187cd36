import type { Emit } from '../../platform/messaging/outbox/outbox.ts';
import { moveUp, told } from './entries.ts';
import type { Entry, Prisma, Tournament } from './generated/prisma/client.ts';
import type { EntryState } from './generated/prisma/enums.ts';
import { progress } from './progress.ts';
import { append } from './record.ts';

/**
 * Takes an entry out. Before the draw, the team that has waited longest gets the free place. After the draw, the team
 * that left forfeits its matches that are not over. The caller has locked the tournament.
 */
export async function leave(
  tx: Prisma.TransactionClient,
  emit: Emit,
  tournament: Tournament,
  entry: Entry,
  state: EntryState,
  reason: string | null,
): Promise<Entry> {
  const left = await tx.entry.update({ where: { id: entry.id }, data: { state, reason } });
  const changed = await append(tx, emit, tournament, [told(left), ...(await moveUp(tx, tournament))]);
  await progress(tx, emit, changed);
  return left;
}
