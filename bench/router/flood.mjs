// A flood: how much slower known operations get while many unknown operations arrive. See bench/README.md.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { fixed, median, spread, table } from '../gateways/lib/figures.mjs';
import { load } from '../gateways/lib/load.mjs';
import { busy, canPin, freePort, pids, settled, sleep, stop, tools, usage } from '../gateways/lib/procs.mjs';
import { readQuery } from '../gateways/lib/query.mjs';
import { compose, out, post, startGateway, startSubgraphs, urlOf } from '../gateways/lib/setup.mjs';
import { REQUEST_PEERS, choose, configured } from '../gateways/peers/list.mjs';
import { command } from './command.mjs';
import { distinctOperations } from './distinct.mjs';

const HELP = `Measures latencies of a cached operation at a part of saturation, without and with a flood of one-off operations.
Needs Go: subgraphs and clients are a Go program (bench/router/outside).

  npm run --silent bench:router:flood -- [options]

  --peer NAME          (prodvor)  a built-in gateway
  --gateway TEXT       another gateway: name=command,port[/path]
  --query NAME         (varied)   the cached operation
  --share N            (0.5)  its rate as a share of the saturation rate, which is measured before each round
  --rate N             its rate in requests per second, instead of --share
  --flood-rate N       (100)  distinct operations per second
  --aliases            no two operations of the flood have a name in common: the worst case for V8
  --rounds N           (10)   rounds of a quiet phase and a flood phase; there is one warm-up round before
  --seconds N          (5)    length of each phase
  --warmup N           (2)    seconds before each phase that do not count
  --saturation N       (3)    seconds of measuring saturation
  --connections N      (50)   connections for measuring saturation; the fixed rate may open up to 256
  --tolerate N         (10)   leave out a round if others took more than this percentage of all CPUs
  --no-pin             do not pin gateway, subgraphs and load to CPUs
  --json FILE          write all rounds
`;
const o = command(HELP, {
  peer: { type: 'string', default: 'prodvor' },
  gateway: { type: 'string', multiple: true, default: [] },
  query: { type: 'string', default: 'varied' },
  share: { number: 0.5 },
  rate: { number: 0 },
  'flood-rate': { number: 100 },
  aliases: { type: 'boolean', default: false },
  rounds: { number: 10 },
  seconds: { number: 5 },
  warmup: { number: 2 },
  saturation: { number: 3 },
  connections: { number: 50 },
  tolerate: { number: 10 },
  pin: { type: 'boolean', default: canPin },
  json: { type: 'string' },
});

// The router has two CPUs: the first for the thread that answers, the second for the planner and the garbage collector.
// Subgraphs and load have the other CPUs. On a machine with two CPUs they share the second with the router, which then
// has less than two.
const pinned = o.pin;
const routerCpus = pinned ? '0,1' : undefined,
  otherCpus = !pinned ? undefined : availableParallelism() > 2 ? `2-${availableParallelism() - 1}` : '1';
const taskset = (cpus, id, all = []) =>
  spawnSync('taskset', [...all, '-p', '-c', cpus, String(id)], { stdio: 'ignore' });
function pinRouter(proc) {
  if (!pinned) return;
  // The planner process may have been replaced since the last call.
  for (const pid of pids(proc)) taskset('1', pid, ['-a']);
  taskset('0', proc.child.pid);
}
const CPUS = Array.from({ length: availableParallelism() }, (_, cpu) => String(cpu));

const LOOP_DELAYS = `${out}/loop-delays.json`;
/**
 * The delays of the gateway's event loop since the last call: {p50, p95, p99, max} in ms. Works only for gateways in
 * Node that this file starts.
 */
async function loopDelays(proc) {
  rmSync(LOOP_DELAYS, { force: true });
  process.kill(proc.child.pid, 'SIGUSR2');
  while (!existsSync(LOOP_DELAYS) && !proc.exited) await sleep(20);
  return JSON.parse(readFileSync(LOOP_DELAYS, 'utf8'));
}

/**
 * Starts subgraphs and clients in one process (bench/router/outside).
 * @returns {base, job(url, options) -> {counting, result: promises}, end()}
 */
