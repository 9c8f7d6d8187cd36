import type { Emit } from '../../platform/messaging/outbox/outbox.ts';
import { MediaFileChanged } from '../../schema/messages/media.ts';
import type { MediaFile, Owner, Prisma } from './generated/prisma/client.ts';

type Tx = Prisma.TransactionClient;
type State = 'UPLOADING' | 'PROCESSING' | 'READY' | 'REJECTED';

/** Locks the person's row until the transaction ends, and creates it if it is missing. */
export async function lockOwner(tx: Tx, userId: string): Promise<Owner> {
  await tx.$executeRaw`INSERT INTO media.owners (user_id) VALUES (${userId}::uuid) ON CONFLICT DO NOTHING`;
  await tx.$queryRaw`SELECT 1 FROM media.owners WHERE user_id = ${userId}::uuid FOR NO KEY UPDATE`;
  return tx.owner.findUniqueOrThrow({ where: { userId } });
}

/**
 * Records and emits the next event of a person whose row is locked. `state` is null for a deleted file.
 * @returns the id of the event
 */
export async function recordChange(
  tx: Tx,
  emit: Emit,
  { ownerId, id: fileId, kind }: Pick<MediaFile, 'ownerId' | 'id' | 'kind'>,
  state: State | null,
  at: Date,
): Promise<string> {
  const { lastSeq: seq } = await tx.owner.update({ where: { userId: ownerId }, data: { lastSeq: { increment: 1 } } });
  await tx.mediaEvent.create({ data: { ownerId, seq, version: MediaFileChanged.version, fileId, kind, state, at } });
  return emit(MediaFileChanged, { seq, payload: { ownerId, fileId, kind, state, at: at.toISOString() } });
}

/** Subtracts a file from the counts of what its owner has stored. The owner's row must be locked. */
export async function uncount(tx: Tx, { ownerId, bytes }: Pick<MediaFile, 'ownerId' | 'bytes'>): Promise<void> {
  await tx.owner.update({ where: { userId: ownerId }, data: { files: { decrement: 1 }, bytes: { decrement: bytes } } });
}
