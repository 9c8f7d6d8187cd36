import { z } from 'zod';
import type { DeliveredJob, Job, QueueDefinition, WorkOptions } from './job-queue.ts';

const MAX_RETRY_DELAY_MS = 60_000;
const MAX_REASON_LENGTH = 500;

/**
 * The delivery limit of every RabbitMQ queue. The `maxDeliveries` of a definition is at most this, so it can change
 * without a new queue.
 */
export const MOST_DELIVERIES = 100;

export type JobQueueErrorCode =
  | 'JOB_INVALID'
  | 'JOB_QUEUE_UNKNOWN'
  | 'JOB_QUEUE_CONFLICT'
  | 'JOB_QUEUE_UNAVAILABLE'
  | 'JOB_QUEUE_NOT_SETTLED'
  | 'JOB_QUEUE_TOO_MANY_DEAD';

export class JobQueueError extends Error {
  readonly code: JobQueueErrorCode;
  /** Whether another attempt would fail too. True for an invalid job only; every other failure may be temporary. */
  readonly permanent: boolean;
  constructor(code: JobQueueErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'JobQueueError';
    this.code = code;
    this.permanent = code === 'JOB_INVALID';
  }
}

const jobSchema = z.object({
  id: z.uuid(),
  queue: z.string().regex(/^[a-z][a-z0-9-]{0,60}$/, 'lower-case letters, digits and dashes, at most 61'),
  kind: z.string().min(1).max(100),
  version: z.int().min(1),
  requestId: z.string().max(200).optional(),
  payload: z.json(),
});

const definitionSchema = z.object({
  name: jobSchema.shape.queue,
  maxDeliveries: z.int().min(1).max(MOST_DELIVERIES),
  retryDelayMs: z.int().min(1).max(MAX_RETRY_DELAY_MS),
});

/** Returns the value if it is a valid job. @throws {JobQueueError} JOB_INVALID with the field and its error */
export function checkJob(value: unknown): Job {
  return check(jobSchema, value, 'job') as Job;
}

/** @throws {JobQueueError} JOB_INVALID */
export function checkDefinition(value: QueueDefinition): QueueDefinition {
  return check(definitionSchema, value, 'queue definition');
}

function check<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new JobQueueError('JOB_INVALID', `Invalid ${what}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
}

export function deadQueueOf(queue: string): string {
  return `${queue}.dead`;
}

/** Milliseconds between the failed delivery `attempt` (1 is the first) and the next one. */
export function retryDelayMs(queue: QueueDefinition, attempt: number): number {
  return Math.min(queue.retryDelayMs * 2 ** (attempt - 1), MAX_RETRY_DELAY_MS);
}

/**
 * Whether the error has `permanent: true`, for example for a rejected mail address or an unreadable payload. Repeating
 * would not help, so the job goes to the dead queue without another delivery.
 */
export function isPermanent(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'permanent' in error && error.permanent === true;
}

/**
 * Calls the handler with a delivery. If the job has used up its deliveries because its workers were lost, it calls
 * `onLost` instead, and throws.
 * @throws what the handler throws
 */
export async function deliver(
  { maxDeliveries }: QueueDefinition,
  { handler, onLost }: Pick<WorkOptions, 'handler' | 'onLost'>,
  { attempt, ...job }: DeliveredJob,
): Promise<void> {
  if (attempt <= maxDeliveries) return handler({ ...job, attempt });
  const failure = await onLost?.(job).then(() => undefined, reasonOf);
  throw new Error(
    `Its workers were lost while they ran it${failure === undefined ? '' : `. onLost failed: ${failure}`}`,
  );
}

/** The reason that an operator reads in the dead queue: the message without a stack, cut at a limit. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.slice(0, MAX_REASON_LENGTH);
}
