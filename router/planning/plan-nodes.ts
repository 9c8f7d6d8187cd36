import type { Conjunction } from '../operation/conditions.ts';

/**
 * How an operation is split into subgraph requests. The format does not depend on the planner and is the only one that
 * the executor knows. It is plain JSON, because plans come from another process.
 */
export interface Plan {
  /** For subscriptions only: the source of the events. `rest` completes each event. */
  readonly primary?: FetchNode;
  /** Absent when no subgraph is needed. */
  readonly rest?: PlanNode;
  /**
   * Maps each planned name to the client's name, for fields of these types. After all fetches the executor renames the
   * fields, also in the paths of errors. On objects of other types it drops them: a planner may have fetched them there
   * too. A field without types was fetched only to compute other fields, so it is always dropped.
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
  /** The name of the client's Boolean variable. */
  readonly condition: string;
  readonly ifClause?: PlanNode;
  readonly elseClause?: PlanNode;
}

/** Applies `node` to the objects at `path` of the response. */
export interface FlattenNode {
  readonly kind: 'Flatten';
  readonly path: readonly PathStep[];
  readonly node: PlanNode;
}

/**
 * One step of a path: into a field (by response name), into each item of a list and of its nested lists, or, without
 * leaving the place, only to objects of one of these types.
 */
export type PathStep = { readonly field: string } | { readonly items: true } | { readonly types: readonly string[] };

/** A request to a subgraph. */
export interface Operation {
  readonly subgraph: string;
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly document: string;
  /** A hash of the selected fields, without their aliases and arguments. See `fieldsHash`. */
  readonly fields?: string;
  readonly name?: string;
  /**
   * The client's variables that the document uses, as [name in the document, the client's name]. They differ only where
   * a planner needs the client's name for a variable of its own.
   */
  readonly variables: readonly (readonly [sent: string, name: string])[];
}

/** A fetch of root fields or, with `requires`, of `_entities(representations: $representations)`. */
export interface FetchNode {
  readonly kind: 'Fetch';
  /** The id by which deferred parts refer to this fetch. */
  readonly id?: string;
  readonly operation: Operation;
  readonly requires?: readonly RequiredSelection[];
  /** Changes to the representations before they are sent. */
  readonly inputRewrites?: readonly Rewrite[];
  /** Changes to the response; with `requires`, to each entity. */
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
  /** The name of the variable for the representations. */
  readonly variable: string;
  /** The places in the response whose objects these entities complete. */
  readonly paths: readonly (readonly PathStep[])[];
  readonly requires: readonly RequiredSelection[];
  readonly inputRewrites?: readonly Rewrite[];
  readonly outputRewrites?: readonly Rewrite[];
}

/**
 * A part of a representation: a field (sent under the name `as`, if given) or a fragment. With `when`, the field is
 * sure to be there only if one of these conjunctions holds. Otherwise it may be absent, because the fields that need it
 * are left out too.
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

/** A step of a rewrite's path. Lists are not steps: the path applies to each item. */
export type RewriteStep = { readonly field: string } | { readonly types: readonly string[] };

export interface Rewrite {
  /** The last step is the key to set or rename. */
  readonly path: readonly RewriteStep[];
  readonly set?: unknown;
  readonly rename?: string;
}

/**
 * A value for `variable`: goes `ups` fields up from the fetched object and then down along `path`. The first
 * ContextValue that finds a value wins.
 */
export interface ContextValue {
  readonly variable: string;
  readonly ups: number;
  readonly path: readonly RewriteStep[];
}

/** Runs `primary` first. Each part of `deferred` runs when the fetches that it depends on are done. */
export interface DeferNode {
  readonly kind: 'Defer';
  readonly primary: { readonly subselection?: string; readonly node?: PlanNode };
  readonly deferred: readonly DeferredPart[];
}

export interface DeferredPart {
  /** The ids of fetches whose fields the part needs. */
  readonly depends: readonly { readonly id: string; readonly deferLabel?: string }[];
  readonly label?: string;
  /** The place of the deferred fragment, as response names and `... on Type`. */
  readonly queryPath: readonly string[];
  readonly subselection?: string;
  readonly node?: PlanNode;
}
