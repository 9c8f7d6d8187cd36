import pg from 'pg';

/** Timeouts for a silent server: 5 s for a new connection or a free one of the pool, 30 s for a query. */
export const patience = { connectionTimeoutMillis: 5_000, query_timeout: 30_000, keepAlive: true } as const;

/**
 * A pool that survives lost connections: it reports and replaces lost idle ones. Its timeouts are those of
 * {@link patience}.
 */
export function openPool(
  url: string,
  name: string,
  max: number,
  onError: (error: Error, doing: string) => void,
): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max, application_name: name, ...patience });
  // Without listeners a lost connection ends the process. `end` resolves before the sockets are closed, so a server
  // that shuts down right after may still send a last message. That is not an error then, and it does not always arrive
  // through the pool. So each client has a listener too.
  pool.on('error', (error) => {
    if (!pool.ending) onError(error, 'idle connection');
  });
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
