import pg from 'pg';
import { patience } from '../../../postgres/pool.ts';
import type { LoggedEvent } from '../event-log.ts';
import { decodeEvent } from '../record.ts';
import { SCHEMA } from './postgres-sql.ts';

const PAGE = 1000;

/** The events that a topic has now, in the order of each partition, in pages. */
export async function* postgresHistory(url: string, topic: string): AsyncGenerator<readonly LoggedEvent[]> {
  const client = new pg.Client({ connectionString: url, ...patience });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows: partitions } = await client.query<{ id: number; partition: number; end: string }>(
      `SELECT id, partition, next_offset::text AS "end" FROM ${SCHEMA}.partitions WHERE topic = $1 ORDER BY partition`,
      [topic],
    );
    for (const { id, partition, end } of partitions) {
      for (let after = '-1'; ;) {
        const { rows } = await client.query<{ offset: string; key: string; record: string }>(
          `SELECT "offset"::text, key, record::text FROM ${SCHEMA}.events
           WHERE partition_id = $1 AND "offset" > $2::bigint AND "offset" < $3::bigint ORDER BY "offset" LIMIT ${PAGE}`,
          [id, after, end],
        );
        if (rows.length > 0)
          yield rows.map(({ offset, key, record }) => decodeEvent({ topic, key, partition, offset }, record));
        const last = rows.at(-1);
        if (!last || rows.length < PAGE) break;
        after = last.offset;
      }
    }
  } finally {
    await client.end();
  }
}
