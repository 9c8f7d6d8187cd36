import { createHash } from 'node:crypto';
import { type Result, readGoals, resultOf } from './goals.ts';
import { readKickoff } from './kickoff.ts';
import { type Json, Unreadable, first, isObject, label, printable, wholeNumber } from './reading.ts';
import { SCORE_FIELDS, readScore } from './score.ts';
import { isBye, isSlot } from './slots.ts';
import { statusOf } from './status.ts';

export interface FileMatch {
  /**
   * The match has the same id in a later version of the file, unless its round, date or teams change there.
   */
  readonly clientId: string;
  readonly home: string;
  readonly away: string;
  readonly round: string | null;
  readonly group: string | null;
  readonly venue: string | null;
  /** The time of the kick-off: RFC 3339, UTC. */
  readonly kickoffAt: string;
  /**
   * The result of the match. Null when the file has no usable result. Then the match is scheduled, but cannot be
   * replayed.
   */
  readonly result: Result | null;
  /** The match's number in the file. A placeholder such as W74 refers to it. */
  readonly num: number | null;
  /** Whether the result was awarded, without a regular match. */
  readonly awarded: boolean;
  readonly cancelled: boolean;
}

/** A row, its place in the file, and the names of the round and the group whose list has the row. */
export interface Row {
  readonly value: unknown;
  readonly place: string;
  readonly round?: string;
  readonly group?: string;
}

/** The fields that cause no note. Some of these have no effect. */
const KNOWN = new Set([
  'round',
  'matchday',
  'stage',
  'group',
  'date',
  'time',
  'time_local',
  'timezone',
  'team1',
  'team2',
  'home',
  'away',
  'homeTeam',
  'awayTeam',
  'ground',
  'stadium',
  'venue',
  'city',
  ...SCORE_FIELDS,
  'goals1',
  'goals2',
  'status',
  'num',
  'knockout',
]);

const HOME = ['team1', 'home', 'homeTeam'];
const AWAY = ['team2', 'away', 'awayTeam'];
export const hasTeams = (row: Json): boolean => [...HOME, ...AWAY].some((field) => Object.hasOwn(row, field));

/** The name of a round with the name of its stage before it: `Apertura, Matchday 1`. */
export const within = (stage: string | undefined, round: string | undefined): string | undefined =>
  stage === round ? round : [stage, round].filter(Boolean).join(', ') || undefined;

/** The row's teams for messages; empty when it has none. */
export function teamsOf(value: unknown): string {
  if (!isObject(value)) return '';
  const [home, away] = [HOME, AWAY].map((fields) => label(first(value, ...fields)));
  return home === undefined && away === undefined ? '' : ` ${printable(home ?? '?')} – ${printable(away ?? '?')}`;
}

/**
 * Reads the match of a row. Calls `note` for each part that cannot be used.
 * @param slots whether a placeholder counts as a team
 * @throws Unreadable when the row is no match, or, without `slots`, when a team is not known yet
 */
export function readMatch(
  { value, round: roundAround, group: groupAround }: Row,
  competition: string,
  note: (message: string) => void,
  { slots = false }: { readonly slots?: boolean } = {},
): FileMatch {
  if (!isObject(value)) throw new Unreadable(`it is ${printable(value)}, not a match`);
  const [home, away] = [team(value, HOME, slots), team(value, AWAY, slots)];
  if (home === away) throw new Unreadable('a team cannot play itself');
  const { date, at } = readKickoff(value, note);
  const result = readResult(value, note);
  for (const field of Object.keys(value)) if (!KNOWN.has(field)) note(`the field "${printable(field)}" is ignored`);
  const text = (what: string, given: unknown, max: number): string | null => {
    const found = label(given) ?? null;
    if (found === null || found.length <= max) return found;
    note(`the ${what} has more than ${max} characters; it is ignored`);
    return null;
  };
  const status = statusOf(first(value, 'status'));
  const numbered = (given: unknown): unknown => (typeof given === 'number' ? `Matchday ${given}` : given);
  const own = numbered(first(value, 'round'));
  const around = roundAround === undefined ? own : within(roundAround, label(own));
  // The id is made of these parts. Do not change them here: then this program would not recognize matches that an older
  // version of it imported.
  const key = [competition, typeof around === 'string' ? around : (label(around) ?? null), date, home, away];
  const round = within(label(first(value, 'stage')), label(around ?? numbered(first(value, 'matchday'))));
  return {
    clientId: createHash('sha256').update(JSON.stringify(key)).digest('base64url'),
    home,
    away,
    round: text('round', round, 100),
    group: text('group', first(value, 'group') ?? groupAround, 100),
    venue: text('venue', venueOf(value), 200),
    kickoffAt: at,
    result,
    num: wholeNumber(first(value, 'num'), { min: 0, max: 9_999 }) ?? null,
    awarded: status.result === 'awarded',
    cancelled: status.result === 'none' && status.says === 'canceled',
  };
}

/** The row's result. Null, with a note, when it has none or it cannot be read. Unreadable goals are left out. */
function readResult(row: Json, note: (message: string) => void): Result | null {
  const none = (why: string): null => {
    note(`${why}: it is scheduled, and cannot be replayed`);
    return null;
  };
  const status = statusOf(first(row, 'status'));
  if (status.result === 'none') return none(status.says);
  const score = attempt(() => readScore(row));
  if (score instanceof Unreadable) return none(score.message);
  if (!score.final) return none('no result');
  const withoutScorers = (why: string): Result | null => {
    note(`${why}; the score is imported without scorers`);
    return resultOf(score, [null, null], note);
  };
  // An awarded result has no scorers.
  if (status.result === 'awarded') return withoutScorers(status.says);
  const said: string[] = [];
  const result = attempt(() => {
    const lists = [readGoals(row.goals1, 'goals1'), readGoals(row.goals2, 'goals2')] as const;
    return resultOf(score, lists, (message) => void said.push(message));
  });
  if (result instanceof Unreadable) return withoutScorers(result.message);
  for (const message of said) note(message);
  return result;
}

function attempt<T>(read: () => T): T | Unreadable {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unreadable) return error;
    throw error;
  }
}

/** The name in the first of these fields. @throws Unreadable when it is no team, or a placeholder without `slots` */
function team(row: Json, fields: readonly string[], slots: boolean): string {
  const name = label(first(row, ...fields));
  if (name === undefined) throw new Unreadable('the team is missing');
  if (isBye(name)) throw new Unreadable('a bye is no match');
  if (isSlot(name) && !slots)
    throw new Unreadable(`"${printable(name)}" is a slot, not a team; import the file again when it says who plays`);
  if (name.length > 80) throw new Unreadable("the team's name has more than 80 characters");
  return name;
}

function venueOf(row: Json): unknown {
  const ground = first(row, 'ground', 'venue');
  return ground ?? [label(first(row, 'stadium')), label(first(row, 'city'))];
}
