import type { DomainEvent, LoggedEvent } from './event-log.ts';

/**
 * The largest number of bytes of one encoded event with its key. A larger event is rejected, because Kafka brokers
 * accept 1 MB by default.
 */
export const MAX_RECORD_BYTES = 900_000;

/**
 * The error when the event itself is invalid: the log would reject it in every attempt. All other failures of an append
 * may be temporary.
 */
export class EventRejected extends Error {
  readonly code = 'EVENT_REJECTED';
  override readonly name = 'EventRejected';
}

/** Encodes an event as JSON without topic and key, in the same form for every adapter. @throws EventRejected */
export function encodeEvent(event: DomainEvent): string {
  const { topic, key, seq, eventId, type, version, occurredAt, requestId, payload, snapshot } = event;
  const where = `${topic}/${key}#${seq}`;
  if (key === '' || key.includes('\0') || !key.isWellFormed())
    throw new EventRejected(`${where}: the key is empty or not valid text`);
  let record: string;
  try {
    record = JSON.stringify({
      seq,
      eventId,
      type,
      version,
      occurredAt,
      requestId,
      payload,
      snapshot: snapshot || undefined,
    });
  } catch (error) {
    throw new EventRejected(`${where}: the payload is not JSON`, { cause: error });
  }
  const bytes = Buffer.byteLength(record) + Buffer.byteLength(key);
  if (bytes > MAX_RECORD_BYTES) throw new EventRejected(`${where}: ${bytes} bytes, the limit is ${MAX_RECORD_BYTES}`);
  return record;
}

export interface RecordPlace {
  readonly topic: string;
  readonly key: string;
  readonly partition: number;
  readonly offset: string;
}

/**
 * Inverse of {@link encodeEvent}. @throws Error when encodeEvent did not write the record, for example because it is
 * from a foreign producer
 */
export function decodeEvent(place: RecordPlace, record: string): LoggedEvent {
  const value: unknown = JSON.parse(record);
  if (!isRecord(value)) throw new Error(`${place.topic}[${place.partition}]@${place.offset} is not an event`);
  return { ...place, ...value };
}

type EncodedEvent = Omit<DomainEvent, 'topic' | 'key'>;

function isRecord(value: unknown): value is EncodedEvent {
  if (typeof value !== 'object' || value === null) return false;
  const record: Partial<Record<keyof EncodedEvent, unknown>> = value;
  return (
    Number.isSafeInteger(record.seq) &&
    typeof record.eventId === 'string' &&
    typeof record.type === 'string' &&
    Number.isSafeInteger(record.version) &&
    typeof record.occurredAt === 'string'
  );
}
