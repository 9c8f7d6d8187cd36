import { answerWithin } from '../async/within.ts';

/** Resolves when the checked service works. Its error goes to the log only. */
export type Probe = () => Promise<unknown>;

export interface Readiness {
  readonly ready: boolean;
  /** Names of the failed probes; `draining` while the process stops. */
  readonly failed: readonly string[];
}

export interface HealthOptions {
  readonly probes?: Readonly<Record<string, Probe>>;
  /** A probe that takes longer has failed. Milliseconds, default 2,000. */
  readonly timeoutMs?: number;
  /** Called when a probe fails. */
  readonly onFailed?: (name: string, error: unknown) => void;
}

/**
 * An answer is reused for this time, so that frequent callers do not make the probes load the database. Milliseconds.
 */
const ANSWER_STANDS_MS = 500;

/**
 * Whether a service can serve: all its probes pass, and it is not stopping. @nestjs/terminus is not used: decision
 * 0025.
 */
export class Health {
  readonly #probes: ReadonlyMap<string, Probe>;
  readonly #timeoutMs: number;
  readonly #onFailed: (name: string, error: unknown) => void;
  #draining = false;
  #last: { readonly answer: Promise<Readiness>; until: number } | undefined;

  constructor({ probes = {}, timeoutMs = 2_000, onFailed = () => undefined }: HealthOptions = {}) {
    this.#probes = new Map(Object.entries(probes));
    this.#timeoutMs = timeoutMs;
    this.#onFailed = onFailed;
  }

  /** Makes the service not ready from now on, regardless of the probes. */
  drain(): void {
    this.#draining = true;
  }

  /**
   * Whether the service is ready, and otherwise which probes failed. Concurrent calls share one check, whose answer is
   * reused for a short time. A probe that fails does not make the promise reject.
   */
  async readiness(): Promise<Readiness> {
    if (this.#draining) return { ready: false, failed: ['draining'] };
    if (!this.#last || performance.now() >= this.#last.until) {
      const entry = { answer: this.#probeAll(), until: Infinity };
      this.#last = entry;
      void entry.answer.then(() => {
        entry.until = performance.now() + ANSWER_STANDS_MS;
      });
    }
    return this.#last.answer;
  }

  async #probeAll(): Promise<Readiness> {
    const outcomes = await Promise.all(
      [...this.#probes].map(async ([name, probe]) => ((await this.#passes(name, probe)) ? null : name)),
    );
    const failed = outcomes.filter((name) => name !== null);
    return { ready: failed.length === 0, failed };
  }

  async #passes(name: string, probe: Probe): Promise<boolean> {
    try {
      await answerWithin(probe(), this.#timeoutMs);
      return true;
    } catch (error) {
      this.#onFailed(name, error);
      return false;
    }
  }
}
