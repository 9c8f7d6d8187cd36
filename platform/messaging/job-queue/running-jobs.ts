import { within } from '../../async/within.ts';

/** The running handlers of one worker. */
export class RunningJobs<Key> {
  readonly #running = new Map<Key, Promise<void>>();
  readonly #onEnd: () => void;

  constructor(onEnd: () => void = () => undefined) {
    this.#onEnd = onEnd;
  }

  get size(): number {
    return this.#running.size;
  }

  keys(): Key[] {
    return [...this.#running.keys()];
  }

  /** `work` must not reject. */
  add(key: Key, work: Promise<void>): void {
    const tracked = work.finally(() => {
      this.#running.delete(key);
      this.#onEnd();
    });
    this.#running.set(key, tracked);
  }

  /** Resolves when all handlers have ended or `graceMs` is over, to the keys that still run. */
  async drain(graceMs: number): Promise<Key[]> {
    await within(Promise.all(this.#running.values()), graceMs, () => undefined);
    return this.keys();
  }
}
