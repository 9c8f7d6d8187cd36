import type { LoggedEvent } from './event-log.ts';
import type { Reader, ReaderContext, TopicPartition } from './postgres.ts';
import { ENDS, READ } from './postgres-sql.ts';
import type { ReadRow } from './postgres-sql.ts';
import { decodeEvent } from './record.ts';
import { asError } from './retry.ts';

/** Rows of one partition per read. */
const PAGE = 200;

export interface TailOptions {
  readonly topics: readonly string[];
  readonly partitions: readonly TopicPartition[];
  readonly handler: (event: LoggedEvent) => void;
  readonly onInterrupted?: () => void;
}

/**
 * Every event from now on. The position of each partition is fixed before this resolves and only ever moves by reading, so a lost connection
 * loses nothing; `onInterrupted` is called only when retention took what was not read yet.
 */
export async function attachTail({ pool, onError }: ReaderContext, options: TailOptions): Promise<Reader> {
  const { topics, partitions, handler, onInterrupted } = options;
  const byId = new Map(partitions.map((partition) => [partition.id, partition]));
  const positions = new Map<number, number>();
  const { rows } = await pool.query<{ id: number; next_offset: string }>(ENDS, [[...byId.keys()]]);
  for (const row of rows) positions.set(row.id, Number(row.next_offset));

  let closed = false;
  let woken = false;
  let reading: Promise<void> | undefined;

  const deliver = (row: ReadRow): void => {
    const partition = byId.get(row.partition_id);
    const expected = positions.get(row.partition_id);
    if (partition === undefined || expected === undefined) return;
    const offset = Number(row.offset);
    positions.set(row.partition_id, offset + 1);
    try {
      if (offset > expected) onInterrupted?.();
      handler(decodeEvent({ topic: partition.topic, key: row.key, partition: partition.partition, offset: row.offset }, row.record));
    } catch (error) {
      onError(asError(error), `tail of ${partition.topic}`);
    }
  };

  const read = async (): Promise<void> => {
    while (woken && !closed) {
      woken = false;
      try {
        const page = await pool.query<ReadRow>({ name: 'event-log-read', text: READ, values: [[...positions.keys()], [...positions.values()], PAGE] });
        for (const row of page.rows) if (!closed) deliver(row);
        if (page.rows.length >= PAGE) woken = true;
      } catch (error) {
        onError(asError(error), 'tail');
        return;
      }
    }
  };

  return {
    topics,
    partitions,
    wake() {
      woken = true;
      if (!closed) reading ??= read().finally(() => (reading = undefined));
    },
    reached: async (ends) => [...positions].every(([id, position]) => position >= (ends.get(id) ?? 0)),
    async close() {
      closed = true;
      await reading;
    },
  };
}
