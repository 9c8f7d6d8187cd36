import type { Board, Obstacle } from './board.ts';
import type { Assignment, ScheduleInput } from './input.ts';
import { type Window, merged } from './local-time.ts';
import { MINUTE_MS, type Problem, windowAt } from './problem.ts';
import { violations } from './violations.ts';

/** Why matches have no place, or which rule fixed matches break. */
export interface Conflict {
  readonly code:
    | 'NO_PITCHES'
    | 'WINDOWS_TOO_SHORT'
    | 'TOO_FEW_SLOTS'
    | 'TOO_FEW_REFEREES'
    | 'TEAM_NEEDS_MORE_TIME'
    | 'CHAIN_NEEDS_MORE_TIME'
    | 'WAITS_FOR_MATCH'
    | 'NO_PLACE_FOUND'
    | 'FIXED_MATCHES';
  /** An English text that names the fault and a remedy. */
  readonly message: string;
  /** The matches of this conflict. Only the first {@link MATCHES_NAMED} are in it. */
  readonly matches: readonly string[];
  readonly params: Readonly<Record<string, string | number>>;
  /** Whether each schedule of this input has this conflict. If false, the search only found no schedule without it. */
  readonly proven: boolean;
}

const MATCHES_NAMED = 20;
const CONFLICTS_TOLD = 50;

/** About how many different times are tried in order to explain why one match has no place. */
const TIMES_TRIED = 500;

/**
 * Explains why matches have no place, and which rules fixed matches break. Only the first 50 explanations are returned.
 */
export function conflictsOf(input: ScheduleInput, board: Board, assignment: Assignment): Conflict[] {
  const missing = board.problem.order.filter((match) => !board.isPlaced(match));
  const found = fixedConflicts(input, assignment);
  if (missing.length > 0) {
    const proven = provenConflicts(board.problem, missing);
    found.push(...proven);
    const explained = new Set(proven.flatMap(({ code, matches }) => (code === 'TOO_FEW_SLOTS' ? [] : matches)));
    for (const match of missing)
      if (!explained.has(input.matches[match]!.id)) found.push(notFound(board, match, proven.length > 0));
  }
  return found.slice(0, CONFLICTS_TOLD);
}

/** The rules that only fixed matches break. The search does not move fixed matches, so the organizer has to. */
function fixedConflicts(input: ScheduleInput, assignment: Assignment): Conflict[] {
  const fixed = new Set(input.matches.filter((match) => match.fixed).map(({ id }) => id));
  return violations(input, assignment)
    .filter(({ matches }) => matches.every((id) => fixed.has(id)))
    .map(({ rule, message, matches }) => ({
      code: 'FIXED_MATCHES',
      message: `A time that was set by hand breaks a rule: ${message} Set another time, pitch or referee.`,
      matches,
      params: { rule },
      proven: true,
    }));
}

/** Conflicts that each schedule must have. It proves them by counting. */
function provenConflicts(problem: Problem, missing: readonly number[]): Conflict[] {
  if (problem.open.length === 0)
    return [
      {
        code: 'NO_PITCHES',
        message: 'No pitch is open. Add a venue, a pitch and the times at which it is open.',
        matches: named(problem, missing),
        params: {},
        proven: true,
      },
    ];
  const told = [tooShort(problem, missing), tooFewReferees(problem), chainsWithoutTime(problem, missing)];
  return [...told.filter((one) => one !== null), ...tooFewSlots(problem), ...teamsWithoutTime(problem, missing)];
}

function tooShort(problem: Problem, missing: readonly number[]): Conflict | null {
  const longest = Math.max(...problem.pitchWindows.flat().map(({ from, to }) => to - from)) / MINUTE_MS;
  const matches = missing.filter((match) => problem.length[match]! / MINUTE_MS > longest);
  if (matches.length === 0) return null;
  const needs = Math.min(...matches.map((match) => problem.length[match]! / MINUTE_MS));
  return {
    code: 'WINDOWS_TOO_SHORT',
    message:
      `The match takes ${needs} minutes, and no pitch is open for more than ${longest} at a time. ` +
      'Open a pitch for longer, or make the match shorter.',
    matches: named(problem, matches),
    params: { needs, longest },
    proven: true,
  };
}

