/** The error when a part of a file cannot be used. The message tells the file's owner why. */
export class Unreadable extends Error {}

export type Json = Readonly<Record<string, unknown>>;
export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The first of these fields with a value that is neither absent nor null nor an empty text. */
export function first(row: Json, ...fields: readonly string[]): unknown {
  return fields
    .filter((field) => Object.hasOwn(row, field))
    .map((field) => row[field])
    .find((value) => value !== null && value !== '');
}

/** Reads a whole number or a text of one to four digits. Undefined for other values and for numbers out of bounds. */
export function wholeNumber(
  value: unknown,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined {
  const number = typeof value === 'string' && /^\s*\d{1,4}\s*$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max ? number : undefined;
}

/**
 * A trimmed text for people: the text itself, a number, an object's `name`, `title` or `code`, or the texts of a list.
 * Undefined when there is none.
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

/** A value of a file as a text of at most 60 characters, on one line, without characters that control a terminal. */
export function printable(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  const short = text.length > 60 ? `${text.slice(0, 59)}…` : text;
  return short.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\uFFFD');
}
