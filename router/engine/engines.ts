import { createHash } from 'node:crypto';
import { ConfigError } from '../config/config-error.ts';
import type { LogPort } from '../config/observers.ts';
import { SupergraphError } from '../supergraph/supergraph.ts';
import type { Serving } from './serving.ts';

/** One loaded supergraph, from when it was loaded until nothing uses it any more. */
export interface Generation {
  readonly serving: Serving;
  /** Whether new operations use it. */
  readonly current: boolean;
  /** Counts one more user of this generation. Each call needs one call of `release`. */
  retain(): void;
  release(): void;
}

/** SDL, or a function that loads it. The function may throw SupergraphError or ConfigError when there is no SDL. */
export type SupergraphInput = string | (() => Promise<string>);

export type ReloadOutcome = 'loaded' | 'unchanged' | 'invalid';

export interface ReloadResult {
  /** `superseded`: another supergraph arrived, or the router was closed, before this one was loaded. */
  readonly result: ReloadOutcome | 'superseded';
  /** The id of the supergraph that is now in use. */
  readonly id: string | undefined;
  /** Why the old supergraph is kept: a SupergraphError or ConfigError, or another error for a defect of the router. */
  readonly error?: Error;
}

export interface EnginesOptions {
  /** Builds the engine for a supergraph. @throws SupergraphError, ConfigError, or any error for a defect */
  build(sdl: string, first: boolean): Serving | Promise<Serving>;
  /**
   * Warms up a new engine, so that its first clients do not pay first-time costs. It must be bounded in time. Its
   * failures are ignored.
   */
  warmUp(next: Serving): Promise<void>;
  /**
   * Moves subscriptions from one generation to the other, and ends subscriptions that cannot continue. When it
   * resolves, no subscription uses the old one, unless a later migration has begun: that one moves the rest.
   */
  migrate(next: Generation, previous: Generation): Promise<void>;
  readonly log: LogPort | undefined;
}

/**
 * While this many old generations are in use, the next supergraph waits. So memory stays bounded however many
 * supergraphs arrive.
 */
const MAX_OLD = 2;

/**
 * Holds the current supergraph and replaces it. It builds and warms up a new one beside the old one. Then all new
 * operations use the new one. Operations that use the old one finish with it. Then it is closed.
 */
export class Engines {
  readonly #options: EnginesOptions;
  readonly #old = new Set<LoadedGeneration>();
  readonly #counts: Record<ReloadOutcome, number> = { loaded: 0, unchanged: 0, invalid: 0 };
  #current: LoadedGeneration | undefined;
  #running: Promise<ReloadResult> | undefined;
  /**
   * Whether `reload` has begun a first attempt. If there is no supergraph yet, the caller reports the failure of that
   * attempt, so this class does not log it.
   */
  #attempted = false;
  #next:
    { readonly given: SupergraphInput; resolve(result: ReloadResult): void; reject(error: unknown): void } | undefined;
  #migration: Promise<unknown> | undefined;
  #onOldClosed: (() => void) | undefined;
  #closed = false;

  constructor(options: EnginesOptions) {
    this.#options = options;
  }

  /**
   * The current generation, for a new operation. It is already retained: the caller must release it once. Undefined
   * until there is a first supergraph.
   */
  acquire(): Generation | undefined {
    this.#current?.retain();
    return this.#current;
  }

  /** The current generation, not retained: only for looking at it, and for calls that may fail when it is replaced. */
  get current(): Generation | undefined {
    return this.#current;
  }

  get id(): string | undefined {
    return this.#current?.serving.engine.supergraph.id;
  }

  /** The number of generations: the current one and old ones that still finish operations. */
  get generations(): number {
    return this.#old.size + (this.#current ? 1 : 0);
  }

  /**
   * How many supergraphs were loaded after the first, by outcome. A first supergraph that could not be used counts too.
   */
  get reloads(): Readonly<Record<ReloadOutcome, number>> {
    return this.#counts;
  }

  /**
   * Starts with a first supergraph that is already available.
   * @throws SupergraphError, ConfigError
   */
  start(sdl: string, serving: Serving): void {
    this.#current = new LoadedGeneration(serving, digest(sdl));
  }

  /** Loads another supergraph. Loads run one at a time. If several wait, only the last one is loaded. */
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
    const { build, warmUp, migrate, log } = this.#options;
    while (this.#old.size >= MAX_OLD && !this.#closed)
      await new Promise<void>((resolve) => (this.#onOldClosed = resolve));
    if (this.#closed) return { result: 'superseded', id: this.id };
    const first = this.#current === undefined;
    const silent = first && !this.#attempted;
    this.#attempted = true;
    const outcome = (result: ReloadOutcome, error?: Error): ReloadResult => {
      if (!first || result === 'invalid') this.#counts[result]++;
      return { result, id: this.id, ...(error && { error }) };
    };
    let text: string;
    let serving: Serving;
    try {
      const sdl = typeof given === 'string' ? given : await given();
      text = digest(sdl);
      if (this.#current?.sdlHash === text) return outcome('unchanged');
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
    await warmUp(serving);
    if (this.#closed) {
      await serving.close();
      return { result: 'superseded', id: this.id };
    }
    const [previous, next] = [this.#current, new LoadedGeneration(serving, text)];
    this.#current = next;
    if (previous) {
      log?.warn('a new supergraph is in use', { id: serving.engine.supergraph.id });
      this.#old.add(previous);
      previous.retain();
      previous.retire(() => {
        this.#old.delete(previous);
        this.#onOldClosed?.();
      }, log);
      const moved = migrate(next, previous).catch((error: unknown) =>
        log?.error('subscriptions could not be moved to the new supergraph', { error: String(error) }),
      );
      this.#migration = moved;
      // A later migration may have taken over subscriptions that this one had not moved yet.
      void moved.then(() => this.#migration).then(() => previous.release());
    }
    return outcome('loaded');
  }

  /** Closes all generations. The caller must have waited for operations that should finish. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#onOldClosed?.();
    await this.#running?.catch(() => undefined);
    await Promise.all([...this.#old, ...(this.#current ? [this.#current] : [])].map((served) => served.close()));
  }
}

const digest = (sdl: string): string => createHash('sha256').update(sdl).digest('base64');

class LoadedGeneration implements Generation {
  readonly serving: Serving;
  /** The hash of the SDL. */
  readonly sdlHash: string;
  #users = 0;
  #onUnused: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(serving: Serving, text: string) {
    this.serving = serving;
    this.sdlHash = text;
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

  /**
   * Marks the generation as old: it gets no new users, and it closes when the last user has released it. The caller
   * must be a user.
   */
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
