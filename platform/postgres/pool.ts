import pg from 'pg';

/**
 * How long a server that says nothing is waited for: 5 s for a connection (a free one of the pool, too), 30 s for a
 * query.
 */
export const patience = { connectionTimeoutMillis: 5_000, query_timeout: 30_000, keepAlive: true } as const;

/**
 * A pool that survives its connections: idle ones that are lost are reported and replaced. Its {@link patience} is
 * bounded.
 */
export function openPool(
  url: string,
  name: string,
  max: number,
  onError: (error: Error, doing: string) => void,
): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max, application_name: name, ...patience });
  // Without listeners a lost connection ends the process. `end` resolves before the sockets are closed: a server that
  // shuts down right after may still send its farewell, which is no news then, and not always through the pool: hence a
  // listener on each client, too.
  pool.on('error', (error) => {
    if (!pool.ending) onError(error, 'idle connection');
  });
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
