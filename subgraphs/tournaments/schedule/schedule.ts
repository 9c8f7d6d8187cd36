import { setImmediate } from 'node:timers/promises';
import type { Board } from './board.ts';
import { type Conflict, conflictsOf } from './conflicts.ts';
import { construct, randomOf } from './construct.ts';
import { Improvement } from './improve.ts';
import { type Assignment, type ScheduleInput, checkInput } from './input.ts';
import { MINUTE_MS, type Problem, problemOf } from './problem.ts';
import { type Quality, quality } from './quality.ts';

export interface Schedule {
  readonly assignment: Assignment;
  readonly quality: Quality;
  /** The conflicts. The list is empty if and only if every match has a place and no rule is broken. */
  readonly conflicts: readonly Conflict[];
}

interface Options {
  /** The seed of the random numbers. The same input, seed and number of steps give the same schedule. */
  readonly seed: number;
  /** How long to search, in moves tried; 0 gives the first schedule found. */
  readonly steps: number;
  readonly signal?: AbortSignal;
  /** Receives the finished share of the search, from 0 to 1, and the best cost so far. The search waits for it. */
  readonly onProgress?: (done: number, cost: number) => void | Promise<void>;
}

/** How many first schedules are made; then the best one is improved. A large tournament gets fewer, to save time. */
const STARTS = 30;
const MATCHES_OF_STARTS = 6_000;

/** The number of moves after which the search reports its progress and lets the event loop run. */
const STEPS_AT_ONCE = 500;

/**
 * Finds times, pitches and referees for matches. Fixed matches keep their places. The places of other matches break no
 * hard rule (`violations` has the list of rules). A match for which there is no place is left out, and `conflicts`
 * explains why.
 * @throws ScheduleRefused as `checkInput`; the reason of `signal` after it is aborted
 */
export async function schedule(input: ScheduleInput, options: Options): Promise<Schedule> {
  checkInput(input);
  const problem = problemOf(input);
  const random = randomOf(options.seed);
  const turn = async (done: number, cost: number) => {
    await options.onProgress?.(done, cost);
    await setImmediate();
    options.signal?.throwIfAborted();
  };
  await turn(0, Infinity);
  const improvement = new Improvement(await firstBoard(problem, random, options), random);
  for (let step = 0; step < options.steps; step++) {
    if (step % STEPS_AT_ONCE === 0) await turn(step / options.steps, improvement.best);
    improvement.step();
  }
  improvement.finish();
  const { board } = improvement;
  const assignment = new Map(
    input.matches.flatMap(({ id }, match) => (board.isPlaced(match) ? [[id, board.placeOf(match)] as const] : [])),
  );
  await turn(1, improvement.best);
  return { assignment, quality: quality(board), conflicts: conflictsOf(input, board, assignment) };
}

/** The best of several first schedules. The first one is made without noise, the others with more and more noise. */
async function firstBoard(problem: Problem, random: () => number, { steps, signal }: Options): Promise<Board> {
  let best = construct(problem, 0, random);
  let cost = quality(best).cost;
  const starts = steps === 0 ? 1 : Math.min(STARTS, Math.ceil(MATCHES_OF_STARTS / Math.max(1, problem.order.length)));
  for (let start = 1; start < starts; start++) {
    const board = construct(problem, start * 4 * MINUTE_MS, random);
    const found = quality(board).cost;
    if (found < cost) [best, cost] = [board, found];
    await setImmediate();
    signal?.throwIfAborted();
  }
  return best;
}
