import { answerWithin } from '../async/within.ts';

/** Resolves when what it looks at works. What it rejects with goes to the log only. */
export type Probe = () => Promise<unknown>;

export interface Readiness {
  readonly ready: boolean;
  /** Names of the probes that failed; `draining` while the process stops. */
  readonly failed: readonly string[];
}

export interface HealthOptions {
  readonly probes?: Readonly<Record<string, Probe>>;
  /** A probe that takes longer has failed. Milliseconds, default 2,000. */
  readonly timeoutMs?: number;
  /** Told when a probe fails. */
  readonly onFailed?: (name: string, error: unknown) => void;
}

/** How long an answer stands, in milliseconds: who asks faster must not make the probes load the database. */
const ANSWER_STANDS_MS = 500;

/**
 * Whether a service can serve: all of its probes pass, and it is not about to stop. Not over @nestjs/terminus: decision
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

  /** From now on not ready, whatever the probes say. */
  drain(): void {
    this.#draining = true;
  }

  /** Never rejects. Calls that come together share one look. */
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
