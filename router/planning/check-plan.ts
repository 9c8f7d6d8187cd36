import { Kind, getNamedType, isAbstractType, isInterfaceType, isObjectType, parse, print, visit } from 'graphql';
import type { DocumentNode, FieldNode, FragmentDefinitionNode, OperationTypeNode, SelectionSetNode } from 'graphql';
import { narrow } from '../operation/conditions.ts';
import type { Conjunction } from '../operation/conditions.ts';
import type { TypeConditions } from '../supergraph/supergraph.ts';
import { coversOperation, impliedBy } from './coverage.ts';
import type { Occurrence, Supergraph } from './coverage.ts';
import type { EntityBatch, Operation, PathStep, Plan, PlanNode, RequiredSelection, Rewrite } from './plan-nodes.ts';

/**
 * What is wrong with a plan.
 * - 'conflict': two values would have the same name.
 * - 'meaning': a field with @requires does not get the values that it requires, or gets others.
 * - 'requirement': a representation uses a field that is fetched in only some of the cases in which it is needed, or
 *   does not look like a key of the entity. Such a plan may still be right.
 */
export type PlanFault = 'conflict' | 'meaning' | 'requirement';

export interface PlanCheck {
  readonly fault: PlanFault | undefined;
  /** Whether the plan fetches every field of the client. A plan that does not is never used. */
  readonly covered: boolean;
  /**
   * Parts of representations that are fetched only under conditions. Such a part may be absent when none of its
   * conditions holds.
   */
  readonly conditional: ReadonlyMap<RequiredSelection, readonly Conjunction[]>;
}

/**
 * Checks a plan for the mistakes that planners are known to make. It compares, over all fetches, what each response
 * name at each place of the response means. It does so even where two meanings are on different types: within one
 * document they might have different shapes.
 */
