import DataLoader from 'dataloader';
import type { Principal } from '../identity/principal.ts';
import { currentContext } from '../observability/request-context.ts';
import { stopWhenLate } from '../questions/asked.ts';
import type { GraphQLContext } from './context.ts';

/** Loads one value; null where there is none. @throws what `loadMany` answered for this key */
export type Load<V, A extends readonly unknown[] = []> = (
  context: GraphQLContext,
  key: string,
  ...args: A
) => Promise<V | null>;

/**
 * A function that loads one value by its key. Keys that an operation asks for in the same turn, with the same
 * arguments, reach `loadMany` together and once each, unless they are for a question of another subgraph that nobody
 * waits for any more. It keeps no values, so that a subscription, whose context outlives many events, never sees an old
 * one.
 * @param loadMany values by key; a missing key loads null, an Error fails its key only. Arguments are compared as JSON
 */
export function batched<V, A extends readonly unknown[] = []>(
  loadMany: (keys: readonly string[], viewer: Principal, ...args: A) => Promise<ReadonlyMap<string, V>>,
): Load<Exclude<V, Error>, A> {
  const operations = new WeakMap<GraphQLContext, Map<string, DataLoader<string, Exclude<V, Error> | null>>>();
  return (context, key, ...args) => {
    let loaders = operations.get(context);
    if (!loaders) operations.set(context, (loaders = new Map()));
    // As JSON the arguments stay apart, whatever is in them: null is not the text "null".
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

/** Rows by their id, as a loader wants them. */
export const keyed = <T extends { readonly id: string }>(rows: readonly T[]): Map<string, T> =>
  new Map(rows.map((row) => [row.id, row]));
