// Subscriptions: one event to thousands of WebSocket clients, for the router and a hand-written server, in turns. See
// bench/README.md.
import { writeFileSync } from 'node:fs';
import { SUBSCRIPTION, fanOutTable, measureFanOut } from '../gateways/lib/fan-out.mjs';
import { table } from '../gateways/lib/figures.mjs';
import { canPin } from '../gateways/lib/procs.mjs';
import { SUBSCRIPTION_PEERS, choose } from '../gateways/peers/list.mjs';
import { command } from './command.mjs';

const HELP = `Measures the cost of delivering an event to all WebSocket clients of the router. Each client has another operation id.

  npm run --silent bench:router:subscriptions -- [options]

  --peers NAMES     built-in servers (raw-entities,prodvor,raw-frame,hive-router-dedupe); servers that are not installed
                    are skipped
  --gateway TEXT    another gateway: name=command,port[/path]; repeatable
  --reference NAME  gateway that ratios are relative to (raw-entities)
  --clients LIST    (2000,5000)
  --burst LIST      (1,10)  events that are sent together
  --rounds N        (6)     rounds of turns
  --events N        (40)    events of a turn
  --tolerate N      (8)     leave out a turn if others took more than this percentage of the gateway's CPU
  --no-pin          do not pin gateways to CPU 0, and clients and subgraphs to CPU 1
  --json FILE       write all turns, including disturbed ones
`;
const o = command(HELP, {
  peers: { type: 'string', default: 'raw-entities,prodvor,raw-frame,hive-router-dedupe' },
  gateway: { type: 'string', multiple: true, default: [] },
  reference: { type: 'string', default: 'raw-entities' },
  clients: { type: 'string', default: '2000,5000' },
  burst: { type: 'string', default: '1,10' },
  rounds: { number: 6 },
  events: { number: 40 },
  tolerate: { number: 8 },
  pin: { type: 'boolean', default: canPin },
  json: { type: 'string' },
});
const gateways = await choose(SUBSCRIPTION_PEERS, o.peers.split(','), o.gateway);
const bursts = o.burst.split(',').map(Number),
  measured = [];
for (const clients of o.clients.split(',').map(Number)) {
  const settings = { ...o, clients, bursts, query: SUBSCRIPTION, gatewayCpu: '0', otherCpu: '1' };
  const results = await measureFanOut(gateways, settings, (text) => console.error(text));
  measured.push(...results);
  for (const burst of bursts) {
    const how = burst === 1 ? 'single events' : `${burst} events at once`;
    console.log(
      `\n### ${clients} clients, ${how}, ${o.rounds} rounds of ${o.events} events, node ${process.version}${o.pin ? '' : ', not pinned'}\n`,
    );
    console.log(
      table(
        fanOutTable(
          results.filter((r) => r.burst === burst),
          o.reference,
        ),
      ),
    );
  }
}
if (o.json) writeFileSync(o.json, JSON.stringify({ options: o, measured }, null, 1));
process.exit(0);