/** Conflicts of a range of dates: more matches must be in this range than fit on all pitches. */
function tooFewSlots(problem: Problem): Conflict[] {
  const { input, length } = problem;
  const free = problem.order.filter((match) => !input.matches[match]!.fixed);
  const rangeOf = (match: number): Window => ({
    from: Math.max(input.startsAt, input.matches[match]!.notBefore ?? -Infinity),
    to: input.matches[match]!.notAfter ?? Infinity,
  });
  const all = { from: input.startsAt, to: Infinity };
  const ranges = new Map([all, ...free.map(rangeOf)].map((range) => [`${range.from}-${range.to}`, range]));
  const found: Conflict[] = [];
  for (const range of ranges.values()) {
    const inside = free.filter((match) => rangeOf(match).from >= range.from && rangeOf(match).to <= range.to);
    if (inside.length === 0) continue;
    const shortest = Math.min(...inside.map((match) => length[match]!));
    const period = Math.ceil((shortest + problem.pause) / problem.step) * problem.step;
    const exist = sum(
      problem.pitchWindows.map((windows, pitch) =>
        slotsIn(clipped(problem, without(windows, fixedOn(problem, pitch), problem.pause), range), shortest, period),
      ),
    );
    const needs = inside.length;
    if (needs <= exist) continue;
    const lacking = needs - exist;
    found.push({
      code: 'TOO_FEW_SLOTS',
      message:
        `${needs} matches need ${needs} slots, and ${exist} exist in these windows. ` +
        `Open pitches for ${(lacking * period) / MINUTE_MS} minutes more, or make the matches or the pause shorter.`,
      matches: named(problem, inside),
      params: { needs, exist, minutes: (lacking * period) / MINUTE_MS },
      proven: true,
    });
  }
  return found;
}

/**
 * The conflict of too few referees. Together they cannot take all matches that are not fixed, even if each referee has
 * matches all the time that a pitch is open.
 */
function tooFewReferees(problem: Problem): Conflict | null {
  const { input, length, refereeWindows, open } = problem;
  const free = problem.order.filter((match) => !input.matches[match]!.fixed);
  if (refereeWindows.length === 0 || free.length === 0) return null;
  const shortest = Math.min(...free.map((match) => length[match]!));
  const period = Math.ceil(shortest / problem.step) * problem.step;
  const all = { from: input.startsAt, to: Infinity };
  const exist = sum(
    refereeWindows.map((windows) => slotsIn(clipped(problem, overlap(windows, open), all), shortest, period)),
  );
  if (free.length <= exist) return null;
  return {
    code: 'TOO_FEW_REFEREES',
    message:
      `${free.length} matches need a referee, and the referees can take ${exist} while pitches are open. ` +
      'Add a referee, or let referees come for longer.',
    matches: named(problem, free),
    params: { needs: free.length, exist },
    proven: true,
  };
}

/** Conflicts of teams that have more matches than fit, with rest between them, into the time that a pitch is open. */
function teamsWithoutTime(problem: Problem, missing: readonly number[]): Conflict[] {
  const { input, teams, length, open, rest } = problem;
  return [...new Set(missing.flatMap((match) => teams[match]!))].flatMap((team) => {
    const all = problem.order.filter((match) => teams[match]!.includes(team));
    const free = all.filter((match) => !input.matches[match]!.fixed);
    const shortest = Math.min(...free.map((match) => length[match]!));
    const period = Math.ceil((shortest + rest) / problem.step) * problem.step;
    const taken = all.flatMap((match) => windowOfFixed(problem, match));
    const exist = slotsIn(
      clipped(problem, without(open, taken, rest), { from: input.startsAt, to: Infinity }),
      shortest,
      period,
    );
    if (free.length <= exist) return [];
    const sample = input.matches[free[0]!]!;
    const entry = all.every((match) => [input.matches[match]!.home, input.matches[match]!.away].includes(sample.home))
      ? sample.home
      : sample.away;
    return [
      {
        code: 'TEAM_NEEDS_MORE_TIME' as const,
        message:
          `One team has ${free.length} matches, and with ${rest / MINUTE_MS} minutes of rest between them ` +
          `${exist} fit while pitches are open. Make the rest shorter, or open pitches on another day.`,
        matches: named(problem, free),
        params: { entry: entry ?? '', needs: free.length, exist, restMinutes: rest / MINUTE_MS },
        proven: true,
      },
    ];
  });
}

/**
 * The conflict of a chain of matches, each of which waits for the one before, that takes longer than pitches are open.
 */
function chainsWithoutTime(problem: Problem, missing: readonly number[]): Conflict | null {
  const { input, order, after, length, rest, step, pitchWindows } = problem;
  const end = new Float64Array(order.length);
  const chain = new Int32Array(order.length).fill(1);
  const late: number[] = [];
  for (const match of order) {
    const { notBefore, notAfter, fixed } = input.matches[match]!;
    let from = Math.max(input.startsAt, notBefore ?? -Infinity);
    for (const earlier of after[match]!) {
      from = Math.max(from, end[earlier]! + rest);
      chain[match] = Math.max(chain[match]!, chain[earlier]! + 1);
    }
    let start = Infinity;
    for (const windows of pitchWindows)
      for (let index = Math.max(0, windowAt(windows, from)); index < windows.length; index++) {
        const at = Math.ceil(Math.max(from, windows[index]!.from) / step) * step;
        if (at + length[match]! > Math.min(windows[index]!.to, notAfter ?? Infinity)) continue;
        start = Math.min(start, at);
        break;
      }
    end[match] = fixed ? fixed.start + length[match]! : start + length[match]!;
    if (!fixed && start === Infinity && from < Infinity && chain[match]! > 1) late.push(match);
  }
  const told = late.filter((match) => missing.includes(match));
  if (told.length === 0) return null;
  const links = chain[told[0]!]!;
  return {
    code: 'CHAIN_NEEDS_MORE_TIME',
    message:
      `${links} matches wait for each other, each for the result of the one before and ${rest / MINUTE_MS} minutes ` +
      'of rest. They take longer than pitches are open. Make the rest shorter, or open a pitch for longer.',
    matches: named(problem, told),
    params: { links, restMinutes: rest / MINUTE_MS },
    proven: true,
  };
}

