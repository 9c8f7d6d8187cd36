// Requests: CPU, latency, subgraph calls, start and memory of the router and other gateways, in turns. See
// bench/README.md.
import { writeFileSync } from 'node:fs';
import { median, table } from '../gateways/lib/figures.mjs';
import { measurePairs, pairTable } from '../gateways/lib/pairs.mjs';
import { canPin, tools } from '../gateways/lib/procs.mjs';
import { readQuery } from '../gateways/lib/query.mjs';
import { REQUEST_PEERS, choose } from '../gateways/peers/list.mjs';
import { command } from './command.mjs';

const HELP = `Measures the router and other gateways: CPU and latency of a request, subgraph calls, start, memory.

  npm run --silent bench:router -- [options]

  --queries NAMES       queries of bench/gateways/queries (small,medium,varied,large)
  --peers NAMES         built-in gateways; gateways that are not installed are skipped
  --gateway TEXT        another gateway: name=command,port[/path]; repeatable
  --references NAMES    gateways that ratios are relative to (direct,direct-dedupe,apollo); p99 relative to the first
  --rounds N            (8)   rounds of turns for each query
  --seconds N           (2)   length of a turn
  --warmup N            (3)   seconds of load on each gateway before the first round
  --connections N       (50)
  --step N              (1)   how much $skip grows from request to request; with 10 no two requests share a product
  --tolerate N          (6)   leave out a turn if others took more than this percentage of the gateway's CPU
  --load TOOL           wrk or autocannon (wrk if it is installed)
  --no-pin              do not pin gateways to CPU 0, and load and subgraphs to CPU 1
  --subgraph-args TEXT  e.g. --subgraph-args="--delay 5"
  --json FILE           write all turns, including disturbed ones
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
