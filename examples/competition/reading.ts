/** Why something in a file cannot be taken, in words for the person who has the file. */
export class Unreadable extends Error {}

export type Json = Readonly<Record<string, unknown>>;
export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The first of these fields that says something: neither absent nor null nor an empty text. */
export function first(row: Json, ...fields: readonly string[]): unknown {
  return fields
    .filter((field) => Object.hasOwn(row, field))
    .map((field) => row[field])
    .find((value) => value !== null && value !== '');
}

/** A whole number, also as a text of digits; undefined when it is something else or out of bounds. */
export function wholeNumber(
  value: unknown,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined {
  const number = typeof value === 'string' && /^\s*\d{1,4}\s*$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max ? number : undefined;
}

/**
 * A text for people, trimmed: itself, a number, an object's `name`, or the parts of a list. Undefined: there is none.
 */
export function label(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value))
    return (
      value
        .map((part) => (typeof part === 'string' ? part.trim() : ''))
        .filter(Boolean)
        .join(', ') || undefined
    );
  const text = isObject(value) ? first(value, 'name', 'title', 'code') : value;
  return typeof text === 'string' ? text.trim() || undefined : undefined;
}

/** What a file says, as it can be printed: short, on one line, and without anything that moves a terminal's cursor. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  const short = text.length > 60 ? `${text.slice(0, 59)}…` : text;
  return short.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\uFFFD');
}
