import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { badUserInput, invalidCursor } from './errors.ts';

export const DEFAULT_PAGE = 20;
export const MAX_PAGE = 100;

export interface PageInfo {
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  startCursor: string | null;
  endCursor: string | null;
}

export interface Connection<T> {
  edges: { cursor: string; node: T }[];
  pageInfo: PageInfo;
}

/** How many rows a page has. @throws BAD_USER_INPUT unless `first` is 1 to 100. */
export function pageSize(first: number | null | undefined): number {
  const size = first ?? DEFAULT_PAGE;
  if (size < 1 || size > MAX_PAGE) throw badUserInput(`first must be between 1 and ${MAX_PAGE}`);
  return size;
}

/** What tells a list from others of its kind: whose it is, and the filters that it was asked for with. Undefined and null say the same: not asked for. */
export type Scope = Readonly<Record<string, string | null | undefined>>;

/** The cursors of one kind of list. They come back from outside, and may be of another list, or forged. */
export interface Cursors<S extends z.ZodType> {
  /** An opaque cursor: which list it is of, and the sort key of a row. */
  encode(scope: Scope, key: readonly string[]): string;
  /** The sort key within a cursor. @throws INVALID_CURSOR for anything that {@link encode} does not give for this scope */
  decode(scope: Scope, cursor: string): z.output<S>;
}

/**
 * @param list the list's place in the schema and its order, for example `Query.teams by name, id`: another order is another list
 * @param key what the sort key is made of
 */
export function cursorsOf<S extends z.ZodType>(list: string, key: S): Cursors<S> {
  // 48 bits are enough: this is for those who mix lists up. Who forges a cursor learns nothing that the list does not show.
  const tagOf = (scope: Scope): string => {
    const asked = Object.entries(scope).filter(([, value]) => value != null).sort(([a], [b]) => (a < b ? -1 : 1));
    return createHash('sha256').update(JSON.stringify([list, asked])).digest('base64url').slice(0, 8);
  };
  return {
    encode: (scope, parts) => Buffer.from(JSON.stringify([tagOf(scope), ...parts])).toString('base64url'),
    decode(scope, cursor) {
      const [tag, ...parts] = arrayOf(cursor);
      const { data, success } = key.safeParse(tag === tagOf(scope) ? parts : undefined);
      if (!success) throw invalidCursor();
      return data;
    },
  };
}

function arrayOf(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

/** Where a page begins that is asked for of several lists at once. */
export interface Start<K> {
  /** The lists whose cursor it is: all of them without a cursor, else one at most. */
  readonly ids: readonly string[];
  /** The sort key to go on after; undefined: from the beginning. */
  readonly key: K | undefined;
  /** INVALID_CURSOR for each other list, which fails alone. */
  readonly refused: readonly (readonly [id: string, error: Error])[];
}

/** @param scopeOf of the list with this id */
export function startOf<S extends z.ZodType>(cursors: Cursors<S>, ids: readonly string[], scopeOf: (id: string) => Scope, after: string | null | undefined): Start<z.output<S>> {
  if (after == null) return { ids, key: undefined, refused: [] };
  const refused: [string, Error][] = [];
  let start: { ids: readonly string[]; key: z.output<S> } | undefined;
  for (const id of ids) {
    try {
      start = { ids: [id], key: cursors.decode(scopeOf(id), after) };
    } catch (error) {
      refused.push([id, error as Error]);
    }
  }
  return { ids: start?.ids ?? [], key: start?.key, refused };
}

/**
 * A page in the shape of the Relay connection specification.
 * @param rows at most `size + 1` rows: one more than the page says that there is a next one
 */
export function toConnection<T>(rows: readonly T[], size: number, cursorOf: (row: T) => string, after?: string | null): Connection<T> {
  const edges = rows.slice(0, size).map((node) => ({ cursor: cursorOf(node), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: rows.length > size,
      hasPreviousPage: after != null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
