import { z } from 'zod';
import {
  boundsOf,
  type Counted,
  counted,
  type Cursors,
  cursorsOf,
  type PageArgs,
  readPage,
  type Scope,
  toConnection,
} from '../../platform/graphql/connection.ts';

const key = z.tuple([z.uuid()]);

/** The cursors of a list that {@link newestFirst} reads. */
export const cursorsById = (list: string): Cursors<typeof key> => cursorsOf(`${list} by id`, key);

/** The methods of a Prisma model that a list needs. */
interface Model<T, W> {
  findMany(query: { where: { AND: W[] }; orderBy: { id: 'asc' | 'desc' }; take: number }): PromiseLike<T[]>;
  count(query: { where: W; take: number }): PromiseLike<number>;
}

/** A page of rows, newest first: their ids are UUIDs of version 7. @throws BAD_USER_INPUT, INVALID_CURSOR */
export async function newestFirst<T extends { id: string }, W extends object>(
  model: Model<T, W | { id: { lt: string } } | { id: { gt: string } }>,
  filter: W,
  cursors: Cursors<typeof key>,
  scope: Scope,
  args: PageArgs,
): Promise<Counted<T>> {
  const page = readPage(args);
  const { after: [after] = [], before: [before] = [] } = boundsOf(cursors, scope, page);
  const rows = await model.findMany({
    where: { AND: [filter, ...(after ? [{ id: { lt: after } }] : []), ...(before ? [{ id: { gt: before } }] : [])] },
    orderBy: { id: page.backwards ? 'asc' : 'desc' },
    take: page.size + 1,
  });
  const connection = toConnection(rows, page, ({ id }) => cursors.encode(scope, [id]));
  return counted(connection, async (take) => model.count({ where: filter, take }));
}
