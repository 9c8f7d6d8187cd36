import type { Registry } from 'prom-client';
import type { OperationInfo, SubgraphFetchInfo } from './config/observers.ts';
import { Durations } from './durations.ts';
import type { Router, RouterStats } from './router.ts';
import type { CircuitState } from './subgraphs/circuit-breaker.ts';

export interface RouterMetrics {
  readonly onOperation: (info: OperationInfo) => void;
  readonly onSubgraphFetch: (info: SubgraphFetchInfo) => void;
  /** Sets the router whose `stats` are read. Call it before the first scrape. */
  watch(router: Pick<Router, 'stats'>): void;
  readonly contentType: string;
  /** The metrics in the Prometheus text format. */
  text(): Promise<string>;
}

const CIRCUIT_STATES: readonly CircuitState[] = ['closed', 'half-open', 'open'];

/** The labels of one outcome and how many operations had it. */
interface Outcome {
  readonly labels: { readonly kind: string; readonly transport: string; readonly code: string };
  count: number;
}

/**
 * Creates the router's metrics. The number of label values is bounded: kinds, transports, codes and subgraphs.
 * Operation names are never labels, because clients choose them.
 * @param processMetrics whether to include Node's own metrics. Its counters (CPU time, garbage collection) start at the
 *   first scrape. Set it to false where the process already exports them.
 */
export function createMetrics({ processMetrics = true }: { processMetrics?: boolean } = {}): RouterMetrics {
  const outcomes = new Map<string, Outcome>();
  let watched: Pick<Router, 'stats'> | undefined;
  let registry: Promise<Registry> | undefined;
  const durations = new Durations('router_operation_seconds', 'Time from request to response, without subscriptions');
  const fetches = new Durations('router_subgraph_fetch_seconds', 'Time of subgraph requests');
  /** Subgraph names, quoted for use in labels. */
  const names = new Map<string, string>();
  const codes = new Set<string>();
  // Subgraphs choose error codes, so this bounds how many become labels.
  const label = (code: string | undefined): string => {
    if (code === undefined) return '';
    if (codes.size < 50) codes.add(code);
    return codes.has(code) ? code : 'OTHER';
  };
  return {
    onOperation({ kind, transport, code, durationMs }) {
      const shown = label(code);
      const key = `${kind} ${transport} ${shown}`;
      const outcome = outcomes.get(key);
      if (outcome === undefined) outcomes.set(key, { labels: { kind, transport, code: shown }, count: 1 });
      else outcome.count++;
      if (kind !== 'subscription') durations.observe(`kind="${kind}",transport="${transport}"`, durationMs);
    },
    onSubgraphFetch({ subgraph, ok, durationMs }) {
      let name = names.get(subgraph);
      if (name === undefined) names.set(subgraph, (name = JSON.stringify(subgraph)));
      fetches.observe(`subgraph=${name},ok="${ok}"`, durationMs);
    },
    watch(router) {
      watched = router;
    },
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    async text() {
      const own = watched && (await (registry ??= register(processMetrics, outcomes, watched)));
      return `${own ? await own.metrics() : ''}\n${durations.text()}\n${fetches.text()}`;
    },
  };
}

/**
 * Runs at the first scrape. It loads prom-client, which takes 20 ms, so that starting a router does not wait for it.
 */
async function register(
  processMetrics: boolean,
  outcomes: ReadonlyMap<string, Outcome>,
  router: Pick<Router, 'stats'>,
): Promise<Registry> {
  const { collectDefaultMetrics, Counter, Gauge, Registry: EmptyRegistry } = await import('prom-client');
  const registry = new EmptyRegistry();
  const registers = [registry];
  if (processMetrics) collectDefaultMetrics({ register: registry });
  new Counter({
    name: 'router_operations_total',
    help: 'Operations by outcome; code is that of the first error',
    labelNames: ['kind', 'transport', 'code'],
    registers,
    collect() {
      this.reset();
      for (const { labels, count } of outcomes.values()) this.inc(labels, count);
    },
  });
  const gauges: readonly [
    string,
    string,
    Exclude<keyof RouterStats, 'subgraphs' | 'supergraph' | 'reloads' | 'pauses'>,
  ][] = [
    ['router_sockets', 'Open WebSockets', 'sockets'],
    ['router_subscriptions', 'Running subscriptions', 'subscriptions'],
    ['router_upstreams', 'Subscriptions at subgraphs, which clients share', 'upstreams'],
    ['router_kept_bytes', 'Finished events kept for clients that lag or reconnect', 'keptBytes'],
    ['router_queued_events', 'Events that wait for their subscriptions to take them', 'queuedEvents'],
    ['router_socket_buffered_bytes', 'Bytes that clients have not read yet', 'bufferedBytes'],
    ['router_requests', 'Queries and mutations in flight over HTTP', 'requests'],
    [
      'router_supergraph_generations',
      'Supergraphs in memory: the one in use and older ones that operations still use',
      'generations',
    ],
  ];
  for (const [name, help, key] of gauges)
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(router.stats()[key]);
      },
    });
  new Counter({
    name: 'router_supergraph_reloads_total',
    help: 'Supergraphs after the first, by outcome',
    labelNames: ['result'],
    registers,
    collect() {
      this.reset();
      for (const [result, count] of Object.entries(router.stats().reloads)) this.inc({ result }, count);
    },
  });
  new Counter({
    name: 'router_client_pauses_total',
    help: 'How often the router had to wait for a client that had not read what was sent',
    registers,
    collect() {
      this.reset();
      this.inc(router.stats().pauses);
    },
  });
  const labelNames = ['subgraph'] as const;
  new Gauge({
    name: 'router_subgraph_circuit',
    help: '0 closed, 1 half-open, 2 open: nothing is sent to the subgraph',
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const [subgraph, { circuit }] of router.stats().subgraphs)
        this.set({ subgraph }, CIRCUIT_STATES.indexOf(circuit));
    },
  });
  new Gauge({
    name: 'router_subgraph_requests',
    help: 'Requests to the subgraph, running and waiting',
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const [subgraph, { requests }] of router.stats().subgraphs) this.set({ subgraph }, requests);
    },
  });
  new Counter({
    name: 'router_subgraph_retries_total',
    help: 'Retried queries',
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const [subgraph, { retries }] of router.stats().subgraphs) this.inc({ subgraph }, retries);
    },
  });
  return registry;
}
