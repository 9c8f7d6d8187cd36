import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DefinitionNode,
  type DirectiveDefinitionNode,
  type DocumentNode,
  GraphQLError,
  isTypeDefinitionNode,
  isTypeExtensionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  print,
  Source,
  type TypeDefinitionNode,
  visit,
} from 'graphql';

const SCHEMAS = join(import.meta.dirname, '../../schema');
const ENDING = '.graphql';
/** Files that are not the SDL of a subgraph: two that are generated, and the API of the newest release. */
const NOT_SUBGRAPHS = ['supergraph.graphql', 'api.graphql', 'released.graphql'];

/** Names of the subgraphs whose SDL is in the directory, in alphabetical order. */
export const subgraphNames = (directory = SCHEMAS): string[] =>
  sdlFiles(directory)
    .filter((file) => !NOT_SUBGRAPHS.includes(file))
    .map((file) => file.slice(0, -ENDING.length));

/**
 * The SDL of a subgraph as the server, composition and the generators read it: `schema/<name>.graphql`, plus the links,
 * the directives and the used types of `schema/shared/`. An unused type is left out, because the supergraph would
 * otherwise claim that this subgraph serves it. The subgraph with `Query.node` gets a stub of each type of another
 * subgraph that has a global id.
 * @throws GraphQLError with its source, for a file that cannot be parsed, and for one that defines a shared type again
 */
export function documentOf(name: string, directory = SCHEMAS): DocumentNode {
  const written = definitionsIn(directory, name + ENDING);
  const own = hasNode(written) ? [...written, ...stubsFor(name, written, directory)] : written;
  const shared = sdlFiles(join(directory, 'shared')).flatMap((file) => definitionsIn(directory, `shared/${file}`));
  const definedIn = new Map(
    shared.flatMap((definition) => (isNew(definition) ? [[keyOf(definition), definition.loc?.source.name]] : [])),
  );
  for (const definition of own) {
    const file = isNew(definition) && definedIn.get(keyOf(definition));
    if (file) throw new GraphQLError(`${keyOf(definition)} is shared: it is defined in ${file}`, { nodes: definition });
  }
  const types = new Map(shared.filter(isTypeDefinitionNode).map((definition) => [definition.name.value, definition]));
  const used = new Set<DefinitionNode>(shared.filter((definition) => !isTypeDefinitionNode(definition)));
  // The loop also visits definitions that are added while it runs.
  const seen = new Set([...used, ...own]);
  for (const definition of seen) {
    for (const type of namesIn(definition)) {
      const found = types.get(type);
      if (found) for (const set of [seen, used]) set.add(found);
    }
  }
  return { kind: Kind.DOCUMENT, definitions: [...shared.filter((definition) => used.has(definition)), ...own] };
}

/** {@link documentOf} as text. */
export const sdlOf = (name: string, directory?: string): string => print(documentOf(name, directory));

const sdlFiles = (directory: string): string[] =>
  readdirSync(directory)
    .filter((file) => file.endsWith(ENDING))
    .sort();

const definitionsIn = (directory: string, file: string): readonly DefinitionNode[] =>
  parse(new Source(readFileSync(join(directory, file), 'utf8'), `schema/${file}`)).definitions;

const isObject = (definition: DefinitionNode): definition is ObjectTypeDefinitionNode =>
  definition.kind === Kind.OBJECT_TYPE_DEFINITION;
const hasNode = (definitions: readonly DefinitionNode[]): boolean =>
  definitions.some(
    (one) => isObject(one) && one.name.value === 'Query' && one.fields?.some((field) => field.name.value === 'node'),
  );

/** Stubs of the types with a global id that other subgraphs have and this one does not define itself. */
function stubsFor(name: string, own: readonly DefinitionNode[], directory: string): DefinitionNode[] {
  const named = new Set(own.filter(isObject).map((type) => type.name.value));
  const stubs = subgraphNames(directory)
    .filter((other) => other !== name)
    .flatMap((other) =>
      definitionsIn(directory, other + ENDING)
        .filter(isObject)
        .filter((type) => type.interfaces?.some((one) => one.name.value === 'Node') && !named.has(type.name.value))
        .map((type) => [type.name.value, other] as const),
    );
  return [...new Map(stubs)].flatMap(
    ([type, other]) =>
      parse(
        new Source(
          `type ${type} implements Node @key(fields: "id", resolvable: false) { id: ID! }`,
          `schema/${other}.graphql`,
        ),
      ).definitions,
  );
}

type NewDefinition = TypeDefinitionNode | DirectiveDefinitionNode;
const isNew = (definition: DefinitionNode): definition is NewDefinition =>
  isTypeDefinitionNode(definition) || definition.kind === Kind.DIRECTIVE_DEFINITION;
const keyOf = ({ kind, name }: NewDefinition): string =>
  kind === Kind.DIRECTIVE_DEFINITION ? `@${name.value}` : name.value;

/** The types that a definition names. */
function namesIn(definition: DefinitionNode): Set<string> {
  const names = new Set(isTypeExtensionNode(definition) ? [definition.name.value] : []);
  visit(definition, { NamedType: ({ name }) => void names.add(name.value) });
  return names;
}
