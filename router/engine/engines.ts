import { createHash } from 'node:crypto';
import { ConfigError } from '../config/config-error.ts';
import type { LogPort } from '../config/observers.ts';
import { SupergraphError } from '../supergraph/supergraph.ts';
import type { Serving } from './serving.ts';

/** A supergraph from when it was loaded until nothing uses it any more. */
export interface Generation {
  readonly serving: Serving;
  /** Whether new operations use it. */
  readonly current: boolean;
  /** One more user; to be released once. */
  retain(): void;
  release(): void;
}

/** SDL, or what gives it; that may throw SupergraphError or ConfigError when there is none. */
export type SupergraphInput = string | (() => Promise<string>);

export type ReloadOutcome = 'loaded' | 'unchanged' | 'invalid';

export interface ReloadResult {
  /** `superseded`: another supergraph came before this one's turn. */
  readonly result: ReloadOutcome | 'superseded';
  /** Of the supergraph that is served now. */
  readonly id: string | undefined;
  /** Why the old one is kept: a SupergraphError or ConfigError, another for a defect. */
  readonly error?: Error;
}

export interface EnginesOptions {
  /** @throws SupergraphError, ConfigError, or what cannot be foreseen */
  build(sdl: string, first: boolean): Serving | Promise<Serving>;
  /** Takes first-time costs off the first clients of a new engine. Bounded in time. Its failures count for nothing. */
  warm(next: Serving): Promise<void>;
  /** Moves what lasts from one to the other; when it resolves, nothing of that uses the old one any more. */
  migrate(next: Generation, previous: Generation): Promise<void>;
  readonly log: LogPort | undefined;
}

/**
 * Old generations that may be waited for before another is loaded, so that however many supergraphs come, memory stays
 * bounded.
 */
const MAX_OLD = 2;

/**
 * The supergraph that is served, and its replacement: a new one is built and warmed beside the old one, then takes its
 * place at once. Whoever uses the old one finishes with it; then it is closed.
 */
export class Engines {
  readonly #options: EnginesOptions;
  readonly #old = new Set<Served>();
  readonly #counts: Record<ReloadOutcome, number> = { loaded: 0, unchanged: 0, invalid: 0 };
  #current: Served | undefined;
  #running: Promise<ReloadResult> | undefined;
  /** The first one is its caller's to report. */
  #begun = false;
  #next:
    { readonly given: SupergraphInput; resolve(result: ReloadResult): void; reject(error: unknown): void } | undefined;
  #moving: Promise<unknown> | undefined;
  #onOldClosed: (() => void) | undefined;
  #closed = false;

  constructor(options: EnginesOptions) {
    this.#options = options;
  }

  /** For a new operation: already retained, to be released once. Undefined until there is a first supergraph. */
  acquire(): Generation | undefined {
    this.#current?.retain();
    return this.#current;
  }

  /** Not retained: for looking at it, and for calls that may fail when it is replaced. */
  get current(): Generation | undefined {
    return this.#current;
  }

  get id(): string | undefined {
    return this.#current?.serving.engine.supergraph.id;
  }

  /** The one that is served and those that still finish. */
  get generations(): number {
    return this.#old.size + (this.#current ? 1 : 0);
  }

  /** Supergraphs that came after the first, by what became of them. */
  get reloads(): Readonly<Record<ReloadOutcome, number>> {
    return this.#counts;
  }

  /** The first supergraph, where it is at hand. @throws SupergraphError, ConfigError */
  start(sdl: string, serving: Serving): void {
    this.#current = new Served(serving, digest(sdl));
  }

  /** One at a time; of those that wait the last one counts. */
  reload(given: SupergraphInput): Promise<ReloadResult> {
    if (this.#running) {
      this.#next?.resolve({ result: 'superseded', id: this.id });
      return new Promise((resolve, reject) => (this.#next = { given, resolve, reject }));
    }
    const running = this.#load(given).finally(() => {
      this.#running = undefined;
      const next = this.#next;
      this.#next = undefined;
      if (next) this.reload(next.given).then(next.resolve, next.reject);
    });
    this.#running = running;
    return running;
  }

  async #load(given: SupergraphInput): Promise<ReloadResult> {
    const { build, warm, migrate, log } = this.#options;
    while (this.#old.size >= MAX_OLD && !this.#closed)
      await new Promise<void>((resolve) => (this.#onOldClosed = resolve));
    if (this.#closed) return { result: 'superseded', id: this.id };
    const first = this.#current === undefined;
    const silent = first && !this.#begun;
    this.#begun = true;
    const outcome = (result: ReloadOutcome, error?: Error): ReloadResult => {
      if (!first || result === 'invalid') this.#counts[result]++;
      return { result, id: this.id, ...(error && { error }) };
    };
    let text: string;
    let serving: Serving;
    try {
      const sdl = typeof given === 'string' ? given : await given();
      text = digest(sdl);
      if (this.#current?.text === text) return outcome('unchanged');
      serving = await build(sdl, first);
    } catch (error) {
      const problem = error instanceof Error ? error : new Error(String(error));
      const expected = error instanceof SupergraphError || error instanceof ConfigError;
      if (!silent)
        log?.error(first ? 'the supergraph cannot be used' : 'the new supergraph cannot be used, the old one is kept', {
          error: expected ? problem.message : problem.stack,
        });
      return outcome('invalid', problem);
    }
    await warm(serving);
    if (this.#closed) {
      await serving.close();
      return { result: 'superseded', id: this.id };
    }
    const [previous, next] = [this.#current, new Served(serving, text)];
    this.#current = next;
    if (previous) {
      log?.warn('another supergraph is served', { id: serving.engine.supergraph.id });
      this.#old.add(previous);
      previous.retain();
      previous.retire(() => {
        this.#old.delete(previous);
        this.#onOldClosed?.();
      }, log);
      const moved = migrate(next, previous).catch((error: unknown) =>
        log?.error('subscriptions could not be moved to the new supergraph', { error: String(error) }),
      );
      this.#moving = moved;
      // A later move may have taken over what this one had not moved yet.
      void moved.then(() => this.#moving).then(() => previous.release());
    }
    return outcome('loaded');
  }

  /** Whoever closes has waited for what should finish. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#onOldClosed?.();
    await this.#running?.catch(() => undefined);
    await Promise.all([...this.#old, ...(this.#current ? [this.#current] : [])].map((served) => served.close()));
  }
}

const digest = (sdl: string): string => createHash('sha256').update(sdl).digest('base64');

class Served implements Generation {
  readonly serving: Serving;
  /** Digest of the SDL. */
  readonly text: string;
  #users = 0;
  #onUnused: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(serving: Serving, text: string) {
    this.serving = serving;
    this.text = text;
  }

  get current(): boolean {
    return this.#onUnused === undefined && this.#closing === undefined;
  }

  retain(): void {
    this.#users++;
  }

  release(): void {
    this.#users--;
    if (this.#users === 0) this.#onUnused?.();
  }

  /** No new users. Closes when the last one has released; there is one, who calls this. */
  retire(onClosed: () => void, log: LogPort | undefined): void {
    this.#onUnused = () =>
      void this.close()
        .catch((error: unknown) => log?.error('an old supergraph could not be closed', { error: String(error) }))
        .finally(onClosed);
  }

  close(): Promise<void> {
    return (this.#closing ??= this.serving.close());
  }
}
