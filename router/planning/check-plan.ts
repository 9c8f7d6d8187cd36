import { Kind, parse, print } from 'graphql';
import type { FieldNode, FragmentDefinitionNode, SelectionSetNode } from 'graphql';
import { narrow } from '../execution/conditions.ts';
import type { Conjunction } from '../execution/conditions.ts';
import type { Needs } from '../supergraph/needs.ts';
import type { TypeConditions } from '../supergraph/supergraph.ts';
import type { EntityBatch, Operation, PathStep, Plan, PlanNode, RequiredSelection, Rewrite } from './plan-nodes.ts';

/**
 * What is wrong with a plan: two values would have one name; or an entity is asked for by what is no key, or by what is not fetched
 * whenever it is needed.
 */
export type PlanFault = 'conflict' | 'requirement';

export interface Examination {
  readonly fault: PlanFault | undefined;
  /** Parts of representations that are fetched under conditions only: absent when none of these holds. */
  readonly conditional: ReadonlyMap<RequiredSelection, readonly Conjunction[]>;
}

/**
 * Looks for what planners are known to do wrongly. What each response name at each place of the answer stands
 * for is compared over all fetches, also where types keep two meanings apart: in one document they might have different shapes.
 */
export function examine({ primary, rest }: Plan, subgraphs: Needs, types: TypeConditions): Examination {
  const places = new Map<string, Map<string, Occurrence[]>>();
  /** Looked at in the end, when all that is fetched is known. */
  const asked: { readonly place: string; readonly requires: readonly RequiredSelection[]; readonly conditions: Conditions }[] = [];
  const computed: { readonly place: string; readonly needed: SelectionSetNode; readonly requires: readonly RequiredSelection[] }[] = [];
  const conditional = new Map<RequiredSelection, readonly Conjunction[]>();
  let fault: PlanFault | undefined;

  const note = (place: string, key: string, occurrence: Occurrence): void => {
    const { signature, conditions } = occurrence;
    let names = places.get(place);
    if (names === undefined) places.set(place, (names = new Map()));
    const known = names.get(key);
    if (known === undefined) names.set(key, [occurrence]);
    else if (known.some((other) => other.signature !== signature)) fault ??= 'conflict';
    else if (!known.some((other) => within(other.conditions, conditions))) known.push(occurrence);
  };

  const select = (
    selectionSet: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>, place: string, renames: ReadonlyMap<string, string>, outer: Conditions,
  ): void => {
    for (const selection of selectionSet.selections) {
      const conditions = narrow(outer, selection.directives) ?? NEVER;
      if (selection.kind === Kind.FIELD) {
        const name = selection.alias?.value ?? selection.name.value;
        const key = renames.get(name) ?? name;
        note(place, key, { signature: signatureOf(selection), conditions });
        if (selection.selectionSet) select(selection.selectionSet, fragments, `${place}.${key}`, renames, conditions);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        select(selection.selectionSet, fragments, place, renames, conditions);
      } else {
        const fragment = fragments.get(selection.name.value);
        if (fragment !== undefined) select(fragment.selectionSet, fragments, place, renames, conditions);
      }
    }
  };

  const root = (operation: Operation, place: string, outputRewrites: readonly Rewrite[] | undefined, conditions: Conditions): void => {
    const { selectionSet, fragments } = read(operation.document);
    select(selectionSet, fragments, place, renamesOf(outputRewrites), conditions);
  };

  const entities = (operation: Operation, path: readonly PathStep[], batches: readonly EntityBatch[], conditions: Conditions): void => {
    const { selectionSet, fragments } = read(operation.document);
    const needs = subgraphs.get(operation.subgraph);
    for (const { alias, paths, requires, outputRewrites } of batches) {
      const field = selectionSet.selections.find((selection): selection is FieldNode =>
        selection.kind === Kind.FIELD && (selection.alias?.value ?? selection.name.value) === alias);
      for (const further of paths) {
        const place = placeOf([...path, ...further]);
        asked.push({ place, requires, conditions });
        for (const name of field?.selectionSet ? fieldNames(field.selectionSet, fragments) : []) {
          const needed = needs?.requirements.get(name);
          if (needed !== undefined) computed.push({ place, needed, requires });
        }
        if (field?.selectionSet) select(field.selectionSet, fragments, place, renamesOf(outputRewrites), conditions);
      }
      for (const required of requires) {
        if ('inner' in required && !('field' in required) && !hasKey(required, needs?.keys, types)) fault = 'requirement';
      }
    }
  };

  /** Under which conditions there is something at a place: one set for each field that leads there. */
  const existence = (place: string): readonly Conditions[] => {
    const at = place.lastIndexOf('.');
    if (at < 0) return [[]];
    return places.get(place.slice(0, at))?.get(place.slice(at + 1))?.map(({ conditions }) => conditions) ?? [];
  };

  const isFetched = (place: string, requires: readonly RequiredSelection[], conditions: Conditions): boolean => all(existence(place), (there) => {
    const given = and(conditions, there);
    return given === undefined || all(requires, (selection) => {
      if (!('field' in selection)) {
        const { includeIf, skipIf, inner } = selection;
        const included = includeIf === undefined ? given : and(given, [{ variable: includeIf, value: true }]);
        const own = included && skipIf !== undefined ? and(included, [{ variable: skipIf, value: false }]) : included;
        return own === undefined || isFetched(place, inner, own);
      }
      const occurrences = places.get(place)?.get(selection.field);
      if (occurrences === undefined) return false;
      if (!occurrences.some((occurrence) => within(occurrence.conditions, given))) {
        conditional.set(selection, occurrences.map((occurrence) => occurrence.conditions));
        return false;
      }
      return (selection.inner === undefined || isFetched(`${place}.${selection.field}`, selection.inner, given));
    });
  });

  /** Whether what @requires needs with arguments is what the representation is made of. */
  const isMeant = (place: string, { selections }: SelectionSetNode, requires: readonly RequiredSelection[]): boolean => selections.every((wanted) => {
    if (wanted.kind !== Kind.FIELD) return true;
    const found = fieldsIn(requires).filter((selection) => (selection.as ?? selection.field) === wanted.name.value);
    return found.every(({ field, inner }) => places.get(place)?.get(field)?.some(({ signature }) => signature === signatureOf(wanted)) === true
      && (wanted.selectionSet === undefined || isMeant(`${place}.${field}`, wanted.selectionSet, inner ?? [])));
  });

  const visit = (node: PlanNode, path: readonly PathStep[], conditions: Conditions): void => {
    switch (node.kind) {
      case 'Fetch':
        if (node.requires === undefined) root(node.operation, placeOf(path), node.outputRewrites, conditions);
        else entities(node.operation, path, [{ ...node, requires: node.requires, alias: '_entities', variable: '', paths: [[]] }], conditions);
        break;
      case 'BatchFetch':
        entities(node.operation, path, node.entities, conditions);
        break;
      case 'Flatten':
        visit(node.node, [...path, ...node.path], conditions);
        break;
      case 'Sequence':
      case 'Parallel':
        for (const inner of node.nodes) visit(inner, path, conditions);
        break;
      case 'Condition':
        if (node.ifClause !== undefined) visit(node.ifClause, path, [...conditions, { variable: node.condition, value: true }]);
        if (node.elseClause !== undefined) visit(node.elseClause, path, [...conditions, { variable: node.condition, value: false }]);
        break;
      case 'Defer':
        for (const { node: inner } of [node.primary, ...node.deferred]) if (inner !== undefined) visit(inner, path, conditions);
    }
  };
  if (primary !== undefined) root(primary.operation, '', primary.outputRewrites, []);
  if (rest !== undefined) visit(rest, [], []);
  for (const { place, requires, conditions } of asked) if (!isFetched(place, requires, conditions)) fault ??= 'requirement';
  for (const { place, needed, requires } of computed) if (!isMeant(place, needed, requires)) fault ??= 'requirement';
  return { fault, conditional };
}

