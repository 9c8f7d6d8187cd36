import { type FileMatch, type Row, hasTeams, readMatch, teamsOf, within } from './match.ts';
import { Notes } from './notes.ts';
import { baseRound, placeOf } from './places.ts';
import { isSlot } from './slots.ts';
import { Unreadable, first, isObject, label, printable } from './reading.ts';

export interface Competition {
  readonly name: string;
  readonly teams: readonly string[];
  readonly matches: readonly FileMatch[];
  /**
   * Matches with a side that is not known yet. A tournament can have such a match, because the placeholder says where
   * the side comes from. `line` is the match's line in `leftOut`.
   */
  readonly pending: readonly { readonly match: FileMatch; readonly line: string }[];
  /** How many rows the file has. */
  readonly rows: number;
  /** Rows that were left out, a line each: the place in the file, the teams, and the reason. */
  readonly leftOut: readonly string[];
  /**
   * Notes about the other rows: parts that were not used or are doubtful. The same note about many rows is one line.
   */
  readonly notes: readonly string[];
}

/** The error for a file in which nothing is usable. The message is one line with a code and a place. */
export class CompetitionFileError extends Error {
  readonly code: 'INVALID_JSON' | 'NO_MATCHES' | 'NOTHING_TAKEN';
  readonly place: string;
  constructor(code: CompetitionFileError['code'], place: string, message: string) {
    super(`${code} at ${place}: ${message}`);
    this.name = 'CompetitionFileError';
    this.code = code;
    this.place = place;
  }
}

const MAX_ROWS = 10_000;
const ROWS = ['matches', 'games', 'fixtures'];
/** Fields with a list of parts. The name of a part is the round, or the group, of the part's rows. */
const PARTS: Readonly<Record<string, 'round' | 'group'>> = {
  stages: 'round',
  rounds: 'round',
  matchdays: 'round',
  groups: 'group',
};

/**
 * Reads a competition in any present or past JSON format of openfootball. Leaves out unusable rows, and the rows after
 * the first {@link MAX_ROWS}.
 * @param fallback the competition's name when the file has none
 * @throws CompetitionFileError when nothing is usable
 */
export function readCompetition(text: string, fallback = 'Competition'): Competition {
  const file = parse(text);
  const leftOut: string[] = [];
  const rows = rowsOf(file, '$', {}, 0, (place, count) =>
    leftOut.push(`${place}: matches (${count}) are in a field that is not known here; put them into "matches"`),
  );
  if (rows.length === 0)
    throw new CompetitionFileError(
      'NO_MATCHES',
      '$',
      `there are no matches in this file${leftOut[0] === undefined ? kindOf(file) : `; ${leftOut[0]}`}`,
    );
  const said = new Notes();
  const pending: { match: FileMatch; line: string }[] = [];
  const named = nameOf(file);
  const name = named ?? fallback;
  if (named === undefined)
    said.add(`the competition has no name of at most 100 characters; "${printable(fallback)}" is used`, '$');
  const taken = new Map<string, { match: FileMatch; place: string }>();
  for (const row of rows.slice(0, MAX_ROWS)) {
    const where = `${row.place}${teamsOf(row.value)}`;
    const notes: string[] = [];
    try {
      const match = readMatch(row, name, (message) => void notes.push(message));
      const earlier = taken.get(match.clientId);
      if (earlier) throw new Unreadable(`the same match as ${earlier.place}`);
      taken.set(match.clientId, { match, place: row.place });
      for (const message of notes) said.add(message, where);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      const waiting = attempt(() => readMatch(row, name, () => undefined, { slots: true }));
      const line = `${where}: ${error.message}`;
      if (waiting && [waiting.home, waiting.away].every((side) => !isSlot(side) || placeOf(side)))
        pending.push({ match: waiting, line });
      leftOut.push(line);
    }
  }
  if (rows.length > MAX_ROWS)
    leftOut.push(`$: the ${rows.length - MAX_ROWS} rows after the first ${MAX_ROWS}: a competition may not have more`);
  if (taken.size === 0) {
    throw new CompetitionFileError(
      'NOTHING_TAKEN',
      '$',
      `none of the matches (${rows.length}) can be imported; ${leftOut[0]}`,
    );
  }
  const sorted = [...taken.values()].map(({ match }) => match).sort((a, b) => a.kickoffAt.localeCompare(b.kickoffAt));
  const matches = sorted.map((match) => {
    if (!hasImpossibleShootout(match, sorted)) return match;
    const { place } = taken.get(match.clientId)!;
    const { score, shootout } = match.result!;
    said.add(
      `the shoot-out ${shootout!.join(':')} follows ${score.join(':')}, and no first leg makes that level; it is ignored`,
      `${place} ${match.home} – ${match.away}`,
    );
    return { ...match, result: { ...match.result!, shootout: null } };
  });
  const teams = [...new Set(matches.flatMap(({ home, away }) => [home, away]))].sort();
  return { name, teams, matches, pending, rows: rows.length, leftOut, notes: said.lines() };
}