export function checkPlan({ primary, rest }: Plan, document: DocumentNode, supergraph: Supergraph): PlanCheck {
  const { needs: subgraphs, types, schema } = supergraph;
  const places = new Map<string, Map<string, Occurrence[]>>();
  /**
   * The representations of the plan's entity fetches. They are checked at the end, when all fetched fields are known.
   */
  const asked: {
    readonly place: string;
    readonly requires: readonly RequiredSelection[];
    readonly conditions: Conditions;
    readonly subgraph: string;
    readonly step: number;
  }[] = [];
  /**
   * The fields with @requires that the plan fetches. They are checked at the end, when all fetched fields are known.
   */
  const computed: {
    readonly place: string;
    readonly type: string;
    readonly needed: SelectionSetNode;
    readonly requires: readonly RequiredSelection[];
  }[] = [];
  const conditional = new Map<RequiredSelection, readonly Conjunction[]>();
  let fault: PlanFault | undefined;
  /** The number of fetches that precede the current one. */
  let step = 0;

  const addOccurrence = (place: string, key: string, occurrence: Occurrence): void => {
    const { signature, subgraph, conditions, types: of } = occurrence;
    let names = places.get(place);
    if (names === undefined) places.set(place, (names = new Map()));
    const known = names.get(key);
    if (known === undefined) names.set(key, [occurrence]);
    else if (known.some((other) => other.signature !== signature)) fault ??= 'conflict';
    else if (
      !known.some(
        (other) =>
          other.subgraph === subgraph &&
          other.types.join() === of.join() &&
          other.step <= step &&
          impliedBy(other.conditions, conditions),
      )
    )
      known.push(occurrence);
  };

  const fieldType = (type: string | undefined, name: string): string | undefined => {
    const parent = type === undefined ? undefined : schema.getType(type);
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
    return field && getNamedType(field.type).name;
  };

  /**
   * Walks through a selection set. @param onField called with each field at this place, but not with fields below it
   */
  const select = (
    selectionSet: SelectionSetNode,
    source: Source,
    place: string,
    type: string | undefined,
    outer: Conditions,
    onField: OnField,
    restricted: readonly string[] = [],
  ): void => {
    for (const selection of selectionSet.selections) {
      const conditions = narrow(outer, selection.directives) ?? NEVER;
      if (selection.kind === Kind.FIELD) {
        const name = selection.alias?.value ?? selection.name.value;
        const key = source.renames.get(name) ?? name;
        addOccurrence(place, key, {
          signature: signatureOf(selection),
          subgraph: source.subgraph,
          conditions,
          types: restricted,
          step,
        });
        onField(type, selection.name.value);
        if (selection.selectionSet) {
          select(
            selection.selectionSet,
            source,
            `${place}.${key}`,
            fieldType(type, selection.name.value),
            conditions,
            source.onInner,
          );
        }
      } else {
        const fragment =
          selection.kind === Kind.INLINE_FRAGMENT ? selection : source.fragments.get(selection.name.value);
        if (fragment !== undefined)
          select(
            fragment.selectionSet,
            source,
            place,
            fragment.typeCondition?.name.value ?? type,
            conditions,
            onField,
            fragment.typeCondition === undefined ? restricted : [...restricted, fragment.typeCondition.name.value],
          );
      }
    }
  };

  const sourceOf = (
    operation: Operation,
    outputRewrites: readonly Rewrite[] | undefined,
  ): Source & { readonly selectionSet: SelectionSetNode } => ({
    ...readDocument(operation.document),
    subgraph: operation.subgraph,
    renames: renamesOf(outputRewrites),
    // Only representations carry required fields, so a field below the first level cannot get them.
    onInner: (type, name) => {
      if (subgraphs.get(operation.subgraph)?.requirements.has(`${type}.${name}`) === true) fault = 'meaning';
    },
  });

  const checkRoot = (
    operation: Operation,
    place: string,
    outputRewrites: readonly Rewrite[] | undefined,
    conditions: Conditions,
  ): void => {
    const source = sourceOf(operation, outputRewrites);
    select(
      source.selectionSet,
      source,
      place,
      schema.getRootType(operation.kind as OperationTypeNode)?.name,
      conditions,
      source.onInner,
    );
  };

  const checkEntities = (
    operation: Operation,
    path: readonly PathStep[],
    batches: readonly EntityBatch[],
    conditions: Conditions,
  ): void => {
    const needs = subgraphs.get(operation.subgraph);
    for (const { alias, paths, requires, outputRewrites } of batches) {
      const source = sourceOf(operation, outputRewrites);
      const field = source.selectionSet.selections.find(
        (selection): selection is FieldNode =>
          selection.kind === Kind.FIELD && (selection.alias?.value ?? selection.name.value) === alias,
      );
      for (const further of paths) {
        const place = placeOf([...path, ...further]);
        asked.push({ place, requires, conditions, subgraph: operation.subgraph, step });
        if (field?.selectionSet === undefined) continue;
        select(
          field.selectionSet,
          source,
          place,
          undefined,
          conditions,
          (type, name) => {
            const needed = needs?.requirements.get(`${type}.${name}`);
            if (type !== undefined && needed !== undefined) computed.push({ place, type, needed, requires });
          },
          [requires.flatMap((selection) => ('field' in selection ? [] : (selection.type ?? []))).join('|')],
        );
      }
    }
  };

  /** The conditions under which a place has a value: one conjunction for each field that leads there. */
  const existenceConditions = (place: string): readonly Conditions[] => {
    const at = place.lastIndexOf('.');
    if (at < 0) return [[]];
    return (
      places
        .get(place.slice(0, at))
        ?.get(place.slice(at + 1))
        ?.map(({ conditions }) => conditions) ?? []
    );
  };

  const isFetched = (
    place: string,
    requires: readonly RequiredSelection[],
    conditions: Conditions,
    before: number,
  ): boolean =>
    forAll(existenceConditions(place), (there) => {
      const given = conjoin(conditions, there);
      return (
        given === undefined ||
        forAll(requires, (selection) => {
          if (!('field' in selection)) {
            const { includeIf, skipIf, inner } = selection;
            const included = includeIf === undefined ? given : conjoin(given, [{ variable: includeIf, value: true }]);
            const own =
              included && skipIf !== undefined ? conjoin(included, [{ variable: skipIf, value: false }]) : included;
            return own === undefined || isFetched(place, inner, own, before);
          }
          const occurrences =
            places
              .get(place)
              ?.get(selection.field)
              ?.filter((occurrence) => occurrence.step < before) ?? [];
          if (occurrences.length === 0) return false;
          if (!occurrences.some((occurrence) => impliedBy(occurrence.conditions, given))) {
            conditional.set(
              selection,
              occurrences.map((occurrence) => occurrence.conditions),
            );
            return false;
          }
          return (
            selection.inner === undefined || isFetched(`${place}.${selection.field}`, selection.inner, given, before)
          );
        })
      );
    });

  /** Whether the representation contains the fields that @requires names, with the same arguments. */
  const hasRequiredFields = (
    place: string,
    { selections }: SelectionSetNode,
    requires: readonly RequiredSelection[],
  ): boolean =>
    selections.every((wanted) => {
      if (wanted.kind !== Kind.FIELD) return true;
      const found = fieldsIn(requires).filter((selection) => (selection.as ?? selection.field) === wanted.name.value);
      return (
        found.length > 0 &&
        found.every(
          ({ field, inner }) =>
            places
              .get(place)
              ?.get(field)
              ?.some(({ signature }) => signature === signatureOf(wanted)) === true &&
            (wanted.selectionSet === undefined ||
              hasRequiredFields(`${place}.${field}`, wanted.selectionSet, inner ?? [])),
        )
      );
    });
  const possibleTypes = (name: string): string[] => {
    const type = schema.getType(name);
    return isAbstractType(type) ? schema.getPossibleTypes(type).map((possible) => possible.name) : [name];
  };

  const walk = (node: PlanNode, path: readonly PathStep[], conditions: Conditions): void => {
    switch (node.kind) {
      case 'Fetch':
        if (node.requires === undefined) checkRoot(node.operation, placeOf(path), node.outputRewrites, conditions);
        else
          checkEntities(
            node.operation,
            path,
            [{ ...node, requires: node.requires, alias: '_entities', variable: '', paths: [[]] }],
            conditions,
          );
        step++;
        break;
      case 'BatchFetch':
        checkEntities(node.operation, path, node.entities, conditions);
        step++;
        break;
      case 'Flatten':
        walk(node.node, [...path, ...node.path], conditions);
        break;
      case 'Sequence':
        for (const inner of node.nodes) walk(inner, path, conditions);
        break;
      case 'Parallel': {
        const from = step;
        let to = from;
        for (const inner of node.nodes) {
          step = from;
          walk(inner, path, conditions);
          to = Math.max(to, step);
        }
        step = to;
        break;
      }
      case 'Condition':
        if (node.ifClause !== undefined)
          walk(node.ifClause, path, [...conditions, { variable: node.condition, value: true }]);
        if (node.elseClause !== undefined)
          walk(node.elseClause, path, [...conditions, { variable: node.condition, value: false }]);
        break;
      case 'Defer':
        for (const { node: inner } of [node.primary, ...node.deferred])
          if (inner !== undefined) walk(inner, path, conditions);
    }
  };
  if (primary !== undefined) checkRoot(primary.operation, '', primary.outputRewrites, []);
  step = 1;
  if (rest !== undefined) walk(rest, [], []);
  for (const { place, requires, conditions, subgraph, step: before } of asked) {
    if (!isFetched(place, requires, conditions, before)) fault ??= 'requirement';
    for (const required of requires) {
      if ('field' in required || required.type === undefined) continue;
      const { type } = required;
      const parts = requires.filter(
        (other) => !('field' in other) && other.type !== undefined && types.includes(other.type, type),
      );
      if (!keysFor(type, subgraphs.get(subgraph)?.keys, types).some((key) => hasRequiredFields(place, key, parts)))
        fault ??= 'requirement';
    }
  }
  for (const { place, type, needed, requires } of computed) {
    for (const possible of possibleTypes(type)) {
      // A representation consists of all parts that apply to its type.
      const parts = requires.filter(
        (selection) =>
          !('field' in selection) && selection.type !== undefined && types.includes(selection.type, possible),
      );
      if (parts.length > 0 && !hasRequiredFields(place, needed, parts)) fault = 'meaning';
    }
  }
  return { fault, covered: coversOperation(document, places, supergraph), conditional };
}

