/** The progressive overrides (`@override(from:, label:)`) that an operation is planned with. */
export interface Overrides {
  /** The labels that are on. */
  readonly labels: readonly string[];
  /** A number from 0 to 100. `percent(n)` is on when this is below n. */
  readonly percentage: number;
}

const PERCENT = /^percent\((?<value>\d{1,3}(?:\.\d{1,8})?)\)$/;

/**
 * Returns a function that chooses the overrides for one operation at random. All percentages between two neighbouring
 * `percent(n)` labels turn on the same labels, so it returns the lowest of them. This keeps the number of plans of a
 * document small.
 * @param active labels that the configuration turns on
 */
export function createOverrides(
  labels: readonly string[],
  active: readonly string[],
  random: () => number = Math.random,
): () => Overrides {
  const on = active.filter((label) => labels.includes(label)).sort();
  const steps = [0, ...labels.flatMap((label) => percentOf(label) ?? [])].sort((a, b) => a - b);
  const choices = steps.map((percentage): Overrides => ({ labels: on, percentage }));
  const [always] = choices;
  if (always === undefined) throw new Error('There is always at least one choice');
  if (choices.length === 1) return () => always;
  return () => {
    const thrown = random() * 100;
    return choices.findLast(({ percentage }) => percentage <= thrown) ?? always;
  };
}

export function isOn(label: string, { labels, percentage }: Overrides): boolean {
  const percent = percentOf(label);
  return percent === undefined ? labels.includes(label) : percentage < percent;
}

function percentOf(label: string): number | undefined {
  const value = PERCENT.exec(label)?.groups?.['value'];
  return value === undefined ? undefined : Number(value);
}
