import type pg from 'pg';
import { qualified } from '../../postgres/transactions.ts';

/**
 * When each consumer of a service started for the first time, ever; recorded at that start. Because of older events it
 * sends nothing to people. Recorded rather than written into the code: every installation gets a new consumer on a day
 * of its own.
 */
export function groupStarts(pool: pg.Pool, service: string): (consumer: string) => Promise<Date> {
  return async (consumer) => {
    const {
      rows: [row],
    } = await pool.query<{ started_at: Date }>(
      `INSERT INTO ${qualified(service, 'inbox_group')} AS g (consumer, started_at) VALUES ($1, clock_timestamp())
       ON CONFLICT (consumer) DO UPDATE SET started_at = g.started_at RETURNING started_at`,
      [consumer],
    );
    if (!row) throw new Error('an upsert returned no row');
    return row.started_at;
  };
}