async function startOutside(origin) {
  const program = `${out}/outside`,
    port = await freePort();
  if (
    spawnSync('go', ['build', '-o', program, '.'], {
      cwd: new URL('outside/', import.meta.url).pathname,
      stdio: ['ignore', 'inherit', 'inherit'],
    }).status !== 0
  ) {
    throw new Error('bench/router/outside was not built: go (https://go.dev) is needed');
  }
  const child = spawn(program, [String(port), origin], { stdio: ['pipe', 'pipe', 'inherit'] });
  if (pinned) taskset(otherCpus, child.pid, ['-a']);
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the load generator ended with ${code}`);
  });
  ended.catch(() => {});
  const line = () => Promise.race([once(lines, 'line').then(([text]) => JSON.parse(text)), ended]);
  return {
    base: `http://127.0.0.1:${port}`,
    job(url, options) {
      const counting = line();
      child.stdin.write(`${JSON.stringify({ URL: url, ...options })}\n`);
      return { counting, result: counting.then(line) };
    },
    end() {
      child.stdin.end();
    },
  };
}

const KNOWN = `${out}/flood-known.txt`;
const perPhase = Math.ceil(o['flood-rate'] * (o.warmup + o.seconds));
const floodOf = (round) => `${out}/flood-${round}.txt`;

async function phase(g, outside, { rate, round }) {
  const job = {
    Router: g.proc.child.pid,
    Known: KNOWN,
    Rate: rate,
    Warmup: o.warmup,
    Seconds: o.seconds,
    ...(round !== undefined && { Flood: floodOf(round), FloodRate: o['flood-rate'] }),
  };
  const now = () => ({
    router: usage(g.proc).cpuUs,
    all: CPUS.reduce((sum, cpu) => sum + (busy(cpu) ?? NaN), 0),
    at: performance.now() * 1000,
  });
  const running = outside.job(urlOf(g), job);
  await running.counting;
  pinRouter(g.proc);
  if (ours) await loopDelays(g.proc);
  const before = now();
  const { known, flood, cpuUs, missed } = await running.result;
  const after = now(),
    us = after.at - before.at;
  const loop = ours ? await loopDelays(g.proc) : {};
  const cores = (after.router - before.router) / us,
    outsideCores = cpuUs / us;
  const others = (100 * ((after.all - before.all) / us - cores - outsideCores)) / CPUS.length;
  await settled(g.proc);
  return { ...known, flood, missed, loopP99: loop.p99, cores, outsideCores, others };
}

const latencies = (phases) => {
  const m = (key) => median(phases.map((p) => p[key])),
    sum = (key) => phases.reduce((n, p) => n + p[key], 0);
  return {
    'p50 ms': fixed(m('p50'), 2),
    'p95 ms': fixed(m('p95'), 1),
    'p99 ms': fixed(m('p99'), 1),
    'max ms': fixed(Math.max(...phases.map((p) => p.max))),
    failed: sum('failed'),
    unanswered: sum('unfinished'),
    'generator late ms': fixed(Math.max(...phases.map((p) => p.late))),
  };
};
const describe = (phases) => {
  const m = (key) => median(phases.map((p) => p[key]));
  return {
    ...latencies(phases),
    'loop p99 ms': fixed(m('loopP99'), 1),
    'router cores': fixed(m('cores'), 2),
    'subgraph and load cores': fixed(m('outsideCores'), 2),
    'others %': fixed(m('others'), 1),
  };
};

const [chosen] = await choose(REQUEST_PEERS, o.gateway.length ? [] : [o.peer], o.gateway);
if (!chosen) process.exit(1);
// SIGUSR2 would end a gateway that is not Node.
const ours = !o.gateway.length && o.peer.startsWith('prodvor');
if (ours)
  chosen.env = {
    ...chosen.env,
    LOOP_DELAYS,
    NODE_OPTIONS: `--import ${new URL('../gateways/lib/loop-delay.mjs', import.meta.url).href}`,
  };
