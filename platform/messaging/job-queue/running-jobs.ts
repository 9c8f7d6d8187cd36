import { within } from '../../async/within.ts';

/** The handlers that run now in one worker: how many, which, and when the last has ended. */
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

  /** Resolves to the keys that still run when `graceMs` is over; empty when all have ended. */
  async drain(graceMs: number): Promise<Key[]> {
    await within(Promise.all(this.#running.values()), graceMs, () => undefined);
    return this.keys();
  }
}