/** Like `every`, but calls `holds` for all items even after one fails, because `holds` records what it finds. */
const forAll = <T>(items: readonly T[], holds: (item: T) => boolean): boolean =>
  items.filter((item) => !holds(item)).length === 0;

type Conditions = Conjunction;

/**
 * A condition that never holds, because no variable has this name. A selection that is never executed is checked too,
 * because subgraphs validate it with the rest of the document.
 */
const NEVER: Conditions = [{ variable: '', value: true }];

type OnField = (type: string | undefined, name: string) => void;

/** A document for a subgraph, with what is needed to walk through its fields. */
interface Source {
  readonly subgraph: string;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly renames: ReadonlyMap<string, string>;
  /** Called with each field below the first level. */
  readonly onInner: OnField;
}

/** Combines two conjunctions. Undefined when they contradict each other. */
function conjoin(one: Conditions, other: Conditions): Conditions | undefined {
  if (
    other.some(({ variable, value }) => one.some((literal) => literal.variable === variable && literal.value !== value))
  )
    return undefined;
  return [...one, ...other];
}

/**
 * The keys of a type in a subgraph. If the subgraph declares none for the type itself, the keys of its interfaces, and
 * of its types if it is an interface.
 */
function keysFor(
  type: string,
  keysByType: ReadonlyMap<string, readonly SelectionSetNode[]> | undefined,
  types: TypeConditions,
): readonly SelectionSetNode[] {
  return (
    keysByType?.get(type) ??
    [...(keysByType ?? [])].flatMap(([name, known]) =>
      types.includes(name, type) || types.includes(type, name) ? known : [],
    )
  );
}

