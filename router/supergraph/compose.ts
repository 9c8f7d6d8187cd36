import { composeServices } from '@apollo/composition';
import { GraphQLError } from 'graphql';
import type { DocumentNode } from 'graphql';
import { oneOfInputs, withOneOf, withoutOneOf } from './one-of.ts';

export interface SubgraphDocument {
  readonly name: string;
  readonly url: string;
  readonly typeDefs: DocumentNode;
}

/** What a supergraph is composed to, or why there is none. Hints are Apollo's. */
export interface Composed {
  readonly supergraphSdl?: string;
  readonly errors: readonly GraphQLError[];
  readonly hints: readonly unknown[];
}

/** Apollo's composition, and @oneOf, which it drops. Subgraphs that share an input type must agree on it. */
export function composeSubgraphs(subgraphs: readonly SubgraphDocument[]): Composed {
  const inputs = subgraphs.map(({ name, typeDefs }) => ({ name, types: oneOfInputs(typeDefs) }));
  const marked = new Set(inputs.flatMap(({ types }) => [...types].flatMap(([type, { isOneOf }]) => (isOneOf ? [type] : []))));
  const differing = inputs.flatMap(({ name, types }) => [...types].flatMap(([type, { isOneOf, node }]) => (marked.has(type) && !isOneOf
    ? [new GraphQLError(`[${name}] The input type "${type}" is not @oneOf, and that of another subgraph is`, { nodes: [node], extensions: { code: 'ONE_OF_DIFFERS' } })]
    : [])));
  if (differing.length > 0) return { errors: differing, hints: [] };
  const { supergraphSdl, errors = [], hints = [] } = composeServices(subgraphs.map((subgraph) => ({ ...subgraph, typeDefs: withoutOneOf(subgraph.typeDefs) })));
  return supergraphSdl === undefined ? { errors, hints } : { supergraphSdl: withOneOf(supergraphSdl, marked), errors: [], hints };
}
