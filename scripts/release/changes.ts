import {
  findBreakingChanges,
  findDangerousChanges,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedDirective,
  isSpecifiedScalarType,
} from 'graphql';

/**
 * The differences between two versions of the API, a sentence each. When GraphQL.js reports a difference, its own
 * sentence is used.
 */
export interface ApiChanges {
  /** Changes after which a client that was valid before may fail. */
  readonly breaking: readonly string[];
  /**
   * Changes after which valid clients stay valid, but a client that does not expect the change may misbehave. An
   * example is a new value of an enum.
   */
  readonly dangerous: readonly string[];
  readonly added: readonly string[];
  /**
   * Changes that break no client: types that became narrower in output or wider in input, and defaults of input fields.
   */
  readonly changed: readonly string[];
  readonly deprecated: readonly string[];
}

/** An element of a schema: a type, field, argument, enum value or directive. */
interface Place {
  /** For example `Team.members(first:)`. */
  readonly coordinate: string;
  /** The coordinate of the element that contains this one; empty for a type or a directive. */
  readonly parent: string;
  readonly kind: 'type' | 'field' | 'input field' | 'argument' | 'enum value' | 'directive';
  /** The type of a field or argument; for an argument with its default. */
  readonly type: string;
  readonly defaultValue?: string;
  readonly deprecationReason?: string;
}

export function changesBetween(before: GraphQLSchema, after: GraphQLSchema): ApiChanges {
  const sentences = (list: readonly { readonly description: string }[]): string[] =>
    list.map(({ description }) => description).sort();
  const breaking = sentences(findBreakingChanges(before, after));
  const dangerous = sentences(findDangerousChanges(before, after));
  const told = new Set([...breaking, ...dangerous]);
  const [old, now] = [placesOf(before), placesOf(after)];
  const added: string[] = [];
  const changed: string[] = [];
  const deprecated: string[] = [];
  for (const [coordinate, place] of now) {
    const was = old.get(coordinate);
    if (!was) {
      // A new optional argument, optional input field or enum value of an existing element is in `dangerous`.
      const isNewWithParent = place.parent !== '' && !old.has(place.parent);
      if (!isNewWithParent && (place.kind === 'type' || place.kind === 'field' || place.kind === 'directive'))
        added.push(`${coordinate} was added.`);
    } else {
      const sentence = typeChange(place, was);
      if (sentence && !told.has(sentence)) changed.push(sentence);
      if (place.kind === 'input field' && was.defaultValue !== place.defaultValue)
        changed.push(
          `${coordinate} has changed defaultValue from ${was.defaultValue ?? 'none'} to ${place.defaultValue ?? 'none'}.`,
        );
    }
    if (place.deprecationReason !== was?.deprecationReason)
      deprecated.push(
        place.deprecationReason === undefined
          ? `${coordinate} is no longer deprecated.`
          : `${coordinate} is deprecated: ${place.deprecationReason}`,
      );
  }
  return { breaking, dangerous, added, changed, deprecated };
}

/**
 * A sentence about a changed type, in the words of GraphQL.js; undefined when the type is the same. GraphQL.js itself
 * has a sentence only for breaking changes.
 */
function typeChange({ coordinate, parent, kind, type }: Place, was: Place): string | undefined {
  if (type === was.type) return undefined;
  if (kind !== 'argument') return `${coordinate} changed type from ${was.type} to ${type}.`;
  return `${parent} arg ${coordinate.slice(parent.length + 1, -2)} has changed type from ${was.type} to ${type}.`;
}

/** Every element of a schema by its coordinate, sorted by name, without GraphQL's own types and directives. */
function placesOf(schema: GraphQLSchema): Map<string, Place> {
  const places: Place[] = [];
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type) || isSpecifiedScalarType(type)) continue;
    const within = { parent: type.name };
    places.push({ coordinate: type.name, parent: '', kind: 'type', type: '' });
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        const coordinate = `${type.name}.${field.name}`;
        places.push({ ...within, coordinate, kind: 'field', type: String(field.type), ...deprecation(field) });
        for (const argument of field.args)
          places.push({
            coordinate: `${coordinate}(${argument.name}:)`,
            parent: coordinate,
            kind: 'argument',
            type: String(argument.type),
            ...deprecation(argument),
          });
      }
    } else if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        const defaultValue =
          field.defaultValue === undefined ? {} : { defaultValue: JSON.stringify(field.defaultValue) };
        places.push({
          ...within,
          coordinate: `${type.name}.${field.name}`,
          kind: 'input field',
          type: String(field.type),
          ...defaultValue,
          ...deprecation(field),
        });
      }
    } else if (isEnumType(type)) {
      for (const value of type.getValues())
        places.push({
          ...within,
          coordinate: `${type.name}.${value.name}`,
          kind: 'enum value',
          type: '',
          ...deprecation(value),
        });
    }
  }
  for (const directive of schema.getDirectives()) {
    if (!isSpecifiedDirective(directive))
      places.push({ coordinate: `@${directive.name}`, parent: '', kind: 'directive', type: '' });
  }
  return new Map(
    places.sort((a, b) => (a.coordinate < b.coordinate ? -1 : 1)).map((place) => [place.coordinate, place]),
  );
}

const deprecation = ({
  deprecationReason,
}: {
  readonly deprecationReason?: string | null | undefined;
}): { deprecationReason?: string } => (deprecationReason == null ? {} : { deprecationReason });
