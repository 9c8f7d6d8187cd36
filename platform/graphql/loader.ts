import DataLoader from 'dataloader';
import type { Principal } from '../identity/principal.ts';
import { currentContext } from '../observability/request-context.ts';
import { stopWhenLate } from '../questions/asked.ts';
import type { GraphQLContext } from './context.ts';

/** Loads one value; null if there is none. @throws the error that `loadMany` returned for this key */
export type Load<V, A extends readonly unknown[] = []> = (
  context: GraphQLContext,
  key: string,
  ...args: A
) => Promise<V | null>;

/**
 * Creates a function that loads one value by its key. Keys that an operation requests in the same turn of the event
 * loop with the same arguments reach `loadMany` together, once each, at most 1,000 in one call. If the operation is a
 * question of another subgraph whose time is over, the loads fail and `loadMany` is not called. The function caches no
 * values: the context of a subscription outlives many events, and must never see an old value.
 * @param loadMany returns values by key. A missing key loads null, and an Error fails only its key. Arguments are
 * compared as JSON.
 */
export function batched<V, A extends readonly unknown[] = []>(
  loadMany: (keys: readonly string[], viewer: Principal, ...args: A) => Promise<ReadonlyMap<string, V>>,
): Load<Exclude<V, Error>, A> {
  const operations = new WeakMap<GraphQLContext, Map<string, DataLoader<string, Exclude<V, Error> | null>>>();
  return (context, key, ...args) => {
    let loaders = operations.get(context);
    if (!loaders) operations.set(context, (loaders = new Map()));
    // JSON keeps different arguments apart: null is not the text "null".
    const name = JSON.stringify(args);
    let loader = loaders.get(name);
    if (!loader) {
      loader = new DataLoader<string, Exclude<V, Error> | null>(
        async (keys) => {
          stopWhenLate(currentContext()?.question);
          const found = await loadMany([...new Set(keys)], context.principal, ...args);
          return keys.map((one) => (found.get(one) as Exclude<V, Error> | undefined) ?? null);
        },
        { cache: false, maxBatchSize: 1000 },
      );
      loaders.set(name, loader);
    }
    return loader.load(key);
  };
}

/** Rows by their id, as `loadMany` returns them. */
export const keyed = <T extends { readonly id: string }>(rows: readonly T[]): Map<string, T> =>
  new Map(rows.map((row) => [row.id, row]));
