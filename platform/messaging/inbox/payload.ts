import type { z } from 'zod';
import type { LoggedEvent } from '../event-log/event-log.ts';

/** An event that this version of the program cannot read, however often it is delivered. The inbox parks it at its first attempt. */
export class UnreadableEvent extends Error {
  readonly permanent = true;
  override readonly name = 'UnreadableEvent';
}

/** An entry of schema/messages. */
export interface EventDefinition<T> {
  readonly type: string;
  readonly version: number;
  readonly payload: z.ZodType<T>;
}

/** @throws UnreadableEvent when type or version differ, or the payload is not as defined */
export function payloadOf<T>(event: LoggedEvent, { type, version, payload }: EventDefinition<T>): T {
  const where = `${event.topic}/${event.key}#${event.seq}`;
  if (event.type !== type || event.version !== version) {
    throw new UnreadableEvent(`${where} is ${event.type} version ${event.version}; ${type} version ${version} can be read`);
  }
  const { data, error } = payload.safeParse(event.payload);
  if (!error) return data;
  const [issue] = error.issues;
  throw new UnreadableEvent(`${where}, ${type}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
}
