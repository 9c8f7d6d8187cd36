import DataLoader from 'dataloader';

const loaders = new WeakMap<object, Map<string, DataLoader<string, unknown>>>();

/**
 * The batching loader of one operation: keys asked for in the same turn reach `loadMany` together and once each. It keeps no values, so that a
 * subscription, whose context outlives many events, never sees an old one.
 * @param context the operation's GraphQL context
 * @param what one name per kind of thing, and the arguments that `loadMany` uses: whoever names the same shares a batch, so all of them have to be there
 * @param loadMany values by key; a missing key loads null, an Error fails its key only
 */
export function batch<V>(
  context: object,
  what: string | readonly [name: string, ...args: unknown[]],
  loadMany: (keys: readonly string[]) => Promise<ReadonlyMap<string, V | Error>>,
): DataLoader<string, V | null> {
  // As JSON the arguments stay apart, whatever is in them: null is not the text "null".
  const name = JSON.stringify(what);
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
