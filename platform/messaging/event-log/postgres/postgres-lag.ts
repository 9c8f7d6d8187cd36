import pg from 'pg';
import { patience } from '../../../postgres/pool.ts';
import type { Lag } from '../lag.ts';
import { SCHEMA } from './postgres-sql.ts';

/** Events that retention deleted are not lag: a group that never read starts with the oldest event that is left. */
const LAG = `
SELECT g.group_name AS "group", p.topic, sum(greatest(0, p.next_offset - greatest(g.next_offset, COALESCE(
  (SELECT e."offset" FROM ${SCHEMA}.events e WHERE e.partition_id = p.id ORDER BY e."offset" LIMIT 1), p.next_offset))))::int AS events
FROM ${SCHEMA}.group_partitions g JOIN ${SCHEMA}.partitions p ON p.id = g.partition_id
GROUP BY g.group_name, p.topic ORDER BY 1, 2`;

/** The lag of every group of the event log in this database. */
export async function postgresLag(url: string): Promise<readonly Lag[]> {
  const client = new pg.Client({ connectionString: url, ...patience });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Lag>(LAG)).rows;
  } finally {
    await client.end();
  }
}
