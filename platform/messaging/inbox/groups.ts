import type pg from 'pg';
import { qualified } from '../../postgres/transactions.ts';

/**
 * Returns when a consumer of a service started for the first time, and records that time at the first start. For older
 * events the consumer sends nothing to people. The time is stored and not part of the code, because each installation
 * gets a new consumer on another day.
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
