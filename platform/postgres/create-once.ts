/** Prisma's code for the violation of a unique index. */
const UNIQUE = 'P2002';

/**
 * Returns the row that an earlier request created, or creates it. Use it for requests that a client may send twice. If
 * two such requests run at the same time, a unique index rejects the second, which then finds the row of the first.
 * @param find finds the row by its unique columns; null when there is none. It may throw when the row differs from the
 * request.
 */
export async function createOnce<T>(find: () => Promise<T | null>, create: () => Promise<T>): Promise<T> {
  return (await find()) ?? createOrFind(create, find);
}

/**
 * Creates the row, or finds the existing one when a unique index rejected the new one. @throws any other error of
 * `create`, and the index's error when `find` returns null
 */
export async function createOrFind<T>(create: () => Promise<T>, find: () => Promise<T | null>): Promise<T> {
  try {
    return await create();
  } catch (error) {
    const other = (error as { code?: unknown } | null)?.code === UNIQUE ? await find() : null;
    if (other === null) throw error;
    return other;
  }
}
