/**
 * Prisma's codes for a database that is unreachable, has no free connection, has closed a connection, or had no time
 * for a transaction. P2034 means that a transaction lost a conflict.
 */
const PRISMA = new Set(['P1001', 'P1002', 'P1008', 'P1011', 'P1017', 'P2024', 'P2028', 'P2034', 'P2037']);
/**
 * The names that Prisma's driver adapters give to the errors of {@link PRISMA}. A statement within a transaction throws
 * them without a code.
 */
const ADAPTER = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
  'TransactionWriteConflict',
]);
/**
 * SQLSTATE (PostgreSQL, appendix A): connection exceptions, insufficient resources, operator intervention (a shutdown,
 * a cancelled statement), a transaction that lost a conflict, an unavailable lock, a server that became a read-only
 * standby.
 */
const SQLSTATE = /^(?:08\w{3}|53\w{3}|57\w{3}|40001|40P01|55P03|25006)$/;
/** Codes of Node's sockets and of undici, which implements fetch. */
const SOCKET = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EAI_AGAIN',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_SOCKET',
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
]);
/** Errors of kafkajs, amqplib and @redis/client without a code, but with a name of their own. */
const NAMES = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSNumberOfRetriesExceeded',
  'KafkaJSBrokerNotFound',
  'IllegalOperationError',
  'SocketClosedUnexpectedlyError',
  'ConnectionTimeoutError',
  'ClientClosedError',
  'ClientOfflineError',
  'DisconnectsClientError',
  'SocketTimeoutError',
]);
/** Messages of pg without a code, and of amqplib for a connection that was closed during a call. */
const MESSAGES =
  /^(?:Connection terminated|timeout expired|timeout exceeded when trying to connect|Client has encountered a connection error|Cannot use a pool after calling end|Client was closed|Query read timeout|Socket closed abruptly|Connection closed|Channel closed|Unexpected close)/;

/**
 * Whether an error means that a server is away or overloaded at the moment, so that the same request may succeed later.
 * The error comes from a driver, or is one of our own with the `code` UNAVAILABLE. The function also checks the error's
 * causes, and the adapter's error that Prisma stores in `meta`.
 */
export function isNotNow(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > 5) return false;
  const { code, name, message, kind, originalCode, cause, errors, meta } = error as Readonly<Record<string, unknown>>;
  for (const one of [code, originalCode])
    if (typeof one === 'string' && (one === 'UNAVAILABLE' || PRISMA.has(one) || SQLSTATE.test(one) || SOCKET.has(one)))
      return true;
  if (typeof kind === 'string' && ADAPTER.has(kind)) return true;
  if (typeof name === 'string' && NAMES.has(name)) return true;
  if (error instanceof Error && typeof message === 'string' && MESSAGES.test(message)) return true;
  if (Array.isArray(errors) && errors.length > 0 && errors.every((one) => isNotNow(one, depth + 1))) return true;
  const adapters =
    typeof meta === 'object' && meta !== null
      ? (meta as { driverAdapterError?: unknown }).driverAdapterError
      : undefined;
  return isNotNow(cause, depth + 1) || isNotNow(adapters, depth + 1);
}
