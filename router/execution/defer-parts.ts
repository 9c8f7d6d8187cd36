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
import { deferralOf } from '../operation/defer-document.ts';
import type { CompletionState } from './completion-state.ts';
import { compileSelectionSet } from './completion.ts';

/**
 * The path from an object of the response to a deferred fragment. Each step enters a field, or checks that the object
 * has a type.
 */
type RelativePath = readonly ({ readonly field: string } | { readonly type: string })[];

/**
 * A deferred fragment of an expanded operation, or the part of the operation that is not deferred (its `label` is
 * undefined).
 */
export interface Part {
  readonly label: string | undefined;
  /**
   * The variable that must be true for the part to be deferred. Undefined for a part that is always deferred, and for
   * the part that is not deferred.
   */
  readonly variable: string | undefined;
  readonly parent: Part | undefined;
  /** The path from an object of the parent part to the objects of this part, and the conditions for it. */
  readonly path: RelativePath;
  readonly when: Conjunction;
  complete(data: JsonObject, completing: CompletionState, depth: number): JsonObject | null;
}

/** An object of the response that has a deferred part. */
export interface DeferredObject {
  readonly source: JsonObject;
  readonly path: readonly (string | number)[];
}

/**
 * The name of a pseudo-variable that is true if the fragment is deferred in this request. A client's variable cannot
 * have such a name, because GraphQL names have no `@`.
 */
const decisionVariable = (label: string): string => `@${label}`;

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
    place: Pick<Part, 'label' | 'variable' | 'parent' | 'path' | 'when'>,
  ): SelectionSetNode => {
    const part: Part = { ...place, complete: (data, completing, depth) => complete(data, completing, depth) };
    parts.push(part);
    const rest = ownSelections(type, selectionSet, part, [], []);
    const complete = compileSelectionSet(schema, type, rest, fragments);
    return rest;
  };

  /** Returns the selections that belong to `part` itself. Adds the parts within it to `parts`. */
  const ownSelections = (
    type: GraphQLCompositeType,
    { selections }: SelectionSetNode,
    part: Part,
    relative: RelativePath,
    when: Conjunction,
  ): SelectionSetNode => ({
    kind: Kind.SELECTION_SET,
    selections: selections.flatMap((selection): SelectionNode[] => {
      const conditions = narrow(when, selection.directives);
      // An expanded operation has no deferred fragments inside of named fragments. A selection whose conditions never
      // hold needs no part.
      if (selection.kind === Kind.FRAGMENT_SPREAD || conditions === undefined) return [selection];
      if (selection.kind === Kind.FIELD) {
        const field = isUnionType(type) ? undefined : type.getFields()[selection.name.value];
        const inner = field && getNamedType(field.type);
        if (selection.selectionSet === undefined || !isCompositeType(inner)) return [selection];
        const key = selection.alias?.value ?? selection.name.value;
        return [
          {
            ...selection,
            selectionSet: ownSelections(inner, selection.selectionSet, part, [...relative, { field: key }], conditions),
          },
        ];
      }
      const condition = selection.typeCondition && schema.getType(selection.typeCondition.name.value);
      const on = isCompositeType(condition) ? condition : type;
      const inside: RelativePath = on === type ? relative : [...relative, { type: on.name }];
      const deferred = deferralOf(selection.directives);
      if (deferred === undefined)
        return [{ ...selection, selectionSet: ownSelections(on, selection.selectionSet, part, inside, conditions) }];
      const rest = compilePart(on, selection.selectionSet, {
        ...deferred,
        parent: part,
        path: inside,
        when: conditions,
      });
      return deferred.variable === undefined
        ? []
        : [
            {
              ...selection,
              selectionSet: rest,
              directives: [...(selection.directives ?? []), skipIf(decisionVariable(deferred.label))],
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
    path: [],
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
  readonly path: RelativePath;
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
  const active = new Map<Part, ActivePart>([[root, { part: root, children: [], path: [] }]]);
  for (const part of deferred) {
    const isOn = part.variable === undefined || variables[part.variable] === true;
    if (part.label !== undefined) decided[decisionVariable(part.label)] = isOn;
    if (!isOn) continue;
    let relative = part.path;
    let when = part.when;
    let parent = part.parent;
    for (; parent !== undefined && !active.has(parent); parent = parent.parent) {
      relative = [...parent.path, ...relative];
      when = [...parent.when, ...when];
    }
    if (!when.every(({ variable, value }) => variables[variable] === value)) continue;
    const entry: ActivePart = { part, children: [], path: relative };
    active.set(part, entry);
    if (parent !== undefined) active.get(parent)?.children.push(entry);
  }
  return { root: active.get(root) ?? { part: root, children: [], path: [] }, variables: decided };
}

/**
 * The objects that a path leads to. `completed` is the completed data of the part where the path starts: below a null
 * in it there are no objects.
 */
export function objectsAt(
  schema: GraphQLSchema,
  relative: RelativePath,
  start: DeferredObject,
  completed: JsonObject,
): DeferredObject[] {
  const places: DeferredObject[] = [];
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
    const next = relative[step];
    if (next === undefined) places.push({ source, path: [...path] });
    else if ('type' in next) {
      if (isOfType(schema, next.type, source['__typename'])) visit(source, shown, step + 1);
    } else {
      path.push(next.field);
      visit(source[next.field], shown[next.field], step + 1);
      path.pop();
    }
  };
  visit(start.source, completed, 0);
  return places;
}

/**
 * An object without `__typename` counts as an object of the requested type: the planner fetches `__typename` where
 * several types are possible.
 */
function isOfType(schema: GraphQLSchema, condition: string, typename: unknown): boolean {
  if (typename === undefined || typename === condition) return true;
  const [wanted, type] = [
    schema.getType(condition),
    typeof typename === 'string' ? schema.getType(typename) : undefined,
  ];
  return isAbstractType(wanted) && isCompositeType(type) && !isUnionType(type) && schema.isSubType(wanted, type);
}
