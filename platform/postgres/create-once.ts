/** Prisma's code for a unique index that a statement would break. */
const UNIQUE = 'P2002';

/**
 * What an earlier request made, or else what `make` makes: for requests that a client may send twice. When two run at
 * once, a unique index lets one through, and the other one finds what that one made.
 * @param find by what is unique; null when there is none. May throw when what is there differs from what is asked for
 */
export async function createOnce<T>(find: () => Promise<T | null>, create: () => Promise<T>): Promise<T> {
  return (await find()) ?? createOrFind(create, find);
}

/**
 * What `make` makes, or what is there when a unique index stopped it. @throws what `make` threw, for anything else, and
 * when nothing is found
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
