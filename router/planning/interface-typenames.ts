import type { Needs } from '../supergraph/needs.ts';
import type { EntityBatch, FetchNode, Plan, PlanNode, RequiredSelection, Rewrite } from './plan-nodes.ts';

/**
 * Sets the interface's name as `__typename` in representations for subgraphs that know the interface as an object type
 * (@interfaceObject). Such a subgraph does not know the object's own type. Planners usually do this, but not always.
 */
export function withInterfaceTypenames(plan: Plan, subgraphs: Needs): Plan {
  const renaming = (subgraph: string): Rewrite[] =>
    [...(subgraphs.get(subgraph)?.interfaceObjects ?? [])].map((type) => ({
      path: [{ types: [type] }, { field: '__typename' }],
      set: type,
    }));

  const rewritten = <
    T extends Pick<EntityBatch, 'inputRewrites'> & { readonly requires: readonly RequiredSelection[] },
  >(
    batch: T,
    rewrites: readonly Rewrite[],
  ): T => (rewrites.length === 0 ? batch : { ...batch, inputRewrites: [...(batch.inputRewrites ?? []), ...rewrites] });

  const convert = (node: PlanNode): PlanNode => {
    switch (node.kind) {
      case 'Fetch': {
        const { requires } = node;
        return requires === undefined
          ? node
          : rewritten<FetchNode & { requires: readonly RequiredSelection[] }>(
              { ...node, requires },
              renaming(node.operation.subgraph),
            );
      }
      case 'BatchFetch':
        return { ...node, entities: node.entities.map((batch) => rewritten(batch, renaming(node.operation.subgraph))) };
      case 'Flatten':
        return { ...node, node: convert(node.node) };
      case 'Sequence':
      case 'Parallel':
        return { ...node, nodes: node.nodes.map(convert) };
      case 'Condition':
        return {
          ...node,
          ...(node.ifClause && { ifClause: convert(node.ifClause) }),
          ...(node.elseClause && { elseClause: convert(node.elseClause) }),
        };
      case 'Defer':
        return {
          ...node,
          primary: { ...node.primary, ...(node.primary.node && { node: convert(node.primary.node) }) },
          deferred: node.deferred.map((part) => ({ ...part, ...(part.node && { node: convert(part.node) }) })),
        };
    }
  };
  return { ...plan, ...(plan.rest && { rest: convert(plan.rest) }) };
}
