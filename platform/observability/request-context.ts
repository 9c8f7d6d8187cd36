import { AsyncLocalStorage } from 'node:async_hooks';

/** The data that every log line and report of one request, subscription event or job shares. */
export interface RequestContext {
  readonly requestId: string;
  /** The service that does the work: several share a process in embedded mode. */
  readonly service: string;
  userId?: string;
  /** The question that is being answered. Absent for calls of the router. */
  question?: AskedQuestion;
  /** The GraphQL operation, once it is known. */
  operation?: Operation;
}

/** A question of another subgraph that is being answered. */
export interface AskedQuestion {
  /** The chain of asking subgraphs, the first asker first. The last one asks this subgraph. */
  readonly path: readonly string[];
  /** When the asker stops waiting, by `performance.now()`. */
  readonly until: number;
}

export interface Operation {
  /** The name that the client gave to the operation; undefined for an operation without a name. */
  readonly name: string | undefined;
  readonly kind: string;
  /** The first field of the root type. Unlike the name, it is one of a known set. */
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
 * Runs `work`, and everything that it starts, in the context. Consumers of events and jobs use it with the id of
 * `DomainEvent.requestId`.
 */
export function runInContext<T>(context: RequestContext, work: () => T): T {
  return storage.run(context, work);
}
