/** A semaphore: runs at most `limit` tasks at the same time. Others wait in order. */
export class Slots {
  readonly #limit: number;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get running(): number {
    return this.#running;
  }

  /**
   * Calls `run` when a slot is free, synchronously if one is free now.
   * @returns a function that ends the wait or frees the slot. Has no effect after the first call.
   */
  enter(run: () => void): () => void {
    let left = false;
    let inside = false;
    const start = (): void => {
      inside = true;
      this.#running++;
      run();
    };
    if (this.#running < this.#limit) start();
    else this.#waiting.add(start);
    return () => {
      if (left) return;
      left = true;
      if (!inside) return void this.#waiting.delete(start);
      this.#running--;
      const [next] = this.#waiting;
      if (!next) return;
      this.#waiting.delete(next);
      next();
    };
  }
}
