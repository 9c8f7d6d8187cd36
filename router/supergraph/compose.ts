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
  const inputs = subgraphs.flatMap(({ name: subgraph, typeDefs }) =>
    [...oneOfInputs(typeDefs)].map(([type, input]) => ({ subgraph, type, ...input })),
  );
  const marked = new Set(inputs.filter(({ isOneOf }) => isOneOf).map(({ type }) => type));
  const differing = inputs
    .filter(({ type, isOneOf }) => marked.has(type) && !isOneOf)
    .map(({ subgraph, type, node }) => {
      const message = `[${subgraph}] The input type "${type}" is not @oneOf, and that of another subgraph is`;
      return new GraphQLError(message, { nodes: [node], extensions: { code: 'ONE_OF_DIFFERS' } });
    });
  if (differing.length > 0) return { errors: differing, hints: [] };
  const plain = subgraphs.map((subgraph) => ({ ...subgraph, typeDefs: withoutOneOf(subgraph.typeDefs) }));
  const { supergraphSdl, errors = [], hints = [] } = composeServices(plain);
  if (supergraphSdl === undefined) return { errors, hints };
  return { supergraphSdl: withOneOf(supergraphSdl, marked), errors: [], hints };
}
