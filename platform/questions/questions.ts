import DataLoader from 'dataloader';
import { within } from '../async/within.ts';
import { acceptRequestId } from '../http/request-id.ts';
import { ANONYMOUS, type Principal } from '../identity/principal.ts';
import { currentContext } from '../observability/request-context.ts';
import { msLeft, type QuestionMetadata } from './asked.ts';
import { NoAnswer, type Question } from './definition.ts';
import { signed, type SubgraphCalls } from './subgraph-calls.ts';

/**
 * The error for a question that must not be asked: it was not declared, or it would close a cycle. This is an error of
 * the program.
 */
export class QuestionRefused extends Error {
  readonly code = 'QUESTION_REFUSED';
  override readonly name = 'QuestionRefused';
}

export interface QuestionsOptions {
  /** The subgraph that asks. */
  readonly service: string;
  /** The subgraphs that it asks, from its manifest. */
  readonly asks: readonly string[];
  readonly calls: Pick<SubgraphCalls, 'call'>;
  /** How long a question may take, in milliseconds. After that it fails with NoAnswer. Default 2000. */
  readonly timeoutMs?: number;
  /** The largest number of items in one call; further items are sent in another call. Default 100. */
  readonly maxItems?: number;
}

const TIMEOUT_MS = 2_000;
const MAX_ITEMS = 100;
/** Items that are asked within this time share a call. Milliseconds. */
const TOGETHER_MS = 1;

/** Items that wait for the next call: of one question, for one viewer, on one path. */
interface Batch {
  readonly loader: DataLoader<unknown, unknown, string>;
  until: number;
}

/**
 * The questions of one subgraph to others. A subgraph asks when the answer must be true at this moment, or when the
 * data must not be copied. References and events carry everything else between subgraphs. The signed call names the
 * asking subgraph and the viewer, and is answered with the viewer's rights. Items of the same question for the same
 * viewer share one call if they are asked within a millisecond. An item that fails does not fail the others. A question
 * that is asked while another one is answered has at most the remaining time of that one.
 */
export class Questions {
  readonly #options: QuestionsOptions;
  readonly #batches = new Map<string, Batch>();

  constructor(options: QuestionsOptions) {
    this.#options = options;
  }

  /**
   * Asks about one item.
   * @param viewer the viewer whose rights apply; a guest if the answer does not depend on the viewer
   * @throws NoAnswer; QuestionRefused
   */
  async ask<I, A>(question: Question<I, A>, item: I, viewer: Principal = ANONYMOUS): Promise<A> {
    const { service, asks, timeoutMs = TIMEOUT_MS } = this.#options;
    const { to } = question;
    const asked = currentContext()?.question;
    const path = [...(asked?.path ?? []), service];
    if (!asks.includes(to)) throw new QuestionRefused(`${service} does not declare in its manifest that it asks ${to}`);
    if (path.includes(to)) throw new QuestionRefused(`a question in a cycle: ${[...path, to].join(' asks ')}`);
    const left = msLeft(asked, timeoutMs);
    const late = (): never => {
      throw new NoAnswer(`${to} did not answer ${question.field} in the ${Math.round(left)} ms that were left`);
    };
    if (left <= 0) return late();
    const batch = this.#batch(question, viewer, path);
    batch.until = Math.max(batch.until, performance.now() + left);
    const answer = batch.loader.load(item) as Promise<A>;
    // A call waits as long as the item with the most time. This item may have less, so it stops waiting earlier.
    return asked ? within(answer, left, late) : answer;
  }

  /** The answers in the order of the items; NoAnswer for items without one. @throws QuestionRefused */
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

  /**
   * The batch to which an item is added: of the same question, viewer, roles and path. Different viewers never share a
   * call, so rights never mix.
   */
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
      const metadata: QuestionMetadata = { path: [...path], ms };
      const body = {
        query: question.query,
        variables: { of: items.map((item) => question.variable(item)) },
        extensions: { question: metadata },
      };
      return question.read(await calls.call(question.to, { body, principal, requestId, ms }), items);
    };
    const batch: Batch = {
      loader: new DataLoader<unknown, unknown, string>(
        load as (items: readonly unknown[]) => Promise<readonly unknown[]>,
        {
          batchScheduleFn: (send) => void setTimeout(send, TOGETHER_MS),
          // When several requests add the same item to this batch, it is asked once. Nothing is cached after that,
          // because a later request gets another batch.
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

/**
 * The items whose answer is true. @throws NoAnswer when an answer is missing; the error of `answers` when it rejects
 */
export async function whereTrue<I>(
  items: readonly I[],
  answers: Promise<readonly (boolean | NoAnswer)[]>,
): Promise<I[]> {
  const known = await answers;
  return items.filter((_, index) => {
    const answer = known[index];
    if (answer instanceof NoAnswer) throw answer;
    return answer;
  });
}

/**
 * Returns the answer to a question that was asked, with `Promise.allSettled`, before the viewer's right was checked.
 * The error of the question is thrown only here. So a viewer without the right gets the error about the right first.
 * @throws NoAnswer; QuestionRefused
 */
export function answerOf<T>(asked: PromiseSettledResult<T>): T {
  if (asked.status === 'rejected') throw asked.reason;
  return asked.value;
}