/** Looks at all, even after one that it does not hold for. */
const all = <T>(items: readonly T[], holds: (item: T) => boolean): boolean => items.filter((item) => !holds(item)).length === 0;

type Conditions = Conjunction;

/** No variable has this name. What is never asked for must fit the rest all the same: subgraphs validate it. */
const NEVER: Conditions = [{ variable: '', value: true }];

/** A field that some fetch brings to a place of the answer. */
interface Occurrence {
  readonly signature: string;
  readonly conditions: Conditions;
}

/** Undefined when both cannot be. */
function and(one: Conditions, other: Conditions): Conditions | undefined {
  if (other.some(({ variable, value }) => one.some((literal) => literal.variable === variable && literal.value !== value))) return undefined;
  return [...one, ...other];
}

/** Whether what holds under `conditions` holds whenever `given` does. */
const within = (conditions: Conditions, given: Conditions): boolean =>
  conditions.every(({ variable, value }) => given.some((other) => other.variable === variable && other.value === value));

function hasKey(
  { type, inner }: { readonly type?: string; readonly inner: readonly RequiredSelection[] },
  keysByType: ReadonlyMap<string, readonly SelectionSetNode[]> | undefined, types: TypeConditions,
): boolean {
  if (type === undefined || keysByType === undefined) return false;
  const keys = keysByType.get(type)
    // An object type that the subgraph knows as an interface only, or an interface of which it knows the types.
    ?? [...keysByType].flatMap(([name, known]) => (types.includes(name, type) || types.includes(type, name) ? known : []));
  const covers = (key: SelectionSetNode, selections: readonly RequiredSelection[]): boolean => key.selections.every((wanted) => {
    if (wanted.kind !== Kind.FIELD) return true;
    return selections.some((selection) => ('field' in selection
      ? (selection.as ?? selection.field) === wanted.name.value && (wanted.selectionSet === undefined || covers(wanted.selectionSet, selection.inner ?? []))
      : covers({ kind: Kind.SELECTION_SET, selections: [wanted] }, selection.inner)));
  });
  return keys.some((key) => covers(key, inner));
}

