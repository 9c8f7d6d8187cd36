// Measures gateways one after the other. See README.md.
// node run.mjs [--peers a,b] [--gateway name=command,port[/path]]...
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { fixed, median, table } from './lib/figures.mjs';
import { load } from './lib/load.mjs';
import { busy, canPin, settled, sleep, stop, tools, usage } from './lib/procs.mjs';
import { readQuery } from './lib/query.mjs';
import { compared, compose, here, out, startGateway, startSubgraphs, urlOf } from './lib/setup.mjs';
import { REQUEST_PEERS, choose, configured } from './peers/list.mjs';

const { values: o } = parseArgs({
  allowNegative: true,
  options: {
    gateway: { type: 'string', multiple: true, default: [] },
    peers: { type: 'string', default: '' },
    query: { type: 'string', default: 'medium' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '8' },
    warmup: { type: 'string', default: '4' },
    connections: { type: 'string', default: '32' },
    load: { type: 'string', default: tools.wrk ? 'wrk' : 'autocannon' },
    pin: { type: 'boolean', default: canPin },
    'gateway-cpus': { type: 'string', default: '0' },
    'other-cpus': { type: 'string', default: '1' },
    supergraph: { type: 'string' },
    'subgraph-port': { type: 'string' },
    'subgraph-args': { type: 'string', default: '' },
    subgraphs: { type: 'string' },
    expect: { type: 'string' },
    variables: { type: 'string' },
    tolerate: { type: 'string', default: '8' },
    retries: { type: 'string', default: '2' },
    vary: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (o.help) {
  console.log(readFileSync(`${here}README.md`, 'utf8'));
  process.exit(0);
}

let gateways = await choose(REQUEST_PEERS, o.peers.split(','), o.gateway);
if (!gateways.length) throw new Error('nothing to measure: give --peers and/or --gateway');

const { title, bodies } = readQuery(o.query, o);
const cpusFor = (which) => (!o.pin ? undefined : which === 'all' ? `0-${availableParallelism() - 1}` : which);
const arrays = gateways.some((g) => g.arrays) ? '--arrays ' : '';
const own = o.subgraphs
  ? undefined
  : await startSubgraphs({
      port: o['subgraph-port'],
      cpus: cpusFor(o['other-cpus']),
      args: arrays + o['subgraph-args'],
    });
const subgraphs = own?.proc,
  base = o.subgraphs ?? own.base,
  origin = new URL(base).origin;
const supergraph = o.supergraph ?? own?.supergraph ?? `${out}/supergraph.graphql`;
if (!o.supergraph && !own) compose(base, supergraph);
gateways = configured(gateways, { supergraph, base, out });
const stats = async (path) => {
  try {
    return await (await fetch(`${origin}${path}`)).json();
  } catch (e) {
    if (subgraphs) throw e;
    return undefined;
  }
}; // Other subgraphs may not have counters.

let expected = o.expect ? JSON.parse(readFileSync(o.expect, 'utf8')) : undefined;
// If others (including the hypervisor) took more than --tolerate percent of the gateway's CPU, the sample is repeated
// after a pause.
let again = false;
async function* attempts(list) {
  for (const g of list)
    for (let i = 0; ; i++) {
      again = false;
      yield [g, i];
      if (!again || i >= Number(o.retries)) break;
      await sleep(12_000);
    }
}
const samples = Object.fromEntries(gateways.map((g) => [g.name, []]));
for (let round = 1; round <= Number(o.rounds); round++) {
  // Every other round runs in reverse order, so that a machine that gets slower or faster does not always affect the
  // same gateway.
  for await (const [g] of attempts(round % 2 ? gateways : [...gateways].reverse())) {
    let proc;
    try {
      const cpu = cpusFor(g.cpus ?? o['gateway-cpus']);
      const started = await startGateway(g, { supergraph, base, cpus: cpu, body: bodies[0] });
      proc = started.proc;
      const { startMs, idle, first } = started,
        url = urlOf(g);
      expected ??= first.errors ? undefined : first.data;
      const answer = compared(first, expected);
      const common = {
        tool: o.load,
        url,
        bodies,
        connections: Number(o.connections),
        cpus: cpusFor(o['other-cpus']),
        dir: out,
      };
      if (Number(o.warmup)) await load({ ...common, seconds: Number(o.warmup) });
      await stats('/_reset');
      const busyBefore = busy(cpu),
        at = performance.now();
      const before = usage(proc),
        subBefore = subgraphs && usage(subgraphs);
      const r = await load({ ...common, seconds: Number(o.seconds) });
      await settled(proc);
      const begun = r.requests + Number(o.connections); // Requests in flight at the end are finished too.
      const after = usage(proc),
        others =
          busyBefore === undefined
            ? undefined
            : (busy(cpu) - busyBefore - (after.cpuUs - before.cpuUs)) / ((performance.now() - at) * 10),
        s = await stats('/_stats');
      const sum = (k) => Object.values(s?.subgraphs ?? {}).reduce((n, x) => n + x[k], 0);
      const sample = {
        round,
        answer,
        ...r,
        cpu: (after.cpuUs - before.cpuUs) / begun,
        cpus: (after.cpuUs - before.cpuUs) / 1e6 / Number(o.seconds),
        subgraphCpu: subgraphs ? (usage(subgraphs).cpuUs - subBefore.cpuUs) / begun : undefined,
        calls: s?.requests / begun,
        operations: s?.operations / begun,
        entities: sum('entities') / begun,
        bytesFromSubgraphs: s?.bytesOut / begun,
        bytesToClient: r.bytes / r.requests,
        connections: s?.connections,
        peak: after.peak,
        rss: after.rss,
        idle,
        startMs,
        others,
      };
      samples[g.name].push(sample);
      again = others > Number(o.tolerate);
      console.error(
        `round ${round}  ${g.name.padEnd(16)} ${r.rps.toFixed(0).padStart(6)} req/s  p50 ${r.p50.toFixed(1)}  p99 ${r.p99.toFixed(1)} ms  cpu ${sample.cpu.toFixed(0)} us/req  calls ${sample.calls.toFixed(2)}  failed ${r.failed}  ${answer}${again ? `  (${others.toFixed(0)}% of its CPU went to others)` : ''}`,
      );
    } catch (e) {
      console.error(`round ${round}  ${g.name.padEnd(16)} ${e.message}`);
    } finally {
      if (proc) await stop(proc);
    }
  }
}
if (subgraphs) await stop(subgraphs);

const rows = gateways
  .filter((g) => samples[g.name].length)
  .map((g) => {
    const clean = samples[g.name].filter((x) => !(x.others > Number(o.tolerate)));
    const s = clean.length ? clean : samples[g.name],
      m = (k) => median(s.map((x) => x[k]));
    return {
      gateway: g.name,
      samples: `${clean.length}/${samples[g.name].length}`,
      'req/s': Math.round(m('rps')),
      'min-max': `${Math.round(Math.min(...s.map((x) => x.rps)))}-${Math.round(Math.max(...s.map((x) => x.rps)))}`,
      'p50 ms': m('p50').toFixed(1),
      ...(s[0].p95 !== undefined && { 'p95 ms': m('p95').toFixed(1) }),
      'p99 ms': m('p99').toFixed(1),
      'CPU us/req': Math.round(m('cpu')),
      'CPU min': Math.round(Math.min(...s.map((x) => x.cpu))),
      cores: m('cpus').toFixed(2),
      ...(s[0].others !== undefined && { 'others %': m('others').toFixed(1) }),
      'calls/req': fixed(m('calls'), 2),
      'operations/req': fixed(m('operations'), 2),
      'entities/req': fixed(m('entities'), 1),
      'subgraph B/req': fixed(m('bytesFromSubgraphs')),
      'start ms': Math.round(m('startMs')),
      'idle MiB': Math.round(m('idle')),
      'peak MiB': Math.round(m('peak')),
      failed: s.reduce((n, x) => n + x.failed, 0),
      answer: [...new Set(s.map((x) => x.answer))].join('; '),
    };
  });
console.log(
  `\n${title}, ${o.connections} connections, ${o.rounds} rounds of ${o.seconds} s (medians), load by ${o.load}${o.pin ? `, gateway on CPU ${o['gateway-cpus']}, load and subgraphs on CPU ${o['other-cpus']}` : ''}, node ${process.version}\n`,
);
console.log(table(rows));
if (o.json) writeFileSync(o.json, JSON.stringify({ options: o, samples }, null, 1));
process.exit(0);
