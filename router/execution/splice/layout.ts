import { isNonNullType, isObjectType } from 'graphql';
import type {
  DocumentNode,
  GraphQLObjectType,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql';
import type { PathStep, PlanNode, RequiredSelection } from '../../planning/plan-nodes.ts';
import { createShapes, fieldsOf, fragmentsOf, ineligible, innermost, listDepth, slot } from './shapes.ts';
import type { EntityFetch, Shape, SpliceFetch } from './shapes.ts';

/** One fetch, or several stages: one after the other (`sequence`), or at the same time (`parallel`). */
export type Stage =
  | { readonly kind: 'fetch'; readonly fetch: SpliceFetch }
  | { readonly kind: 'sequence' | 'parallel'; readonly stages: readonly Stage[] };

/**
 * Where fields of an object come from: the result of a root fetch, the object within its parent's response, or an
 * entity.
 */
export interface Provider {
  readonly shape: Shape;
  readonly root?: SpliceFetch;
  readonly entity?: EntityFetch;
}

/** A part of an object's text. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  /** `nulls` is the text when the entity is null. Undefined where null is not allowed. */
  | { readonly kind: 'slot'; readonly provider: Provider; readonly slot: string; readonly nulls: string | undefined }
  | {
      readonly kind: 'node';
      readonly provider: Provider;
      readonly field: number;
      readonly depth: number;
      readonly child: Position;
      readonly nulls: string | undefined;
    };

/** An object of the client's response and the pieces that it consists of. */
export interface Position {
  readonly number: number;
  readonly pieces: Piece[];
}

/** How an entity fetch builds representations from objects of one shape. A part without `provider` is constant text. */
export interface RepresentationPlan {
  readonly entity: EntityFetch;
  readonly base: Shape;
  readonly parts: readonly { readonly text: string; readonly provider: Provider | undefined; readonly slot: string }[];
}

export interface Layout {
  readonly stage: Stage;
  readonly fetches: readonly SpliceFetch[];
  readonly shapes: readonly Shape[];
  readonly positions: readonly Position[];
  readonly representations: readonly RepresentationPlan[];
  readonly root: Position;
}

interface Target {
  readonly entity: EntityFetch;
  readonly requires: readonly RequiredSelection[];
}

/**
 * The largest number of fields over all shapes. A larger operation uses the general path, because generating code for
 * it would cost more than it saves.
 */
const MAX_FIELDS = 400;

interface Draft {
  readonly path: string;
  readonly type: GraphQLObjectType;
  readonly providers: readonly Provider[];
  readonly entries: readonly Entry[];
}
type Entry =
  | { readonly text: string }
  | { readonly key: string; readonly provider: Provider; readonly field: number; readonly child: Draft | undefined };

/**
 * Plans which part of which subgraph's text goes where in the client's response. It supports only part of all plans:
 * for example, the type of every object must be known, and no name may need a change.
 * @throws Ineligible for other plans
 */
export function layOut(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  plan: PlanNode,
): Layout {
  const shapes = createShapes(schema);
  const targets = new Map<string, Target[]>();

  const target = (path: string, of: Target): void => {
    const present = targets.get(path);
    if (present === undefined) targets.set(path, [of]);
    else present.push(of);
  };
  const stageOf = (node: PlanNode, path: string): Stage => {
    switch (node.kind) {
      case 'Sequence':
        return { kind: 'sequence', stages: node.nodes.map((inner) => stageOf(inner, path)) };
      case 'Parallel':
        return { kind: 'parallel', stages: node.nodes.map((inner) => stageOf(inner, path)) };
      case 'Flatten':
        return stageOf(node.node, path + pathText(node.path));
      case 'Fetch': {
        const fetch = shapes.fetch(node);
        const [entity] = fetch.entities;
        if (entity !== undefined) target(path, { entity, requires: node.requires ?? [] });
        else if (path !== '') return ineligible('root fields below the root');
        return { kind: 'fetch', fetch };
      }
      case 'BatchFetch': {
        const fetch = shapes.batch(node);
        node.entities.forEach(({ paths, requires }, index) => {
          const entity = fetch.entities[index];
          if (entity !== undefined) for (const one of paths) target(path + pathText(one), { entity, requires });
        });
        return { kind: 'fetch', fetch };
      }
      default:
        return ineligible(node.kind);
    }
  };
  const stage = stageOf(plan, '');
  if (shapes.shapes.reduce((count, shape) => count + shape.fields.length, 0) > MAX_FIELDS)
    return ineligible('too many fields');

  const fragments = fragmentsOf(document);
  /** By shape: the places in the response whose objects have this shape, perhaps with more fields from entities. */
  const places = new Map<Shape, Draft[]>();
  const reached = new Set<string>();

  const draft = (
    type: GraphQLObjectType,
    sets: readonly SelectionSetNode[],
    path: string,
    providers: readonly Provider[],
  ): Draft => {
    const entries = fieldsOf(schema, fragments, type, sets).map(({ key, name, selections }): Entry => {
      if (name === '__typename') return { text: `"${key}":"${type.name}"` };
      const candidates = providers.filter(({ shape }) =>
        shape.fields.some((field) => field.key === key && field.name === name),
      );
      const [provider] = candidates;
      if (provider === undefined) return ineligible('a field from nowhere');
      const field = provider.shape.fields.findIndex((one) => one.key === key);
      const { type: fieldType, child } = provider.shape.fields[field] ?? {};
      if (selections.length === 0) return { key, provider, field, child: undefined };
      if (candidates.length > 1 || fieldType === undefined || child === undefined)
        return ineligible('an object from several subgraphs');
      const childType = innermost(fieldType);
      if (!isObjectType(childType)) return ineligible('an abstract type');
      const below = `${path}.${key}${'@'.repeat(listDepth(fieldType))}`;
      const entities = (targets.get(below) ?? []).map(({ entity }): Provider => ({ shape: entity.shape, entity }));
      return { key, provider, field, child: draft(childType, selections, below, [{ shape: child }, ...entities]) };
    });
    const made: Draft = { path, type, providers, entries };
    reached.add(path);
    const [base] = providers;
    if (base !== undefined && base.root === undefined)
      places.set(base.shape, [...(places.get(base.shape) ?? []), made]);
    return made;
  };

  const rootType = schema.getRootType(operation.operation);
  if (rootType == null) return ineligible('no root type');
  const rootProviders = shapes.fetches.flatMap((fetch): Provider[] =>
    fetch.root === undefined ? [] : [{ shape: fetch.root, root: fetch }],
  );
  const rootDraft = draft(rootType, [operation.selectionSet], '', rootProviders);
  for (const path of targets.keys()) if (!reached.has(path)) return ineligible('entities that the client does not see');

  const representations: RepresentationPlan[] = [];
  for (const [base, drafts] of places) {
    const wanted = new Set(drafts.flatMap(({ path }) => (targets.get(path) ?? []).map(({ entity }) => entity)));
    if (wanted.size === 0) continue;
    // The objects of one shape are in one list, from all places in the response, and an entity fetch takes the whole
    // list. If one place needs an entity and another does not, the general path executes the plan.
    for (const { path } of drafts)
      if ((targets.get(path) ?? []).length !== wanted.size) return ineligible('a shape in two roles');
    const [first] = drafts;
    if (first === undefined) continue;
    if (!base.fields.some(({ key, name }) => key === '__typename' && name === '__typename'))
      return ineligible('entities without __typename');
    for (const { entity, requires } of targets.get(first.path) ?? []) {
      base.completedBy.push(entity);
      representations.push({ entity, base, parts: representationParts(schema, first, entity, requires) });
    }
  }

  const positions: Position[] = [];
  const finish = ({ entries }: Draft): Position => {
    const pieces: Piece[] = [];
    const position: Position = { number: positions.length, pieces };
    positions.push(position);
    for (let index = 0; index < entries.length; index++) {
      const entry = entries[index];
      if (entry === undefined) continue;
      if ('text' in entry) {
        pieces.push({ kind: 'text', text: entry.text });
        continue;
      }
      const { key, provider, field, child } = entry;
      if (child !== undefined && !isVerbatim(child)) {
        provider.shape.nodes.add(field);
        const type = provider.shape.fields[field]?.type;
        const depth = type === undefined ? 0 : listDepth(type);
        pieces.push(
          { kind: 'text', text: `"${key}":` },
          {
            kind: 'node',
            provider,
            field,
            depth,
            child: finish(child),
            nulls: type && !isNonNullType(type) ? 'null' : undefined,
          },
        );
        continue;
      }
      // Fields that are adjacent both here and in the subgraph's response form one text.
      const run = [entry];
      for (let next = entries[index + 1]; next !== undefined && extendsRun(run, next); next = entries[index + 1]) {
        run.push(next as typeof entry);
        index++;
      }
      const types = run.map((one) => one.provider.shape.fields[one.field]?.type);
      const nulls = types.every((type) => type !== undefined && !isNonNullType(type))
        ? run.map((one) => `"${one.key}":null`).join()
        : undefined;
      pieces.push({ kind: 'slot', provider, slot: slot(provider.shape, field, field + run.length - 1), nulls });
    }
    return position;
  };
  return { stage, fetches: shapes.fetches, shapes: shapes.shapes, root: finish(rootDraft), positions, representations };
}

function extendsRun(run: readonly Entry[], next: Entry): boolean {
  const last = run.at(-1);
  if (last === undefined || 'text' in last || 'text' in next) return false;
  return (
    next.provider === last.provider &&
    next.field === last.field + 1 &&
    (next.child === undefined || isVerbatim(next.child))
  );
}

/** Whether the client's text for the object equals the subgraph's text. */
function isVerbatim({ providers, entries }: Draft): boolean {
  const [base, ...entities] = providers;
  if (base === undefined || entities.length > 0 || entries.length !== base.shape.fields.length) return false;
  return entries.every(
    (entry, index) =>
      !('text' in entry) &&
      entry.provider === base &&
      entry.field === index &&
      (entry.child === undefined || isVerbatim(entry.child)),
  );
}

function representationParts(
  schema: GraphQLSchema,
  { type, providers }: Draft,
  entity: EntityFetch,
  requires: readonly RequiredSelection[],
) {
  const fields: { field: string; inner: readonly RequiredSelection[] | undefined }[] = [];
  const collect = (selections: readonly RequiredSelection[]): void => {
    for (const selection of selections) {
      if ('field' in selection) {
        if (selection.as !== undefined) return ineligible('a renamed requirement');
        if (!fields.some(({ field }) => field === selection.field))
          fields.push({ field: selection.field, inner: selection.inner });
        else if (selection.inner !== undefined) return ineligible('a requirement in parts');
        continue;
      }
      if (selection.includeIf !== undefined || selection.skipIf !== undefined) return ineligible('a condition');
      const condition = selection.type === undefined ? undefined : schema.getType(selection.type);
      if (selection.type === undefined || selection.type === type.name) collect(selection.inner);
      else if (
        condition === undefined ||
        ('getTypes' in condition ? schema.isSubType(condition, type) : !isObjectType(condition))
      )
        return ineligible('an abstract requirement');
    }
  };
  collect(requires);
  const parts: { text: string; provider: Provider | undefined; slot: string }[] = [];
  for (let index = 0; index < fields.length; index++) {
    const { field, inner } = fields[index] ?? { field: '', inner: undefined };
    const comma = index === 0 ? '' : ',';
    if (field === '__typename') {
      parts.push({ text: `${comma}"__typename":"${type.name}"`, provider: undefined, slot: '' });
      continue;
    }
    const provider = providers.find(
      ({ shape, entity: from }) =>
        (from === undefined || from.number < entity.number) &&
        shape.fields.some(({ key, name }) => key === field && name === field),
    );
    if (provider === undefined) return ineligible('a requirement from nowhere');
    const from = provider.shape.fields.findIndex(({ key }) => key === field);
    if (!sameSelection(provider.shape.fields[from]?.child, inner)) return ineligible('a requirement of another shape');
    let to = from;
    for (let next = fields[index + 1]; next !== undefined; next = fields[index + 1]) {
      const neighbour = provider.shape.fields[to + 1];
      if (
        neighbour?.key !== next.field ||
        neighbour.name !== next.field ||
        next.field === '__typename' ||
        !sameSelection(neighbour.child, next.inner)
      )
        break;
      to++;
      index++;
    }
    parts.push({ text: comma, provider, slot: slot(provider.shape, from, to) });
  }
  if (!fields.some(({ field }) => field === '__typename')) return ineligible('a representation without __typename');
  return parts;
}

function sameSelection(shape: Shape | undefined, inner: readonly RequiredSelection[] | undefined): boolean {
  if (shape === undefined || inner === undefined) return shape === undefined && inner === undefined;
  return (
    shape.fields.length === inner.length &&
    shape.fields.every(({ key, name, child }, index) => {
      const selection = inner[index];
      return (
        selection !== undefined &&
        'field' in selection &&
        selection.as === undefined &&
        selection.field === key &&
        name === key &&
        sameSelection(child, selection.inner)
      );
    })
  );
}

function pathText(steps: readonly PathStep[]): string {
  return steps
    .map((step) => {
      if ('types' in step) return ineligible('a path that depends on types');
      return 'items' in step ? '@' : `.${step.field}`;
    })
    .join('');
}
