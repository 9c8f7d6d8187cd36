import type { z } from 'zod';
import type { Job } from './job-queue.ts';

/** A job that this version of the program cannot read, however often it is delivered: it goes to the dead queue at its first delivery. */
export class UnreadableJob extends Error {
  readonly permanent = true;
  override readonly name = 'UnreadableJob';
}

/** An entry of schema/messages. */
export interface JobDefinition<T> {
  readonly kind: string;
  readonly version: number;
  readonly payload: z.ZodType<T>;
}

/** @throws UnreadableJob when kind or version differ, or the payload is not as defined; the text names the place and not the value */
export function jobPayloadOf<T>(job: Job, { kind, version, payload }: JobDefinition<T>): T {
  if (job.kind !== kind || job.version !== version) throw new UnreadableJob(`this is ${job.kind} version ${job.version}; ${kind} version ${version} can be read`);
  const { data, error } = payload.safeParse(job.payload);
  if (!error) return data;
  const [issue] = error.issues;
  throw new UnreadableJob(`${kind}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
}
