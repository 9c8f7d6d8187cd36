import { fromBytes, toBytes } from './answer.ts';
import { SubgraphUnavailable } from './types.ts';
import type { FetchKind, RequestContext, SubgraphRequest, SubgraphResult, SubgraphTransport } from './types.ts';

/** Whether a value has the shape of a GraphQL response. The executor checks the contents of `data`. */
export function isResult(value: unknown): value is SubgraphResult {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { data, errors } = value as { data?: unknown; errors?: unknown };
  if (data !== undefined && (typeof data !== 'object' || Array.isArray(data))) return false;
  if (
    errors !== undefined &&
    errors !== null &&
    !(Array.isArray(errors) && errors.every((e) => typeof e === 'object' && e !== null))
  )
    return false;
  return data !== undefined || Array.isArray(errors);
}

/**
 * The body of a request, each character one byte ("latin1").
 * @throws RangeError when the variables are nested too deep for the stack
 */
function bodyOf({ query, operationName, variables }: SubgraphRequest): string {
  return toBytes(JSON.stringify({ query, operationName, variables }));
}

/**
 * Parses the body of a response. The executor checks the contents of the object.
 * @throws SubgraphUnavailable when the body is not a JSON object
 */
function resultOf(subgraph: string, text: string): SubgraphResult {
  let result: unknown;
  try {
    result = JSON.parse(fromBytes(text));
  } catch (cause) {
    throw new SubgraphUnavailable(subgraph, `the answer of subgraph ${subgraph} is not JSON`, { cause });
  }
  if (typeof result === 'object' && result !== null && !Array.isArray(result)) return result;
  throw new SubgraphUnavailable(subgraph, `subgraph ${subgraph} did not answer with a GraphQL response`);
}

/**
 * Whether a document, as the planner prints it, is a query. Only queries may be sent again: a mutation may have taken
 * effect although its response was lost.
 */
export function isQuery(document: string): boolean {
  return document.startsWith('{') || /^query\b/.test(document);
}

/**
 * Sends one operation and parses its response.
 * @param kind default: derived from the query text
 * @throws SubgraphUnavailable, as a rejection, when there is no usable response; also rejects with other errors of
 * `send`
 */
export function fetchResult(
  send: SubgraphTransport['send'],
  subgraph: string,
  request: SubgraphRequest,
  context: RequestContext,
  kind: FetchKind = { repeatable: isQuery(request.query), fields: request.query },
): Promise<SubgraphResult> {
  return new Promise((resolve, reject) => {
    let body: string;
    try {
      body = bodyOf(request);
    } catch (cause) {
      // The variables are nested too deep for the stack.
      return reject(
        new SubgraphUnavailable(subgraph, `the variables for subgraph ${subgraph} cannot be serialised as JSON`, {
          cause,
        }),
      );
    }
    send(subgraph, body, kind, context, (error, text) => {
      if (error !== undefined) return reject(error);
      try {
        resolve(resultOf(subgraph, text));
      } catch (unusable) {
        reject(unusable as Error);
      }
    });
  });
}
