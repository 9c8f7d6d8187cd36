import { type MatchToPlan, type ScheduleInput, inOrder } from './input.ts';
import { type Window, merged } from './local-time.ts';
import { mayPlay } from './violations.ts';

export const MINUTE_MS = 60_000;

/**
 * If all pitches are closed for longer than this, a new day of play begins. So a lunch break ends no day; a night does.
 * Milliseconds.
 */
const SAME_DAY_MS = 4 * 60 * MINUTE_MS;

/** The input with numbers instead of ids, prepared once for the search. */
export interface Problem {
  readonly input: ScheduleInput;
  /** The matches in an order in which each comes after the matches that it waits for. */
  readonly order: readonly number[];
  /** The length of each match, in milliseconds. */
  readonly length: Float64Array;
  readonly longest: number;
  readonly teams: readonly (readonly number[])[];
  readonly teamCount: number;
  readonly after: readonly (readonly number[])[];
  readonly dependents: readonly (readonly number[])[];
  /** The round of each match. The numbers of rounds are unique over all sequences, and in order within a sequence. */
  readonly roundOf: Int32Array;
  /** The matches of each round, without the fixed ones. */
  readonly rounds: readonly (readonly number[])[];
  /** For each round: the first and the last round of its sequence. */
  readonly sequenceOf: readonly (readonly [first: number, last: number])[];
  /** For each match: the referees who belong to a team that plays, or may play, in it. */
  readonly ownReferees: readonly (readonly number[])[];
  readonly pitchWindows: readonly (readonly Window[])[];
  readonly venueOf: readonly string[];
  readonly refereeWindows: readonly (readonly Window[] | null)[];
  /** The times at which at least one pitch is open. `before` is the total length of the earlier ones. */
  readonly open: readonly (Window & { readonly before: number })[];
  /** Days of play, in order: from the first opening to the last closing. */
  readonly days: readonly Window[];
  readonly pause: number;
  readonly rest: number;
  readonly step: number;
}

export function problemOf(input: ScheduleInput): Problem {
  const { matches, pitches, referees } = input;
  const place = new Map(matches.map(({ id }, index) => [id, index]));
  const teams = numbered(matches.flatMap(({ home, away }) => [home, away]));
  const after = matches.map((match) => [...new Set(match.after)].map((id) => place.get(id) as number));
  const dependents = matches.map((): number[] => []);
  for (const [index, before] of after.entries()) for (const earlier of before) dependents[earlier]?.push(index);
  const may = mayPlay(input);
  const open = merged(pitches.flatMap(({ windows }) => windows));
  const length = Float64Array.from(matches, ({ minutes }) => minutes * MINUTE_MS);
  let before = 0;
  return {
    input,
    order: inOrder(matches),
    length,
    longest: Math.max(0, ...length),
    teams: matches.map(({ home, away }) =>
      [home, away].flatMap((team) => (team === null ? [] : [teams.get(team) as number])),
    ),
    teamCount: teams.size,
    after,
    dependents,
    ...roundsOf(matches),
    ownReferees: matches.map((match) =>
      referees.flatMap(({ entries }, referee) => (entries.some((entry) => may(match, entry)) ? [referee] : [])),
    ),
    pitchWindows: pitches.map(({ windows }) => merged(windows)),
    venueOf: pitches.map(({ venue }) => venue),
    refereeWindows: referees.map(({ windows }) => windows && merged(windows)),
    open: open.map((window) => {
      before += window.to - window.from;
      return { ...window, before: before - (window.to - window.from) };
    }),
    days: merged(open.map(({ from, to }) => ({ from, to: to + SAME_DAY_MS }))),
    pause: input.pauseMinutes * MINUTE_MS,
    rest: input.restMinutes * MINUTE_MS,
    step: input.stepMinutes * MINUTE_MS,
  };
}

/** The last window that begins at or before `instant`; -1 if none does. */
export function windowAt(windows: readonly Window[], instant: number): number {
  let [low, high] = [0, windows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (windows[middle]!.from <= instant) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function numbered(names: readonly (string | null)[]): Map<string, number> {
  return new Map([...new Set(names.filter((name) => name !== null))].map((name, index) => [name, index]));
}

function roundsOf(matches: readonly MatchToPlan[]): Pick<Problem, 'roundOf' | 'rounds' | 'sequenceOf'> {
  const bySequence = Map.groupBy(matches.keys(), (index) => matches[index]!.sequence);
  const roundOf = new Int32Array(matches.length);
  const rounds: number[][] = [];
  const sequenceOf: [number, number][] = [];
  for (const members of bySequence.values()) {
    const byRound = Map.groupBy(members, (index) => matches[index]!.round);
    const first = rounds.length;
    const last = first + byRound.size - 1;
    for (const round of [...byRound.keys()].toSorted((a, b) => a - b)) {
      for (const index of byRound.get(round) ?? []) roundOf[index] = rounds.length;
      rounds.push((byRound.get(round) ?? []).filter((index) => !matches[index]!.fixed));
      sequenceOf.push([first, last]);
    }
  }
  return { roundOf, rounds, sequenceOf };
}
