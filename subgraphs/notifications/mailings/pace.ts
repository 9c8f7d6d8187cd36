import { setTimeout as sleep } from 'node:timers/promises';

/** Spreads the e-mails of all mailings of the process evenly over time, at most `perSecond` in a second. */
export class Pace {
  readonly #gapMs: number;
  #next = 0;

  constructor(perSecond: number) {
    this.#gapMs = 1000 / perSecond;
  }

  /** Resolves when the caller may send its e-mail. */
  async turn(): Promise<void> {
    const now = performance.now();
    const at = Math.max(now, this.#next);
    this.#next = at + this.#gapMs;
    // A wait below 2 ms is left out, because timers are a millisecond too early or late. The next wait is longer then.
    if (at - now >= 2) await sleep(at - now);
  }
}
