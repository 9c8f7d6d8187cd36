import { Board } from './board.ts';
import type { Assignment, ScheduleInput } from './input.ts';
import { MINUTE_MS, type Problem, problemOf, windowAt } from './problem.ts';

/**
 * The cost of a schedule is one number, in minutes; less is better. It is the sum of these parts:
 *
 * - `span`: for how long at least one pitch is open until the last match on a pitch ends. Nights do not count.
 * - `waiting`: the mean over teams of w²/60 for each wait of w minutes between two matches of one day, beyond the
 *   required rest. One hour costs 60, two half hours together cost 30: long waits cost more. The unknown winner or
 *   loser of an earlier match waits too. A side that comes from a table does not.
 * - `edges`: the mean over teams of 10·n² for n matches at the opening of a pitch, and of the same at its closing. So
 *   it is best if teams take turns.
 * - `moves`: the mean over teams of 5 for each change of the pitch within a day, or 30 if the venue changes too.
 * - A million minutes for each match without a place.
 */
export interface Quality {
  readonly cost: number;
  readonly span: number;
  readonly waiting: number;
  readonly edges: number;
  readonly moves: number;
  readonly unplaced: number;
}

export const UNPLACED_COST = 1_000_000;
const EDGE_COST = 10;
const PITCH_CHANGE_COST = 5;
const VENUE_CHANGE_COST = 30;

export function qualityOf(input: ScheduleInput, assignment: Assignment): Quality {
  const problem = problemOf({
    ...input,
    matches: input.matches.map((match) => ({ ...match, fixed: assignment.get(match.id) ?? null })),
  });
  return quality(new Board(problem));
}

export function quality(board: Board): Quality {
  const { problem } = board;
  const parts = { waiting: 0, edges: 0, moves: 0 };
  for (const team of board.teams.keys()) addTeam(board, team, parts);
  for (const match of problem.order) parts.waiting += waitForSides(board, match);
  const perTeam = 1 / Math.max(1, problem.teamCount);
  const [waiting, edges, moves] = [parts.waiting * perTeam, parts.edges * perTeam, parts.moves * perTeam];
  const span = spanOf(board);
  const unplaced = problem.order.filter((match) => !board.isPlaced(match)).length;
  return { cost: span + waiting + edges + moves + unplaced * UNPLACED_COST, span, waiting, edges, moves, unplaced };
}

/** Computes the `span` of {@link Quality}. */
export function spanOf(board: Board): number {
  return openMinutes(board.problem, board.lastEnd());
}

/** The number of minutes before the instant in which at least one pitch is open. */
export function openMinutes({ open }: Problem, instant: number): number {
  const window = open[windowAt(open, instant)];
  return window ? (window.before + Math.min(instant, window.to) - window.from) / MINUTE_MS : 0;
}

/** The sum of `waiting`, `edges` and `moves` of one team, before the mean is taken. */
export function costOfTeam(board: Board, team: number): number {
  const parts = { waiting: 0, edges: 0, moves: 0 };
  addTeam(board, team, parts);
  return parts.waiting + parts.edges + parts.moves;
}

function addTeam(board: Board, team: number, parts: { waiting: number; edges: number; moves: number }): void {
  const { days, venueOf, pitchWindows, length } = board.problem;
  const { start, end } = board.times;
  let [first, last, before] = [0, 0, -1];
  for (const match of board.teams[team]!.matches) {
    const pitch = board.pitchOf[match]!;
    if (pitch >= 0) {
      const windows = pitchWindows[pitch]!;
      const window = windows[windowAt(windows, start[match]!)];
      if (window && start[match]! - window.from < length[match]!) first++;
      if (window && window.to - end[match]! < length[match]!) last++;
    }
    if (before >= 0 && windowAt(days, start[before]!) === windowAt(days, start[match]!)) {
      parts.waiting += waitCost(board, end[before]!, start[match]!);
      const earlier = board.pitchOf[before]!;
      if (pitch >= 0 && earlier >= 0 && pitch !== earlier)
        parts.moves += venueOf[pitch] === venueOf[earlier] ? PITCH_CHANGE_COST : VENUE_CHANGE_COST;
    }
    before = match;
  }
  parts.edges += EDGE_COST * (first * first + last * last);
}

/** The cost of waiting of the unknown sides of a match, after the one or two matches that decide them. */
export function waitForSides(board: Board, match: number): number {
  const { after, teams, days } = board.problem;
  const { start, end } = board.times;
  const unknown = 2 - teams[match]!.length;
  const before = after[match]!;
  if (unknown === 0 || before.length === 0 || before.length > 2 || !board.isPlaced(match)) return 0;
  let cost = 0;
  for (const earlier of before)
    if (board.isPlaced(earlier) && windowAt(days, start[earlier]!) === windowAt(days, start[match]!))
      cost += waitCost(board, end[earlier]!, start[match]!);
  return (cost * unknown) / before.length;
}

function waitCost(board: Board, end: number, start: number): number {
  const minutes = Math.max(0, start - end - board.problem.rest) / MINUTE_MS;
  return (minutes * minutes) / 60;
}
