import { AggregatorRegistry, collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The properties of one HTTP request. */
export interface RequestMeasurement {
  readonly method: string;
  /** The route's pattern and never the path, because the number of different paths has no limit. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']);
/** Buckets in seconds: from 1 ms, the time of a cached read, to 10 s, after which clients have left. */
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/**
 * The metrics of one service, in a registry of its own. In embedded mode several services share a process, and
 * prom-client's global registry refuses a second metric of the same name. Every sample has the label `service`. Label
 * values must come from a closed set (routes, fields of the schema, topics): names that clients choose would create
 * series without a limit.
 */
export class Metrics {
  readonly service: string;
  readonly registry = new Registry();
  readonly #http: Histogram<'method' | 'route' | 'status'>;
  readonly #operations: Counter<'kind' | 'field' | 'outcome'>;

  constructor(service: string) {
    this.service = service;
    this.registry.setDefaultLabels({ service });
    this.#http = this.histogram(
      'http_request_duration_seconds',
      'From the request to the end of its answer',
      ['method', 'route', 'status'],
      DURATION_BUCKETS,
    );
    this.#operations = this.counter('graphql_operations_total', 'GraphQL operations by first root field', [
      'kind',
      'field',
      'outcome',
    ]);
    services.add(this);
  }

  request({ method, route, status, seconds }: RequestMeasurement): void {
    this.#http.observe({ method: METHODS.has(method) ? method : 'other', route, status }, seconds);
  }

  /**
   * Counts a GraphQL operation. `field` is its first field of the root type, so there are few values: validated
   * operations select only fields of the schema. `outcome` is ok, error (data with errors) or refused (no data).
   */
  operation(kind: string, field: string, outcome: 'ok' | 'error' | 'refused'): void {
    this.#operations.inc({ kind, field, outcome });
  }

  /** The counter of this name, created on first use. By convention the name ends in `_total`. */
  counter<T extends string = never>(name: string, help: string, labelNames: readonly T[] = []): Counter<T> {
    return (
      (this.registry.getSingleMetric(name) as Counter<T> | undefined) ??
      new Counter({ name, help, labelNames: [...labelNames], registers: [this.registry] })
    );
  }

  /** The gauge of this name, created on first use. `collect` is called before each scrape. */
  gauge<T extends string = never>(
    name: string,
    help: string,
    labelNames: readonly T[] = [],
    collect?: (gauge: Gauge<T>) => void | Promise<void>,
  ): Gauge<T> {
    const known = this.registry.getSingleMetric(name) as Gauge<T> | undefined;
    if (known) return known;
    const options = { name, help, labelNames: [...labelNames], registers: [this.registry] };
    return new Gauge(
      collect
        ? {
            ...options,
            collect(this: Gauge<T>) {
              return collect(this);
            },
          }
        : options,
    );
  }

  /** The histogram of this name, created on first use. The buckets are in the unit that the name ends in. */
  histogram<T extends string = never>(
    name: string,
    help: string,
    labelNames: readonly T[],
    buckets: readonly number[],
  ): Histogram<T> {
    const known = this.registry.getSingleMetric(name) as Histogram<T> | undefined;
    return (
      known ??
      new Histogram({ name, help, labelNames: [...labelNames], buckets: [...buckets], registers: [this.registry] })
    );
  }

  /** Leaves this service out of {@link renderMetrics} from now on. */
  close(): void {
    services.delete(this);
  }
}

const services = new Set<Metrics>();
let processRegistry: Registry | undefined;

/**
 * The metrics of every service of this process, and of the process itself once. `/metrics` is the same on each of its
 * ports.
 */
export async function renderMetrics(): Promise<{ readonly contentType: string; readonly text: string }> {
  if (!processRegistry) collectDefaultMetrics({ register: (processRegistry = new Registry()) });
  const parts = await Promise.all(
    [processRegistry, ...[...services].map(({ registry }) => registry)].map((registry) => registry.getMetricsAsJSON()),
  );
  const merged = AggregatorRegistry.aggregate(parts);
  return { contentType: merged.contentType, text: await merged.metrics() };
}
