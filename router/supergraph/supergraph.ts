import { createHash } from 'node:crypto';
import type { GraphQLSchema } from 'graphql';
import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph, isInterfaceType, isUnionType } from '@apollo/federation-internals';
import type { Schema } from '@apollo/federation-internals';
import { readLive } from './live.ts';
import type { LiveDirectives } from './live.ts';

/** A supergraph that was read, checked and made ready to plan against. Immutable. */
export interface LoadedSupergraph {
  /** First 16 hexadecimal digits of the SHA-256 of the SDL. */
  readonly id: string;
  /** What clients see: without join machinery and inaccessible elements. */
  readonly apiSchema: GraphQLSchema;
  /** Name of each subgraph and its URL as composed. */
  readonly subgraphs: ReadonlyMap<string, string>;
  /** Types of the whole supergraph, inaccessible ones included: what subgraphs may answer. */
  readonly types: TypeConditions;
  readonly live: LiveDirectives;
  /** Apollo's model, for planning only. */
  readonly internal: { readonly supergraph: Supergraph; readonly apiSchema: Schema };
}

/** Answers "does a fragment on `condition` apply to an object of type `typename`?" */
export interface TypeConditions {
  includes(condition: string, typename: string): boolean;
  isAbstract(typename: string): boolean;
}

/** The text is no supergraph that this router can serve. The message is one line and fit for an operator. */
export class SupergraphError extends Error {
  readonly code = 'INVALID_SUPERGRAPH';
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'SupergraphError';
  }
}

/** @throws SupergraphError with one clear message */
export function loadSupergraph(sdl: string): LoadedSupergraph {
  if (sdl.trim() === '') throw new SupergraphError('The supergraph is empty');
  try {
    const supergraph = Supergraph.build(sdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, validateSupergraph: true });
    const apiSchema = supergraph.apiSchema();
    const subgraphs = new Map<string, string>();
    for (const { name, url } of supergraph.subgraphsMetadata()) subgraphs.set(name, url);
    return {
      id: createHash('sha256').update(sdl).digest('hex').slice(0, 16),
      apiSchema: apiSchema.toGraphQLJSSchema(),
      subgraphs,
      types: typeConditions(supergraph.schema),
      live: readLive(sdl),
      internal: { supergraph, apiSchema },
    };
  } catch (error) {
    throw new SupergraphError(`Not a valid supergraph: ${oneLine(error)}`, { cause: error });
  }
}

function oneLine(error: unknown): string {
  const causes = (error as { causes?: readonly Error[] }).causes;
  const first = Array.isArray(causes) && causes[0] instanceof Error ? causes[0] : error;
  const message = first instanceof Error ? first.message : String(first);
  const line = message.split('\n').map((part) => part.trim()).filter((part) => part !== '').join(' ').slice(0, 500);
  const location = (first as { locations?: readonly { line: number; column: number }[] }).locations?.[0];
  return location === undefined ? line : `${line} (line ${location.line}, column ${location.column})`;
}

function typeConditions(schema: Schema): TypeConditions {
  const members = new Map<string, Set<string>>();
  for (const type of schema.types()) {
    if (isUnionType(type)) members.set(type.name, new Set(type.types().map((member) => member.name)));
    else if (isInterfaceType(type)) members.set(type.name, new Set(type.allImplementations().map((member) => member.name)));
  }
  return {
    includes: (condition, typename) => condition === typename || members.get(condition)?.has(typename) === true,
    isAbstract: (typename) => members.has(typename),
  };
}
