// For the specs of lists.
import type { Connection } from './connection.ts';

/** A cursor of the same list as `cursor`, with another sort key in it. */
export function forged(cursor: string | null | undefined, ...key: string[]): string {
  const [tag] = JSON.parse(Buffer.from(cursor ?? '', 'base64url').toString('utf8')) as string[];
  return Buffer.from(JSON.stringify([tag, ...key])).toString('base64url');
}

/** One list's page out of those of several. @throws what failed its list */
export function pageOf<T>(pages: ReadonlyMap<string, Connection<T> | Error>, id: string | undefined): Connection<T> {
  const page = pages.get(id ?? '');
  if (page instanceof Error) throw page;
  if (!page) throw new Error(`there is no page of ${id}`);
  return page;
}
