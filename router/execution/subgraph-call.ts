import type { Operation } from '../planning/plan-nodes.ts';
import { fetchResult, isQuery } from './result.ts';
import { aboutSubgraph } from './errors.ts';
import type { Path } from './targets.ts';
import { SubgraphUnavailable } from './types.ts';
import type { FetchKind, RequestContext, SubgraphRequest, SubgraphResult, SubgraphTransport } from './types.ts';

/** The kind of an operation, for the transport. */
export const kindOf = ({ document, fields = document }: Operation): FetchKind => ({
  repeatable: isQuery(document),
  fields,
});

/** Compiles the request of a fetch. The result takes the client's variables and additional ones. */
export function requestOf({ document, name, variables: usages }: Operation) {
  const fixed: SubgraphRequest = { query: document, ...(name !== undefined && { operationName: name }) };
  return (
    variables: Readonly<Record<string, unknown>>,
    beside?: Readonly<Record<string, unknown>>,
  ): SubgraphRequest => {
    if (usages.length === 0 && beside === undefined) return fixed;
    const sent: Record<string, unknown> = {};
    for (const [as, own] of usages) if (variables[own] !== undefined) sent[as] = variables[own];
    return { ...fixed, variables: beside === undefined ? sent : Object.assign(sent, beside) };
  };
}

/**
 * Calls the subgraph. Passes on its response, or calls `onUnavailable` if there is none or the client's operation was
 * aborted. Rejects only when the router itself fails.
 */
export function callSubgraph(
  { transport, context }: { readonly transport: SubgraphTransport; readonly context: RequestContext },
  subgraph: string,
  request: SubgraphRequest,
  kind: FetchKind,
  onResult: (result: SubgraphResult) => void,
  onUnavailable: () => void,
): Promise<void> {
  return fetchResult(transport.send, subgraph, request, context, kind).then(onResult, (error: unknown) => {
    if (!(error instanceof SubgraphUnavailable) && context.signal?.aborted !== true) throw error;
    onUnavailable();
  });
}

export function unavailable(subgraph: string, path: Path | undefined) {
  return aboutSubgraph('UNAVAILABLE', 'A service cannot be reached', subgraph, path);
}

export function noData(subgraph: string, path: Path | undefined) {
  return aboutSubgraph('INVALID_SUBGRAPH_RESPONSE', 'A service sent no valid response', subgraph, path);
}
