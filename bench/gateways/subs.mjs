// node subs.mjs [--peers hive,raw] [--gateway name=command,port[/path]] [--clients 2000,5000] [--burst 1,10]
// Events -> all clients: how long until every subscriber has them, and what it costs the gateway. See README.md.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { SUBSCRIPTION, fanOutTable, measureFanOut } from './lib/fan-out.mjs';
import { table } from './lib/figures.mjs';
import { canPin } from './lib/procs.mjs';
import { here } from './lib/setup.mjs';
import { SUBSCRIPTION_PEERS, choose } from './peers/list.mjs';

const { values: o } = parseArgs({ allowNegative: true, options: {
  peers: { type: 'string', default: '' }, gateway: { type: 'string', multiple: true, default: [] }, reference: { type: 'string', default: 'raw-entities' },
  clients: { type: 'string', default: '2000,5000' }, rounds: { type: 'string', default: '6' }, events: { type: 'string', default: '40' }, burst: { type: 'string', default: '1' },
  query: { type: 'string', default: SUBSCRIPTION }, tolerate: { type: 'string', default: '8' },
  pin: { type: 'boolean', default: canPin }, 'gateway-cpus': { type: 'string', default: '0' }, 'other-cpus': { type: 'string', default: '1' }, help: { type: 'boolean' },
} });
if (o.help) { console.log(readFileSync(`${here}README.md`, 'utf8')); process.exit(0); }
const gateways = await choose(SUBSCRIPTION_PEERS, o.peers.split(','), o.gateway);
if (!gateways.length) throw new Error('nothing to measure: give --peers and/or --gateway');
for (const clients of o.clients.split(',').map(Number)) {
  const bursts = o.burst.split(',').map(Number);
  const results = await measureFanOut(gateways, {
    clients, bursts, rounds: Number(o.rounds), events: Number(o.events), query: o.query, tolerate: Number(o.tolerate), pin: o.pin, gatewayCpu: o['gateway-cpus'], otherCpu: o['other-cpus'],
  }, (text) => console.error(text));
  for (const burst of bursts) {
    console.log(`\n### ${clients} clients, ${burst === 1 ? 'single events' : `${burst} events at once`}, ${o.rounds} rounds of ${o.events} events, node ${process.version}\n`);
    console.log(table(fanOutTable(results.filter((r) => r.burst === burst), o.reference)));
  }
}
process.exit(0);
