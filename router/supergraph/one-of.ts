import { GraphQLOneOfDirective, Kind, parse, visit } from 'graphql';
import type { DocumentNode, InputObjectTypeDefinitionNode, InputObjectTypeExtensionNode } from 'graphql';

// Support for @oneOf of the GraphQL specification. Apollo's composition does not know the directive and drops it, so
// clients could send such an input with several fields. Apollo's planner refuses a supergraph that uses the directive
// without defining it.

const NAME = GraphQLOneOfDirective.name;
const DEFINITION = `directive @${NAME} on INPUT_OBJECT`;
const BEFORE_TYPES: ReadonlySet<string> = new Set([
  Kind.SCHEMA_DEFINITION,
  Kind.SCHEMA_EXTENSION,
  Kind.DIRECTIVE_DEFINITION,
]);

type InputNode = InputObjectTypeDefinitionNode | InputObjectTypeExtensionNode;
const isInput = (node: { readonly kind: string }): node is InputNode =>
  node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION || node.kind === Kind.INPUT_OBJECT_TYPE_EXTENSION;
const isMarked = ({ directives = [] }: InputNode): boolean => directives.some(({ name }) => name.value === NAME);

export interface InputType {
  readonly isOneOf: boolean;
  readonly node: InputNode;
}

/** The input types of a document by name, and whether each has @oneOf. */
export function oneOfInputs({ definitions }: DocumentNode): Map<string, InputType> {
  const inputs = new Map<string, InputType>();
  for (const node of definitions.filter(isInput)) {
    const isOneOf = isMarked(node) || inputs.get(node.name.value)?.isOneOf === true;
    inputs.set(node.name.value, { isOneOf, node });
  }
  return inputs;
}

/** The document without @oneOf, for software that does not know it. */
export function withoutOneOf(document: DocumentNode): DocumentNode {
  const strip = (node: InputNode): InputNode => ({
    ...node,
    directives: node.directives?.filter(({ name }) => name.value !== NAME) ?? [],
  });
  return visit(document, {
    DirectiveDefinition: ({ name }) => (name.value === NAME ? null : false),
    InputObjectTypeDefinition: strip,
    InputObjectTypeExtension: strip,
  });
}

/** Adds @oneOf to these input types in the SDL. */
export function withOneOf(sdl: string, names: ReadonlySet<string>): string {
  if (names.size === 0) return sdl;
  const ends = parse(sdl).definitions.flatMap((node) =>
    isInput(node) && names.has(node.name.value) && node.name.loc ? [node.name.loc.end] : [],
  );
  // Inserts from the end to the start, so that earlier positions stay valid.
  const insert = (text: string, end: number): string => `${text.slice(0, end)}\n  @${NAME}${text.slice(end)}`;
  return withOneOfDefined(ends.toSorted((a, b) => b - a).reduce(insert, sdl));
}

/**
 * Adds the definition of @oneOf to the SDL if it uses the directive. For software that requires every directive to be
 * defined.
 */
export function withOneOfDefined(sdl: string): string {
  if (!sdl.includes(`@${NAME}`)) return sdl;
  const { definitions } = parse(sdl);
  const isUsed = definitions.some((node) => isInput(node) && isMarked(node));
  const isDefined = definitions.some((node) => node.kind === Kind.DIRECTIVE_DEFINITION && node.name.value === NAME);
  const first = definitions.find(({ kind }) => !BEFORE_TYPES.has(kind))?.loc?.start;
  if (!isUsed || isDefined || first === undefined) return sdl;
  return `${sdl.slice(0, first)}${DEFINITION}\n\n${sdl.slice(first)}`;
}
