import type { Cursor } from './subscriber.ts';

const INTEGER = /^-?\d{1,40}$/;

/** The cursor in what a subgraph gave, or undefined when it is none. */
export function cursorOf(value: unknown): Cursor | undefined {
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value)) ? value : undefined;
}

/**
 * Below, at or above zero, as `a` is before, at or after `b`. Integers are compared as such, whether a subgraph writes
 * them as numbers or as text. Of others only equality is known: undefined.
 */
export function compareCursors(a: Cursor, b: Cursor): number | undefined {
  if (a === b) return 0;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [first, second] = [String(a), String(b)];
  if (first === second) return 0;
  if (!INTEGER.test(first) || !INTEGER.test(second)) return undefined;
  const [x, y] = [BigInt(first), BigInt(second)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/**
 * As the value of an argument of this type: a position arrives as text (`Last-Event-ID`, an audience's position) where
 * the argument is a number.
 */
export function cursorArgument(cursor: Cursor, type: string): Cursor {
  if (type === 'Int' || type === 'Float') {
    const value = Number(cursor);
    return cursor !== '' && Number.isFinite(value) ? value : cursor;
  }
  return type === 'String' || type === 'ID' ? String(cursor) : cursor;
}
