/** When matches are, by their number; NaN while they have no time. */
export interface Times {
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** The length of the longest match. */
  readonly longest: number;
}

/** The matches of one pitch, team or referee, in order of time. */
export class Calendar {
  readonly matches: number[] = [];
  readonly #times: Times;
  /** The free time between two matches, in milliseconds. */
  readonly #gap: number;

  constructor(times: Times, gap: number) {
    this.#times = times;
    this.#gap = gap;
  }

  /** The first match that is in the way of one from `start` to `end`; -1 if none is. */
  clash(start: number, end: number): number {
    const { start: starts, end: ends, longest } = this.#times;
    for (let index = this.#firstFrom(start - longest - this.#gap); index < this.matches.length; index++) {
      const match = this.matches[index]!;
      if (starts[match]! >= end + this.#gap) return -1;
      if (ends[match]! + this.#gap > start) return match;
    }
    return -1;
  }

  /** The match's time is set already. */
  add(match: number): void {
    this.matches.splice(this.#firstFrom(this.#times.start[match]!), 0, match);
  }

  /** The match's time is still the one that it was added with. */
  remove(match: number): void {
    this.matches.splice(this.matches.indexOf(match, this.#firstFrom(this.#times.start[match]!)), 1);
  }

  /** The place of the first match that begins at or after `start`. */
  #firstFrom(start: number): number {
    let [low, high] = [0, this.matches.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#times.start[this.matches[middle]!]! < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
