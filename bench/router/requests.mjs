// Requests: CPU, latency, subgraph calls, start and memory of the router and other gateways, in turns. See
// bench/README.md.
import { writeFileSync } from 'node:fs';
import { median, table } from '../gateways/lib/figures.mjs';
import { measurePairs, pairTable } from '../gateways/lib/pairs.mjs';
import { canPin, tools } from '../gateways/lib/procs.mjs';
import { readQuery } from '../gateways/lib/query.mjs';
import { REQUEST_PEERS, choose } from '../gateways/peers/list.mjs';
import { command } from './command.mjs';

const HELP = `Measures the router beside other gateways: CPU and latency of a request, subgraph calls, start, memory.

  npm run --silent bench:router -- [options]

  --queries NAMES       of bench/gateways/queries (small,medium,varied,large)
  --peers NAMES         built-in gateways; those that are not installed are skipped
  --gateway TEXT        another one: name=command,port[/path], repeatable
  --references NAMES    whose figures the ratios are over (direct,direct-dedupe,apollo); p99 over that of the first
  --rounds N            (8)   rounds of turns for each query
  --seconds N           (2)   length of a turn
  --warmup N            (3)   seconds of load before the first round, each gateway
  --connections N       (50)
  --step N              (1)   by how much $skip grows from request to request; 10 makes the products of requests disjoint
  --tolerate N          (6)   percent of the gateway's CPU that others may take before a turn is left out
  --load TOOL           wrk if it is installed, or autocannon
  --no-pin              gateways are not kept on CPU 0, load and subgraphs not on CPU 1
  --subgraph-args TEXT  e.g. --subgraph-args="--delay 5"
  --json FILE           all turns, the disturbed ones too
`;
const o = command(HELP, {
  queries: { type: 'string', default: 'small,medium,varied,large' },
  peers: {
    type: 'string',
    default:
      'direct,direct-dedupe,prodvor,prodvor-batch,prodvor-dedupe,apollo,apollo-pool,hive-rust,hive-router-nodedupe',
  },
  gateway: { type: 'string', multiple: true, default: [] },
  references: { type: 'string', default: 'direct,direct-dedupe,apollo' },
  rounds: { number: 8 },
  seconds: { number: 2 },
  warmup: { number: 3 },
  connections: { number: 50 },
  step: { number: 1 },
  tolerate: { number: 6 },
  load: { type: 'string', default: tools.wrk ? 'wrk' : 'autocannon' },
  pin: { type: 'boolean', default: canPin },
  'subgraph-args': { type: 'string', default: '' },
  json: { type: 'string' },
});
const progress = (text) => console.error(text);
const settings = { ...o, tool: o.load, subgraphArgs: o['subgraph-args'], gatewayCpu: '0', otherCpu: '1' };
const gateways = await choose(REQUEST_PEERS, o.peers.split(','), o.gateway);

const measured = {};
for (const name of o.queries.split(',')) {
  const query = readQuery(name, { step: o.step });
  measured[name] = await measurePairs(gateways, query, settings, progress);
  console.log(
    `\n### ${name}: ${o.connections} connections, ${o.rounds} rounds of ${o.seconds} s, node ${process.version}${o.pin ? '' : ', not pinned'}\n`,
  );
  console.log(table(pairTable(measured[name], o.references.split(','))));
}
const all = Object.values(measured).flat(),
  of = (name, key) => median(all.filter((r) => r.gateway === name).map((r) => r[key]));
console.log(`\n### start and memory, medians over the queries\n`);
console.log(
  table(
    [...new Set(all.map((r) => r.gateway))].map((name) => ({
      gateway: name,
      'start ms': Math.round(of(name, 'startMs')),
      'idle MiB': Math.round(of(name, 'idle')),
    })),
  ),
);
if (o.json) writeFileSync(o.json, JSON.stringify({ options: o, measured }, null, 1));
process.exit(0);
