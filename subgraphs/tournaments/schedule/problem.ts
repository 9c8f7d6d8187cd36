import { type MatchToPlan, type ScheduleInput, inOrder } from './input.ts';
import { type Window, merged } from './local-time.ts';
import { mayPlay } from './violations.ts';

export const MINUTE_MS = 60_000;

/** Pitches are shut for so long at most within what counts as one day of a team: a lunch break, not a night. */
const SAME_DAY_MS = 4 * 60 * MINUTE_MS;

/** The input by numbers instead of names: what the search reads, prepared once. */
export interface Problem {
  readonly input: ScheduleInput;
  /** Matches, each behind the matches that it waits for. */
  readonly order: readonly number[];
  /** Per match, in milliseconds. */
  readonly length: Float64Array;
  readonly longest: number;
  readonly teams: readonly (readonly number[])[];
  readonly teamCount: number;
  readonly after: readonly (readonly number[])[];
  readonly dependents: readonly (readonly number[])[];
  /** Per match: its round; rounds are numbered through, those of a sequence in order. */
  readonly roundOf: Int32Array;
  /** Per round: the matches in it whose time is free. */
  readonly rounds: readonly (readonly number[])[];
  /** Per round: the first and the last round of its sequence. */
  readonly sequenceOf: readonly (readonly [first: number, last: number])[];
  /** Per match: referees with a team that plays in it, or may. */
  readonly ownReferees: readonly (readonly number[])[];
  readonly pitchWindows: readonly (readonly Window[])[];
  readonly venueOf: readonly string[];
  readonly refereeWindows: readonly (readonly Window[] | null)[];
  /** When any pitch is open; `before`: how long any was before. */
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
