import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { OperationInfo, SubgraphFetchInfo } from './config.ts';
import { Durations } from './durations.ts';
import type { Router, RouterStats } from './router.ts';
import type { CircuitState } from './transport/circuit-breaker.ts';

export interface RouterMetrics {
  readonly onOperation: (info: OperationInfo) => void;
  readonly onSubgraphFetch: (info: SubgraphFetchInfo) => void;
  watch(router: Pick<Router, 'stats'>): void;
  readonly contentType: string;
  /** The Prometheus text format. */
  text(): Promise<string>;
}

const CIRCUIT_STATES: readonly CircuitState[] = ['closed', 'half-open', 'open'];

/**
 * Labels are bounded: kinds, transports, codes and subgraphs; never operation names, which clients make up.
 * @param processMetrics whether Node's own metrics are among them; not where somebody else of the process shows them
 */
export function createMetrics({ processMetrics = true }: { processMetrics?: boolean } = {}): RouterMetrics {
  const registry = new Registry();
  const registers = [registry];
  if (processMetrics) collectDefaultMetrics({ register: registry });
  const operations = new Counter({
    name: 'router_operations_total', help: 'Operations by outcome; code is that of the first error', labelNames: ['kind', 'transport', 'code'], registers,
  });
  const durations = new Durations('router_operation_seconds', 'Time from request to response, without subscriptions');
  const fetches = new Durations('router_subgraph_fetch_seconds', 'Time of subgraph requests');
  /** Names of subgraphs, quoted for labels. */
  const names = new Map<string, string>();
  const codes = new Set<string>();
  // Subgraphs choose their codes too, so their number is bounded here.
  const label = (code: string | undefined): string => {
    if (code === undefined) return '';
    if (codes.size < 50) codes.add(code);
    return codes.has(code) ? code : 'OTHER';
  };
  return {
    onOperation({ kind, transport, code, durationMs }) {
      operations.inc({ kind, transport, code: label(code) });
      if (kind !== 'subscription') durations.observe(`kind="${kind}",transport="${transport}"`, durationMs);
    },
    onSubgraphFetch({ subgraph, ok, durationMs }) {
      let name = names.get(subgraph);
      if (name === undefined) names.set(subgraph, (name = JSON.stringify(subgraph)));
      fetches.observe(`subgraph=${name},ok="${ok}"`, durationMs);
    },
    watch(router) {
      const gauges: readonly [string, string, Exclude<keyof RouterStats, 'subgraphs' | 'supergraph' | 'reloads'>][] = [
        ['router_sockets', 'Open WebSockets', 'sockets'],
        ['router_subscriptions', 'Running subscriptions', 'subscriptions'],
        ['router_queued_events', 'Events that wait for their subscriptions', 'queuedEvents'],
        ['router_socket_buffered_bytes', 'Bytes that WebSocket clients have not taken yet', 'bufferedBytes'],
        ['router_requests', 'Queries and mutations in flight over HTTP', 'requests'],
        ['router_supergraph_generations', 'The supergraph that is served and older ones that operations still use', 'generations'],
      ];
      for (const [name, help, key] of gauges) new Gauge({ name, help, registers, collect() { this.set(router.stats()[key]); } });
      new Counter({
        name: 'router_supergraph_reloads_total', help: 'Supergraphs that came after the first, by what became of them', labelNames: ['result'], registers,
        collect() {
          this.reset();
          for (const [result, count] of Object.entries(router.stats().reloads)) this.inc({ result }, count);
        },
      });
      const labelNames = ['subgraph'] as const;
      new Gauge({
        name: 'router_subgraph_circuit', help: '0 closed, 1 half-open, 2 open: nothing is sent to the subgraph', labelNames, registers,
        collect() {
          this.reset();
          for (const [subgraph, { circuit }] of router.stats().subgraphs) this.set({ subgraph }, CIRCUIT_STATES.indexOf(circuit));
        },
      });
      new Gauge({
        name: 'router_subgraph_requests', help: 'Requests to the subgraph, running and waiting', labelNames, registers,
        collect() {
          this.reset();
          for (const [subgraph, { requests }] of router.stats().subgraphs) this.set({ subgraph }, requests);
        },
      });
      new Counter({
        name: 'router_subgraph_retries_total', help: 'Queries that were sent to the subgraph again', labelNames, registers,
        collect() {
          this.reset();
          for (const [subgraph, { retries }] of router.stats().subgraphs) this.inc({ subgraph }, retries);
        },
      });
    },
    contentType: registry.contentType,
    text: async () => `${await registry.metrics()}\n${durations.text()}\n${fetches.text()}`,
  };
}
