import type { Conjunction } from '../operation/conditions.ts';

/**
 * How an operation is split over subgraphs, whichever planner made it: plain JSON, so that it can come from another
 * process. The executor knows these nodes only.
 */
export interface Plan {
  /** For subscriptions only: gives the events, which `rest` completes. */
  readonly primary?: FetchNode;
  /** Absent when no subgraph is needed. */
  readonly rest?: PlanNode;
  /**
   * Names that were planned instead of the client's → the client's, of fields of these types. They get these once all
   * is fetched, and in the paths of errors; on objects of other types, for which a planner may have fetched them as
   * well, they are left out. No types: fetched for other fields only.
   */
  readonly names?: Readonly<Record<string, { readonly name: string; readonly types: readonly string[] }>>;
}

export type PlanNode =
  FetchNode | BatchFetchNode | FlattenNode | SequenceNode | ParallelNode | ConditionNode | DeferNode;

export interface SequenceNode {
  readonly kind: 'Sequence';
  readonly nodes: readonly PlanNode[];
}

export interface ParallelNode {
  readonly kind: 'Parallel';
  readonly nodes: readonly PlanNode[];
}

export interface ConditionNode {
  readonly kind: 'Condition';
  /** Name of the client's Boolean variable. */
  readonly condition: string;
  readonly ifClause?: PlanNode;
  readonly elseClause?: PlanNode;
}

/** What is below is for the objects at `path` of the answer. */
export interface FlattenNode {
  readonly kind: 'Flatten';
  readonly path: readonly PathStep[];
  readonly node: PlanNode;
}

/**
 * Into a field (by response name), into each item of a list and of lists in it, or on only with objects of one of these
 * types.
 */
export type PathStep = { readonly field: string } | { readonly items: true } | { readonly types: readonly string[] };

/** What is sent to a subgraph. */
export interface Operation {
  readonly subgraph: string;
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly document: string;
  /** Stands for the fields in it, whatever they are called and whatever their arguments. */
  readonly fields?: string;
  readonly name?: string;
  /**
   * The client's variables that the document uses: the name there and the client's, which differ only where they have
   * to.
   */
  readonly variables: readonly (readonly [sent: string, name: string])[];
}

/** A fetch of root fields, or with `requires` of `_entities(representations: $representations)`. */
export interface FetchNode {
  readonly kind: 'Fetch';
  /** What deferred parts refer to. */
  readonly id?: string;
  readonly operation: Operation;
  readonly requires?: readonly RequiredSelection[];
  /** Changes of the representations before they are sent. */
  readonly inputRewrites?: readonly Rewrite[];
  /** Changes of the answer (of each entity, if there are representations). */
  readonly outputRewrites?: readonly Rewrite[];
  /** Values of `@fromContext` arguments. */
  readonly contextValues?: readonly ContextValue[];
}

/** Several fetches of entities in one request, each under an alias of `_entities`. */
export interface BatchFetchNode {
  readonly kind: 'BatchFetch';
  readonly operation: Operation;
  readonly entities: readonly EntityBatch[];
}

export interface EntityBatch {
  readonly alias: string;
  /** Name of the variable that takes the representations. */
  readonly variable: string;
  /** Where in the answer the objects are that these entities complete. */
  readonly paths: readonly (readonly PathStep[])[];
  readonly requires: readonly RequiredSelection[];
  readonly inputRewrites?: readonly Rewrite[];
  readonly outputRewrites?: readonly Rewrite[];
}

/**
 * A part of a representation: a field, under another name if `as` is there, or a fragment. With `when`, the field may
 * be absent unless one of these conjunctions holds: it was not fetched because what needs it is left out as well.
 */
export type RequiredSelection =
  | {
      readonly field: string;
      readonly as?: string;
      readonly inner?: readonly RequiredSelection[];
      readonly when?: readonly Conjunction[];
    }
  | {
      readonly type?: string;
      readonly inner: readonly RequiredSelection[];
      readonly includeIf?: string;
      readonly skipIf?: string;
    };

/** Paths of rewrites pass through lists silently. */
export type RewriteStep = { readonly field: string } | { readonly types: readonly string[] };

export interface Rewrite {
  /** Ends with the key that is set or renamed. */
  readonly path: readonly RewriteStep[];
  readonly set?: unknown;
  readonly rename?: string;
}

/**
 * `ups` fields up from the object that is fetched for, then down along `path`. The first that gives a value counts for
 * `variable`.
 */
export interface ContextValue {
  readonly variable: string;
  readonly ups: number;
  readonly path: readonly RewriteStep[];
}

/** `primary` first; each part of `deferred` when those that it depends on are there. */
export interface DeferNode {
  readonly kind: 'Defer';
  readonly primary: { readonly subselection?: string; readonly node?: PlanNode };
  readonly deferred: readonly DeferredPart[];
}

export interface DeferredPart {
  /** Ids of fetches of which some fields are needed first. */
  readonly depends: readonly { readonly id: string; readonly deferLabel?: string }[];
  readonly label?: string;
  /** Where the deferred fragment is, by response names and `... on Type`. */
  readonly queryPath: readonly string[];
  readonly subselection?: string;
  readonly node?: PlanNode;
}
