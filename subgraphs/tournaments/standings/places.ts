// Gives places by the rules, and marks the places that the rules leave open.
import { type Class, order } from './order.ts';
import type { Criterion, TableRules } from './rules.ts';
import { type Field, at } from './table.ts';

/** What separates a place from the one above. WITHDRAWN: entrants that left are placed after the others. */
export type Decider = Criterion | 'PLAY_OFF' | 'WITHDRAWN';

/** Entrants that share a place. */
export interface Placed {
  readonly entrants: readonly number[];
  /** The criterion that separates these entrants from the place above. */
  readonly by: Decider | null;
  /** A decision that has yet to be made: by the organizer, such as lots, or by a play-off. */
  readonly open: 'DECISION' | 'PLAY_OFF' | null;
}

/**
 * Orders entrants by the rules. If the rules allow it, recorded lots and play-offs separate entrants that stay level.
 */
export function placesOf(field: Field, rules: TableRules, entrants: readonly number[]): Placed[] {
  const { stakes, playOffs, level } = rules;
  const classes = numbered(order(field, rules.criteria, entrants));
  const placed = classes.flatMap(({ first, each }): Placed[] => {
    if (each.entrants.length === 1 || level !== 'SHARED') return decided(field, level, each);
    if (!stakes || !field.complete || !crosses(stakes.after, first, each)) return [{ ...each, open: null }];
    return numbered(order(field, stakes.criteria, each.entrants), first).flatMap(
      ({ first: place, each: part }, index) =>
        decided(
          field,
          crosses(stakes.after, place, part) ? 'PLAY_OFF' : 'SHARED',
          index === 0 ? { ...part, by: each.by } : part,
        ),
    );
  });
  return field.complete ? playOffs.reduce((rows, after) => withPlayOff(field, rows, after), placed) : placed;
}

/** Adds to each class the number of its first place. The classes are in the order of the table. */
function numbered(classes: readonly Class[], from = 1): { first: number; each: Class }[] {
  let next = from;
  return classes.map((each) => {
    const first = next;
    next += each.entrants.length;
    return { first, each };
  });
}

/** Whether the class has both places k and k + 1 for one of the cuts k. */
const crosses = (cuts: readonly number[], first: number, { entrants }: Class): boolean =>
  cuts.some((after) => first <= after && after + 1 < first + entrants.length);

/** The places of a class that the criteria leave level: shared, in the order of a play-off or of lots, or open. */
function decided(field: Field, level: TableRules['level'], each: Class): Placed[] {
  if (each.entrants.length === 1 || level === 'SHARED') return [{ ...each, open: null }];
  const [one, other, ...more] = each.entrants;
  const isPair = level === 'PLAY_OFF' && one !== undefined && other !== undefined && more.length === 0;
  const ranked = isPair ? playedOff(field, [one, other]) : null;
  if (ranked)
    return ranked.map((entrant, index) => ({
      entrants: [entrant],
      by: index === 0 ? each.by : 'PLAY_OFF',
      open: null,
    }));
  return byLots(field, each, isPair ? 'PLAY_OFF' : 'DECISION');
}

/** The places of a class in the order of recorded lots. Entrants that the lots do not separate get `open`. */
export const byLots = (field: Field, each: Class, open: Placed['open'] = 'DECISION'): Placed[] =>
  order(field, ['LOTS'], each.entrants).map((part, index) => ({
    entrants: part.entrants,
    by: index === 0 ? each.by : part.by,
    open: part.entrants.length === 1 ? null : open,
  }));

/** Two entrants in the order of their play-off. Null if none is recorded. */
function playedOff({ playOffs }: Field, pair: readonly [number, number]): number[] | null {
  const [one, other] = [playOffs[pair[0]], playOffs[pair[1]]];
  return one === undefined || other === undefined ? null : one < other ? [...pair] : [pair[1], pair[0]];
}

/**
 * If the entrants at the places k and k + 1 have equal points, their play-off decides and overrides all other criteria.
 * Until it is recorded, both places are open. Changes nothing if more than two entrants share these places.
 */
function withPlayOff(field: Field, placed: readonly Placed[], after: number): Placed[] {
  let before = 0;
  const index = placed.findIndex(({ entrants }) => (before += entrants.length) >= after);
  const upper = placed[index];
  const lower = before === after ? placed[index + 1] : upper;
  const pair = [...new Set([upper, lower])].flatMap((each) => each?.entrants ?? []);
  const [one, other] = pair;
  if (one === undefined || other === undefined || pair.length !== 2) return [...placed];
  if (at(field.total, one).points !== at(field.total, other).points) return [...placed];
  const ranked = playedOff(field, [one, other]);
  const rows: Placed[] = ranked
    ? ranked.map((entrant, place) => ({
        entrants: [entrant],
        by: place === 0 ? (upper?.by ?? null) : 'PLAY_OFF',
        open: null,
      }))
    : placed.slice(index, index + (upper === lower ? 1 : 2)).map((each) => ({ ...each, open: 'PLAY_OFF' }));
  return placed.toSpliced(index, upper === lower ? 1 : 2, ...rows);
}
