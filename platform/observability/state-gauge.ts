import type { Metrics } from './metrics.ts';

/** The counts are reused for this time, however often the metrics are scraped. Milliseconds. */
const COUNTS_STAND_MS = 10_000;
/** Counting stops at this number in each state, so that a scrape does not cost more in a large service. */
const MOST_COUNTED = 10_000;

/**
 * A gauge with the label `state`: the number of rows in each of these states. A state with more than 10,000 rows shows
 * 10,000. Pass only states that rows leave again. The column `state` needs an index. While the database does not
 * answer, the last counts are shown.
 */
export function countsByState<S extends string>(
  metrics: Metrics,
  name: string,
  help: string,
  states: readonly S[],
  count: (state: S, take: number) => Promise<number>,
): void {
  let countedAt = -Infinity;
  let counting: Promise<void> | undefined;
  metrics.gauge(name, `${help}, ${MOST_COUNTED} at most`, ['state'], async (gauge) => {
    if (performance.now() - countedAt < COUNTS_STAND_MS) return;
    counting ??= (async () => {
      for (const state of states) gauge.set({ state }, await count(state, MOST_COUNTED));
      countedAt = performance.now();
    })()
      .catch(() => undefined)
      .finally(() => (counting = undefined));
    await counting;
  });
}
