import pg from 'pg';
import { patience } from '../../../postgres/pool.ts';
import type { LoggedEvent } from '../event-log.ts';
import type { History } from '../history.ts';
import { decodeEvent } from '../record.ts';
import { SCHEMA } from './postgres-sql.ts';

const PAGE = 1000;

/** @param url PostgreSQL URL of a role that may read the event log */
export const postgresHistory = (url: string): History => ({
  size: (topic) => size(url, topic),
  read: (topic) => read(url, topic),
});

async function size(url: string, topic: string): Promise<number> {
  const client = await connected(url);
  try {
    const { rows } = await client.query<{ size: number }>(
      `SELECT count(*)::int AS size FROM ${SCHEMA}.events e JOIN ${SCHEMA}.partitions p ON p.id = e.partition_id WHERE p.topic = $1`,
      [topic],
    );
    return rows[0]?.size ?? 0;
  } finally {
    await client.end();
  }
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, ...patience });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** The events that a topic has now, in the order of each partition, in pages. */
async function* read(url: string, topic: string): AsyncGenerator<readonly LoggedEvent[]> {
  const client = await connected(url);
  try {
    const { rows: partitions } = await client.query<{ id: number; partition: number; end: string }>(
      `SELECT id, partition, next_offset::text AS "end" FROM ${SCHEMA}.partitions WHERE topic = $1 ORDER BY partition`,
      [topic],
    );
    for (const { id, partition, end } of partitions) {
      for (let after = '-1'; ;) {
        const { rows } = await client.query<{ offset: string; key: string; record: string }>(
          // ORDER BY "offset" would sort by the text of the first column: 10 before 9.
          `SELECT e."offset"::text, e.key, e.record::text FROM ${SCHEMA}.events e
           WHERE e.partition_id = $1 AND e."offset" > $2::bigint AND e."offset" < $3::bigint
           ORDER BY e."offset" LIMIT ${PAGE}`,
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
