// A subscriber for specs. It records what it receives, and can be full.
import type { Engine } from '../engine/engine.ts';
import { fromBytes } from '../execution/answer.ts';
import type { ExecutionResponse, Principal } from '../execution/types.ts';
import type { Cursor, Ending, StreamEvent, Subscriber, Subscription, Subscriptions } from './subscriber.ts';

export class TestSubscriber implements Subscriber {
  readonly events: StreamEvent[] = [];
  ended: 'complete' | (Ending & { readonly errors: ExecutionResponse['errors'] }) | undefined;
  /** How many more events it accepts. */
  room = Infinity;
  refused = 0;
  subscription: Subscription | undefined;
  #wake: (() => void)[] = [];

  deliver(event: StreamEvent): boolean {
    if (this.ended) throw new Error('an event after the end');
    if (!this.subscription) throw new Error('an event before open() has returned');
    if (this.room <= 0) {
      this.refused++;
      return false;
    }
    this.room--;
    this.events.push(event);
    this.#happened();
    return true;
  }

  fail({ text }: StreamEvent['answer'], ending: Ending): void {
    if (this.ended) throw new Error('a second end');
    this.ended = { ...ending, errors: parse(text).errors };
    this.#happened();
  }

  complete(): void {
    if (this.ended) throw new Error('a second end');
    this.ended = 'complete';
    this.#happened();
  }

  get answers(): ExecutionResponse[] {
    return this.events.map(({ answer }) => parse(answer.text));
  }

  get cursors(): (Cursor | undefined)[] {
    return this.events.map(({ cursor }) => cursor);
  }

  take(room: number): void {
    this.room = room;
    this.subscription?.resumed();
  }

  async until(condition: () => boolean): Promise<this> {
    while (!condition()) await new Promise<void>((resolve) => this.#wake.push(resolve));
    return this;
  }

  #happened(): void {
    for (const resolve of this.#wake.splice(0)) resolve();
  }
}

/** The response as a client reads it, without the request id that every error has. */
const parse = (text: string): ExecutionResponse =>
  JSON.parse(fromBytes(text), (name, value: unknown) =>
    name === 'requestId' ? undefined : value,
  ) as ExecutionResponse;

export interface OpenOptions {
  readonly variables?: unknown;
  readonly principal?: Principal;
  readonly room?: number;
  readonly lastEventId?: string;
  readonly expiresAt?: number;
  readonly requestId?: string;
}

export async function open(
  subscriptions: Subscriptions,
  engine: Engine,
  query: string,
  { variables, principal = {}, room = Infinity, lastEventId, expiresAt, requestId = 'test' }: OpenOptions = {},
): Promise<TestSubscriber> {
  const subscriber = new TestSubscriber();
  subscriber.room = room;
  const prepared = await engine.prepare(query);
  subscriber.subscription = subscriptions.open(
    { engine, prepared, query, variables, lastEventId },
    { requestId, principal, expiresAt },
    subscriber,
  );
  return subscriber;
}

export const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, n) => from + n);
export const seqs = ({ answers }: TestSubscriber): unknown[] =>
  answers.map(({ data }) => (Object.values(data ?? {})[0] as { seq: number }).seq);
export const codeOf = ({ ended }: TestSubscriber): string | undefined =>
  ended === 'complete' ? 'complete' : ended?.code;
