import { Kind, getNamedType, isAbstractType, isInterfaceType, isObjectType } from 'graphql';
import type { DocumentNode, GraphQLSchema, SelectionSetNode } from 'graphql';
import { conjunctionKey, narrow } from '../operation/conditions.ts';
import type { Conjunction } from '../operation/conditions.ts';
import type { Needs } from '../supergraph/needs.ts';
import type { TypeConditions } from '../supergraph/supergraph.ts';

/** The facts about a supergraph that plans are checked against. */
export interface Supergraph {
  readonly needs: Needs;
  readonly types: TypeConditions;
  /** The API schema, which clients see. */
  readonly schema: GraphQLSchema;
}

/** A field that a fetch adds to a place of the response. */
export interface Occurrence {
  readonly signature: string;
  readonly subgraph: string;
  readonly conditions: Conjunction;
  /**
   * Type conditions. The fetch adds the field to objects that meet all of them. An entry such as `A|B` lists
   * alternatives.
   */
  readonly types: readonly string[];
  /** How many fetches precede the one that adds the field. */
  readonly step: number;
}

/** All fetched fields, by place of the response and response name. */
export type Places = ReadonlyMap<string, ReadonlyMap<string, readonly Occurrence[]>>;

/**
 * Whether a plan fetches each field of the client whenever the client asks for it, for each type that the subgraphs may
 * return. A field that is not fetched would be null in the response without an error.
 */
export function coversOperation(
  { definitions }: DocumentNode,
  places: Places,
  { needs, types, schema }: Supergraph,
): boolean {
  const fragments = new Map(
    definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  );
  const seen = new Set<string>();
  const isOf = (type: string, names: string): boolean =>
    names === '' || names.split('|').some((name) => types.includes(name, type));

  const possibleTypes = (name: string): readonly string[] => {
    const type = schema.getType(name);
    const possible = isAbstractType(type) ? schema.getPossibleTypes(type).map((one) => one.name) : [];
    // An interface without types in the API schema is itself the type of what an interface object returns.
    return possible.length > 0 ? possible : [name];
  };
  const fieldType = (parent: string, name: string): string | undefined => {
    const type = schema.getType(parent);
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
    return field && getNamedType(field.type).name;
  };
  /** The types that the object of a field may have when this subgraph returns it. */
  const returnedTypes = (subgraph: string, parent: string, field: string): readonly string[] => {
    const of = needs.get(subgraph);
    const type = of?.returns.get(`${parent}.${field}`) ?? fieldType(parent, field);
    if (type === undefined) return [];
    const possible = possibleTypes(type);
    const known = of?.members.get(type);
    return known === undefined || of?.interfaceObjects.has(type) === true
      ? possible
      : possible.filter((name) => name === type || known.has(name));
  };

  const covers = (
    { selections }: SelectionSetNode,
    place: string,
    possible: readonly string[],
    outer: Conjunction,
  ): boolean =>
    selections.every((selection) => {
      const conditions = narrow(outer, selection.directives);
      if (conditions === undefined) return true;
      if (selection.kind === Kind.FIELD) {
        const { name, alias, selectionSet } = selection;
        if (name.value.startsWith('__') || possible.length === 0) return true;
        const key = alias?.value ?? name.value;
        const occurrences = places.get(place)?.get(key) ?? [];
        if (
          !possible.every((type) =>
            isAlways(
              conditions,
              occurrences.filter((occurrence) => occurrence.types.every((names) => isOf(type, names))),
            ),
          )
        )
          return false;
        if (selectionSet === undefined) return true;
        const below = new Set(
          occurrences.flatMap(({ subgraph }) => possible.flatMap((type) => returnedTypes(subgraph, type, name.value))),
        );
        return covers(selectionSet, `${place}.${key}`, [...below], conditions);
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      if (fragment === undefined) return true;
      const condition = fragment.typeCondition?.name.value;
      const left = condition === undefined ? possible : possible.filter((type) => types.includes(condition, type));
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const visited = `${place} ${selection.name.value} ${left.join()} ${conjunctionKey(conditions)}`;
        if (seen.has(visited)) return true;
        seen.add(visited);
      }
      return covers(fragment.selectionSet, place, left, conditions);
    });
  return definitions.every(
    (definition) =>
      definition.kind !== Kind.OPERATION_DEFINITION ||
      covers(definition.selectionSet, '', [schema.getRootType(definition.operation)?.name ?? ''], []),
  );
}

/** Whether at least one of the occurrences is fetched in every case in which `given` holds. */
function isAlways(given: Conjunction, occurrences: readonly Pick<Occurrence, 'conditions'>[]): boolean {
  const possible = occurrences.filter(
    ({ conditions }) =>
      !conditions.some(({ variable, value }) =>
        given.some((other) => other.variable === variable && other.value !== value),
      ),
  );
  if (possible.some(({ conditions }) => impliedBy(conditions, given))) return true;
  const open = possible[0]?.conditions.find(({ variable }) => !given.some((other) => other.variable === variable));
  return (
    open !== undefined &&
    [true, false].every((value) => isAlways([...given, { variable: open.variable, value }], possible))
  );
}

/** Whether `conditions` hold whenever `given` holds. */
export const impliedBy = (conditions: Conjunction, given: Conjunction): boolean =>
  conditions.every(({ variable, value }) =>
    given.some((other) => other.variable === variable && other.value === value),
  );