type RequiredField = Extract<RequiredSelection, { readonly field: string }>;

const fieldsIn = (selections: readonly RequiredSelection[]): RequiredField[] =>
  selections.flatMap((selection) => ('field' in selection ? [selection] : fieldsIn(selection.inner)));

/**
 * Parses the document of a fetch.
 * @throws Error for a fragment that spreads itself. The native planner writes such fragments when it looks for common
 *   parts.
 */
function readDocument(text: string): {
  selectionSet: SelectionSetNode;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
} {
  const fragments = new Map<string, FragmentDefinitionNode>();
  let selectionSet: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [] };
  for (const definition of parse(text, { noLocation: true }).definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    else if (definition.kind === Kind.OPERATION_DEFINITION) ({ selectionSet } = definition);
  }
  const ends = new Map<string, boolean>();
  const follow = (name: string): void => {
    if (ends.get(name) === false) throw new Error(`Fragment "${name}" spreads itself`);
    if (ends.has(name)) return;
    ends.set(name, false);
    const fragment = fragments.get(name);
    if (fragment !== undefined) visit(fragment, { FragmentSpread: (spread) => follow(spread.name.value) });
    ends.set(name, true);
  };
  for (const name of fragments.keys()) follow(name);
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

export const placeOf = (path: readonly PathStep[]): string =>
  path.map((step) => ('field' in step ? `.${step.field}` : '')).join('');

export function signatureOf({ name, arguments: args }: FieldNode): string {
  return args === undefined || args.length === 0 ? name.value : `${name.value}(${args.map(print).sort().join()})`;
}
