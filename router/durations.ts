/** Upper bounds of the histogram buckets, in seconds. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Series {
  readonly labels: string;
  /** Number of observations in each bucket, not cumulative. The last bucket holds those above all bounds. */
  readonly buckets: Float64Array;
  sum: number;
}

/**
 * A histogram of durations in the Prometheus text format. With prom-client's histogram, five observations took 2.5% of
 * a routed request, because it hashes the labels of each. Here the labels are the key of a Map, and an observation adds
 * to two numbers.
 */
export class Durations {
  readonly #name: string;
  readonly #help: string;
  readonly #series = new Map<string, Series>();

  constructor(name: string, help: string) {
    this.#name = name;
    this.#help = help;
  }

  /**
   * Adds one observation.
   * @param labels in the text format: `a="b",c="d"`
   * @param ms the duration in milliseconds
   */
  observe(labels: string, ms: number): void {
    let series = this.#series.get(labels);
    if (series === undefined)
      this.#series.set(labels, (series = { labels, buckets: new Float64Array(SECONDS.length + 1), sum: 0 }));
    const seconds = ms / 1_000;
    let bucket = 0;
    while (bucket < SECONDS.length && seconds > (SECONDS[bucket] ?? 0)) bucket++;
    series.buckets[bucket]! += 1;
    series.sum += seconds;
  }

  text(): string {
    const lines = [`# HELP ${this.#name} ${this.#help}`, `# TYPE ${this.#name} histogram`];
    for (const { labels, buckets, sum } of this.#series.values()) {
      let count = 0;
      buckets.forEach((observations, bucket) => {
        count += observations;
        lines.push(`${this.#name}_bucket{le="${SECONDS[bucket] ?? '+Inf'}",${labels}} ${count}`);
      });
      lines.push(`${this.#name}_sum{${labels}} ${sum}`, `${this.#name}_count{${labels}} ${count}`);
    }
    return `${lines.join('\n')}\n`;
  }
}
