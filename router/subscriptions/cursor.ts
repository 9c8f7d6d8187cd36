import type { Cursor } from './subscriber.ts';

const INTEGER = /^-?\d{1,40}$/;

/** A subgraph's value as a cursor, or undefined when it is not one. */
export function cursorOf(value: unknown): Cursor | undefined {
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value)) ? value : undefined;
}

/**
 * Compares two cursors: negative, 0 or positive when `a` is before, at or after `b`. Integers are compared by value,
 * also if a subgraph writes them as text. Other cursors can only be compared for equality; the result is otherwise
 * undefined.
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
 * Converts a cursor to a value of the argument's type. A position may arrive as text (`Last-Event-ID`, an audience's
 * position) where the argument is a number.
 */
export function cursorArgument(cursor: Cursor, type: string): Cursor {
  if (type === 'Int' || type === 'Float') {
    const value = Number(cursor);
    return cursor !== '' && Number.isFinite(value) ? value : cursor;
  }
  return type === 'String' || type === 'ID' ? String(cursor) : cursor;
}
