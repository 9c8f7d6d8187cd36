// A flood: what operations that the router knows cost while others come that it has never seen. See bench/README.md.
import { fork, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fixed, median, spread, table } from '../gateways/lib/figures.mjs';
import { load } from '../gateways/lib/load.mjs';
import { busy, canPin, pids, settled, sleep, stop, tools, usage } from '../gateways/lib/procs.mjs';
import { readQuery } from '../gateways/lib/query.mjs';
import { out, post, startGateway, startSubgraphs, urlOf } from '../gateways/lib/setup.mjs';
import { REQUEST_PEERS, choose, configured } from '../gateways/peers/list.mjs';
import { command } from './command.mjs';
import { distinctOperations } from './distinct.mjs';

const HELP = `Measures latencies of cached operations at a part of saturation, without and with a flood of operations that never come twice.

  npm run --silent bench:router:flood -- [options]

  --peer NAME          (prodvor)  any built-in gateway
  --gateway TEXT       another one: name=command,port[/path]
  --query NAME         (varied)   the cached operation
  --share N            (0.5)  of the saturation rate, which is measured before each round
  --rate N             requests per second of the cached operation instead
  --flood-rate N       (100)  distinct operations per second; 0: as many as --flood-connections get answered one after the other
  --flood-connections N  (16)
  --rounds N           (6)    of quiet, then flood
  --seconds N          (10)   of each
  --warmup N           (3)    seconds before that, which do not count: generators are processes of their own, and begin cold
  --saturation N       (3)    seconds of measuring saturation
  --connections N      (50)   of that; the fixed rate may open up to 256
  --tolerate N         (10)   percent of all CPUs that others may take before a round is left out
  --no-pin             router, subgraphs and load run where the system lets them
  --json FILE          all rounds
`;
const o = command(HELP, {
  peer: { type: 'string', default: 'prodvor' }, gateway: { type: 'string', multiple: true, default: [] }, query: { type: 'string', default: 'varied' },
  share: { number: 0.5 }, rate: { number: 0 }, 'flood-rate': { number: 100 }, 'flood-connections': { number: 16 },
  rounds: { number: 6 }, seconds: { number: 10 }, warmup: { number: 3 }, saturation: { number: 3 }, connections: { number: 50 }, tolerate: { number: 10 }, pin: { type: 'boolean', default: canPin }, json: { type: 'string' },
});

// Two CPUs for the router: the thread that answers has the first; the second is the planner's and the collector's. Subgraphs and load have the others,
// or share the second where there are none: the router has less than two CPUs then.
const pinned = o.pin;
const routerCpus = pinned ? '0,1' : undefined, otherCpus = !pinned ? undefined : availableParallelism() > 2 ? `2-${availableParallelism() - 1}` : '1';
const taskset = (cpus, id, all = []) => spawnSync('taskset', [...all, '-p', '-c', cpus, String(id)], { stdio: 'ignore' });
function pinRouter(proc) {
  if (!pinned) return;
  for (const pid of pids(proc)) taskset('1', pid, ['-a']); // its planner may be another one than a minute ago
  taskset('0', proc.child.pid);
}
const CPUS = Array.from({ length: availableParallelism() }, (_, cpu) => String(cpu));

const LOOP_DELAYS = `${out}/loop-delays.json`;
/** How late the gateway's event loop was since the last call, {p50, p95, p99, max} in ms; of those in Node whose command this file has written. */
async function loopDelays(proc) {
  process.kill(proc.child.pid, 'SIGUSR2');
  await sleep(200);
  return JSON.parse(readFileSync(LOOP_DELAYS, 'utf8'));
}

/** A generator that is ready to start. */
async function generator(job) {
  const child = fork(new URL('./open-loop.mjs', import.meta.url).pathname, [JSON.stringify(job)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  if (pinned) taskset(otherCpus, child.pid, ['-a']);
  const message = () => new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`the load generator ended with ${code}`)));
  });
  await message();
  return {
    /** Resolves when what follows counts. */
    start() { const counting = message(); child.send('start'); return counting; },
    result: message,
  };
}

async function phase(g, sub, { bodies, rate, seed }) {
  const common = { url: urlOf(g), seconds: o.seconds, warmup: o.warmup };
  const generators = [await generator({ ...common, rate, connections: 256, bodies })];
  if (seed !== undefined) {
    const connections = o['flood-rate'] ? 256 : o['flood-connections'];
    generators.push(await generator({ ...common, rate: o['flood-rate'], connections, distinct: { seed } }));
  }
  const now = () => ({ router: usage(g.proc).cpuUs, sub: usage(sub.proc).cpuUs, all: CPUS.reduce((sum, cpu) => sum + (busy(cpu) ?? NaN), 0), at: performance.now() * 1000 });
  await Promise.all(generators.map((each) => each.start()));
  pinRouter(g.proc);
  if (ours) await loopDelays(g.proc);
  const before = now();
  const [result, other] = await Promise.all(generators.map((each) => each.result()));
  const after = now(), us = after.at - before.at;
  const loop = ours ? await loopDelays(g.proc) : {};
  const cores = (after.router - before.router) / us, subCores = (after.sub - before.sub) / us, loadCores = (result.cpuUs + (other?.cpuUs ?? 0)) / us;
  const others = 100 * ((after.all - before.all) / us - cores - subCores - loadCores) / CPUS.length;
  await settled(g.proc);
  return { ...result, flood: other, loopP99: loop.p99, cores, subCores, loadCores, others };
}

