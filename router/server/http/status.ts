import type { Answer } from '../../execution/answer.ts';
import { NESTED_TOO_DEEP } from '../../operation/request-error.ts';
import type { ResponseType } from './accept.ts';

/** Codes of requests that the grammar allows and the schema, the variables or the limits do not. */
const UNREADABLE = new Set<string | undefined>(['GRAPHQL_PARSE_FAILED', 'BAD_REQUEST']);

/** No mistake of the client, which sends the text next. Apollo's servers say 200 too, whatever the type. */
const ASKS_FOR_MORE = new Set(['PERSISTED_QUERY_NOT_FOUND', 'PERSISTED_QUERY_NOT_SUPPORTED']);

/**
 * The status of a request that was refused. For application/json a refused document has always been a 200 (GraphQL over
 * HTTP, appendix on application/json).
 * @param detailed 422 for what could be read but not be carried out, as the edition of September 2026 recommends;
 *   otherwise 400 for both
 */
export function refusedStatus(code: string | undefined, type: ResponseType, detailed: boolean): number {
  if (code === 'INTERNAL') return 500;
  if (code === 'UNAVAILABLE') return 503;
  if (code === NESTED_TOO_DEEP || code === 'BAD_REQUEST') return 400; // like malformed JSON: it was not read
  if (code !== undefined && ASKS_FOR_MORE.has(code)) return 200;
  if (type === 'application/json') return 200;
  return detailed && !UNREADABLE.has(code) ? 422 : 400;
}

/**
 * The status of an operation that was executed, whatever became of its fields (also when `data` is null).
 * @param detailed 294 (Partial Success) when there are errors, as the edition of September 2026 recommends
 */
export function executedStatus({ errors }: Answer, type: ResponseType, detailed: boolean): number {
  return detailed && errors > 0 && type !== 'application/json' ? 294 : 200;
}
