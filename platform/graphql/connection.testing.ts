// Helpers for the specs of lists.
import assert from 'node:assert/strict';
import type { Connection, PageArgs } from './connection.ts';

/** A cursor of the same list as `cursor`, with another sort key. */
export function forged(cursor: string | null | undefined, ...key: string[]): string {
  const [tag] = JSON.parse(Buffer.from(cursor ?? '', 'base64url').toString('utf8')) as string[];
  return Buffer.from(JSON.stringify([tag, ...key])).toString('base64url');
}

/** The page of one list, from the pages of several. @throws the error of that list */
export function pageOf<T>(pages: ReadonlyMap<string, Connection<T> | Error>, id: string | undefined): Connection<T> {
  const page = pages.get(id ?? '');
  if (page instanceof Error) throw page;
  if (!page) throw new Error(`there is no page of ${id}`);
  return page;
}

/**
 * Asserts that a list has the same rows in the same order, whether it is read as one page, in several pages from either
 * end, or between two cursors. The list must have 3 to 100 rows.
 */
export async function checkPages<T>(read: (args: PageArgs) => Promise<Connection<T>>): Promise<void> {
  const whole = (await read({ first: 100 })).edges;
  assert.ok(whole.length > 2);
  for (const size of [1, 2, whole.length]) {
    const [forwards, backwards]: [typeof whole, typeof whole] = [[], []];
    for (let after: string | null = null, more = true; more;) {
      const { edges, pageInfo }: Connection<T> = await read({ first: size, after });
      assert.deepEqual(
        [pageInfo.hasPreviousPage, pageInfo.startCursor, pageInfo.endCursor],
        [after !== null, edges[0]?.cursor, edges.at(-1)?.cursor],
      );
      forwards.push(...edges);
      [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
    }
    for (let before: string | null = null, more = true; more;) {
      // The schema sets `first` to 20 when the client does not give it.
      const { edges, pageInfo }: Connection<T> = await read({ first: 20, last: size, before });
      assert.deepEqual(
        [pageInfo.hasNextPage, pageInfo.startCursor, pageInfo.endCursor],
        [before !== null, edges[0]?.cursor, edges.at(-1)?.cursor],
      );
      backwards.unshift(...edges);
      [before, more] = [pageInfo.startCursor, pageInfo.hasPreviousPage];
    }
    assert.deepEqual([forwards, backwards], [whole, whole], `pages of ${size}`);
  }
  for (const [from, to] of [
    [0, whole.length - 1],
    [0, 1],
    [1, 0],
    [1, whole.length - 1],
  ] as const) {
    const between = { after: whole[from]?.cursor, before: whole[to]?.cursor };
    const rows = whole.slice(from + 1, to);
    assert.deepEqual((await read({ ...between, first: 100 })).edges, rows);
    assert.deepEqual((await read({ ...between, last: 1 })).edges, rows.slice(-1));
  }
  await assert.rejects(read({ last: 0 }), /last must be between 1 and 100/);
  await assert.rejects(read({ before: 'x' }), /not a cursor of this list/);
}