const latencies = (phases) => {
  const m = (key) => median(phases.map((p) => p[key])), sum = (key) => phases.reduce((n, p) => n + p[key], 0);
  return { 'p50 ms': fixed(m('p50'), 2), 'p95 ms': fixed(m('p95'), 1), 'p99 ms': fixed(m('p99'), 1), 'max ms': fixed(Math.max(...phases.map((p) => p.max))),
    failed: sum('failed'), 'not sent': sum('dropped'), unanswered: sum('unfinished'), 'generator late ms': fixed(Math.max(...phases.map((p) => p.late))) };
};
const describe = (phases) => {
  const m = (key) => median(phases.map((p) => p[key]));
  return { ...latencies(phases), 'loop p99 ms': fixed(m('loopP99'), 1), 'router cores': fixed(m('cores'), 2), 'subgraph cores': fixed(m('subCores'), 2), 'load cores': fixed(m('loadCores'), 2), 'others %': fixed(m('others'), 1) };
};

const [chosen] = await choose(REQUEST_PEERS, o.gateway.length ? [] : [o.peer], o.gateway);
if (!chosen) process.exit(1);
// any other may be no Node, and would end on SIGUSR2
const ours = !o.gateway.length && o.peer.startsWith('prodvor');
if (ours) chosen.env = { ...chosen.env, LOOP_DELAYS, NODE_OPTIONS: `--import ${new URL('../gateways/lib/loop-delay.mjs', import.meta.url).href}` };
const sub = await startSubgraphs({ cpus: otherCpus, args: chosen.arrays ? '--arrays' : '', name: 'subgraphs-flood' });
let gateway;
try {
  const { bodies } = readQuery(o.query);
  [gateway] = configured([chosen], { supergraph: sub.supergraph, base: sub.base, out });
  if (!gateway) throw new Error('nothing left to measure');
  const to = { supergraph: sub.supergraph, base: sub.base, cpus: routerCpus, body: bodies[0] };
  const g = Object.assign(gateway, await startGateway(gateway, to));
  const unknown = await post(urlOf(g), distinctOperations(0)(0));
  if (unknown.errors) throw new Error(`an operation of the flood is refused: ${unknown.errors[0].message}`);

  const tool = tools.wrk ? 'wrk' : 'autocannon';
  const saturate = (seconds) => load({ tool, url: urlOf(g), bodies, connections: o.connections, seconds, cpus: otherCpus, dir: out });
  await saturate(2);
  pinRouter(g.proc);
  const quiet = [], flooded = [], rates = [];
  for (let round = 1; round <= o.rounds; round++) {
    // Anew: a shared machine is faster in one minute than in the next, and what is half of saturation then is all of it now.
    const rate = o.rate || Math.max(1, Math.round((await saturate(Math.max(1, o.saturation))).rps * o.share));
    await settled(g.proc);
    rates.push(rate);
    quiet.push(await phase(g, sub, { bodies, rate }));
    flooded.push(await phase(g, sub, { bodies, rate, seed: round }));
    const [a, b] = [quiet.at(-1), flooded.at(-1)];
    console.error(`round ${round}/${o.rounds}: ${rate} req/s, p99 ${a.p99.toFixed(1)} ms quiet (${a.others.toFixed(0)}% of the CPUs to others), `
      + `${b.p99.toFixed(1)} ms with ${(b.flood.answered / o.seconds).toFixed(0)} distinct operations answered per second (${JSON.stringify(b.flood.codes)})`);
  }
  // a round in which others took much of the CPUs says nothing; without any other, all are shown
  const clean = quiet.flatMap((q, i) => (q.others > o.tolerate || flooded[i].others > o.tolerate ? [] : [i]));
  const rounds = clean.length ? clean : quiet.map((_, i) => i), of = (phases) => rounds.map((i) => phases[i]);
  const ratio = (key) => spread(rounds.map((i) => flooded[i][key] / quiet[i][key]));
  const floods = of(flooded).map((f) => f.flood), codes = {};
  for (const f of floods) for (const [code, n] of Object.entries(f.codes)) codes[code] = (codes[code] ?? 0) + n;
  const used = clean.length ? `${clean.length} of ${o.rounds} rounds undisturbed` : `all ${o.rounds} rounds disturbed`;
  const rate = o.rate ? `${o.rate} req/s` : `${Math.min(...rates)} to ${Math.max(...rates)} req/s (${o.share} of saturation)`;
  console.log(`\n### ${g.name}: ${o.query} at ${rate}, ${used}, ${o.seconds} s each, `
    + `${!pinned ? `${CPUS.length} CPUs for router, subgraphs and load` : CPUS.length > 2 ? 'two CPUs for the router' : 'a CPU for the router, one for its planner, subgraphs and load'}, node ${process.version}\n`);
  console.log(table([{ '': 'quiet', ...describe(of(quiet)) }, { '': 'during the flood', ...describe(of(flooded)) }]));
  console.log(`\nflood over quiet in the same round: p50 ${ratio('p50')}, p99 ${ratio('p99')}${ours ? `, event loop's p99 ${ratio('loopP99')}` : ''}\n`);
  const perSecond = (key) => fixed(median(floods.map((f) => f[key] / o.seconds)));
  console.log(table([{ '': 'the flood itself', 'sent/s': perSecond('sent'), 'answered/s': perSecond('answered'), ...latencies(floods),
    'codes of failures': Object.entries(codes).map(([c, n]) => `${c} ${n}`).join(', ') }]));
  if (o.json) writeFileSync(o.json, JSON.stringify({ options: o, rates, quiet, flooded }, null, 1));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  if (gateway?.proc) await stop(gateway.proc);
  await stop(sub.proc);
}
process.exit();
