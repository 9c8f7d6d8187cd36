import { Kind, getNamedType, isAbstractType, isCompositeType, isUnionType } from 'graphql';
import type {
  FragmentDefinitionNode,
  GraphQLCompositeType,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
} from 'graphql';
import { isObject } from '../collections/json-object.ts';
import type { JsonObject } from '../collections/json-object.ts';
import { narrow } from '../operation/conditions.ts';
import type { Conjunction } from '../operation/conditions.ts';
import { deferral } from '../operation/defer-document.ts';
import type { Completing } from './completing.ts';
import { compileSelectionSet } from './completion.ts';

/**
 * The path from an object of the response to a deferred fragment. Each step enters a field, or checks that the object
 * has a type.
 */
type Way = readonly ({ readonly field: string } | { readonly type: string })[];

/**
 * A deferred fragment of an expanded operation, or the part of the operation that is not deferred (its `label` is
 * undefined).
 */
export interface Part {
  readonly label: string | undefined;
  /** The variable that must be true for the part to be deferred. Undefined: it is always deferred. */
  readonly variable: string | undefined;
  readonly parent: Part | undefined;
  /** The path from an object of the parent part to the objects of this part, and the conditions for it. */
  readonly way: Way;
  readonly when: Conjunction;
  complete(data: JsonObject, completing: Completing, depth: number): JsonObject | null;
}

/** An object of the response that has a deferred part. */
export interface Place {
  readonly source: JsonObject;
  readonly path: readonly (string | number)[];
}

/**
 * The name of a pseudo-variable: whether the fragment is deferred in this request. No variable of a client has such a
 * name.
 */
const decision = (label: string): string => `@${label}`;

/**
 * The parts of an expanded operation. The first is the part that is not deferred. Each part precedes the parts that it
 * contains.
 */
export function compileParts(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): readonly [Part, ...Part[]] {
  const parts: Part[] = [];

  const compilePart = (
    type: GraphQLCompositeType,
    selectionSet: SelectionSetNode,
    place: Pick<Part, 'label' | 'variable' | 'parent' | 'way' | 'when'>,
  ): SelectionSetNode => {
    const part: Part = { ...place, complete: (data, completing, depth) => complete(data, completing, depth) };
    parts.push(part);
    const rest = strip(type, selectionSet, part, [], []);
    const complete = compileSelectionSet(schema, type, rest, fragments);
    return rest;
  };

  /** Returns the selections that belong to `part` itself. Adds the parts within it to `parts`. */
  const strip = (
    type: GraphQLCompositeType,
    { selections }: SelectionSetNode,
    part: Part,
    way: Way,
    when: Conjunction,
  ): SelectionSetNode => ({
    kind: Kind.SELECTION_SET,
    selections: selections.flatMap((selection): SelectionNode[] => {
      const conditions = narrow(when, selection.directives);
      // The fragment contains nothing deferred, or it is never selected.
      if (selection.kind === Kind.FRAGMENT_SPREAD || conditions === undefined) return [selection];
      if (selection.kind === Kind.FIELD) {
        const field = isUnionType(type) ? undefined : type.getFields()[selection.name.value];
        const inner = field && getNamedType(field.type);
        if (selection.selectionSet === undefined || !isCompositeType(inner)) return [selection];
        const key = selection.alias?.value ?? selection.name.value;
        return [
          {
            ...selection,
            selectionSet: strip(inner, selection.selectionSet, part, [...way, { field: key }], conditions),
          },
        ];
      }
      const condition = selection.typeCondition && schema.getType(selection.typeCondition.name.value);
      const on = isCompositeType(condition) ? condition : type;
      const inside: Way = on === type ? way : [...way, { type: on.name }];
      const deferred = deferral(selection.directives);
      if (deferred === undefined)
        return [{ ...selection, selectionSet: strip(on, selection.selectionSet, part, inside, conditions) }];
      const rest = compilePart(on, selection.selectionSet, {
        ...deferred,
        parent: part,
        way: inside,
        when: conditions,
      });
      return deferred.variable === undefined
        ? []
        : [
            {
              ...selection,
              selectionSet: rest,
              directives: [...(selection.directives ?? []), skipIf(decision(deferred.label))],
            },
          ];
    }),
  });

  const root = schema.getRootType(operation.operation);
  if (root === undefined || root === null) throw new Error(`The schema has no ${operation.operation} type`);
  compilePart(root, operation.selectionSet, {
    label: undefined,
    variable: undefined,
    parent: undefined,
    way: [],
    when: [],
  });
  return parts as unknown as readonly [Part, ...Part[]];
}