const IN_THE_WAY: Readonly<Record<Obstacle, string>> = {
  ORDER: 'the matches before and after it leave no time. Make the rest shorter, or open pitches for longer',
  PITCH: 'other matches have the pitches. Open a pitch for longer, or make the pause shorter',
  TEAM: 'its teams play or rest. Make the rest shorter, or open pitches for longer',
  REFEREE: 'no referee is free who may take it. Add a referee',
};

function notFound(board: Board, match: number, elsewhere: boolean): Conflict {
  const { problem } = board;
  const waitsFor = problem.after[match]!.find((earlier) => !board.isPlaced(earlier));
  const matches = named(problem, [match]);
  if (waitsFor !== undefined) {
    const params = { waitsFor: problem.input.matches[waitsFor]!.id };
    return {
      code: 'WAITS_FOR_MATCH',
      message: 'The match waits for the result of another one that has no time itself.',
      matches,
      params,
      proven: elsewhere,
    };
  }
  const counts: Record<Obstacle, number> = { ORDER: 0, PITCH: 0, TEAM: 0, REFEREE: 0 };
  for (const [pitch, start] of timesToTry(problem)) {
    const spot = board.spotAt(match, start, pitch);
    if (typeof spot === 'string') counts[spot]++;
  }
  const most = (Object.keys(counts) as Obstacle[]).reduce((a, b) => (counts[b] > counts[a] ? b : a));
  const tried = sum(Object.values(counts));
  return {
    code: 'NO_PLACE_FOUND',
    message: `No place was found for the match: at ${counts[most]} of ${tried} times, ${IN_THE_WAY[most]}.`,
    matches,
    params: { ...counts, tried },
    proven: false,
  };
}

/** Times to try on each pitch, evenly spread over the windows. */
function timesToTry({ pitchWindows, step }: Problem): [pitch: number, start: number][] {
  const steps = sum(pitchWindows.flat().map(({ from, to }) => (to - from) / step));
  const stride = step * Math.max(1, Math.ceil(steps / TIMES_TRIED));
  return pitchWindows.flatMap((windows, pitch) =>
    windows.flatMap(({ from, to }) => {
      const first = Math.ceil(from / step) * step;
      return Array.from({ length: Math.max(0, Math.ceil((to - first) / stride)) }, (_, index): [number, number] => [
        pitch,
        first + index * stride,
      ]);
    }),
  );
}

const named = ({ input }: Problem, matches: readonly number[]): string[] =>
  matches.slice(0, MATCHES_NAMED).map((match) => input.matches[match]!.id);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** How many matches of this length fit into the windows. `period` is the least time from one begin to the next. */
const slotsIn = (windows: readonly Window[], length: number, period: number): number =>
  sum(windows.map(({ from, to }) => Math.max(0, Math.floor((to - from - length) / period) + 1)));

function windowOfFixed({ input, length }: Problem, match: number): Window[] {
  const { fixed } = input.matches[match]!;
  return fixed ? [{ from: fixed.start, to: fixed.start + length[match]! }] : [];
}

const fixedOn = (problem: Problem, pitch: number): Window[] =>
  problem.order
    .filter((match) => problem.input.matches[match]!.fixed?.pitch === problem.input.pitches[pitch]!.id)
    .flatMap((match) => windowOfFixed(problem, match));

/** The free parts of the windows: without the taken times, and without a gap before and after each of them. */
function without(windows: readonly Window[], taken: readonly Window[], gap: number): Window[] {
  return taken.reduce<Window[]>(
    (left, { from, to }) =>
      left.flatMap((window) =>
        [
          { from: window.from, to: Math.min(window.to, from - gap) },
          { from: Math.max(window.from, to + gap), to: window.to },
        ].filter((rest) => rest.from < rest.to && (to + gap > window.from || from - gap < window.to)),
      ),
    [...windows],
  );
}

/** The parts of the windows within the range. Each begins at a multiple of the step, as matches do. */
const clipped = ({ step }: Problem, windows: readonly Window[], range: Window): Window[] =>
  windows
    .map(({ from, to }) => ({ from: Math.ceil(Math.max(from, range.from) / step) * step, to: Math.min(to, range.to) }))
    .filter(({ from, to }) => from < to);

const overlap = (some: readonly Window[] | null, open: readonly Window[]): Window[] =>
  some === null
    ? [...open]
    : merged(
        some.flatMap((window) =>
          open
            .map(({ from, to }) => ({ from: Math.max(from, window.from), to: Math.min(to, window.to) }))
            .filter(({ from, to }) => from < to),
        ),
      );
