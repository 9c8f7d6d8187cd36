import assert from 'node:assert/strict';
import { PRESETS } from './presets.ts';
import { type TableRules, tableRules } from './rules.ts';
import { type Row, standings } from './standings.ts';
import type { Rulings, Table } from './table.ts';
import type { Score, TableResult } from './tally.ts';

export const rulesOf = (name: string): TableRules => PRESETS.get(name) ?? assert.fail(`there is no preset ${name}`);

/** A preset with some values changed. */
export const changed = (name: string, change: object): TableRules => tableRules.parse({ ...rulesOf(name), ...change });

export const result = (
  home: string,
  away: string,
  score: Score | null,
  more: Partial<TableResult> = {},
): TableResult => ({ home, away, score, winner: null, how: 'PLAYED', counts: true, ...more });

/** Results from a text such as `A-B 1:0, B-C 2:2`. */
export const played = (text: string): TableResult[] =>
  text.split(', ').map((match) => {
    const { home, away, one, two } =
      /^(?<home>\w+)-(?<away>\w+) (?<one>\d+):(?<two>\d+)$/.exec(match)?.groups ?? assert.fail(match);
    return result(home ?? '', away ?? '', { home: Number(one), away: Number(two) });
  });

/** The table of these results. Its entrants are the sides of the results. */
export function table(
  rules: string | TableRules,
  results: string | readonly TableResult[],
  rulings: Rulings = {},
  more: Partial<Table> = {},
): Row[] {
  const list = typeof results === 'string' ? played(results) : results;
  const entrants = [...new Set(list.flatMap(({ home, away }) => [home, away]))];
  const named = typeof rules === 'string' ? rulesOf(rules) : rules;
  return standings({ entrants, results: list, rules: named, rulings, ...more });
}

/** The entrants in the order of the table, such as `A B C`. */
export const orderOf = (rows: readonly Row[]): string => rows.map(({ entrant }) => entrant).join(' ');

/** Each row as a text with points and score, such as `A 6 5:1`. */
export const sumsOf = (rows: readonly Row[]): string[] =>
  rows.map(({ entrant, points, scoreFor, scoreAgainst }) => `${entrant} ${points} ${scoreFor}:${scoreAgainst}`);

export const rankOf = (rows: readonly Row[], entrant: string): number =>
  rows.find((row) => row.entrant === entrant)?.rank ?? assert.fail(`${entrant} is not in the table`);

/** The result of a volleyball match from its sets, such as `25:20 20:25 …`. */
export const inSets = (home: string, away: string, text: string): TableResult => {
  const sets = text.split(' ').map((set) => {
    const [one, two] = set.split(':').map(Number);
    return { home: one ?? 0, away: two ?? 0 };
  });
  const won = (side: 'home' | 'away', other: 'home' | 'away'): number =>
    sets.filter((set) => set[side] > set[other]).length;
  return result(home, away, { home: won('home', 'away'), away: won('away', 'home') }, { sets });
};
