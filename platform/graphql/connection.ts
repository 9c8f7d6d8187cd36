import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { badUserInput, invalidCursor } from './errors.ts';

const DEFAULT_PAGE = 20;
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

/** How many rows a page has. @throws BAD_USER_INPUT unless it is 1 to 100. */
export function pageSize(asked: number | null | undefined, argument = 'first'): number {
  const size = asked ?? DEFAULT_PAGE;
  if (size < 1 || size > MAX_PAGE) throw badUserInput(`${argument} must be between 1 and ${MAX_PAGE}`);
  return size;
}

/** What the field of a list is asked with. */
export interface PageArgs {
  readonly first?: number | null;
  readonly after?: string | null;
  /** Decides instead of `first`, which the schema gives a value when the client gives none. */
  readonly last?: number | null;
  readonly before?: string | null;
}

/** The rows that are asked for: between two cursors those at the beginning or, backwards, those at the end. */
export interface Page {
  readonly size: number;
  readonly backwards: boolean;
  readonly after: string | null;
  readonly before: string | null;
}

/** @throws BAD_USER_INPUT */
export function readPage({ first, after, last, before }: PageArgs): Page {
  const backwards = last != null;
  return {
    size: backwards ? pageSize(last, 'last') : pageSize(first),
    backwards,
    after: after ?? null,
    before: before ?? null,
  };
}

/** The sort keys of the rows that a page is between. */
export interface Bounds<K> {
  readonly after: K | undefined;
  readonly before: K | undefined;
}

/** @throws INVALID_CURSOR */
export function boundsOf<S extends z.ZodType>(
  cursors: Cursors<S>,
  scope: Scope,
  { after, before }: Page,
): Bounds<z.output<S>> {
  return {
    after: after === null ? undefined : cursors.decode(scope, after),
    before: before === null ? undefined : cursors.decode(scope, before),
  };
}

/**
 * What tells a list from others of its kind: whose it is, and the filters that it was asked for with. Undefined and
 * null say the same: not asked for.
 */
export type Scope = Readonly<Record<string, string | null | undefined>>;

/** The cursors of one kind of list. They come back from outside, and may be of another list, or forged. */
export interface Cursors<S extends z.ZodType> {
  /** An opaque cursor: which list it is of, and the sort key of a row. */
  encode(scope: Scope, key: readonly string[]): string;
  /**
   * The sort key within a cursor. @throws INVALID_CURSOR for anything that {@link encode} does not give for this scope
   */
  decode(scope: Scope, cursor: string): z.output<S>;
}

/**
 * @param list the list's place in the schema and its order, for example `Query.teams by name, id`: another order is
 *   another list
 * @param key what the sort key is made of
 */
export function cursorsOf<S extends z.ZodType>(list: string, key: S): Cursors<S> {
  // 48 bits are enough: this is for those who mix lists up. Who forges a cursor learns nothing that the list does not
  // show.
  const tagOf = (scope: Scope): string => {
    const asked = Object.entries(scope)
      .filter(([, value]) => value != null)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return createHash('sha256')
      .update(JSON.stringify([list, asked]))
      .digest('base64url')
      .slice(0, 8);
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

/** Which rows are asked for of several lists at once. */
export interface Start<K> extends Bounds<K> {
  /** The lists whose cursors they are: all of them without a cursor, else one at most. */
  readonly ids: readonly string[];
  /** INVALID_CURSOR for each other list, which fails alone. */
  readonly refused: readonly (readonly [id: string, error: Error])[];
}

/** @param scopeOf of the list with this id */
export function startOf<S extends z.ZodType>(
  cursors: Cursors<S>,
  ids: readonly string[],
  scopeOf: (id: string) => Scope,
  page: Page,
): Start<z.output<S>> {
  if (page.after === null && page.before === null) return { ids, after: undefined, before: undefined, refused: [] };
  const refused: [string, Error][] = [];
  let start: Start<z.output<S>> = { ids: [], after: undefined, before: undefined, refused };
  for (const id of ids) {
    try {
      start = { ids: [id], ...boundsOf(cursors, scopeOf(id), page), refused };
    } catch (error) {
      refused.push([id, error as Error]);
    }
  }
  return start;
}

/**
 * A page in the shape of the Relay connection specification.
 * @param rows in the order of the list or, backwards, in the other one; at most `size + 1`: one more than the page says
 *   that the list goes on
 */
export function toConnection<T>(
  rows: readonly T[],
  { size, backwards, after, before }: Page,
  cursorOf: (row: T) => string,
): Connection<T> {
  const edges = rows.slice(0, size).map((node) => ({ cursor: cursorOf(node), node }));
  if (backwards) edges.reverse();
  const goesOn = rows.length > size;
  return {
    edges,
    pageInfo: {
      // The row of a cursor is one, too.
      hasNextPage: (!backwards && goesOn) || before !== null,
      hasPreviousPage: (backwards && goesOn) || after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

/** The page of a list without rows. */
export const emptyConnection = <T>(): Connection<T> => toConnection<T>([], readPage({}), () => '');

/** A list whose rows can be counted. */
export interface Counted<T> extends Connection<T> {
  /**
   * All rows of the list, those of other pages too, counted when somebody asks for it; null when there are more than
   * {@link MAX_COUNT}.
   */
  readonly totalCount: () => Promise<number | null>;
}

/** Counting further would take time for a number that nobody reads. */
export const MAX_COUNT = 1000;

/** @param count counts at most `limit` rows */
export const counted = <T>(connection: Connection<T>, count: (limit: number) => Promise<number>): Counted<T> => ({
  ...connection,
  totalCount: async () => {
    const rows = await count(MAX_COUNT + 1);
    return rows > MAX_COUNT ? null : rows;
  },
});
