import type { JsonLogger } from '../observability/json-logger.ts';

/** A Prisma client with `log: [{ emit: 'event', level: 'query' }]`. `duration` is in milliseconds. */
export interface QueryEventSource {
  $on(event: 'query', listener: (event: { readonly query: string; readonly duration: number }) => void): unknown;
}

/**
 * The `log` option of the Prisma client. Query events are enabled at debug level only, because they cost time even
 * without a listener.
 */
export function sqlLogOption(logger: JsonLogger): { emit: 'event'; level: 'query' }[] {
  return logger.isEnabled('debug') ? [{ emit: 'event', level: 'query' }] : [];
}

/**
 * At debug level, logs one line per SQL statement with the id of its request. Prisma emits the event within the
 * asynchronous context of the call (a test checks this). Parameters are left out, because they are personal data.
 */
export function logSql(client: QueryEventSource, logger: JsonLogger): void {
  if (!logger.isEnabled('debug')) return;
  client.$on('query', ({ query, duration }) => logger.debug(query, { durationMs: duration }, 'SQL'));
}
