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

/** From an object of the answer on towards a deferred fragment: into a field, or only if the object is of a type. */
type Way = readonly ({ readonly field: string } | { readonly type: string })[];

/** One deferred fragment of an expanded operation, or the operation's own part (`label` undefined). */
export interface Part {
  readonly label: string | undefined;
  /** The variable that must be true for it to be deferred; undefined: it always is. */
  readonly variable: string | undefined;
  readonly parent: Part | undefined;
  /** From an object of the parent to those of this part, and under which conditions. */
  readonly way: Way;
  readonly when: Conjunction;
  complete(data: JsonObject, completing: Completing, depth: number): JsonObject | null;
}

/** An object of the answer whose part is delivered apart. */
export interface Place {
  readonly source: JsonObject;
  readonly path: readonly (string | number)[];
}

/**
 * The name under which a part's completion finds whether a fragment is deferred: no variable of a client has such a
 * name.
 */
const decision = (label: string): string => `@${label}`;

/** The parts of an expanded operation: its own first, each before those within it. */
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

  /** What of a selection belongs to `part` itself; notes the parts within. */
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
      // nothing deferred within, or never asked for
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
 * A part of one request: its parent is the nearest part that is deferred in this request, and the way leads from there.
 */
export interface ActivePart {
  readonly part: Part;
  readonly children: ActivePart[];
  readonly way: Way;
}

/**
 * The parts that are deferred with these variables, as a tree; and the variables with the decisions, for their
 * completion.
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
 * The objects that a way leads to, where the part that it starts in has been completed as `completed`: below a null
 * there is nothing to come.
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

/** An object whose type nobody asked for can only be of the type that stands there. */
function isOf(schema: GraphQLSchema, condition: string, typename: unknown): boolean {
  if (typename === undefined || typename === condition) return true;
  const [wanted, type] = [
    schema.getType(condition),
    typeof typename === 'string' ? schema.getType(typename) : undefined,
  ];
  return isAbstractType(wanted) && isCompositeType(type) && !isUnionType(type) && schema.isSubType(wanted, type);
}
