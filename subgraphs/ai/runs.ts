import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { z } from 'zod';
import { OUTBOX, TIMERS } from '../../platform/injection/tokens.ts';
import type { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import type { Timers } from '../../platform/messaging/timers/timers.ts';
import { BadAnswer, checkAnswer, checkPart, completePart } from './answer.ts';
import type { Failure } from './errors.ts';
import type { Flow, Prepared } from './flows/flow.ts';
import { type Prisma, PrismaClient } from './generated/prisma/client.ts';
import { AiMetrics } from './metrics.ts';
import { readJson } from './model/json.ts';
import { MODEL, type Model, ModelError } from './model/model.ts';
import { append, BEAT_MS, keep, stillRuns } from './record.ts';

/** A generation that was stored and now needs its text. */
export interface Run {
  readonly id: string;
  readonly flow: Flow;
  readonly prepared: Prepared;
  readonly instructions: string;
}

/** Time limits in milliseconds. Specs have shorter ones. */
export const LIMITS = {
  /** The time limit of a whole generation with all attempts. Milliseconds. */
  totalMs: 60_000,
  /** The time limit from the start of a call to its first text, and from one text to the next. Milliseconds. */
  silenceMs: 20_000,
  /** A provider that asks to wait longer than this is not asked again. Milliseconds. */
  longestWaitMs: 5_000,
  /** The wait before the next attempt if the provider gave no time. Milliseconds. */
  pauseMs: 500,
  /** How often the timer of a running generation is moved. */
  beatMs: BEAT_MS,
};
export const RUN_LIMITS = Symbol('RunLimits');

/**
 * At most this many calls of the provider for one generation. After each kind of failure there is at most one more
 * call.
 */
const MOST_CALLS = 3;
/** At most this many generations run in a process. Further requests are RATE_LIMITED. */
const MOST_RUNNING = 64;

const AGAIN: ReadonlySet<Failure> = new Set(['PROVIDER_BUSY', 'PROVIDER_FAILED', 'CUT', 'UNUSABLE', 'FACTS_WRONG']);
const NO_TOKENS = { input: 0, output: 0 };

class Stopped extends Error {
  readonly failure: 'TIMED_OUT' | 'INTERRUPTED';
  constructor(failure: 'TIMED_OUT' | 'INTERRUPTED') {
    super(failure);
    this.failure = failure;
  }
}
/** The error when the generation has ended elsewhere (its timer fired) or is deleted. */
class Gone extends Error {}

/** The generations that this process makes now. */
@Injectable()
export class Runs implements OnModuleDestroy {
  readonly #log = new Logger('Ai');
  readonly #running = new Map<string, Promise<void>>();
  readonly #shutdown = new AbortController();

  constructor(
    private readonly prisma: PrismaClient,
    private readonly metrics: AiMetrics,
    @Inject(MODEL) private readonly model: Model | null,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(TIMERS) private readonly timers: Timers,
    @Inject(RUN_LIMITS) private readonly limits: typeof LIMITS,
  ) {}

  get isFull(): boolean {
    return this.#running.size >= MOST_RUNNING;
  }

  /** Starts to make the text. Errors are not thrown: the generation's row gets the result or the failure. */
  start(run: Run): void {
    const work = this.#run(run)
      .catch((error: unknown) => {
        // The row stays RUNNING. The timer of the generation ends it.
        this.#log.error(`${run.flow.name}: a generation could not be stored`, error);
      })
      .finally(() => this.#running.delete(run.id));
    this.#running.set(run.id, work);
  }

  /**
   * Waits until the generation has ended, for at most `ms`. Does not wait if the generation does not run in this
   * process.
   */
  async ended(id: string, ms: number): Promise<void> {
    const work = this.#running.get(id);
    if (!work) return;
    const waited = new AbortController();
    await Promise.race([work, delay(ms, undefined, { signal: waited.signal }).catch(() => undefined)]);
    waited.abort();
  }

  /** Resolves when nothing runs. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  /** Stops all generations as INTERRUPTED. Nest calls this while the database is still available. */
  async onModuleDestroy(): Promise<void> {
    this.#shutdown.abort(new Stopped('INTERRUPTED'));
    await this.settled();
  }

  async #run(run: Run): Promise<void> {
    const began = performance.now();
    const { flow } = run;
    const total = new AbortController();
    const clock = setTimeout(() => total.abort(new Stopped('TIMED_OUT')), this.limits.totalMs);
    const signal = AbortSignal.any([total.signal, this.#shutdown.signal]);
    const writer = new Writer((kind, text) => this.#append(run.id, kind, text));
    const ended = new AbortController();
    const beating = this.#beat(run, ended.signal);
    try {
      const tried = new Set<Failure>();
      let attempt: Attempt = { maxTokens: flow.maxTokens, corrections: [] };
      for (let call = 1; ; call++) {
        try {
          const { answer, text } = await this.#attempt(run, attempt, writer, signal);
          await writer.add(text.slice(writer.text.length));
          await this.#finish(run, answer, text);
          this.metrics.ended(flow.name, 'done', (performance.now() - began) / 1000);
          return;
        } catch (error) {
          if (error instanceof Gone) return;
          const { failure, retryAfterMs } = failureIn(error);
          const wait = retryAfterMs ?? this.limits.pauseMs;
          const isAgain =
            AGAIN.has(failure) && !tried.has(failure) && call < MOST_CALLS && wait <= this.limits.longestWaitMs;
          if (!isAgain) {
            await this.#fail(run, failure, retryAfterMs);
            this.metrics.ended(flow.name, failure.toLowerCase(), (performance.now() - began) / 1000);
            this.#log.warn(`${flow.name} failed: ${failure}, ${withoutContent(error)}`);
            return;
          }
          tried.add(failure);
          await writer.discard();
          attempt = {
            maxTokens: failure === 'CUT' ? flow.maxTokens * 2 : attempt.maxTokens,
            corrections: error instanceof BadAnswer ? error.corrections : attempt.corrections,
          };
          if (failure === 'PROVIDER_BUSY' || failure === 'PROVIDER_FAILED')
            await delay(wait, undefined, { signal }).catch(() => undefined);
        }
      }
    } finally {
      clearTimeout(clock);
      ended.abort();
      await beating;
    }
  }

  /** Moves the timer that ends a generation whose process died. */
  async #beat({ id, flow }: Run, ended: AbortSignal): Promise<void> {
    while (await delay(this.limits.beatMs, true, { signal: ended }).catch(() => false))
      await this.outbox
        .transaction(this.prisma, (tx) => stillRuns(tx, this.timers, id))
        .catch((error: unknown) =>
          this.#log.error(`${flow.name}: the timer of a generation could not be moved`, error),
        );
  }

  /** Calls the provider once. The text is checked and published while it arrives. */
  async #attempt(
    { flow, prepared, instructions }: Run,
    { maxTokens, corrections }: Attempt,
    writer: Writer,
    signal: AbortSignal,
  ): Promise<{ answer: object; text: string }> {
    const { model } = this;
    if (!model) throw new ModelError('PROVIDER_FAILED', 'there is no language model');
    signal.throwIfAborted();
    const silence = new AbortController();
    const clock = setTimeout(() => silence.abort(new Stopped('TIMED_OUT')), this.limits.silenceMs);
    let tokens = NO_TOKENS;
    let outcome = 'ok';
    try {
      const data = corrections.length > 0 ? { ...prepared.data, corrections } : prepared.data;
      const { text, inputTokens, outputTokens } = await model.generate({
        system: instructions,
        data: JSON.stringify(data),
        schema: z.toJSONSchema(prepared.schema, { target: 'draft-7', unrepresentable: 'any' }),
        maxTokens,
        maxCharacters: flow.maxCharacters,
        signal: AbortSignal.any([signal, silence.signal, writer.failed]),
        onPartial: (value) => {
          clock.refresh();
          this.#publish(prepared, instructions, writer, value);
        },
      });
      tokens = { input: inputTokens, output: outputTokens };
      const checked = checkAnswer(prepared, instructions, readJson(text));
      await writer.written();
      if (!checked.text.startsWith(writer.text)) await writer.discard();
      return checked;
    } catch (error) {
      await writer.written();
      const { failure } = failureIn(error);
      outcome = failure.toLowerCase();
      if (error instanceof ModelError) tokens = error.tokens;
      throw error;
    } finally {
      clearTimeout(clock);
      this.metrics.called(flow.name, outcome, tokens);
    }
  }

  /** Publishes the sentences and lines that are complete. @throws BadAnswer */
  #publish(prepared: Prepared, instructions: string, writer: Writer, value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    const text = rendered(prepared, value);
    if (text === null || !text.startsWith(writer.text)) return;
    const part = completePart(text).slice(writer.text.length);
    if (part.trim() === '') return;
    checkPart(prepared, instructions, part, writer.text);
    // A failure ends the call by the signal of the writer.
    writer.add(part).catch(() => undefined);
  }

  async #append(id: string, kind: 'TEXT' | 'DISCARDED', text: string): Promise<void> {
    const isThere = await this.outbox.transaction(this.prisma, (tx, emit) => append(tx, emit, id, { kind, text }));
    if (!isThere) throw new Gone();
  }

  async #finish({ id, prepared }: Run, answer: object, text: string): Promise<void> {
    const result = { ...answer, language: prepared.language } as Prisma.InputJsonObject;
    await this.outbox.transaction(this.prisma, async (tx, emit) => {
      if (!(await append(tx, emit, id, { kind: 'DONE' }, { state: 'DONE', text, result }))) throw new Gone();
      await keep(tx, this.timers, id);
    });
  }

  async #fail({ id }: Run, failure: Failure, retryAfterMs: number | undefined): Promise<void> {
    const retryAfter = retryAfterMs === undefined ? null : Math.ceil(Math.min(retryAfterMs, 86_400_000) / 1000);
    await this.outbox.transaction(this.prisma, async (tx, emit) => {
      if (await append(tx, emit, id, { kind: 'FAILED' }, { state: 'FAILED', failure, retryAfter }))
        await keep(tx, this.timers, id);
    });
  }
}

