import { Calendar, type Times } from './calendar.ts';
import type { Place } from './input.ts';
import { type Problem, windowAt } from './problem.ts';

/** A time for a match with the numbers of its pitch and referee. -1: no pitch, or no referee. */
export interface Spot {
  readonly start: number;
  readonly pitch: number;
  readonly referee: number;
}

/** Why a match cannot have a time: other matches must be before or after, or a pitch, team or referee is not free. */
export type Obstacle = 'ORDER' | 'PITCH' | 'TEAM' | 'REFEREE';

/**
 * A schedule in progress. A spot that `earliest` or `spotAt` returns breaks no hard rule. `place` does not check the
 * spot that it is given.
 */
export class Board {
  readonly problem: Problem;
  readonly times: Times;
  readonly pitchOf: Int32Array;
  readonly refereeOf: Int32Array;
  readonly pitches: readonly Calendar[];
  readonly teams: readonly Calendar[];
  /** For each referee: the matches to which the board assigns this referee. */
  readonly #duties: readonly Calendar[];
  /** The matches that each referee's own teams play, or may play. */
  readonly #own: readonly Calendar[];
  /** For each round: the first and the last begin of its placed matches, without the fixed ones. */
  readonly #first: Float64Array;
  readonly #last: Float64Array;

  /** A board with the fixed matches. Fixed matches may break rules among themselves. */
  constructor(problem: Problem) {
    const { length, longest, pause, rest, teamCount, input, rounds } = problem;
    const calendars = (count: number, gap: number) =>
      Array.from({ length: count }, () => new Calendar(this.times, gap));
    this.problem = problem;
    this.times = {
      start: new Float64Array(length.length).fill(Number.NaN),
      end: new Float64Array(length.length).fill(Number.NaN),
      longest,
    };
    this.pitchOf = new Int32Array(length.length).fill(-1);
    this.refereeOf = new Int32Array(length.length).fill(-1);
    this.pitches = calendars(input.pitches.length, pause);
    this.teams = calendars(teamCount, rest);
    this.#duties = calendars(input.referees.length, 0);
    this.#own = calendars(input.referees.length, 0);
    this.#first = new Float64Array(rounds.length).fill(Infinity);
    this.#last = new Float64Array(rounds.length).fill(-Infinity);
    const pitch = new Map(input.pitches.map(({ id }, index) => [id, index]));
    const referee = new Map(input.referees.map(({ id }, index) => [id, index]));
    for (const [match, { fixed }] of input.matches.entries())
      if (fixed)
        this.place(match, {
          start: fixed.start,
          pitch: pitch.get(fixed.pitch ?? '') ?? -1,
          referee: referee.get(fixed.referee ?? '') ?? -1,
        });
  }

  isPlaced(match: number): boolean {
    return !Number.isNaN(this.times.start[match]!);
  }

  spotOf(match: number): Spot {
    return { start: this.times.start[match]!, pitch: this.pitchOf[match]!, referee: this.refereeOf[match]! };
  }

  placeOf(match: number): Place {
    const { start, pitch, referee } = this.spotOf(match);
    const { pitches, referees } = this.problem.input;
    return { start, pitch: pitches[pitch]?.id ?? null, referee: referees[referee]?.id ?? null };
  }

  place(match: number, { start, pitch, referee }: Spot): void {
    const { length, teams, ownReferees, roundOf, input } = this.problem;
    this.times.start[match] = start;
    this.times.end[match] = start + length[match]!;
    this.pitchOf[match] = pitch;
    this.refereeOf[match] = referee;
    this.pitches[pitch]?.add(match);
    this.#duties[referee]?.add(match);
    for (const team of teams[match]!) this.teams[team]!.add(match);
    for (const own of ownReferees[match]!) this.#own[own]!.add(match);
    if (input.matches[match]!.fixed) return;
    const round = roundOf[match]!;
    this.#first[round] = Math.min(this.#first[round]!, start);
    this.#last[round] = Math.max(this.#last[round]!, start);
  }