type RequiredField = Extract<RequiredSelection, { readonly field: string }>;

const fieldsIn = (selections: readonly RequiredSelection[]): RequiredField[] =>
  selections.flatMap((selection) => ('field' in selection ? [selection] : fieldsIn(selection.inner)));

function fieldNames({ selections }: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): string[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection.name.value];
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : fragments.get(selection.name.value)?.selectionSet;
    return inner === undefined ? [] : fieldNames(inner, fragments);
  });
}

function read(text: string): { selectionSet: SelectionSetNode; fragments: ReadonlyMap<string, FragmentDefinitionNode> } {
  const fragments = new Map<string, FragmentDefinitionNode>();
  let selectionSet: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [] };
  for (const definition of parse(text, { noLocation: true }).definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    else if (definition.kind === Kind.OPERATION_DEFINITION) ({ selectionSet } = definition);
  }
  return { selectionSet, fragments };
}

function renamesOf(rewrites: readonly Rewrite[] | undefined): ReadonlyMap<string, string> {
  const renames = new Map<string, string>();
  for (const { path, rename } of rewrites ?? []) {
    const last = path.at(-1);
    if (rename !== undefined && last !== undefined && 'field' in last) renames.set(last.field, rename);
  }
  return renames;
}

const placeOf = (path: readonly PathStep[]): string => path.map((step) => ('field' in step ? `.${step.field}` : '')).join('');

function signatureOf({ name, arguments: args }: FieldNode): string {
  return args === undefined || args.length === 0 ? name.value : `${name.value}(${args.map(print).sort().join()})`;
}
