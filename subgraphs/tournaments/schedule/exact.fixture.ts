import { Board, type Spot } from './board.ts';
import type { ScheduleInput } from './input.ts';
import { MINUTE_MS, type Problem, problemOf } from './problem.ts';
import { openMinutes, quality } from './quality.ts';

/**
 * The least possible cost of a schedule of a small input. It tries each match at each time on each pitch, in the order
 * of time. It leaves a branch if a lower bound shows that the branch cannot beat the best schedule so far. It also
 * leaves a branch if another one placed the same matches with the same consequences, for no higher cost.
 * @param atMost the cost of a known schedule: only better ones matter
 * @param branches the largest number of branches to try
 * @returns `proven` is false if all branches were used up: then `cost` is the best so far. `atLeast` is a lower bound.
 */
export function exact(
  input: ScheduleInput,
  atMost: number,
  branches: number,
): { cost: number; atLeast: number; proven: boolean; tried: number } {
  const problem = problemOf(input);
  const board = new Board(problem);
  const last = problem.open.at(-1)?.to ?? -Infinity;
  const seen = new Map<string, { start: number; sofar: number }[]>();
  const chain = new Float64Array(problem.order.length);
  for (const match of problem.order.toReversed())
    chain[match] =
      problem.length[match]! + Math.max(0, ...problem.dependents[match]!.map((later) => problem.rest + chain[later]!));
  const left = new Set(problem.order);
  const between = roundsBehindEachOther(problem);
  let [best, tried] = [atMost, 0];
  const first = problem.open[0]?.from ?? 0;
  const { bound } = costs(first);
  descend(first, -1);
  const proven = tried < branches;
  return { cost: best, atLeast: proven ? best : bound, proven, tried };

  /** Tries all places for the remaining matches, at this time on later pitches, and at later times. */
  function descend(from: number, pitch: number): void {
    if (left.size === 0) {
      best = Math.min(best, quality(board).cost);
      return;
    }
    const key = state(from, pitch);
    for (let start = from; start < last; start += problem.step) {
      const spent = costs(start);
      if (spent.bound >= best - 1e-6) return;
      if (start === from) {
        // Leaves the branch if the search has reached this state before, at no later time and for no higher cost. Each
        // pitch has one window, so everything that follows here could also follow there, at the same time or earlier.
        const known = seen.get(key) ?? [];
        if (known.some((other) => other.start <= from && other.sofar <= spent.sofar + 1e-6)) return;
        seen.set(key, [...known, { start: from, sofar: spent.sofar }]);
      }
      for (let on = start === from ? pitch + 1 : 0; on < board.pitches.length; on++)
        for (const match of [...left]) {
          const spot = board.spotAt(match, start, on);
          if (typeof spot === 'string') continue;
          if (++tried >= branches) return;
          place(match, spot);
          descend(start, on);
          board.remove(match);
          left.add(match);
        }
    }
  }

  function place(match: number, spot: Spot): void {
    left.delete(match);
    board.place(match, spot);
  }

  /** The cost so far, and a lower bound of the final cost if every other match begins at or after `now`. */
  function costs(now: number): { sofar: number; bound: number } {
    const { waiting, edges, moves } = quality(board);
    const sofar = waiting + edges + moves;
    let end = Math.max(board.lastEnd(), ...[...left].map((match) => now + chain[match]!));
    // A lower bound of the end: as if the remaining matches filled all pitches without a gap.
    const shortest = Math.min(...[...left].map((match) => problem.length[match]!));
    const ready = board.pitches.map(({ matches }) =>
      Math.max(now, (board.times.end[matches.at(-1)!] ?? 0) + problem.pause),
    );
    for (let count = left.size; count > 0; count--) {
      const soonest = ready.indexOf(Math.min(...ready));
      end = Math.max(end, ready[soonest]! + shortest);
      ready[soonest]! += shortest + problem.pause;
    }
    let waits = 0;
    for (const [team, { matches }] of board.teams.entries()) {
      const before = matches.at(-1);
      if (
        before === undefined ||
        !problem.order.some((match) => left.has(match) && problem.teams[match]!.includes(team))
      )
        continue;
      const minutes = Math.max(0, now - board.times.end[before]! - problem.rest) / MINUTE_MS;
      if (problem.days.length === 1) waits += (minutes * minutes) / 60;
    }
    const perTeam = 1 / Math.max(1, problem.teamCount);
    return { sofar, bound: sofar + (waits + waitsToCome()) * perTeam + openMinutes(problem, end) };
  }

  /**
   * A lower bound of the future cost of waiting. For each round without a placed match, it counts the wait of the teams
   * until the next round, if the same teams play both. It is 0 if there are several days.
   */
  function waitsToCome(): number {
    return problem.days.length > 1
      ? 0
      : between.reduce((sum, { first, cost }) => (isOpen(first) ? sum + cost : sum), 0);
  }

  function isOpen(round: number): boolean {
    return problem.rounds[round]!.every((match) => left.has(match));
  }

  /**
   * A key of everything that the cost and the rules of the remaining matches depend on, with times relative to `now`.
   */
  function state(now: number, pitch: number): string {
    const waits = problem.order.filter(
      (match) => !left.has(match) && problem.dependents[match]!.some((later) => left.has(later)),
    );
    return [
      pitch,
      [...left].sort((a, b) => a - b),
      board.pitches.map(({ matches }) => Math.max(0, (board.times.end[matches.at(-1)!] ?? 0) + problem.pause - now)),
      waits.map((match) => board.times.end[match]! - now),
      board.teams.map(({ matches }, team) => {
        if (!problem.order.some((match) => left.has(match) && problem.teams[match]!.includes(team))) return '';
        const before = matches.at(-1);
        if (before === undefined) return '-';
        return [board.times.end[before]! - now, board.pitchOf[before], edgesOf(team)].join('/');
      }),
    ].join(';');
  }

  /** The numbers of the team's matches at an opening and at a closing. The next one costs more. */
  function edgesOf(team: number): string {
    const { matches } = board.teams[team]!;
    const count = (isEdge: (match: number) => boolean) => matches.filter(isEdge).length;
    const window = (match: number) => problem.pitchWindows[board.pitchOf[match]!]![0]!;
    return [
      count((match) => board.times.start[match]! - window(match).from < problem.length[match]!),
      count((match) => window(match).to - board.times.end[match]! < problem.length[match]!),
    ].join('+');
  }
}

