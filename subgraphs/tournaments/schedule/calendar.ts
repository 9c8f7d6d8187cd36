/** The begin and end of each match, by its number. NaN while the match has no time. */
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

  /**
   * The first match that overlaps the time from `start` to `end`, or is closer to it than the gap. -1 if there is none.
   */
  clash(start: number, end: number): number {
    const { start: starts, end: ends, longest } = this.#times;
    for (let index = this.#firstFrom(start - longest - this.#gap); index < this.matches.length; index++) {
      const match = this.matches[index]!;
      if (starts[match]! >= end + this.#gap) return -1;
      if (ends[match]! + this.#gap > start) return match;
    }
    return -1;
  }

  /** Adds a match. Set its time in `times` before you call this. */
  add(match: number): void {
    this.matches.splice(this.#firstFrom(this.#times.start[match]!), 0, match);
  }

  /** Removes a match. Call this before you change its time in `times`. */
  remove(match: number): void {
    this.matches.splice(this.matches.indexOf(match, this.#firstFrom(this.#times.start[match]!)), 1);
  }

  /** The index in `matches` of the first match that begins at or after `start`. */
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
