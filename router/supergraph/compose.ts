import { composeServices } from '@apollo/composition';
import { GraphQLError } from 'graphql';
import type { DocumentNode } from 'graphql';
import { oneOfInputs, withOneOf, withoutOneOf } from './one-of.ts';

export interface SubgraphDocument {
  readonly name: string;
  readonly url: string;
  readonly typeDefs: DocumentNode;
}

/** The composed supergraph, or the errors why there is none. Hints are those of Apollo's composition. */
export interface Composed {
  readonly supergraphSdl?: string;
  readonly errors: readonly GraphQLError[];
  readonly hints: readonly unknown[];
}

/**
 * Composes subgraphs with Apollo's composition. Apollo drops @oneOf, so this function adds it again. Subgraphs that
 * share an input type must all mark it with @oneOf, or none of them.
 */
export function composeSubgraphs(subgraphs: readonly SubgraphDocument[]): Composed {
  const inputs = subgraphs.flatMap(({ name: subgraph, typeDefs }) =>
    [...oneOfInputs(typeDefs)].map(([type, input]) => ({ subgraph, type, ...input })),
  );
  const marked = new Set(inputs.filter(({ isOneOf }) => isOneOf).map(({ type }) => type));
  const differing = inputs
    .filter(({ type, isOneOf }) => marked.has(type) && !isOneOf)
    .map(({ subgraph, type, node }) => {
      const message = `[${subgraph}] The input type "${type}" is not @oneOf here, but another subgraph has it as @oneOf`;
      return new GraphQLError(message, { nodes: [node], extensions: { code: 'ONE_OF_DIFFERS' } });
    });
  if (differing.length > 0) return { errors: differing, hints: [] };
  const plain = subgraphs.map((subgraph) => ({ ...subgraph, typeDefs: withoutOneOf(subgraph.typeDefs) }));
  const { supergraphSdl, errors = [], hints = [] } = composeServices(plain);
  if (supergraphSdl === undefined) return { errors, hints };
  return { supergraphSdl: withOneOf(supergraphSdl, marked), errors: [], hints };
}
