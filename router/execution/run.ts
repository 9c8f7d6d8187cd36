import type { JsonObject } from '../collections/json-object.ts';
import type { PathStep } from '../planning/plan-nodes.ts';
import type { TypeConditions } from '../supergraph/supergraph.ts';
import type { ErrorList } from './errors.ts';
import type { RequestContext, SubgraphTransport } from './types.ts';

/** One execution: what its steps read, and the answer that they fill. */
export interface Run {
  /** What subgraphs answered so far, merged; under the response names of the client's document. */
  readonly data: JsonObject;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly errors: ErrorList;
  readonly context: RequestContext;
  readonly transport: SubgraphTransport;
  /** Of a plan with deferred parts only: what is told as their data arrives. */
  readonly arrivals?: Arrivals;
}

export interface Arrivals {
  /** A fetch that others depend on is in `data`. */
  fetched(id: string): void;
  /** Resolves when all of them are. */
  all(ids: readonly string[]): Promise<unknown>;
  /** Of each part, when it starts: its label, what its fetches add errors to, and the promise of its data. */
  part?(label: string | undefined, errors: ErrorList, data: Promise<void>): void;
}

/**
 * A compiled plan node. Gives a promise only when it has something to wait for; rejects only for faults in the router
 * itself.
 */
export type Step = (run: Run) => Promise<void> | undefined;

/** What plan nodes are compiled with. */
export interface PlanScope {
  readonly types: TypeConditions;
  /** Whether what is fetched for the objects at a path must not be shared between them. */
  readonly differs: (path: readonly PathStep[]) => boolean;
  /** The client's names by those that were planned instead; in errors they are told by the client's. */
  readonly names: ReadonlyMap<string, string>;
}
