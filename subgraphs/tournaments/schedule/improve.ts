import type { Board, Spot } from './board.ts';
import { UNPLACED_COST, costOfTeam, quality, spanOf, waitForSides } from './quality.ts';

/** Late acceptance takes a step if its cost is not higher than the cost this many steps ago. */
const MEMORY = 300;

/** The number of steps after which the search tries again to place the matches that have no place. */
const RETRY = 50;

/**
 * Improves a schedule by late acceptance hill climbing (Burke and Bykov): each step moves one match or swaps two.
 * `finish` puts the best schedule that was found on the board.
 */
export class Improvement {
  readonly board: Board;
  cost: number;
  #best: number;
  #bestSpots: (Spot | null)[];
  readonly #random: () => number;
  readonly #costs: Float64Array;
  readonly #free: readonly number[];
  #steps = 0;

  constructor(board: Board, random: () => number) {
    this.board = board;
    this.#random = random;
    this.cost = quality(board).cost;
    this.#best = this.cost;
    this.#bestSpots = this.#spots();
    this.#costs = new Float64Array(MEMORY).fill(this.cost);
    this.#free = board.problem.order.filter((match) => !board.problem.input.matches[match]!.fixed);
  }

  /** The best cost so far. */
  get best(): number {
    return this.#best;
  }

  step(): void {
    this.#steps++;
    if (this.#best >= UNPLACED_COST && this.#steps % RETRY === 0) this.#placeMissing();
    const a = this.#pick(this.#free);
    if (a === undefined || !this.board.isPlaced(a)) return;
    if (this.#random() < 0.5) this.#move(a);
    else this.#swap(a, this.#pick(this.#free)!);
  }

  /** Puts the best schedule that was found on the board. */
  finish(): void {
    for (const match of this.#free) if (this.board.isPlaced(match)) this.board.remove(match);
    for (const match of this.#free) {
      const spot = this.#bestSpots[match];
      if (spot) this.board.place(match, spot);
    }
    this.cost = this.#best;
  }

  /**
   * Tries a random pitch: before or after a match that is there, at its opening, or at the begin of another match.
   */
  #move(match: number): void {
    const { board } = this;
    const { length, pause, pitchWindows } = board.problem;
    const pitch = Math.floor(this.#random() * board.pitches.length);
    const neighbour = this.#pick(board.pitches[pitch]!.matches);
    const kind = this.#random();
    let start: number | undefined;
    if (neighbour === undefined || kind < 0.1) start = this.#pick(pitchWindows[pitch]!)?.from;
    else if (kind < 0.5) start = board.times.end[neighbour]! + pause;
    else if (kind < 0.9) start = board.times.start[neighbour]! - pause - length[match]!;
    else start = this.#pick(board.pitches[Math.floor(this.#random() * board.pitches.length)]!.matches);
    if (start === undefined) return;
    if (kind >= 0.9) start = board.times.start[start]!;
    this.#try([match], () => {
      const spot = board.spotAt(match, start, pitch, board.refereeOf[match]!);
      return typeof spot === 'string' ? null : [spot];
    });
  }

  #swap(a: number, b: number): void {
    const { board } = this;
    if (a === b || !board.isPlaced(b)) return;
    const [spotA, spotB] = [board.spotOf(a), board.spotOf(b)];
    if (spotA.pitch < 0 || spotB.pitch < 0) return;
    this.#try([a, b], () => {
      const first = board.spotAt(a, spotB.start, spotB.pitch, spotB.referee);
      if (typeof first === 'string') return null;
      board.place(a, first);
      const second = board.spotAt(b, spotA.start, spotA.pitch, spotA.referee);
      board.remove(a);
      return typeof second === 'string' ? null : [first, second];
    });
  }

  /** Removes the matches, asks for new spots, and keeps the new spots if late acceptance allows their cost. */
  #try(matches: readonly number[], spots: () => readonly Spot[] | null): void {
    const { board } = this;
    const old = matches.map((match) => board.spotOf(match));
    const before = this.#partOf(matches);
    for (const match of matches) board.remove(match);
    const found = spots();
    for (const [index, match] of matches.entries()) board.place(match, (found ?? old)[index]!);
    if (!found) return;
    const cost = this.cost + this.#partOf(matches) - before;
    const slot = this.#steps % MEMORY;
    if (cost <= this.cost || cost <= this.#costs[slot]!) this.#accept(cost);
    else {
      for (const match of matches) board.remove(match);
      for (const [index, match] of matches.entries()) board.place(match, old[index]!);
    }
    if (this.cost < this.#costs[slot]!) this.#costs[slot] = this.cost;
  }

  #placeMissing(): void {
    for (const match of this.#free) {
      if (this.board.isPlaced(match)) continue;
      const spot = this.board.earliest(match, -Infinity);
      if (spot) this.board.place(match, spot);
    }
    this.#accept(quality(this.board).cost);
  }

  #accept(cost: number): void {
    this.cost = cost;
    if (cost >= this.#best - 1e-6) return;
    // The running sum drifts by rounding errors, so the cost of a new best schedule is computed from scratch.
    this.cost = quality(this.board).cost;
    this.#best = this.cost;
    this.#bestSpots = this.#spots();
  }

  /** The part of the cost that can change if these matches move. */
  #partOf(matches: readonly number[]): number {
    const { problem, teams } = this.board;
    const touched = new Set<number>();
    const waiting = new Set<number>();
    for (const match of matches) {
      for (const team of problem.teams[match]!) touched.add(team);
      waiting.add(match);
      for (const later of problem.dependents[match]!) waiting.add(later);
    }
    let cost = 0;
    for (const team of touched) cost += costOfTeam(this.board, team);
    for (const match of waiting) cost += waitForSides(this.board, match);
    return cost / Math.max(1, teams.length) + spanOf(this.board);
  }

  #spots(): (Spot | null)[] {
    const { board } = this;
    return Array.from(board.pitchOf, (_, match) => (board.isPlaced(match) ? board.spotOf(match) : null));
  }

  #pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.#random() * list.length)];
  }
}
