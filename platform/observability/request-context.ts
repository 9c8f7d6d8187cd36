import { AsyncLocalStorage } from 'node:async_hooks';

/** What every log line and report of one request, subscription event or job shares. */
export interface RequestContext {
  readonly requestId: string;
  /** The service that works on it: several share a process in embedded mode. */
  readonly service: string;
  userId?: string;
  /** Absent for what the router asks. */
  question?: AskedQuestion;
  /** The GraphQL operation, once it is known. */
  operation?: Operation;
}

/** A question of another subgraph that is being answered. */
export interface AskedQuestion {
  /** Who asks whom on the way here, the first asker first; the last one asks this subgraph. */
  readonly path: readonly string[];
  /** When nobody waits for the answer any more, by `performance.now()`. */
  readonly until: number;
}

export interface Operation {
  /** As the client named it. */
  readonly name: string | undefined;
  readonly kind: string;
  /** The first field of the root type: unlike the name, one of a known few. */
  readonly field: string;
  /** Codes of the answer's errors. */
  errors?: readonly string[];
}

const storage = new AsyncLocalStorage<RequestContext>();

/** The context that this code runs in, if any. */
export function currentContext(): RequestContext | undefined {
  return storage.getStore();
}

/**
 * Runs `work`, and all that it starts, in the context. For consumers of events and jobs: the id travels in
 * `DomainEvent.requestId`.
 */
export function runInContext<T>(context: RequestContext, work: () => T): T {
  return storage.run(context, work);
}
