import type { z } from 'zod';
import { badUserInput } from './errors.ts';

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

/** An opaque cursor: the row's sort key. */
export function encodeCursor(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/**
 * The sort key within a cursor that {@link encodeCursor} made: a cursor comes from outside, and may be one of another list, or forged.
 * @param parts what the list's cursors are made of
 * @throws BAD_USER_INPUT for anything else
 */
export function decodeCursor<S extends z.ZodType>(cursor: string, parts: S): z.output<S> {
  const { data, success } = parts.safeParse(jsonOf(cursor));
  if (!success) throw badUserInput('after is not a cursor of this list');
  return data;
}

function jsonOf(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
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
