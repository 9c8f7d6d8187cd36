import { Refused } from '../network.ts';

/** Reads `count` items and leaves the source open. @throws Error when the source ended earlier */
export async function take<T>(source: AsyncIterator<T>, count: number): Promise<T[]> {
  const items: T[] = [];
  while (items.length < count) {
    const { done, value } = await source.next();
    if (done) throw new Error(`ended after ${items.length} of ${count}`);
    items.push(value as T);
  }
  return items;
}

/** The code of the error that ends a subscription. */
export async function endOf(source: AsyncIterator<unknown>): Promise<unknown> {
  try {
    while (!(await source.next()).done);
    return 'an end without an error';
  } catch (error) {
    if (error instanceof Refused) return error.code;
    throw error;
  }
}

export const upTo = (last: number, first = 1): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);
