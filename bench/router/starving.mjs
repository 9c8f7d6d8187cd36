// One slow field of a subgraph: how much it slows down ordinary queries to the same subgraph. See bench/README.md.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { fixed, table } from '../gateways/lib/figures.mjs';
import { stop } from '../gateways/lib/procs.mjs';
import { out, startGateway, urlOf } from '../gateways/lib/setup.mjs';
import { REQUEST_PEERS, choose } from '../gateways/peers/list.mjs';
import { command } from './command.mjs';

const HELP = `Measures how long ordinary queries take while one slow field of the same subgraph is requested again and again.

  npm run --silent bench:router:starving -- [options]

  --peers NAMES     built-in gateways (prodvor)
  --gateway TEXT    another gateway: name=command,port[/path], repeatable
  --held N          (300)    requests for the slow field in flight at the same time
  --slow-ms N       (4000)   how long the slow field takes
  --rate N          (20)     ordinary queries per second
  --seconds N       (12)     seconds of measuring, after 3 quiet seconds
  --varied          each slow request also selects other fields, so that no two operations are equal
`;
const o = command(HELP, {
  peers: { type: 'string', default: 'prodvor' },
  gateway: { type: 'string', multiple: true, default: [] },
  held: { number: 300 },
  'slow-ms': { number: 4000 },
  rate: { number: 20 },
  seconds: { number: 12 },
  varied: { type: 'boolean', default: false },
});

const names = Array.from({ length: 12 }, (_, i) => `f${i}`);
const sdl = `type Query { rows: [Row!] slow: Row } type Row { id: ID! ${names.map((name) => `${name}: Int`).join(' ')} }`;
const row = (body) =>
  Object.fromEntries(
    [...body.matchAll(/(?:(\w+): ?)?\b(id|f\d+)\b/g)].map(([, alias, name]) => [
      alias ?? name,
      name === 'id' ? 'x' : 1,
    ]),
  );
const server = createServer(async (req, res) => {
  let body = '';
  for await (const chunk of req) body += chunk;
  const isSlow = body.includes('slow');
  await sleep(isSlow ? o['slow-ms'] : 2);
  res.writeHead(200, { 'content-type': 'application/json' });
  res.end(
    JSON.stringify({
      data: isSlow ? { slow: row(body) } : { rows: Array.from({ length: 10 }, () => ({ id: 'x', f0: 1 })) },
    }),
  );
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const base = `http://127.0.0.1:${server.address().port}`,
  supergraph = `${out}/starving.graphql`;
writeFileSync(supergraph, composeServices([{ name: 'rows', url: `${base}/`, typeDefs: parse(sdl) }]).supergraphSdl);

const ORDINARY = '{ rows { id f0 } }';
/** An operation with the slow field. @param i distinguishes operations, if they should differ */
const slowQuery = (i) =>
  o.varied ? `{ slow { id ${names.filter((_, bit) => (i >> bit) & 1).join(' ')} } }` : '{ slow { id } }';
async function ask(url, query) {
  const started = performance.now();
  try {
    const res = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    const { data, errors } = await res.json();
    return {
      ms: performance.now() - started,
      status: res.status,
      ok: res.status === 200 && Boolean(data) && !errors,
      retryAfter: res.headers.get('retry-after'),
    };
  } catch {
    return { ms: performance.now() - started, status: 0, ok: false };
  }
}

async function ordinary(url, seconds) {
  const asked = [];
  for (let i = 0; i < o.rate * seconds; i++) {
    asked.push(ask(url, ORDINARY));
    await sleep(1000 / o.rate);
  }
  return Promise.all(asked);
}

const at = (answers, share) =>
  answers.map(({ ms }) => ms).sort((a, b) => a - b)[Math.min(answers.length - 1, Math.floor(answers.length * share))];
const rows = [];
for (const gateway of await choose(REQUEST_PEERS, o.peers.split(','), o.gateway)) {
  const { proc } = await startGateway(gateway, { supergraph, base, body: JSON.stringify({ query: ORDINARY }) });
  const url = urlOf(gateway);
  const quiet = await ordinary(url, 3);
  let ends = false,
    number = 1;
  const slow = [];
  const holders = Array.from({ length: o.held }, async () => {
    while (!ends) {
      const answer = await ask(url, slowQuery(number++));
      slow.push(answer);
      if (!answer.ok && !ends) await sleep(1000 * Number(answer.retryAfter ?? 1)); // Waits as a client does.
    }
  });
  const loaded = await ordinary(url, o.seconds);
  ends = true;
  await Promise.all(holders);
  rows.push({
    gateway: gateway.name,
    'quiet p50 ms': fixed(at(quiet, 0.5), 1),
    'p50 ms': fixed(at(loaded, 0.5), 1),
    'p99 ms': fixed(at(loaded, 0.99), 0),
    'max ms': fixed(at(loaded, 1), 0),
    'over 1 s': loaded.filter(({ ms }) => ms > 1000).length,
    failed: loaded.filter(({ ok }) => !ok).length,
    of: loaded.length,
    'slow answered': slow.filter(({ ok }) => ok).length,
    'slow 503': slow.filter(({ status }) => status === 503).length,
    'slow failed otherwise': slow.filter(({ ok, status }) => !ok && status !== 503).length,
  });
  console.error(`${gateway.name} is measured`);
  await stop(proc);
}
server.close();
server.closeAllConnections();
console.log(
  `\n### ${o.held} requests for one field that takes ${o['slow-ms']} ms${o.varied ? ', all different' : ''}; ordinary queries at ${o.rate}/s, node ${process.version}\n`,
);
console.log(table(rows));
process.exit(0);
