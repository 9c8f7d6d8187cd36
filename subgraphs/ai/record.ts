import { z } from 'zod';
import { defineTimer } from '../../platform/messaging/timers/definition.ts';
import type { Timers } from '../../platform/messaging/timers/timers.ts';
import type { LoggedEvent } from '../../platform/messaging/event-log/event-log.ts';
import type { Emit } from '../../platform/messaging/outbox/outbox.ts';
import { GenerationEventRecorded } from '../../schema/messages/ai.ts';
import type { Failure } from './errors.ts';
import type { GenerationEvent, Prisma } from './generated/prisma/client.ts';
import type { GenerationEventKind } from './generated/prisma/enums.ts';

type Tx = Prisma.TransactionClient;

/**
 * Fires 3 minutes after a generation began if it has not ended, which means that its process died; and 30 days after
 * its end, to delete it. The key is the generation's id.
 */
export const GenerationTimer = defineTimer({
  name: 'generation',
  version: 1,
  payload: z.object({ generationId: z.uuid() }),
});

/** After this time without a move of its timer, a running generation is abandoned. Milliseconds. */
const ABANDONED_MS = 30_000;
/** How often the process of a running generation moves its timer. Milliseconds. */
export const BEAT_MS = 10_000;
/** How long generations are kept after their end, with the answers. Prompts are not stored. Milliseconds. */
const KEPT_MS = 30 * 24 * 3_600_000;

export const awaitEnd = (tx: Tx, timers: Timers, generationId: string): Promise<void> =>
  timers.set(tx, GenerationTimer, { key: generationId, after: ABANDONED_MS, payload: { generationId } });

/** Moves the timer of a generation that still runs. It never touches the timer of one that has ended. */
export async function stillRuns(tx: Tx, timers: Timers, id: string): Promise<void> {
  // The update locks the row, so that the generation cannot end at the same time.
  const { count } = await tx.generation.updateMany({
    where: { id, state: 'RUNNING' },
    data: { lastSeq: { increment: 0 } },
  });
  if (count > 0) await awaitEnd(tx, timers, id);
}

export const keep = (tx: Tx, timers: Timers, generationId: string): Promise<void> =>
  timers.set(tx, GenerationTimer, { key: generationId, after: KEPT_MS, payload: { generationId } });

/** The columns of a generation that has ended. */
type End =
  | { readonly state: 'DONE'; readonly text: string; readonly result: Prisma.InputJsonValue }
  | { readonly state: 'FAILED'; readonly failure: Failure; readonly retryAfter: number | null };

/**
 * Adds the next event of a running generation.
 * @returns false when the generation has ended or is deleted; then nothing was written
 */
export async function append(
  tx: Tx,
  emit: Emit,
  generationId: string,
  { kind, text = '' }: { readonly kind: GenerationEventKind; readonly text?: string },
  end?: End,
): Promise<boolean> {
  const [row] = await tx.generation.updateManyAndReturn({
    where: { id: generationId, state: 'RUNNING' },
    data: { lastSeq: { increment: 1 }, ...(end && { ...end, finishedAt: new Date() }) },
    select: { lastSeq: true },
  });
  if (!row) return false;
  const seq = row.lastSeq;
  await tx.generationEvent.create({
    data: { generationId, seq, kind, text, version: GenerationEventRecorded.version },
  });
  emit(GenerationEventRecorded, { seq, payload: { generationId, kind } });
  return true;
}

/**
 * The event in a message of the topic. Null for an event with text, which only the table has, and for a version that
 * this program does not know.
 */
export function fromLog({ type, version, payload, seq, key, occurredAt }: LoggedEvent): GenerationEvent | null {
  const read = type === GenerationEventRecorded.type ? GenerationEventRecorded.tryRead(version, payload) : null;
  if (!read || read.kind === 'TEXT') return null;
  const at = new Date(occurredAt);
  return { generationId: key, seq, version: GenerationEventRecorded.version, kind: read.kind, text: '', at };
}

/** The event of a row. @throws NewerVersion when a newer program wrote the row */
export function fromRow(row: GenerationEvent): GenerationEvent {
  if (row.version === GenerationEventRecorded.version) return row;
  const { generationId, seq, kind } = row;
  const where = `generation_events ${generationId} ${seq}`;
  return { ...row, ...GenerationEventRecorded.read(row.version, { generationId, kind }, where) };
}
