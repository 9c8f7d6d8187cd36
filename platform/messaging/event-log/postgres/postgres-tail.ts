import type { LoggedEvent } from '../event-log.ts';
import type { Reader, ReaderContext, TopicPartition } from './postgres-reader.ts';
import { ENDS, READ } from './postgres-sql.ts';
import type { ReadRow } from './postgres-sql.ts';
import { decodeEvent } from '../record.ts';
import { asError, backoff, pause, READ_AGAIN_MOST_MS, READ_AGAIN_MS } from '../../../async/retry.ts';

/** The largest number of rows of one partition that one statement reads. */
const PAGE = 200;

export interface TailOptions {
  readonly topics: readonly string[];
  readonly partitions: readonly TopicPartition[];
  readonly handler: (event: LoggedEvent) => void;
  readonly onInterrupted?: () => void;
}

/**
 * Delivers every event from now on, but no snapshots. The position of each partition is fixed before this function
 * resolves, and only reading moves it, so a lost connection loses nothing. `onInterrupted` is called only when
 * retention deleted events before they were read.
 */
export async function attachTail({ pool, onError }: ReaderContext, options: TailOptions): Promise<Reader> {
  const { topics, partitions, handler, onInterrupted } = options;
  const byId = new Map(partitions.map((partition) => [partition.id, partition]));
  const positions = new Map<number, number>();
  const { rows } = await pool.query<{ id: number; next_offset: string }>(ENDS, [[...byId.keys()]]);
  for (const row of rows) positions.set(row.id, Number(row.next_offset));

  const closing = new AbortController();
  const { signal } = closing;
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
      const event = decodeEvent(
        { topic: partition.topic, key: row.key, partition: partition.partition, offset: row.offset },
        row.record,
      );
      if (!event.snapshot) handler(event);
    } catch (error) {
      onError(asError(error), `tail of ${partition.topic}`);
    }
  };

  const read = async (): Promise<void> => {
    for (let failures = 0; woken && !signal.aborted;) {
      woken = false;
      try {
        const page = await pool.query<ReadRow>({
          name: 'event-log-read',
          text: READ,
          values: [[...positions.keys()], [...positions.values()], PAGE],
        });
        for (const row of page.rows) if (!signal.aborted) deliver(row);
        if (page.rows.length >= PAGE) woken = true;
        failures = 0;
      } catch (error) {
        onError(asError(error), 'tail');
        // The read failed, so this wake is not handled yet. After a lost connection the listener may be back while the
        // pool still hands out dying connections.
        woken = true;
        await pause(backoff(failures++, READ_AGAIN_MS, READ_AGAIN_MOST_MS), signal);
      }
    }
    // Nothing may run between the last check of `woken` and this statement: a wake between the two would be lost.
    reading = undefined;
  };

  return {
    topics,
    partitions,
    wake() {
      woken = true;
      if (!signal.aborted) reading ??= read();
    },
    reached: async (ends) => [...positions].every(([id, position]) => position >= (ends.get(id) ?? 0)),
    async close() {
      closing.abort();
      await reading;
    },
  };
}
