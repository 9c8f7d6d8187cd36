/** Node's timers take no more: 24.8 days. */
const LONGEST_MS = 2 ** 31 - 1;

/** Rings at a time of the clock, however far away. */
export class Alarm {
  readonly #ring: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /**
   * @param time milliseconds since the epoch, in place of that set before: rings at once when it is past; undefined:
   * never
   */
  set(time: number | undefined): void {
    clearTimeout(this.#timer);
    if (time === undefined) return;
    const left = time - Date.now();
    if (left <= 0) return this.#ring();
    this.#timer = setTimeout(() => this.set(time), Math.min(left, LONGEST_MS));
  }
}
