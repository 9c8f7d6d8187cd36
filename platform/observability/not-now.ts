/**
 * Codes of Prisma: the database cannot be reached, is full of connections, closed one, or there was no time for a
 * transaction (P2034: it lost to another).
 */
const PRISMA = new Set(['P1001', 'P1002', 'P1008', 'P1011', 'P1017', 'P2024', 'P2028', 'P2034', 'P2037']);
/** What Prisma's driver adapters call the same; a transaction's statement brings it without a code. */
const ADAPTER = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
  'TransactionWriteConflict',
]);
/**
 * SQLSTATE (PostgreSQL, appendix A): connection exceptions, insufficient resources, operator intervention (a shutdown,
 * a cancelled statement), a transaction that lost to another, a lock that was not to be had, a server that became a
 * read-only standby.
 */
const SQLSTATE = /^(?:08\w{3}|53\w{3}|57\w{3}|40001|40P01|55P03|25006)$/;
/** Of Node's sockets and of undici, which fetch is. */
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
/** kafkajs, amqplib, @redis/client: errors without a code, but with a name of their own. */
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
/** What pg says without a code, and amqplib of a connection that was closed under a call. */
const MESSAGES =
  /^(?:Connection terminated|timeout expired|timeout exceeded when trying to connect|Client has encountered a connection error|Cannot use a pool after calling end|Client was closed|Query read timeout|Socket closed abruptly|Connection closed|Channel closed|Unexpected close)/;

/**
 * Whether a driver (or one of our own errors, by its `code` UNAVAILABLE) says that what it leads to is away or has no
 * room at the moment, so that the same request may succeed later. Looks at causes too, and at the adapter's error that
 * Prisma keeps in `meta`.
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