function skipIf(variable: string) {
  const name = (value: string) => ({ kind: Kind.NAME as const, value });
  return {
    kind: Kind.DIRECTIVE as const,
    name: name('skip'),
    arguments: [
      { kind: Kind.ARGUMENT as const, name: name('if'), value: { kind: Kind.VARIABLE as const, name: name(variable) } },
    ],
  };
}

/**
 * A part that is deferred in one request. Its parent is the nearest enclosing part that is deferred in this request,
 * and its path starts there.
 */
export interface ActivePart {
  readonly part: Part;
  readonly children: ActivePart[];
  readonly way: Way;
}

/**
 * The parts that are deferred with these variables, as a tree, and the variables plus the pseudo-variables that
 * completion needs.
 */
export function activeParts(
  [root, ...deferred]: readonly [Part, ...Part[]],
  variables: Readonly<Record<string, unknown>>,
): { readonly root: ActivePart; readonly variables: Readonly<Record<string, unknown>> } {
  const decided: Record<string, unknown> = { ...variables };
  const active = new Map<Part, ActivePart>([[root, { part: root, children: [], way: [] }]]);
  for (const part of deferred) {
    const isOn = part.variable === undefined || variables[part.variable] === true;
    if (part.label !== undefined) decided[decision(part.label)] = isOn;
    if (!isOn) continue;
    let way = part.way;
    let when = part.when;
    let parent = part.parent;
    for (; parent !== undefined && !active.has(parent); parent = parent.parent) {
      way = [...parent.way, ...way];
      when = [...parent.when, ...when];
    }
    if (!when.every(({ variable, value }) => variables[variable] === value)) continue;
    const entry: ActivePart = { part, children: [], way };
    active.set(part, entry);
    if (parent !== undefined) active.get(parent)?.children.push(entry);
  }
  return { root: active.get(root) ?? { part: root, children: [], way: [] }, variables: decided };
}

/**
 * The objects that a path leads to. `completed` is the completed data of the part where the path starts: below a null
 * in it there are no objects.
 */
export function placesOf(schema: GraphQLSchema, way: Way, start: Place, completed: JsonObject): Place[] {
  const places: Place[] = [];
  const path = [...start.path];
  const visit = (source: unknown, shown: unknown, step: number): void => {
    if (shown === null || shown === undefined) return;
    if (Array.isArray(source) && Array.isArray(shown)) {
      for (let index = 0; index < source.length; index++) {
        path.push(index);
        visit(source[index], shown[index], step);
        path.pop();
      }
      return;
    }
    if (!isObject(source) || !isObject(shown)) return;
    const next = way[step];
    if (next === undefined) places.push({ source, path: [...path] });
    else if ('type' in next) {
      if (isOf(schema, next.type, source['__typename'])) visit(source, shown, step + 1);
    } else {
      path.push(next.field);
      visit(source[next.field], shown[next.field], step + 1);
      path.pop();
    }
  };
  visit(start.source, completed, 0);
  return places;
}

/** If nobody requested `__typename`, the object can only have the requested type. */
function isOf(schema: GraphQLSchema, condition: string, typename: unknown): boolean {
  if (typename === undefined || typename === condition) return true;
  const [wanted, type] = [
    schema.getType(condition),
    typeof typename === 'string' ? schema.getType(typename) : undefined,
  ];
  return isAbstractType(wanted) && isCompositeType(type) && !isUnionType(type) && schema.isSubType(wanted, type);
}
