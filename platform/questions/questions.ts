import DataLoader from 'dataloader';
import { within } from '../async/within.ts';
import { acceptRequestId } from '../http/request-id.ts';
import { ANONYMOUS, type Principal } from '../identity/principal.ts';
import { currentContext } from '../observability/request-context.ts';
import { msLeft, type Said } from './asked.ts';
import { NoAnswer, type Question } from './definition.ts';
import { signed, type SubgraphCalls } from './subgraph-calls.ts';

/**
 * A question that must not be asked, whatever the answer would be: it was not declared, or it would go in a circle. A
 * fault of the program.
 */
export class QuestionRefused extends Error {
  readonly code = 'QUESTION_REFUSED';
  override readonly name = 'QuestionRefused';
}

export interface QuestionsOptions {
  /** The subgraph that asks. */
  readonly service: string;
  /** Whom it asks, as its manifest says. */
  readonly asks: readonly string[];
  readonly calls: Pick<SubgraphCalls, 'call'>;
  /** Milliseconds for one question. Default 2000. */
  readonly timeoutMs?: number;
  /** Items of one call at most. Default 100. */
  readonly maxItems?: number;
}

const TIMEOUT_MS = 2_000;
const MAX_ITEMS = 100;
/** Items that are asked about within this time go together. Milliseconds. */
const TOGETHER_MS = 1;

/** Items that wait for the next call: of one question, for one viewer, on one path. */
interface Batch {
  readonly loader: DataLoader<unknown, unknown, string>;
  until: number;
}

/**
 * One subgraph asks another what must be true now, or what must not be copied. The signed call names who asks and for
 * whom, and is answered with the viewer's rights. What several requests ask at the same time for the same viewer
 * becomes one call; an item that fails fails alone. A question that is asked while another one is answered has the time
 * that is left of that one. Everything else reaches a subgraph by references and events.
 */
export class Questions {
  readonly #options: QuestionsOptions;
  readonly #batches = new Map<string, Batch>();

  constructor(options: QuestionsOptions) {
    this.#options = options;
  }

  /**
   * @param viewer for whom it is asked; a guest when it depends on nobody
   * @throws NoAnswer; QuestionRefused
   */
  async ask<I, A>(question: Question<I, A>, item: I, viewer: Principal = ANONYMOUS): Promise<A> {
    const { service, asks, timeoutMs = TIMEOUT_MS } = this.#options;
    const { to } = question;
    const asked = currentContext()?.question;
    const path = [...(asked?.path ?? []), service];
    if (!asks.includes(to)) throw new QuestionRefused(`${service} does not say in its manifest that it asks ${to}`);
    if (path.includes(to))
      throw new QuestionRefused(`a question that goes in a circle: ${[...path, to].join(' asks ')}`);
    const left = msLeft(asked, timeoutMs);
    const late = (): never => {
      throw new NoAnswer(`${to} did not answer ${question.field} in the ${Math.round(left)} ms that were left`);
    };
    if (left <= 0) return late();
    const batch = this.#batch(question, viewer, path);
    batch.until = Math.max(batch.until, performance.now() + left);
    const answer = batch.loader.load(item) as Promise<A>;
    // The call has the time of the most patient of its items.
    return asked ? within(answer, left, late) : answer;
  }

  /** In the order of the items; NoAnswer for those that could not be answered. @throws QuestionRefused */
  async askAll<I, A>(
    question: Question<I, A>,
    items: readonly I[],
    viewer: Principal = ANONYMOUS,
  ): Promise<readonly (A | NoAnswer)[]> {
    return Promise.all(
      items.map((item) =>
        this.ask(question, item, viewer).catch((error: unknown) => {
          if (error instanceof NoAnswer) return error;
          throw error;
        }),
      ),
    );
  }

  /** The batch that is open. Rights stay apart: a call is for one viewer only, with the roles that this request has. */
  #batch<I, A>(question: Question<I, A>, viewer: Principal, path: readonly string[]): Batch {
    const principal = signed(viewer);
    const key = JSON.stringify([question.to, question.query, principal, path]);
    const open = this.#batches.get(key);
    if (open) return open;
    const requestId = acceptRequestId(currentContext()?.requestId);
    const { maxItems = MAX_ITEMS, calls } = this.#options;
    const load = async (items: readonly I[]): Promise<readonly (A | Error)[]> => {
      if (this.#batches.get(key) === batch) this.#batches.delete(key);
      const ms = Math.max(1, Math.floor(batch.until - performance.now()));
      const said: Said = { path: [...path], ms };
      const body = {
        query: question.query,
        variables: { of: items.map((item) => question.variable(item)) },
        extensions: { question: said },
      };
      return question.read(await calls.call(question.to, { body, principal, requestId, ms }), items);
    };
    const batch: Batch = {
      loader: new DataLoader<unknown, unknown, string>(
        load as (items: readonly unknown[]) => Promise<readonly unknown[]>,
        {
          batchScheduleFn: (send) => void setTimeout(send, TOGETHER_MS),
          // The same item of several requests is asked about once. Nothing is kept: whoever asks later has another
          // batch.
          cacheKeyFn: (item) => JSON.stringify(item),
          maxBatchSize: maxItems,
        },
      ),
      until: 0,
    };
    this.#batches.set(key, batch);
    return batch;
  }
}

/** Those that are known to be so. @throws NoAnswer when one is not known */
export async function those<I>(items: readonly I[], answers: Promise<readonly (boolean | NoAnswer)[]>): Promise<I[]> {
  const known = await answers;
  return items.filter((_, index) => {
    const answer = known[index];
    if (answer instanceof NoAnswer) throw answer;
    return answer;
  });
}

/**
 * What a question was answered that was asked before the viewer's right was known, as `Promise.allSettled` gives it:
 * who has no right is told so first.
 * @throws NoAnswer
 */
export function answerOf<T>(asked: PromiseSettledResult<T>): T {
  if (asked.status === 'rejected') throw asked.reason;
  return asked.value;
}
