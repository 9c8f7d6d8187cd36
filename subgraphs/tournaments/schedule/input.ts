import type { Instant, Window } from './local-time.ts';

export interface MatchToPlan {
  readonly id: string;
  /** Matches of one sequence (a group, a bracket) keep the order of their rounds. */
  readonly sequence: string;
  readonly round: number;
  /** The entry's id. Null while the side is not known. */
  readonly home: string | null;
  readonly away: string | null;
  /** The matches that must end before this one begins: their results decide its sides, or they are the first leg. */
  readonly after: readonly string[];
  readonly minutes: number;
  /** The match must not begin before this time. Null: no limit. */
  readonly notBefore: Instant | null;
  /** The match must not end after this time. Null: no limit. */
  readonly notAfter: Instant | null;
  /** A place that the scheduler must not change: it was set by hand, or the match has begun. It may have no pitch. */
  readonly fixed: Place | null;
}

export interface Place {
  readonly start: Instant;
  readonly pitch: string | null;
  readonly referee: string | null;
}

export interface Pitch {
  readonly id: string;
  readonly venue: string;
  readonly windows: readonly Window[];
}

export interface Referee {
  readonly id: string;
  /** The entries that the referee belongs to. */
  readonly entries: readonly string[];
  /** When the referee has time. Null: whenever a pitch is open. */
  readonly windows: readonly Window[] | null;
}

/**
 * The input of the scheduler. If `referees` is not empty, the scheduler gives each match that is not fixed a referee.
 * Otherwise it gives no match a referee.
 */
export interface ScheduleInput {
  readonly matches: readonly MatchToPlan[];
  readonly pitches: readonly Pitch[];
  readonly referees: readonly Referee[];
  /** The scheduler lets no match begin before this time, except fixed matches. */
  readonly startsAt: Instant;
  /** The least time between two matches on one pitch. Minutes. */
  readonly pauseMinutes: number;
  /** The least time between two matches of one team, and between a match and the matches that wait for it. Minutes. */
  readonly restMinutes: number;
  /** Matches begin at multiples of this. The offsets of today's time zones are multiples of 15 minutes. */
  readonly stepMinutes: 1 | 5 | 15;
}

/** The place of each match, by its id. Matches for which there is no place are missing. */
export type Assignment = ReadonlyMap<string, Place>;

export const LIMITS = {
  matches: 2_000,
  pitches: 100,
  referees: 500,
  /** The limit for the windows of all pitches together, and for those of all referees together. */
  windows: 20_000,
  /** The limit for the sum of the lengths of `after` over all matches. */
  dependencies: 200_000,
  minutes: 1_440,
} as const;

/** The error for an input that the scheduler refuses. `field` is the part of the input that is wrong. */
export class ScheduleRefused extends Error {
  readonly code: 'TOO_MANY' | 'OUT_OF_RANGE' | 'REPEATED' | 'UNKNOWN' | 'CYCLE' | 'SAME_TEAM';
  readonly field: string;
  readonly params: Readonly<Record<string, string | number>>;

  constructor(code: ScheduleRefused['code'], field: string, params: ScheduleRefused['params'] = {}) {
    super(`${code} in ${field}`);
    this.code = code;
    this.field = field;
    this.params = params;
  }
}

/** Checks the input. @throws ScheduleRefused for an input that contradicts itself, or that exceeds {@link LIMITS} */
export function checkInput(input: ScheduleInput): void {
  const { matches, pitches, referees } = input;
  atMost('matches', matches.length, LIMITS.matches);
  atMost('pitches', pitches.length, LIMITS.pitches);
  atMost('referees', referees.length, LIMITS.referees);
  atMost('pitches.windows', total(pitches.map(({ windows }) => windows.length)), LIMITS.windows);
  atMost('referees.windows', total(referees.map(({ windows }) => windows?.length ?? 0)), LIMITS.windows);
  atMost('matches.after', total(matches.map(({ after }) => after.length)), LIMITS.dependencies);
  for (const [field, list] of Object.entries({ matches, pitches, referees })) unique(field, list);
  inRange('pauseMinutes', input.pauseMinutes, 0);
  inRange('restMinutes', input.restMinutes, 0);
  for (const { windows } of [...pitches, ...referees])
    for (const { from, to } of windows ?? []) if (!(from < to)) throw new ScheduleRefused('OUT_OF_RANGE', 'windows');
  const known = {
    match: new Set(matches.map(({ id }) => id)),
    pitch: new Set(pitches.map(({ id }) => id)),
    referee: new Set(referees.map(({ id }) => id)),
  };
  for (const match of matches) {
    inRange('matches.minutes', match.minutes, 1);
    if (match.home !== null && match.home === match.away)
      throw new ScheduleRefused('SAME_TEAM', 'matches', { match: match.id });
    for (const id of match.after) exists('matches.after', known.match, id);
    if (match.fixed?.pitch) exists('matches.fixed.pitch', known.pitch, match.fixed.pitch);
    if (match.fixed?.referee) exists('matches.fixed.referee', known.referee, match.fixed.referee);
  }
  inOrder(matches);
}

/**
 * The indexes of matches in an order in which each match comes after the matches that it waits for.
 * @throws ScheduleRefused CYCLE
 */
export function inOrder(matches: readonly Pick<MatchToPlan, 'id' | 'after'>[]): number[] {
  const place = new Map(matches.map(({ id }, index) => [id, index]));
  const open = matches.map(({ after }) => new Set(after).size);
  const dependents = matches.map((): number[] => []);
  for (const [index, { after }] of matches.entries())
    for (const id of new Set(after)) dependents[place.get(id) as number]?.push(index);
  const order = [...open.keys()].filter((index) => open[index] === 0);
  for (const index of order)
    for (const dependent of dependents[index] ?? []) if (--open[dependent]! === 0) order.push(dependent);
  if (order.length < matches.length) {
    const match = matches[open.findIndex((count) => count > 0)] as MatchToPlan;
    throw new ScheduleRefused('CYCLE', 'matches.after', { match: match.id });
  }
  return order;
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

function atMost(field: string, count: number, limit: number): void {
  if (count > limit) throw new ScheduleRefused('TOO_MANY', field, { count, limit });
}

function inRange(field: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least || value > LIMITS.minutes)
    throw new ScheduleRefused('OUT_OF_RANGE', field, { least, most: LIMITS.minutes });
}

function unique(field: string, list: readonly { readonly id: string }[]): void {
  const seen = new Set<string>();
  for (const { id } of list) {
    if (seen.has(id)) throw new ScheduleRefused('REPEATED', field, { id });
    seen.add(id);
  }
}

function exists(field: string, known: ReadonlySet<string>, id: string): void {
  if (!known.has(id)) throw new ScheduleRefused('UNKNOWN', field, { id });
}
