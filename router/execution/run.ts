import type { JsonObject } from '../collections/json-object.ts';
import type { PathStep } from '../planning/plan-nodes.ts';
import type { TypeConditions } from '../supergraph/supergraph.ts';
import type { ErrorList } from './errors.ts';
import type { RequestContext, SubgraphTransport } from './types.ts';

/** One execution: the input of its steps and the response that they fill. */
export interface Run {
  /** The merged data of all subgraphs so far, under the response names of the planned document. */
  readonly data: JsonObject;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly errors: ErrorList;
  readonly context: RequestContext;
  readonly transport: SubgraphTransport;
  /** Set only for plans with deferred parts: signals when data arrives. */
  readonly arrivals?: Arrivals;
}

export interface Arrivals {
  /** A fetch that others depend on is done. */
  fetched(id: string): void;
  /** Resolves when the fetches with these ids are done. */
  whenFetched(ids: readonly string[]): Promise<unknown>;
  /**
   * Called when a part starts.
   * @param label undefined for the part that is not deferred
   * @param errors the list to which the part's fetches add errors
   * @param data resolves when the part's fetches are done
   */
  part?(label: string | undefined, errors: ErrorList, data: Promise<void>): void;
}

/**
 * A compiled plan node. May return undefined if there is nothing to wait for. Rejects only when the router itself
 * fails.
 */
export type Step = (run: Run) => Promise<void> | undefined;

/** The data that the compilation of every node of a plan uses. */
export interface PlanScope {
  readonly types: TypeConditions;
  /** Whether each object at a path must get its own copy of a fetched entity, see `unsharedPaths`. */
  readonly mustCopy: (path: readonly PathStep[]) => boolean;
  /** Maps planned names to the client's names. Errors use the client's names. */
  readonly names: ReadonlyMap<string, string>;
}
