// Computes the table of a group. It depends only on the results, rules and rulings.
import { type Decider, type Placed, placesOf } from './places.ts';
import { type Deduction, type Field, type Leaving, type Rulings, type Table, at, fieldOf } from './table.ts';

export interface Row {
  readonly entrant: string;
  /**
   * The rank, counted from 1. Entrants that nothing separates have the same rank, and the ranks after it are skipped: 1
   * 1 1 4.
   */
  readonly rank: number;
  readonly played: number;
  readonly won: number;
  readonly drawn: number;
  readonly lost: number;
  readonly scoreFor: number;
  readonly scoreAgainst: number;
  readonly points: number;
  /**
   * The criterion that separates the row from the row above. Null when the two rows differ in points or share the rank,
   * and for the first row.
   */
  readonly decidedBy: Decider | null;
  /** Whether another row has the same rank. */
  readonly tied: boolean;
  /** The missing decision about this place: lots of the organizer, or a play-off. Null if there is none. */
  readonly open: Placed['open'];
  readonly deductions: readonly Deduction[];
  /** Whether the entrant has a result that does not count yet. */
  readonly provisional: boolean;
  readonly state: 'IN' | Leaving['state'];
}

/**
 * The rows, the best first. Rows that share a rank are in the order of their ids, which has no meaning. The order of
 * entrants and results does not matter.
 * @throws RangeError as {@link fieldOf}
 */
export function standings(table: Table): Row[] {
  const { rules, rulings = {} } = table;
  const names = [...table.entrants].sort();
  const field = fieldOf(table, names);
  const isLast = (entrant: number): boolean =>
    rules.withdrawn.place === 'LAST' && rulings.out?.has(at(names, entrant)) === true;
  const everyone = [...names.keys()];
  const inside = placesOf(
    field,
    rules,
    everyone.filter((entrant) => !isLast(entrant)),
  );
  const [first, ...rest] = placesOf(field, rules, everyone.filter(isLast));
  if (!first) return rowsOf(inside, field, names, rulings);
  return rowsOf([...inside, inside.length > 0 ? { ...first, by: 'WITHDRAWN' } : first, ...rest], field, names, rulings);
}

export function rowsOf(placed: readonly Placed[], field: Field, names: readonly string[], rulings: Rulings): Row[] {
  let next = 1;
  return placed.flatMap(({ entrants, by, open }) => {
    const rank = next;
    next += entrants.length;
    return entrants.map((entrant, index): Row => {
      const name = at(names, entrant);
      const { played, won, drawn, lost, scoreFor, scoreAgainst, points } = at(field.total, entrant);
      return {
        entrant: name,
        rank,
        played,
        won,
        drawn,
        lost,
        scoreFor,
        scoreAgainst,
        points,
        decidedBy: index > 0 || by === 'POINTS' ? null : by,
        tied: entrants.length > 1,
        open,
        deductions: (rulings.deductions ?? []).filter((each) => each.entrant === name),
        provisional: field.provisional.has(entrant),
        state: rulings.out?.get(name)?.state ?? 'IN',
      };
    });
  });
}
