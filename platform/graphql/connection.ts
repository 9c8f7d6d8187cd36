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

/** The number of rows of a page; 20 when the client gives none. @throws BAD_USER_INPUT unless it is 1 to 100 */
export function pageSize(asked: number | null | undefined, argument = 'first'): number {
  const size = asked ?? DEFAULT_PAGE;
  if (size < 1 || size > MAX_PAGE) throw badUserInput(`${argument} must be between 1 and ${MAX_PAGE}`);
  return size;
}

/** The pagination arguments of a list field. */
export interface PageArgs {
  readonly first?: number | null;
  readonly after?: string | null;
  /** Takes precedence over `first`, because the schema always gives `first` a default. */
  readonly last?: number | null;
  readonly before?: string | null;
}

/** The requested rows between two cursors: the first ones, or the last ones if `backwards`. */
export interface Page {
  readonly size: number;
  readonly backwards: boolean;
  readonly after: string | null;
  readonly before: string | null;
}

/** Reads the pagination arguments of a list field. @throws BAD_USER_INPUT unless the page has 1 to 100 rows */
export function readPage({ first, after, last, before }: PageArgs): Page {
  const backwards = last != null;
  return {
    size: backwards ? pageSize(last, 'last') : pageSize(first),
    backwards,
    after: after ?? null,
    before: before ?? null,
  };
}

/** The sort keys of the rows before and after the requested page. */
export interface Bounds<K> {
  readonly after: K | undefined;
  readonly before: K | undefined;
}

/** Reads the cursors of a page. @throws INVALID_CURSOR for a cursor that is not from this list */
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
 * Distinguishes a list from others of its kind: its owner and the filters of the request. Undefined and null both mean
 * that a filter is absent.
 */
export type Scope = Readonly<Record<string, string | null | undefined>>;

/** The cursors of one kind of list. Clients send cursors back, so a cursor may belong to another list or be forged. */
export interface Cursors<S extends z.ZodType> {
  /** An opaque cursor that contains the list and the sort key of a row. */
  encode(scope: Scope, key: readonly string[]): string;
  /**
   * The sort key in a cursor. @throws INVALID_CURSOR for anything that {@link encode} does not return for this scope
   */
  decode(scope: Scope, cursor: string): z.output<S>;
}

/**
 * Makes the cursors of a list.
 * @param list the list's field in the schema and its order, for example `Query.teams by name, id`. A list with another
 * order has other cursors.
 * @param key the schema of the sort key
 */
export function cursorsOf<S extends z.ZodType>(list: string, key: S): Cursors<S> {
  // 48 bits are enough, because the tag only catches clients that mix up lists. A forged cursor shows no more than the
  // list itself.
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

/**
 * The parts of a Prisma query for a page of a list, newest first. The sort key is `[createdAt, id]`; both are in
 * cursors. The query reads one row more than the page has.
 */
export function newestFirst(page: Page, { after, before }: Bounds<readonly [string, string]>) {
  const beyond = (way: 'gt' | 'lt', [at, id]: readonly [string, string]) => ({
    OR: [{ createdAt: { [way]: at } }, { createdAt: at, id: { [way]: id } }],
  });
  const order: 'asc' | 'desc' = page.backwards ? 'asc' : 'desc';
  return {
    between: [after ? beyond('lt', after) : {}, before ? beyond('gt', before) : {}],
    orderBy: [{ createdAt: order }, { id: order }],
    take: page.size + 1,
  };
}

/** The requested rows of several lists that are read together. */
export interface Start<K> extends Bounds<K> {
  /** The lists that the cursors belong to: all of them if there is no cursor, otherwise at most one. */
  readonly ids: readonly string[];
  /** INVALID_CURSOR for each other list. Only those lists fail. */
  readonly refused: readonly (readonly [id: string, error: Error])[];
}

/** Reads the cursor of a page for several lists. @param scopeOf returns the scope of the list with this id */
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
 * @param rows in the order of the list, or in reverse order if `backwards`. At most `size + 1` rows: one more than the
 * page shows that the list has more.
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
      // The row of a cursor is not on the page itself, so it is a further row of the list.
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
   * Counts all rows of the list, including those on other pages. It runs only when a client selects the field. Null
   * when there are more than {@link MAX_COUNT}.
   */
  readonly totalCount: () => Promise<number | null>;
}

/** Counting stops here: a larger exact number is not worth its time. */
export const MAX_COUNT = 1000;

/**
 * Adds `totalCount` to a connection. It is null when there are more than {@link MAX_COUNT} rows.
 * @param count counts at most `limit` rows
 */
export const counted = <T>(connection: Connection<T>, count: (limit: number) => Promise<number>): Counted<T> => ({
  ...connection,
  totalCount: async () => {
    const rows = await count(MAX_COUNT + 1);
    return rows > MAX_COUNT ? null : rows;
  },
});
