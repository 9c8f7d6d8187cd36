import type { JsonLogger } from '../observability/json-logger.ts';

/** Of a Prisma client that was made with `log: [{ emit: 'event', level: 'query' }]`. `duration` in milliseconds. */
export interface QueryEventSource {
  $on(event: 'query', listener: (event: { readonly query: string; readonly duration: number }) => void): unknown;
}

/**
 * Whether the client shall be made with query events at all: they cost something with nobody listening.
 * @returns the `log` option of the Prisma client
 */
export function sqlLogOption(logger: JsonLogger): { emit: 'event'; level: 'query' }[] {
  return logger.isEnabled('debug') ? [{ emit: 'event', level: 'query' }] : [];
}

/**
 * At debug level, one line per SQL statement, with the id of the request that runs it. Prisma emits the event within
 * the asynchronous context of the call (a test holds it to that). Parameters are left out: they are people's data.
 */
export function logSql(client: QueryEventSource, logger: JsonLogger): void {
  if (!logger.isEnabled('debug')) return;
  client.$on('query', ({ query, duration }) => logger.debug(query, { durationMs: duration }, 'SQL'));
}
