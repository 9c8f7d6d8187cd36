import type { ClientBase } from 'pg';
import type { DomainEvent } from '../event-log.ts';
import { encodeEvent } from '../record.ts';
import { appendStatement, partitionOf, PARTITIONS, SCHEMA } from './postgres-sql.ts';

/** The largest number of events that one statement inserts. */
const BATCH = 2_000;

/**
 * Appends events in the transaction of the client, and sets the offsets of these groups behind them, as if the groups
 * had consumed the events. The topics must exist. Readers get no notification, because this is for a log that nobody
 * reads yet.
 */
export async function loadEvents(
  client: ClientBase,
  events: readonly DomainEvent[],
  groups: readonly { readonly name: string; readonly topics: readonly string[] }[],
): Promise<void> {
  const topics = [...new Set([...events.map(({ topic }) => topic), ...groups.flatMap((group) => group.topics)])];
  const { rows } = await client.query<{ id: number; topic: string; partition: number }>(PARTITIONS, [topics]);
  const partitions = Map.groupBy(rows, ({ topic }) => topic);
  for (let from = 0; from < events.length; from += BATCH) {
    const batch = events.slice(from, from + BATCH).map((event) => {
      const ofTopic = partitions.get(event.topic) ?? [];
      const partition = ofTopic[partitionOf(event.key, ofTopic.length)];
      if (!partition) throw new Error(`no such topic: ${event.topic}`);
      return { partitionId: partition.id, key: event.key, record: encodeEvent(event) };
    });
    await client.query(appendStatement(batch));
  }
  for (const { name, topics: read } of groups)
    await client.query(
      `INSERT INTO ${SCHEMA}.group_partitions (group_name, partition_id, next_offset)
       SELECT $1, id, next_offset FROM ${SCHEMA}.partitions WHERE topic = ANY ($2)`,
      [name, read],
    );
}
