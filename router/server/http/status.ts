import type { Answer } from '../../execution/answer.ts';
import { NESTED_TOO_DEEP } from '../../operation/request-error.ts';
import type { ResponseType } from './accept.ts';

/**
 * Codes of requests that the router could not read. All other refused requests could be read, but the schema, the
 * variables or the limits do not allow them.
 */
const UNREADABLE = new Set<string | undefined>(['GRAPHQL_PARSE_FAILED', 'BAD_REQUEST']);

/**
 * These are not mistakes of the client: it sends the text next. Apollo's servers also answer 200 for both media types.
 */
const ASKS_FOR_TEXT = new Set(['PERSISTED_QUERY_NOT_FOUND', 'PERSISTED_QUERY_NOT_SUPPORTED']);

/**
 * The HTTP status of a request that was refused before execution. For application/json a refused document has always
 * had status 200 (GraphQL over HTTP, appendix on application/json).
 * @param detailed true: 422 for a request that could be read but not carried out, as the edition of September 2026
 *   recommends. false: 400.
 */
export function refusedStatus(code: string | undefined, type: ResponseType, detailed: boolean): number {
  if (code === 'INTERNAL') return 500;
  if (code === 'UNAVAILABLE') return 503;
  // Like malformed JSON: the router did not read the document.
  if (code === NESTED_TOO_DEEP || code === 'BAD_REQUEST') return 400;
  if (code !== undefined && ASKS_FOR_TEXT.has(code)) return 200;
  if (type === 'application/json') return 200;
  return detailed && !UNREADABLE.has(code) ? 422 : 400;
}

/**
 * The HTTP status of an operation that was executed, even if all fields failed and `data` is null.
 * @param detailed true: 294 (Partial Success) when there are errors, as the edition of September 2026 recommends
 */
export function executedStatus({ errors }: Answer, type: ResponseType, detailed: boolean): number {
  return detailed && errors > 0 && type !== 'application/json' ? 294 : 200;
}
