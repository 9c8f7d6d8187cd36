import type { Answer } from '../../execution/answer.ts';
import { NESTED_TOO_DEEP } from '../../operation/request-error.ts';
import type { ResponseType } from './accept.ts';

/**
 * Codes of requests that the router could not read. Requests that are refused with another code could be read, but the
 * schema, the variables or the limits do not allow them.
 */
const UNREADABLE = new Set<string | undefined>(['GRAPHQL_PARSE_FAILED', 'BAD_REQUEST']);

/**
 * Codes that ask a client for the text of a persisted query. The client made no mistake, and sends the text next.
 * Apollo's servers also answer 200 for both media types.
 */
const ASKS_FOR_TEXT = new Set(['PERSISTED_QUERY_NOT_FOUND', 'PERSISTED_QUERY_NOT_SUPPORTED']);

/**
 * The HTTP status of a request that was refused before execution. Some codes have the same status with every type:
 * INTERNAL 500, UNAVAILABLE 503, NESTED_TOO_DEEP and BAD_REQUEST 400, the codes that ask for the text of a persisted
 * query 200. Otherwise the status is 200 for application/json (GraphQL over HTTP, appendix on application/json), and
 * 400 or 422 for application/graphql-response+json.
 * @param detailed true: 422 for a request that could be read but not carried out, as the edition of September 2026
 *   recommends. false: 400.
 */
export function refusedStatus(code: string | undefined, type: ResponseType, detailed: boolean): number {
  if (code === 'INTERNAL') return 500;
  if (code === 'UNAVAILABLE') return 503;
  // The status is 400, as for malformed JSON, because the router did not read the document.
  if (code === NESTED_TOO_DEEP || code === 'BAD_REQUEST') return 400;
  if (code !== undefined && ASKS_FOR_TEXT.has(code)) return 200;
  if (type === 'application/json') return 200;
  return detailed && !UNREADABLE.has(code) ? 422 : 400;
}

/**
 * The HTTP status of an operation that was executed, even if all fields failed and `data` is null.
 * @param detailed true: 294 (Partial Success) when there are errors and the type is not application/json, as the
 * edition of September 2026 recommends; otherwise 200
 */
export function executedStatus({ errors }: Answer, type: ResponseType, detailed: boolean): number {
  return detailed && errors > 0 && type !== 'application/json' ? 294 : 200;
}
