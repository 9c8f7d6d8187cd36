import DataLoader from 'dataloader';

const loaders = new WeakMap<object, Map<string, DataLoader<string, unknown>>>();

/**
 * The batching loader of one operation: keys asked for in the same turn reach `loadMany` together and once each. It keeps no values, so that a
 * subscription, whose context outlives many events, never sees an old one.
 * @param context the operation's GraphQL context
 * @param name one name per kind of thing
 * @param loadMany values by key; a missing key loads null, an Error fails its key only
 */
export function batch<V>(
  context: object,
  name: string,
  loadMany: (keys: readonly string[]) => Promise<ReadonlyMap<string, V | Error>>,
): DataLoader<string, V | null> {
  let ofContext = loaders.get(context);
  if (!ofContext) loaders.set(context, (ofContext = new Map()));
  let loader = ofContext.get(name) as DataLoader<string, V | null> | undefined;
  if (!loader) {
    loader = new DataLoader<string, V | null>(
      async (keys) => {
        const found = await loadMany([...new Set(keys)]);
        return keys.map((key) => found.get(key) ?? null);
      },
      { cache: false, maxBatchSize: 1000 },
    );
    ofContext.set(name, loader as DataLoader<string, unknown>);
  }
  return loader;
}
