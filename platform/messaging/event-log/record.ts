import type { DomainEvent, LoggedEvent } from './event-log.ts';

/** Bytes of one encoded event, key included: below the 1 MB that Kafka brokers take by default. */
export const MAX_RECORD_BYTES = 900_000;

/**
 * The event itself is at fault: it would be refused however often it is appended. Every other failure of an append may
 * pass by itself.
 */
export class EventRejected extends Error {
  readonly code = 'EVENT_REJECTED';
  override readonly name = 'EventRejected';
}

/** JSON of everything but topic and key, the same in every adapter. Throws {@link EventRejected}. */
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

/** Inverse of {@link encodeEvent}; throws when the record was not written by it (a foreign producer on the topic). */
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
