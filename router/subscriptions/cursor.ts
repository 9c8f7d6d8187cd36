import type { Cursor } from './subscriber.ts';

const INTEGER = /^-?\d{1,40}$/;

/** A subgraph's value as a cursor, or undefined when it is not one. */
export function cursorOf(value: unknown): Cursor | undefined {
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value)) ? value : undefined;
}

/**
 * Compares two cursors: negative, 0 or positive when `a` is before, at or after `b`. Two numbers are compared by value,
 * and so are two integers of at most 40 digits if one or both are texts. Other cursors can only be compared for
 * equality: if they differ, the result is undefined.
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
 * Converts a cursor to the argument's type, because a position may arrive as text (`Last-Event-ID`, an audience's
 * position) where the argument is a number. A text that is no number stays as it is, and so does a cursor for another
 * type than Int, Float, String or ID.
 */
export function cursorArgument(cursor: Cursor, type: string): Cursor {
  if (type === 'Int' || type === 'Float') {
    const value = Number(cursor);
    return cursor !== '' && Number.isFinite(value) ? value : cursor;
  }
  return type === 'String' || type === 'ID' ? String(cursor) : cursor;
}
