import { createHash } from 'node:crypto';
import { GraphQLError, Kind, buildASTSchema, parse, validateSchema } from 'graphql';
import type { DocumentNode, GraphQLSchema } from 'graphql';
import { withDefer } from '../operation/defer-document.ts';
import { apiDocument } from './api-schema.ts';
import { OLD_JOIN, argument, linkedFeatures, textArgument } from './features.ts';
import { readLive } from './live.ts';
import type { LiveDirectives } from './live.ts';

/** A supergraph that was parsed and validated. Immutable. */
export interface LoadedSupergraph {
  /** The first 16 hexadecimal digits of the SHA-256 of the SDL. */
  readonly id: string;
  readonly sdl: string;
  /** The schema that clients see, without elements of join and inaccessible elements. */
  readonly apiSchema: GraphQLSchema;
  /** The URL of each subgraph as composed, by subgraph name. */
  readonly subgraphs: ReadonlyMap<string, string>;
  /** The types of the whole supergraph, including inaccessible ones, because subgraphs may return those. */
  readonly types: TypeConditions;
  /** Labels of progressive @override, including `percent(…)`. */
  readonly overrideLabels: readonly string[];
  /**
   * Whether only Apollo's planner supports the supergraph, because the supergraph has arguments from @context, or uses
   * the join specification of Federation 2.0 and 2.1.
   */
  readonly onlyForApollo: boolean;
  readonly live: LiveDirectives;
}

/** The types of a supergraph. `includes`: whether a fragment on `condition` applies to an object of type `typename`. */
export interface TypeConditions {
  includes(condition: string, typename: string): boolean;
  isAbstract(typename: string): boolean;
}

/**
 * The error when the text is not a supergraph that this router can serve. The message has one line and is written for
 * an operator.
 */
export class SupergraphError extends Error {
  readonly code = 'INVALID_SUPERGRAPH';
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'SupergraphError';
  }
}

/**
 * Parses and validates a supergraph.
 * @throws SupergraphError with a message of one line
 */
export function loadSupergraph(sdl: string): LoadedSupergraph {
  if (sdl.trim() === '') throw new SupergraphError('The supergraph is empty');
  try {
    // With locations, the schema would keep every token of the text in memory.
    const document = parse(sdl, { noLocation: true });
    const features = linkedFeatures(document);
    buildASTSchema(document);
    const apiSchema = buildASTSchema(apiDocument(document, features), { assumeValidSDL: true });
    const [problem] = validateSchema(apiSchema);
    if (problem !== undefined) throw problem;
    return {
      id: createHash('sha256').update(sdl).digest('hex').slice(0, 16),
      sdl,
      apiSchema: withDefer(apiSchema),
      subgraphs: subgraphsOf(document),
      types: typeConditions(document),
      ...joinFields(
        document,
        features.some(({ url }) => url === OLD_JOIN),
      ),
      live: readLive(sdl),
    };
  } catch (error) {
    throw new SupergraphError(`Not a valid supergraph: ${oneLine(error)}`, { cause: error });
  }
}

function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = message
    .split('\n')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join(' ')
    .slice(0, 500);
  const location = error instanceof GraphQLError ? error.locations?.[0] : undefined;
  return location === undefined ? line : `${line} (line ${location.line}, column ${location.column})`;
}

function subgraphsOf({ definitions }: DocumentNode): Map<string, string> {
  const subgraphs = new Map<string, string>();
  for (const definition of definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') continue;
    for (const directive of definition.values?.flatMap(({ directives }) => directives ?? []) ?? []) {
      if (directive.name.value === 'join__graph')
        subgraphs.set(textArgument(directive, 'name') ?? '', textArgument(directive, 'url') ?? '');
    }
  }
  if (subgraphs.size === 0) throw new Error('it has no subgraphs');
  return subgraphs;
}

function joinFields(
  { definitions }: DocumentNode,
  old: boolean,
): Pick<LoadedSupergraph, 'overrideLabels' | 'onlyForApollo'> {
  const labels = new Set<string>();
  let onlyForApollo = old;
  for (const definition of definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const directive of definition.fields?.flatMap(({ directives }) => directives ?? []) ?? []) {
      if (directive.name.value !== 'join__field') continue;
      const label = textArgument(directive, 'overrideLabel');
      if (label !== undefined) labels.add(label);
      onlyForApollo ||= argument(directive, 'contextArguments') !== undefined;
    }
  }
  return { overrideLabels: [...labels], onlyForApollo };
}

function typeConditions({ definitions }: DocumentNode): TypeConditions {
  const members = new Map<string, Set<string>>();
  for (const { kind, name, types = [] } of definitions.filter(
    (definition) => definition.kind === Kind.UNION_TYPE_DEFINITION,
  )) {
    if (kind === Kind.UNION_TYPE_DEFINITION) members.set(name.value, new Set(types.map((type) => type.name.value)));
  }
  for (const definition of definitions) {
    if (definition.kind === Kind.INTERFACE_TYPE_DEFINITION && !members.has(definition.name.value))
      members.set(definition.name.value, new Set());
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const { name } of definition.interfaces ?? []) {
      const implementations = members.get(name.value);
      if (implementations === undefined) members.set(name.value, new Set([definition.name.value]));
      else implementations.add(definition.name.value);
    }
  }
  return {
    includes: (condition, typename) => condition === typename || members.get(condition)?.has(typename) === true,
    isAbstract: (typename) => members.has(typename),
  };
}
