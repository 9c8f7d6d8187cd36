// Compares entrants of different groups, for example to find the best of all teams in third place.
import { order } from './order.ts';
import { type Placed, byLots } from './places.ts';
import type { TableRules } from './rules.ts';
import { type Row, rowsOf, standings } from './standings.ts';
import { type Field, type Rulings, type Table, at, fieldOf } from './table.ts';

/** `group` is the index in the list of groups. */
export interface AcrossRow extends Row {
  readonly group: number;
}

export interface Across {
  /** The best first. The sums do not include the results that the comparison leaves out. */
  readonly rows: readonly AcrossRow[];
  /** Groups without a row, because it is open who has the place, or which results are left out. */
  readonly open: readonly number[];
}

/**
 * Compares the entrants that have the same place in their groups, by `rules.across`. An entrant is in one group.
 * @param place from 1
 * @param rulings lots, rankings and fair play of the comparison
 */
export function bestOf(groups: readonly Table[], place: number, rules: TableRules, rulings: Rulings = {}): Across {
  const tables = groups.map((table) => ({ table, rows: standings(table) }));
  const sizes = tables.map(({ rows }) => rows.filter((row) => counts(row)).length);
  const smallest = Math.min(...sizes);
  const candidates = tables.map(({ table, rows }, group) => {
    const row = rows[place - 1];
    const dropped = rules.across.unequal === 'DROP_LAST' ? lastOf(rows, at(sizes, group) - smallest, place) : [];
    return row && !row.tied && row.open === null && dropped
      ? { group, row, table: without(table, rows, dropped) }
      : null;
  });
  const known = candidates.filter((each) => each !== null);
  const names = known.map(({ row }) => row.entrant);
  const fields = known.map(({ table }) => fieldOf(table, table.entrants));
  const field: Field = {
    ...fieldOf({ entrants: names, results: [], rules, rulings: { ...rulings, deductions: [] } }, names),
    total: fields.map(({ total }, index) => at(total, at(known, index).table.entrants.indexOf(at(names, index)))),
  };
  const placed: Placed[] = order(field, rules.across.criteria, [...names.keys()]).flatMap((each) =>
    byLots(field, each),
  );
  const rows = rowsOf(placed, field, names, {}).map((row): AcrossRow => {
    const { group, row: own } = at(known, names.indexOf(row.entrant));
    return { ...row, group, deductions: own.deductions, provisional: own.provisional, state: own.state };
  });
  return { rows, open: candidates.flatMap((each, group) => (each ? [] : [group])) };
}

/** Whether the entrant counts in the size of its group. An entrant that left and has no result that counts does not. */
const counts = ({ state, played }: Row): boolean => state === 'IN' || played > 0;

/** The last `many` entrants of a group. Null if it is open who they are, or if `place` would be one of theirs. */
function lastOf(rows: readonly Row[], many: number, place: number): string[] | null {
  const all = rows.filter(counts);
  const dropped = all.slice(all.length - Math.max(many, 0));
  const [first] = dropped;
  if (first && (first.rank <= place || first.rank === all[all.length - many - 1]?.rank)) return null;
  return dropped.map(({ entrant }) => entrant);
}

/** The table without the results against entrants that are dropped or annulled. */
function without(table: Table, rows: readonly Row[], dropped: readonly string[]): Table {
  const out = new Set([...dropped, ...rows.filter((row) => !counts(row)).map(({ entrant }) => entrant)]);
  return {
    ...table,
    results: table.results.filter(({ home, away }) => !out.has(home) && !out.has(away)),
    rulings: { ...table.rulings, out: new Map() },
  };
}
