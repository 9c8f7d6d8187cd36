import { answerOf } from './answer.ts';
import type { Answer } from './answer.ts';
import { executionError } from './errors.ts';
import { unavailable } from './subgraph-call.ts';
import { SlowConsumer, SubgraphUnavailable } from './types.ts';
import type { ExecutionResponse, RequestContext, SubgraphResult } from './types.ts';

type Next = IteratorResult<Answer, undefined>;
const DONE: Next = { done: true, value: undefined };
const ignore = (): void => undefined;

/** Events of one subscription that are completed at once: a replay is then not one round trip per event. */
const AT_ONCE = 16;
/**
 * Of those, beyond the first of each subscription, over all subscriptions. A burst to thousands of subscribers would otherwise ask
 * a subgraph for sixteen times as much at once and exceed what may wait for it; beyond this, they complete one event each, as they can.
 */
const AHEAD_IN_ALL = 256;

/** How many events may still be completed ahead; shared by the subscriptions of an engine. */
export interface Allowance { left: number }
export const createAllowance = (): Allowance => ({ left: AHEAD_IN_ALL });

interface Slot {
  readonly answer: Promise<Next>;
  /** Gives back what it took of the allowance; once. */
  release(): void;
}

/**
 * Maps the events of an upstream to answers, in their order, completing up to AT_ONCE of them at once. Not an async generator: its
 * `return()` would wait for the event that a pending `next()` waits for, and nobody would unsubscribe until then.
 * @param complete is given a context whose signal is aborted when the consumer leaves
 */
export function completeEvents(
  upstream: AsyncIterator<SubgraphResult>,
  { subgraph, context, allowance }: { readonly subgraph: string; readonly context: RequestContext; readonly allowance: Allowance },
  complete: (event: SubgraphResult, context: RequestContext) => Promise<Answer>,
): AsyncIterableIterator<Answer> {
  const { signal } = context;
  const failed = (error: NonNullable<ExecutionResponse['errors']>[number]): Next => ({ done: false, value: answerOf({ errors: [error] }, context.requestId) });
  const abort = new AbortController();
  /** Answers that were not taken yet, in order; only the last may still wait for its event. */
  const slots: Slot[] = [];
  let pulling = false;
  /** The upstream has given its last event, or was told to stop. */
  let exhausted = false;
  let ended = false;
  /** Calls of `next()` take turns, so answers keep the order of their events. */
  let turn: Promise<unknown> = Promise.resolve();
  /** How to release the calls that have no answer yet. */
  const pending = new Set<(done: Next) => void>();

  const leave = (): void => {
    if (ended) return;
    ended = true;
    signal?.removeEventListener('abort', unsubscribe);
    for (const { release } of slots.splice(0)) release();
    abort.abort();
    // Nobody waits for the subgraph to confirm; a failure to say goodbye changes nothing.
    if (!exhausted) upstream.return?.().catch(ignore);
    exhausted = true;
  };
  const unsubscribe = (): void => {
    leave();
    for (const release of pending) release(DONE);
  };

  const pull = async (): Promise<Next> => {
    let event: IteratorResult<SubgraphResult>;
    try {
      event = await upstream.next();
    } catch (error) {
      exhausted = true;
      if (error instanceof SlowConsumer) return failed(executionError(error.code, error.message, undefined));
      if (error instanceof SubgraphUnavailable) return failed(unavailable(subgraph, undefined));
      throw error;
    } finally {
      pulling = false;
    }
    if (event.done === true) exhausted = true;
    if (event.done === true || ended) return DONE;
    fill();
    return { done: false, value: await complete(event.value, { ...context, signal: abort.signal }) };
  };

  /** Asks for the next event, if there is room. The first place needs no allowance, so a subscription always goes on. */
  const fill = (): void => {
    if (pulling || exhausted || slots.length >= AT_ONCE) return;
    let ahead = slots.length > 0;
    if (ahead && allowance.left === 0) return;
    if (ahead) allowance.left--;
    const release = (): void => {
      if (ahead) allowance.left++;
      ahead = false;
    };
    pulling = true;
    const answer = pull().finally(release);
    answer.catch(ignore); // until it is taken
    slots.push({ answer, release });
  };

  const take = async (): Promise<Next> => {
    if (!ended) fill();
    const [first] = slots;
    if (first === undefined) leave();
    if (ended || first === undefined) return DONE;
    try {
      const answer = await first.answer;
      if (answer.done === true) leave();
      return ended ? DONE : answer;
    } catch (error) {
      if (ended) return DONE;
      leave();
      throw error;
    } finally {
      slots.shift();
      slots[0]?.release(); // idle subscriptions, of which there are many, wait in their first place
    }
  };

  if (signal?.aborted === true) unsubscribe();
  else signal?.addEventListener('abort', unsubscribe, { once: true });

  return {
    next() {
      const answer = new Promise<Next>((resolve, reject) => {
        pending.add(resolve);
        turn.then(take).then(resolve, reject).finally(() => pending.delete(resolve));
      });
      turn = answer.catch(ignore);
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