  remove(match: number): void {
    const { teams, ownReferees, roundOf, rounds } = this.problem;
    const { start } = this.times;
    this.pitches[this.pitchOf[match]!]?.remove(match);
    this.#duties[this.refereeOf[match]!]?.remove(match);
    for (const team of teams[match]!) this.teams[team]!.remove(match);
    for (const own of ownReferees[match]!) this.#own[own]!.remove(match);
    const round = roundOf[match]!;
    const was = start[match]!;
    start[match] = Number.NaN;
    this.times.end[match] = Number.NaN;
    this.pitchOf[match] = -1;
    this.refereeOf[match] = -1;
    if (was > this.#first[round]! && was < this.#last[round]!) return;
    const others = rounds[round]!.filter((other) => this.isPlaced(other)).map((other) => start[other]!);
    this.#first[round] = Math.min(Infinity, ...others);
    this.#last[round] = Math.max(-Infinity, ...others);
  }

  /**
   * The first and last time at which the match may begin, by its dates, by the matches before and after, and by rounds.
   */
  limits(match: number): [from: number, to: number] {
    const { input, after, dependents, rest, length, roundOf, sequenceOf } = this.problem;
    const { notBefore, notAfter } = input.matches[match]!;
    const { start, end } = this.times;
    let from = Math.max(input.startsAt, notBefore ?? -Infinity);
    let to = (notAfter ?? Infinity) - length[match]!;
    for (const earlier of after[match]!)
      from = this.isPlaced(earlier) ? Math.max(from, end[earlier]! + rest) : Infinity;
    for (const later of dependents[match]!)
      if (this.isPlaced(later)) to = Math.min(to, start[later]! - rest - length[match]!);
    const round = roundOf[match]!;
    const [first, last] = sequenceOf[round]!;
    // The rounds on the board are in order, so only the nearest earlier and later rounds with matches matter.
    for (let other = round - 1; other >= first; other--)
      if (this.#last[other]! > -Infinity) {
        from = Math.max(from, this.#last[other]!);
        break;
      }
    for (let other = round + 1; other <= last; other++)
      if (this.#first[other]! < Infinity) {
        to = Math.min(to, this.#first[other]!);
        break;
      }
    return [from, to];
  }

  /**
   * The spot at this time and on this pitch for a match that is not on the board. If it is impossible: the obstacle.
   */
  spotAt(match: number, start: number, pitch: number, referee = -1): Spot | Obstacle {
    const { length, step, input, teams, ownReferees } = this.problem;
    const end = start + length[match]!;
    const [from, to] = this.limits(match);
    if (start < from || start > to) return 'ORDER';
    if (start % step !== 0 || this.#pitchFree(pitch, start, length[match]!) !== start) return 'PITCH';
    if (teams[match]!.some((team) => this.teams[team]!.clash(start, end) >= 0)) return 'TEAM';
    if (ownReferees[match]!.some((own) => this.#duties[own]!.clash(start, end) >= 0)) return 'REFEREE';
    if (input.referees.length === 0) return { start, pitch, referee: -1 };
    const free = this.#refereeFor(match, start, end, referee);
    return free < 0 ? 'REFEREE' : { start, pitch, referee: free };
  }

  /** The earliest spot at or after `from` for a match that is not on the board; null if there is none. */
  earliest(match: number, from: number): Spot | null {
    const { length, teams, ownReferees, input } = this.problem;
    const limits = this.limits(match);
    const to = Math.min(limits[1], Number.MAX_SAFE_INTEGER);
    let start = this.#rounded(Math.max(limits[0], from));
    while (start <= to) {
      const end = start + length[match]!;
      let free = start;
      for (const team of teams[match]!) {
        const clash = this.teams[team]!.clash(start, end);
        if (clash >= 0) free = Math.max(free, this.times.end[clash]! + this.problem.rest);
      }
      for (const own of ownReferees[match]!) {
        const clash = this.#duties[own]!.clash(start, end);
        if (clash >= 0) free = Math.max(free, this.times.end[clash]!);
      }
      if (free > start) {
        start = this.#rounded(free);
        continue;
      }
      let [pitch, soonest] = [-1, Infinity];
      for (let other = 0; other < this.pitches.length && soonest > start; other++) {
        const at = this.#pitchFree(other, start, length[match]!);
        if (at < soonest) [pitch, soonest] = [other, at];
      }
      if (soonest > start) {
        start = soonest;
        continue;
      }
      if (input.referees.length === 0) return { start, pitch, referee: -1 };
      const referee = this.#refereeFor(match, start, end, -1);
      if (referee >= 0) return { start, pitch, referee };
      start = this.#nextReferee(match, start);
    }
    return null;
  }

  /** When the last match that is on a pitch ends; -Infinity if there is none. */
  lastEnd(): number {
    let last = -Infinity;
    for (const { matches } of this.pitches)
      if (matches.length > 0) last = Math.max(last, this.times.end[matches.at(-1)!]!);
    return last;
  }

  /**
   * The earliest time at or after `from` at which the pitch is free and open for `length`; Infinity if there is none.
   */
  #pitchFree(pitch: number, from: number, length: number): number {
    const windows = this.problem.pitchWindows[pitch]!;
    let start = from;
    for (let index = Math.max(0, windowAt(windows, from)); index < windows.length; index++) {
      const window = windows[index]!;
      start = this.#rounded(Math.max(start, window.from));
      while (start + length <= window.to) {
        const clash = this.pitches[pitch]!.clash(start, start + length);
        if (clash < 0) return start;
        start = this.#rounded(this.times.end[clash]! + this.problem.pause);
      }
    }
    return Infinity;
  }

  /** A free referee: `asked` if that one is free, otherwise the one with the fewest matches. -1 if nobody is free. */
  #refereeFor(match: number, start: number, end: number, asked: number): number {
    if (asked >= 0 && this.#refereeFree(asked, match, start, end) === start) return asked;
    let best = -1;
    for (let referee = 0; referee < this.#duties.length; referee++)
      if (best < 0 || this.#duties[referee]!.matches.length < this.#duties[best]!.matches.length)
        if (this.#refereeFree(referee, match, start, end) === start) best = referee;
    return best;
  }

  /**
   * `start` if the referee is free for the match at `start`. Otherwise a later time to try, at which another obstacle
   * is possible. Infinity if there is none.
   */
  #refereeFree(referee: number, match: number, start: number, end: number): number {
    if (this.problem.ownReferees[match]!.includes(referee)) return Infinity;
    const windows = this.problem.refereeWindows[referee];
    if (windows) {
      const index = windowAt(windows, start);
      if (end > (windows[index]?.to ?? -Infinity)) return windows[index + 1]?.from ?? Infinity;
    }
    const clash = Math.max(this.#duties[referee]!.clash(start, end), this.#own[referee]!.clash(start, end));
    return clash < 0 ? start : this.times.end[clash]!;
  }

  #nextReferee(match: number, start: number): number {
    const end = start + this.problem.length[match]!;
    let next = Infinity;
    for (let referee = 0; referee < this.#duties.length; referee++)
      next = Math.min(next, this.#refereeFree(referee, match, start, end));
    return this.#rounded(next);
  }

  #rounded(instant: number): number {
    return Math.ceil(instant / this.problem.step) * this.problem.step;
  }
}
