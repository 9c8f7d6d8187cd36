import type { Emit } from '../../../platform/messaging/outbox/outbox.ts';
import { MailingEventRecorded, MailingStep } from '../../../schema/messages/notifications.ts';
import { type Mailing, Prisma } from '../generated/prisma/client.ts';
import type { StopReason } from './mailing.ts';

type Tx = Prisma.TransactionClient;

/** The values of the schema's enum `MailingEventKind`. */
export type MailingEventKind =
  | 'CREATED'
  | 'SCHEDULED'
  | 'STARTED'
  | 'CHOSEN'
  | 'PROGRESS'
  | 'WAITS'
  | 'PAUSED'
  | 'RESUMED'
  | 'FINISHED'
  | 'CANCELLED'
  | 'STOPPED';

/** Locks the mailing until the transaction ends. Null when there is no mailing with this id. */
export async function lock(tx: Tx, id: string): Promise<Mailing | null> {
  await tx.$queryRaw`SELECT 1 FROM notifications.mailings WHERE id = ${id}::uuid FOR UPDATE`;
  return tx.mailing.findUnique({ where: { id } });
}

export interface Change {
  readonly kind: MailingEventKind;
  readonly byUserId?: string;
  readonly data?: Prisma.MailingUpdateInput;
  readonly now: Date;
}

/**
 * Changes a locked mailing, and records and emits the change as its next event, with the numbers of e-mails after it.
 * The reason of the mailing becomes null unless `data` has one.
 */
export async function change(
  tx: Tx,
  emit: Emit,
  { id, lastSeq }: Pick<Mailing, 'id' | 'lastSeq'>,
  { kind, byUserId, data, now }: Change,
): Promise<{ readonly mailing: Mailing; readonly eventId: string }> {
  const mailing = await tx.mailing.update({
    where: { id },
    data: { reason: null, ...(await numbersOf(tx, id)), ...data, lastSeq: lastSeq + 1 },
  });
  const { state, reason, total, sent, failed, skipped } = mailing;
  const content = { kind, state, reason, byUserId: byUserId ?? null, total, sent, failed, skipped };
  await tx.mailingEvent.create({
    data: { mailingId: id, seq: mailing.lastSeq, version: MailingEventRecorded.version, ...content, at: now },
  });
  const eventId = emit(MailingEventRecorded, {
    seq: mailing.lastSeq,
    payload: { mailingId: id, ...content, at: now.toISOString() },
  });
  return { mailing, eventId };
}

/** Emits the job of the mailing's current step. @param because the id of the event that the caller has emitted */
export function proceed(emit: Emit, { id, step }: Pick<Mailing, 'id' | 'step'>, because: string): void {
  emit(MailingStep, { because, payload: { mailingId: id, step } });
}

/** Ends a locked mailing early, as CANCELLED or STOPPED. The e-mails that wait are skipped. */
export async function end(
  tx: Tx,
  emit: Emit,
  mailing: Mailing,
  how: { readonly now: Date } & ({ readonly byUserId: string } | { readonly reason: StopReason }),
): Promise<Mailing> {
  await tx.mailingRecipient.updateMany({
    where: { mailingId: mailing.id, state: 'WAITING' },
    data: { state: 'SKIPPED', reason: 'ENDED' },
  });
  const kind = 'reason' in how ? 'STOPPED' : 'CANCELLED';
  const { mailing: ended } = await change(tx, emit, mailing, {
    kind,
    now: how.now,
    data: { state: kind, endedAt: how.now, step: { increment: 1 }, ...('reason' in how && { reason: how.reason }) },
    ...('byUserId' in how && { byUserId: how.byUserId }),
  });
  return ended;
}

/** Counts the e-mails by the rows of the recipients, so that the numbers are right after a crash too. */
export async function numbersOf(
  tx: Tx,
  mailingId: string,
): Promise<{ readonly sent: number; readonly failed: number; readonly skipped: number }> {
  const rows = await tx.mailingRecipient.groupBy({ by: ['state'], where: { mailingId }, _count: true });
  const count = new Map(rows.map(({ state, _count }) => [state, _count]));
  return { sent: count.get('SENT') ?? 0, failed: count.get('FAILED') ?? 0, skipped: count.get('SKIPPED') ?? 0 };
}