const origin = await startSubgraphs({
  cpus: otherCpus,
  args: chosen.arrays ? '--arrays' : '',
  name: 'subgraphs-flood',
});
let gateway, outside;
try {
  const { bodies } = readQuery(o.query);
  writeFileSync(KNOWN, bodies.join('\n'));
  for (let round = 0; round <= o.rounds; round++) {
    const body = distinctOperations(round, o.aliases);
    writeFileSync(floodOf(round), Array.from({ length: perPhase }, (_, n) => body(n)).join('\n'));
  }
  outside = await startOutside(origin.base);
  const supergraph = `${out}/outside.graphql`;
  compose(outside.base, supergraph);
  const start = async () => {
    [gateway] = configured([chosen], { supergraph, base: outside.base, out });
    if (!gateway) throw new Error('nothing left to measure');
    Object.assign(
      gateway,
      await startGateway(gateway, { supergraph, base: outside.base, cpus: routerCpus, body: bodies[0] }),
    );
    return gateway;
  };
  // Another gateway of the same kind first sends all subgraph requests, so that the responses are already cached when
  // the measurement starts.
  const learning = await start();
  const unknown = await post(urlOf(learning), distinctOperations(o.rounds + 1, o.aliases)(0));
  if (unknown.errors) throw new Error(`an operation of the flood is refused: ${unknown.errors[0].message}`);
  for (let round = 0; round <= o.rounds; round++) {
    console.error(`subgraphs learn the answers of round ${round}/${o.rounds}`);
    await outside.job(urlOf(learning), {
      Router: learning.proc.child.pid,
      Known: KNOWN,
      Rate: 100,
      Flood: floodOf(round),
      FloodRate: o['flood-rate'],
      Warmup: 0,
      Seconds: o.warmup + o.seconds,
    }).result;
  }
  await stop(learning.proc);
  const g = await start();

  const tool = tools.wrk ? 'wrk' : 'autocannon';
  const saturate = (seconds) =>
    load({ tool, url: urlOf(g), bodies, connections: o.connections, seconds, cpus: otherCpus, dir: out });
  await saturate(2);
  await phase(g, outside, { rate: o.rate || 1_000, round: 0 }); // Lets V8 compile the code that a flood runs through.
  const quiet = [],
    flooded = [],
    rates = [];
  for (let round = 1; round <= o.rounds; round++) {
    // Measures saturation again: a shared machine changes its speed from minute to minute, and half of an old
    // saturation rate may be all that it can do now.
    const rate = o.rate || Math.max(1, Math.round((await saturate(Math.max(1, o.saturation))).rps * o.share));
    await settled(g.proc);
    rates.push(rate);
    quiet.push(await phase(g, outside, { rate }));
    flooded.push(await phase(g, outside, { rate, round }));
    const [a, b] = [quiet.at(-1), flooded.at(-1)];
    console.error(
      `round ${round}/${o.rounds}: ${rate} req/s, p99 ${a.p99.toFixed(1)} ms quiet (${a.others.toFixed(0)}% of the CPUs to others), ` +
        `${b.p99.toFixed(1)} ms with ${(b.flood.answered / o.seconds).toFixed(0)} distinct operations answered per second (${JSON.stringify(b.flood.codes)})`,
    );
  }
  // Leaves out rounds in which others took much of the CPUs. If no round is left, shows all.
  const clean = quiet.flatMap((q, i) => (q.others > o.tolerate || flooded[i].others > o.tolerate ? [] : [i]));
  const rounds = clean.length ? clean : quiet.map((_, i) => i),
    of = (phases) => rounds.map((i) => phases[i]);
  const ratio = (key) => spread(rounds.map((i) => flooded[i][key] / quiet[i][key]));
  const floods = of(flooded).map((f) => f.flood),
    codes = {};
  for (const f of floods) for (const [code, n] of Object.entries(f.codes)) codes[code] = (codes[code] ?? 0) + n;
  const used = clean.length ? `${clean.length} of ${o.rounds} rounds undisturbed` : `all ${o.rounds} rounds disturbed`;
  const rate = o.rate
    ? `${o.rate} req/s`
    : `${Math.min(...rates)} to ${Math.max(...rates)} req/s (${o.share} of saturation)`;
  console.log(
    `\n### ${g.name}: ${o.query} at ${rate}, ${used}, ${o.seconds} s each, ` +
      `${!pinned ? `${CPUS.length} CPUs for router, subgraphs and load` : CPUS.length > 2 ? 'two CPUs for the router' : 'a CPU for the router, one for its planner, subgraphs and load'}, node ${process.version}\n`,
  );
  console.log(
    table([
      { '': 'quiet', ...describe(of(quiet)) },
      { '': 'during the flood', ...describe(of(flooded)) },
    ]),
  );
  console.log(
    `\nflood over quiet in the same round: p50 ${ratio('p50')}, p99 ${ratio('p99')}${ours ? `, event loop's p99 ${ratio('loopP99')}` : ''}\n`,
  );
  const perSecond = (key) => fixed(median(floods.map((f) => f[key] / o.seconds)));
  console.log(
    table([
      {
        '': 'the flood itself',
        'sent/s': perSecond('sent'),
        'answered/s': perSecond('answered'),
        ...latencies(floods),
        'not known to subgraphs': [...quiet, ...flooded].reduce((n, p) => n + p.missed, 0),
        'codes of failures': Object.entries(codes)
          .map(([c, n]) => `${c} ${n}`)
          .join(', '),
      },
    ]),
  );
  if (o.json) writeFileSync(o.json, JSON.stringify({ options: o, rates, quiet, flooded }, null, 1));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  if (gateway?.proc) await stop(gateway.proc);
  outside?.end();
  await stop(origin.proc);
}
process.exit();
