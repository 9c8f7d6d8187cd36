import { Kind } from 'graphql';
import type { ConstDirectiveNode, DefinitionNode, DocumentNode, NamedTypeNode } from 'graphql';
import type { LinkedFeature } from './features.ts';

/** Standard GraphQL directives that matter to clients. */
const KEPT = new Set(['deprecated', 'specifiedBy', 'oneOf']);

interface Element {
  readonly name: { readonly value: string };
  readonly directives?: readonly ConstDirectiveNode[];
}

/**
 * The API schema of a supergraph, which clients see. It leaves out the elements of linked features (join, tag …),
 * elements that are @inaccessible, and directives that do not matter to clients. Composition guarantees that no
 * accessible element depends on an inaccessible one.
 */
export function apiDocument({ definitions }: DocumentNode, features: readonly LinkedFeature[]): DocumentNode {
  const inaccessible = features
    .find(({ identity }) => identity === 'https://specs.apollo.dev/inaccessible')
    ?.directive('inaccessible');
  const hidden = ({ directives = [] }: Element): boolean => directives.some(({ name }) => name.value === inaccessible);
  const ofFeature = (name: string): boolean => features.some((feature) => feature.defines(name));

  const gone = new Set<string>();
  for (const definition of definitions) {
    if ('name' in definition && definition.name !== undefined && definition.kind !== Kind.DIRECTIVE_DEFINITION) {
      if (ofFeature(definition.name.value) || hidden(definition as Element)) gone.add(definition.name.value);
    }
  }

  const visible = <T extends Element>(elements: readonly T[] | undefined): T[] | undefined =>
    elements?.filter((element) => !hidden(element)).map(plain);
  const present = (types: readonly NamedTypeNode[] | undefined): NamedTypeNode[] | undefined =>
    types?.filter(({ name }) => !gone.has(name.value));

  const convert = (definition: DefinitionNode): DefinitionNode | undefined => {
    switch (definition.kind) {
      case Kind.SCHEMA_DEFINITION:
        return {
          ...definition,
          directives: [],
          operationTypes: definition.operationTypes.filter(({ type }) => !gone.has(type.name.value)),
        };
      case Kind.DIRECTIVE_DEFINITION:
        return ofFeature(`@${definition.name.value}`)
          ? undefined
          : { ...definition, ...optional('arguments', visible(definition.arguments)) };
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.INTERFACE_TYPE_DEFINITION: {
        const fields = visible(definition.fields)?.map((field) => ({
          ...field,
          ...optional('arguments', visible(field.arguments)),
        }));
        return {
          ...plain(definition),
          ...optional('interfaces', present(definition.interfaces)),
          ...optional('fields', fields),
        };
      }
      case Kind.INPUT_OBJECT_TYPE_DEFINITION:
        return { ...plain(definition), ...optional('fields', visible(definition.fields)) };
      case Kind.ENUM_TYPE_DEFINITION:
        return { ...plain(definition), ...optional('values', visible(definition.values)) };
      case Kind.UNION_TYPE_DEFINITION:
        return { ...plain(definition), ...optional('types', present(definition.types)) };
      case Kind.SCALAR_TYPE_DEFINITION:
        return plain(definition);
      default:
        return undefined;
    }
  };
  const converted = definitions.flatMap((definition) => {
    const named =
      'name' in definition && definition.kind !== Kind.DIRECTIVE_DEFINITION ? definition.name?.value : undefined;
    return named !== undefined && gone.has(named) ? [] : (convert(definition) ?? []);
  });
  return { kind: Kind.DOCUMENT, definitions: converted };
}

function plain<T extends Element>(element: T): T {
  const { directives } = element;
  return directives === undefined || directives.length === 0
    ? element
    : { ...element, directives: directives.filter(({ name }) => KEPT.has(name.value)) };
}

function optional<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [key in K]: V });
}
