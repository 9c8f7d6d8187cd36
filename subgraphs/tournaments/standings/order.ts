// Orders entrants by a list of criteria.
import { keysOf } from './keys.ts';
import type { Criterion, Step } from './rules.ts';
import type { Field } from './table.ts';

/**
 * Entrants that are level. `by` is the criterion that separates them from the class above; null for the first class.
 */
export interface Class {
  readonly entrants: readonly number[];
  readonly by: Criterion | null;
}

const criterionOf = (step: Step): Criterion => (typeof step === 'string' ? step : step.by);
const isHeadToHead = (step: Step | undefined): boolean =>
  step !== undefined && criterionOf(step).startsWith('HEAD_TO_HEAD_');

/**
 * The classes, the best first. The order of `entrants` decides only the order inside a class.
 *
 * A criterion reads each pair of level entrants once. In practice few entrants are level, so it takes O(n) for n
 * entrants. It takes O(n²) if all are level, and O(n³) if AFTER_EACH separates one of them in each pass.
 */
export function order(field: Field, steps: readonly Step[], entrants: readonly number[]): Class[] {
  const firstBlock = steps.findIndex(isHeadToHead);
  /**
   * For each step: the index at which its block of head-to-head criteria begins, or its own index outside of a block.
   */
  const blockOf: number[] = [];
  for (const [at, step] of steps.entries())
    blockOf.push(isHeadToHead(step) && isHeadToHead(steps[at - 1]) ? (blockOf[at - 1] ?? at) : at);

  const from = (
    at: number,
    level: readonly number[],
    concerned: readonly number[],
    points: readonly number[],
  ): Class[] => {
    const step = steps[at];
    if (level.length < 2 || step === undefined) return [{ entrants: level, by: null }];
    const by = criterionOf(step);
    const among = blockOf[at] === at ? level : concerned;
    const applies = typeof step === 'string' || (among.length === 2) === (step.teams === 'TWO');
    const keys = applies ? keysOf(field, by, { entrants: level, among, onPoints: points }) : null;
    const parts = keys ? separate(level, keys) : [level];
    return parts.flatMap((part, index) => {
      const onPoints = by === 'POINTS' ? part : points;
      const again = restart(at, part.length < level.length, part.length < among.length);
      const classes = again === null ? from(at + 1, part, among, onPoints) : from(again, part, part, onPoints);
      return index === 0 ? classes : classes.map((each, place) => (place === 0 ? { ...each, by } : each));
    });
  };

  /** The step at which entrants that are still level begin again. Null: no restart. Each restart has fewer entrants. */
  const restart = (at: number, separated: boolean, fewer: boolean): number | null => {
    const { again } = field.rules;
    if (again === 'AFTER_EACH') return separated && firstBlock >= 0 && at >= firstBlock ? firstBlock : null;
    const ends = isHeadToHead(steps[at]) && !isHeadToHead(steps[at + 1]);
    return again === 'AFTER_ALL' && ends && fewer ? (blockOf[at] ?? null) : null;
  };

  return entrants.length === 0 ? [] : from(0, entrants, entrants, entrants);
}

/** Splits entrants into parts with equal keys, the highest key first. */
function separate(level: readonly number[], keys: readonly number[]): number[][] {
  const parts = new Map<number, number[]>();
  for (const [index, entrant] of level.entries()) {
    const key = keys[index] ?? 0;
    const part = parts.get(key);
    if (part) part.push(entrant);
    else parts.set(key, [entrant]);
  }
  return [...parts].sort(([a], [b]) => (a < b ? 1 : -1)).map(([, part]) => part);
}
