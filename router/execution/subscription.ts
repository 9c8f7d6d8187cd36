import { unavailable } from './subgraph-call.ts';
import { SubgraphUnavailable } from './types.ts';
import type { ExecutionResponse, SubgraphResult } from './types.ts';

type Next = IteratorResult<ExecutionResponse, undefined>;
const DONE: Next = { done: true, value: undefined };

/**
 * Maps the events of an upstream to answers, one after the other. Not an async generator: its `return()` would wait for the event that
 * a pending `next()` waits for, and nobody would unsubscribe until then.
 */
export function completeEvents(
  upstream: AsyncIterator<SubgraphResult>,
  subgraph: string,
  signal: AbortSignal | undefined,
  complete: (event: SubgraphResult) => Promise<ExecutionResponse>,
): AsyncIterableIterator<ExecutionResponse> {
  let ended = false;
  /** Calls of `next()` take turns, so answers keep the order of their events. */
  let turn: Promise<unknown> = Promise.resolve();
  /** How to release the calls that have no answer yet. */
  const pending = new Set<(done: Next) => void>();

  const leave = (): void => {
    if (ended) return;
    ended = true;
    signal?.removeEventListener('abort', unsubscribe);
    // Nobody waits for the subgraph to confirm; a failure to say goodbye changes nothing.
    upstream.return?.().catch(() => undefined);
  };
  const unsubscribe = (): void => {
    leave();
    for (const release of pending) release(DONE);
  };

  const pull = async (): Promise<Next> => {
    if (ended) return DONE;
    try {
      const event = await upstream.next();
      if (event.done !== true) return { done: false, value: await complete(event.value) };
      leave();
      return DONE;
    } catch (error) {
      if (ended) return DONE;
      leave();
      if (!(error instanceof SubgraphUnavailable)) throw error;
      return { done: false, value: { errors: [unavailable(subgraph, undefined)] } };
    }
  };

  if (signal?.aborted === true) unsubscribe();
  else signal?.addEventListener('abort', unsubscribe, { once: true });

  return {
    next() {
      const answer = new Promise<Next>((resolve, reject) => {
        pending.add(resolve);
        turn.then(pull).then(resolve, reject).finally(() => pending.delete(resolve));
      });
      turn = answer.catch(() => undefined);
      return answer;
    },
    return() {
      unsubscribe();
      return Promise.resolve(DONE);
    },
    throw(error) {
      unsubscribe();
      return Promise.reject(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