interface Attempt {
  readonly maxTokens: number;
  /** The faults of the last answer that broke the rules, which the prompt repeats. Empty if there was none. */
  readonly corrections: readonly string[];
}

function failureIn(error: unknown): { failure: Failure; retryAfterMs?: number | undefined } {
  if (error instanceof ModelError) return { failure: error.fault, retryAfterMs: error.retryAfterMs };
  if (error instanceof BadAnswer || error instanceof Stopped) return { failure: error.failure };
  return { failure: 'PROVIDER_FAILED' };
}

/**
 * The text for the log about an error. Our own errors give their message. Other errors give only their name, because
 * their messages may repeat the prompt or the answer.
 */
const withoutContent = (error: unknown): string =>
  error instanceof ModelError || error instanceof BadAnswer || error instanceof Stopped
    ? error.message
    : error instanceof Error
      ? error.name
      : 'unknown error';

/** The text of an incomplete answer. Null when its parts have wrong types. */
function rendered(prepared: Prepared, value: object): string | null {
  try {
    const text: unknown = prepared.render(value);
    return typeof text === 'string' ? text : null;
  } catch {
    return null;
  }
}

/** Stores the text of a generation in order. Parts that arrive while a transaction runs are stored together. */
class Writer {
  /** All text that was added and not discarded. */
  text = '';
  #waiting = '';
  #work: Promise<void> = Promise.resolve();
  readonly #failed = new AbortController();
  readonly #append: (kind: 'TEXT' | 'DISCARDED', text: string) => Promise<void>;

  constructor(append: (kind: 'TEXT' | 'DISCARDED', text: string) => Promise<void>) {
    this.#append = append;
  }

  /** Aborted with the reason when a part could not be written. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  /** Adds text. Resolves when the text is stored. @throws the error of the write that failed */
  add(text: string): Promise<void> {
    this.text += text;
    this.#waiting += text;
    return this.#then(async () => {
      const together = this.#waiting;
      this.#waiting = '';
      if (together !== '') await this.#append('TEXT', together);
    });
  }

  async discard(): Promise<void> {
    await this.written();
    if (this.text === '') return;
    this.text = '';
    await this.#then(() => this.#append('DISCARDED', ''));
  }

  async written(): Promise<void> {
    await this.#work;
    this.#failed.signal.throwIfAborted();
  }

  #then(step: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(async () => {
      if (this.#failed.signal.aborted) return;
      try {
        await step();
      } catch (error) {
        this.#failed.abort(error);
      }
    });
    return this.written();
  }
}
