import { awakeNow } from '../time/awake.ts';
import type { Answer } from '../execution/answer.ts';
import { createCompletionQueue } from '../execution/completion-queue.ts';
import type { Allowance, CompletionQueue } from '../execution/completion-queue.ts';
import { SlowConsumer, SubgraphUnavailable } from '../execution/types.ts';
import type { SubgraphResult } from '../execution/types.ts';
import { compareCursors } from './cursor.ts';
import type { Cursor } from './subscriber.ts';

/**
 * Why a source has ended: the subgraph completed it, or an error (SubgraphUnavailable, SlowConsumer, or a defect of the
 * router).
 */
export type SourceEnd = { readonly error?: unknown };

export interface SourceOptions {
  /** Starts the subscription at the subgraph, after the cursor. */
  open(after: Cursor | undefined): AsyncIterator<SubgraphResult, unknown>;
  /** Removes the cursor from an event and returns it. */
  takeCursor(event: SubgraphResult): Cursor | undefined;
  complete(event: SubgraphResult): Promise<Answer>;
  readonly resumable: boolean;
  /** The cursor after which to start. Undefined: the subgraph decides. */
  readonly after: Cursor | undefined;
  readonly allowance: Allowance;
  /**
   * How long the source tries to resume a lost upstream. After that it ends with the error of the last attempt.
   * Milliseconds.
   */
  readonly patienceMs: number;
  /**
   * The longest pause before the first attempt to reconnect. It doubles with each attempt, up to MAX_PAUSE_MS. The
   * actual pause is random, between half of it and all of it. Milliseconds.
   */
  readonly pauseMs: number;
}

/** The source calls these methods synchronously. It calls none after `close()` or `ended`. */
export interface SourceHandler {
  /** Whether at least one member can take an event. While none can, the source does not read from the subgraph. */
  ready(): boolean;
  /** An event has arrived from the subgraph and will now be completed. */
  arrived(event: SubgraphResult, cursor: Cursor | undefined): void;
  /** Called for each completed event, in the order of arrival. */
  finished(answer: Answer, cursor: Cursor | undefined): void;
  /** The upstream was lost. The source will resume it after the last event that arrived. */
  reconnecting(): void;
  /** Called after the last `finished`. */
  ended(end: SourceEnd): void;
}

const MAX_PAUSE_MS = 5_000;

/**
 * The completed events of one subscription at a subgraph, in order. It resumes a lost upstream after the last event
 * that arrived, if the subscription has cursors. It drops events whose cursors show that they are not newer than the
 * last one.
 */
export class Source {
  readonly #options: SourceOptions;
  readonly #handler: SourceHandler;
  readonly #queue: CompletionQueue<Cursor | undefined>;
  #iterator: AsyncIterator<SubgraphResult, unknown> | undefined;
  #position: Cursor | undefined;
  #closed = false;
  #end: SourceEnd | undefined;
  #wake: (() => void) | undefined;
  #cutPause: (() => void) | undefined;
  /** The time at which the upstream was lost; undefined after it has sent an event again. */
  #lostAt: number | undefined;
  #pause: number;

  constructor(options: SourceOptions, handler: SourceHandler) {
    this.#options = options;
    this.#handler = handler;
    this.#position = options.after;
    this.#pause = options.pauseMs;
    this.#queue = createCompletionQueue(
      options.allowance,
      (answer, cursor) => {
        handler.finished(answer, cursor);
        this.resume();
        this.#settle();
      },
      (error) => this.#finish({ error }),
    );
  }

  /** The cursor of the last event that arrived, or where the source started. */
  get position(): Cursor | undefined {
    return this.#position;
  }

  start(): void {
    void this.#run();
  }

  /** Call it when `handler.ready()` may have become true. */
  resume(): void {
    if (!this.#wake || !this.#hasRoom) return;
    const wake = this.#wake;
    this.#wake = undefined;
    wake();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue.discard();
    this.#leave();
    this.#wake?.();
    this.#cutPause?.();
  }

  get #hasRoom(): boolean {
    return this.#closed || (this.#queue.room && this.#handler.ready());
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    while (!this.#closed) {
      const end = await this.#read();
      if (this.#closed) return;
      if (!this.#isLoss(end)) return this.#finish(end);
      this.#lostAt ??= awakeNow();
      if (awakeNow() - this.#lostAt > this.#options.patienceMs) return this.#finish(end);
      const pause = this.#pause * (0.5 + Math.random() / 2);
      this.#pause = Math.min(this.#pause * 2, MAX_PAUSE_MS);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pause);
        this.#cutPause = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      if (!this.#closed) this.#handler.reconnecting();
    }
  }

  async #read(): Promise<SourceEnd> {
    let iterator: AsyncIterator<SubgraphResult, unknown> | undefined;
    try {
      iterator = this.#iterator = this.#options.open(this.#position);
      for (;;) {
        if (!this.#hasRoom) await new Promise<void>((resolve) => (this.#wake = resolve));
        if (this.#closed) return {};
        const next = await iterator.next();
        if (this.#closed || next.done === true) return {};
        if (this.#isRefusalForNow(next.value)) {
          this.#leave();
          return { error: new SubgraphUnavailable('', 'the subgraph ended the stream with UNAVAILABLE') };
        }
        const cursor = this.#options.takeCursor(next.value);
        if (!this.#isNew(next.value, cursor)) continue;
        // Waits for room once more, because other streams may have used up the allowance meanwhile.
        if (!this.#queue.room) await new Promise<void>((resolve) => (this.#wake = resolve));
        if (this.#closed) return {};
        this.#queue.push(cursor, () => this.#options.complete(next.value));
      }
    } catch (error) {
      return { error };
    } finally {
      if (this.#iterator === iterator) this.#iterator = undefined;
    }
  }

  #isNew(event: SubgraphResult, cursor: Cursor | undefined): boolean {
    this.#lostAt = undefined;
    this.#pause = this.#options.pauseMs;
    const order =
      cursor === undefined || this.#position === undefined ? undefined : compareCursors(cursor, this.#position);
    this.#handler.arrived(event, cursor);
    if (this.#closed || (order !== undefined && order <= 0)) return false;
    if (cursor !== undefined) this.#position = cursor;
    return true;
  }

  get #canResume(): boolean {
    return this.#options.resumable && this.#position !== undefined;
  }

  #isLoss({ error }: SourceEnd): boolean {
    return this.#canResume && (error instanceof SubgraphUnavailable || error instanceof SlowConsumer);
  }

  /** Whether the subgraph ended the stream because it, or its database, is shutting down. */
  #isRefusalForNow({ data, errors }: SubgraphResult): boolean {
    return data === undefined && this.#canResume && errors?.[0]?.extensions?.['code'] === 'UNAVAILABLE';
  }

  #finish(end: SourceEnd): void {
    this.#end ??= end;
    this.#leave();
    this.#settle();
  }

  #settle(): void {
    if (!this.#end || this.#closed || this.#queue.size > 0) return;
    this.#closed = true;
    this.#wake?.();
    this.#handler.ended(this.#end);
  }

  /** Unsubscribes without waiting for the subgraph. A failure to unsubscribe is ignored. */
  #leave(): void {
    this.#iterator?.return?.().catch(() => undefined);
    this.#iterator = undefined;
  }
}