/** Whether the match has a shoot-out although neither its score nor the sum of two legs is level. */
function hasImpossibleShootout(
  { home, away, round, kickoffAt, result }: FileMatch,
  sorted: readonly FileMatch[],
): boolean {
  if (!result?.shootout || result.score[0] === result.score[1]) return false;
  const first = sorted.findLast(
    (match) =>
      match.home === away &&
      match.away === home &&
      match.kickoffAt < kickoffAt &&
      match.result !== null &&
      baseRound(match.round ?? '') === baseRound(round ?? ''),
  );
  const before = first?.result?.score;
  return before === undefined || result.score[0] + before[1] !== result.score[1] + before[0];
}

function attempt(read: () => FileMatch): FileMatch | null {
  try {
    return read();
  } catch {
    return null;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new CompetitionFileError(
      'INVALID_JSON',
      '$',
      (error as Error).message.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\s]+/gu, ' ').slice(0, 200),
    );
  }
}

/**
 * The rows in the known fields of a part of a file, with the round and the group of the lists that they are in.
 * @param unknown is called with the place of each other field that has rows, and their number
 */
function rowsOf(
  value: unknown,
  place: string,
  around: Pick<Row, 'round' | 'group'>,
  depth: number,
  unknown: (place: string, count: number) => void,
): Row[] {
  if (depth > 4) {
    const count = rowsIn(value, 0);
    if (count > 0) unknown(place, count);
    return [];
  }
  if (Array.isArray(value)) {
    const isRows = value.some((part) => isObject(part) && hasTeams(part));
    return value.flatMap((part: unknown, index): Row[] => {
      const at = `${place}[${index}]`;
      return isRows
        ? [{ ...around, value: part, place: at }]
        : isObject(part)
          ? rowsOf(part, at, around, depth + 1, unknown)
          : [];
    });
  }
  if (!isObject(value)) return [];
  const direct = ROWS.flatMap((field) => {
    const list = Object.hasOwn(value, field) ? value[field] : undefined;
    return Array.isArray(list)
      ? list.map((row: unknown, index): Row => ({ ...around, value: row, place: `${place}.${field}[${index}]` }))
      : [];
  });
  const nested = Object.entries(PARTS).flatMap(([field, says]) => {
    const list = Object.hasOwn(value, field) ? value[field] : undefined;
    if (!Array.isArray(list)) return [];
    return list.flatMap((part: unknown, index) => {
      const name = isObject(part) ? label(first(part, 'name', 'title', 'group', 'round')) : undefined;
      const names = { ...around, [says]: within(around[says], name) };
      return rowsOf(part, `${place}.${field}[${index}]`, names, depth + 1, unknown);
    });
  });
  for (const [field, other] of Object.entries(value)) {
    const count = ROWS.includes(field) || Object.hasOwn(PARTS, field) ? 0 : rowsIn(other, depth + 1);
    if (count > 0) unknown(`${place}.${printable(field)}`, count);
  }
  return [...direct, ...nested];
}

/** How many rows are in a value, in any field. */
function rowsIn(value: unknown, depth: number): number {
  if (depth > 6 || typeof value !== 'object' || value === null) return 0;
  return Object.values(value)
    .map((part: unknown) => (Array.isArray(value) && isObject(part) && hasTeams(part) ? 1 : rowsIn(part, depth + 1)))
    .reduce((sum, count) => sum + count, 0);
}

/** The kind of an openfootball file without matches, for the message; empty when the kind is unknown. */
function kindOf(file: unknown): string {
  const keys = isObject(file)
    ? Object.keys(file)
    : Array.isArray(file) && isObject(file[0])
      ? Object.keys(file[0])
      : [];
  const inGroups =
    isObject(file) && Array.isArray(file.groups) && isObject(file.groups[0]) ? Object.keys(file.groups[0]) : [];
  const kinds: readonly [string, string][] = [
    ['standings', 'a table'],
    ['players', 'squads'],
    ['clubs', 'clubs'],
    ['stadiums', 'stadiums'],
    ['groups', 'groups'],
    ['teams', 'teams'],
    ['fifa_code', 'teams'],
  ];
  const kind = kinds.find(([key]) => keys.includes(key) || inGroups.includes(key));
  return kind ? `: it has ${kind[1]}; use the file next to it that has the matches` : '';
}

function nameOf(file: unknown): string | undefined {
  const name = isObject(file) ? label(first(file, 'name', 'title')) : undefined;
  return name !== undefined && name.length <= 100 && !/[\p{Cc}\p{Cs}]/u.test(name) ? name : undefined;
}
