/** The longest delay of a timer in Node, in milliseconds: 24.8 days. */
const LONGEST_MS = 2 ** 31 - 1;

/** Calls back at a time of the wall clock, however far away. */
export class Alarm {
  readonly #ring: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /**
   * Replaces the time that was set before.
   * @param time milliseconds since the epoch. For a time in the past, `set` calls back before it returns. undefined
   * clears the alarm.
   */
  set(time: number | undefined): void {
    clearTimeout(this.#timer);
    if (time === undefined) return;
    const left = time - Date.now();
    if (left <= 0) return this.#ring();
    this.#timer = setTimeout(() => this.set(time), Math.min(left, LONGEST_MS));
  }
}