/**
 * The rounds that are followed by a round of the same teams, and the least cost of waiting between the two. The matches
 * of the later round begin no sooner than the last match of the earlier one. On each pitch, at most one match begins
 * within the length of a match. So the sum of the waits has a lower bound, and the sum of their squares is least if all
 * waits are equal.
 */
function roundsBehindEachOther(problem: Problem): { first: number; cost: number }[] {
  const teamsOf = (round: number) => problem.rounds[round]!.flatMap((match) => problem.teams[match]!);
  return [...problem.rounds.keys()].flatMap((first) => {
    const second = first + 1;
    if (second > problem.sequenceOf[first]![1]) return [];
    const teams = teamsOf(first);
    if (teams.length === 0 || teams.toSorted().join() !== teamsOf(second).toSorted().join()) return [];
    const count = problem.rounds[first]!.length;
    const courts = problem.pitchWindows.length;
    const length = Math.min(...problem.length);
    let apart = 0;
    for (let index = 0; index < count; index++) apart += Math.floor((index + 1) / courts) + Math.floor(index / courts);
    const wait = ((2 * apart * (length + problem.pause)) / teams.length - length - problem.rest) / MINUTE_MS;
    return [{ first, cost: (teams.length * Math.max(0, wait) ** 2) / 60 }];
  });
}
