// Memory: whether it grows under full load, and from reload to reload of the supergraph. See bench/README.md.
import { once } from 'node:events';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fixed, quantile, sparkline, table, trend } from '../gateways/lib/figures.mjs';
import { load } from '../gateways/lib/load.mjs';
import { canPin, sleep, stop, tools, usage } from '../gateways/lib/procs.mjs';
import { readQuery } from '../gateways/lib/query.mjs';
import { compose, logOf, out, post, startGateway, startSubgraphs, urlOf } from '../gateways/lib/setup.mjs';
import { REQUEST_PEERS, choose, configured } from '../gateways/peers/list.mjs';
import { command } from './command.mjs';

const HELP = `Measures whether the router's memory grows under full load, or from reload to reload.

  npm run --silent bench:router:memory -- [options]

  --minutes N      (10)   minutes of load
  --warmup N       (20)   percentage of the samples, from the start, that slopes leave out
  --every N        (2)    seconds between samples
  --connections N  (50)
  --query NAME     (varied)
  --peer NAME      (prodvor)  a built-in gateway; heaps are measured for gateways with /metrics
  --gateway TEXT   another gateway: name=command,port[/path]; for reloads it must watch the file SUPERGRAPH
  --reloads N      instead of load: rewrite the supergraph N times, alternately with and without a field, and wait for
                   each reload
  --signal         announce each change by SIGHUP. Without it, --watch notices the change within about a second
  --limit N        (60)   start no further reload after this many minutes
  --no-pin         do not pin the router to CPU 0, and load and subgraphs to CPU 1
  --json FILE      write all samples
`;
const o = command(HELP, {
  minutes: { number: 10 },
  warmup: { number: 20 },
  every: { number: 2 },
  connections: { number: 50 },
  query: { type: 'string', default: 'varied' },
  peer: { type: 'string', default: 'prodvor' },
  gateway: { type: 'string', multiple: true, default: [] },
  reloads: { number: 0 },
  signal: { type: 'boolean', default: false },
  limit: { number: 60 },
  pin: { type: 'boolean', default: canPin },
  json: { type: 'string' },
});
const WINDOW = 10; // The number of samples. The lowest heap among them approximates the heap after a collection.
const RELOAD_PATIENCE_MS = 20_000;
const COLLECT_EVERY = 50; // The number of reloads between two full collections.
const INSPECTOR_PATIENCE_MS = 5_000;

/** Prometheus text -> [{name, labels, value}] */
const parseMetrics = (text) =>
  [...text.matchAll(/^([a-z_:]+)(\{.*\})? (\S+)$/gm)].map(([, name, labels = '', value]) => ({
    name,
    labels,
    value: Number(value),
  }));

async function metrics(gateway) {
  const response = await fetch(`http://127.0.0.1:${gateway.port}/metrics`).catch(() => undefined);
  return response?.ok ? parseMetrics(await response.text()) : undefined;
}
const one = (list, name) => list?.find((m) => m.name === name)?.value;

/**
 * Samples memory: {rss, committed, heap, external} in MiB. All but rss are of the router's main thread, and undefined
 * without /metrics.
 */
async function sample(g) {
  const { rss } = usage(g.proc),
    list = await metrics(g),
    MiB = 1024 ** 2;
  return {
    rss,
    committed: one(list, 'nodejs_heap_size_total_bytes') / MiB,
    heap: one(list, 'nodejs_heap_size_used_bytes') / MiB,
    external: one(list, 'nodejs_external_memory_bytes') / MiB,
  };
}

/**
 * Connects to the inspector of a gateway in Node. SIGUSR1 makes it listen, on a free port if it was started with
 * NODE_OPTIONS=--inspect-port=0.
 * @returns a function that resolves to the main thread's heap in MiB after full collections, or undefined when nothing
 *   listens
 */
async function inspect(g) {
  process.kill(g.proc.child.pid, 'SIGUSR1');
  let url;
  for (const until = performance.now() + INSPECTOR_PATIENCE_MS; !url && performance.now() < until; await sleep(50)) {
    url = /Debugger listening on (ws:\S+)/.exec(readFileSync(logOf(g.name), 'utf8'))?.[1];
  }
  if (!url) return undefined;
  const socket = new WebSocket(url),
    answers = new Map();
  await once(socket, 'open');
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(data);
    answers.get(id)?.(result);
    answers.delete(id);
  });
  let last = 0;
  const call = (method) =>
    new Promise((resolve) => {
      answers.set(++last, resolve);
      socket.send(JSON.stringify({ id: last, method }));
    });
  return async () => {
    await call('HeapProfiler.collectGarbage');
    return (await call('Runtime.getHeapUsage')).usedSize / 1024 ** 2;
  };
}

/** The lowest of each WINDOW consecutive points. */
function floor(points) {
  const lows = [];
  for (let i = 0; i + WINDOW <= points.length; i += WINDOW)
    lows.push(points.slice(i, i + WINDOW).reduce((a, b) => (b[1] < a[1] ? b : a)));
  return lows;
}

/**
 * Prints how the memory changed.
 * @param samples [{at, rss, committed, heap, live, external}]
 * @param per slopes are given per this many units of `at`
 * @param unit the name of that unit
 */
function report(title, samples, per, unit) {
  const late = samples.slice(Math.floor((samples.length * o.warmup) / 100));
  const points = (key, list) => list.filter((s) => Number.isFinite(s[key])).map((s) => [s.at, s[key]]);
  const all = (p) => p;
  const kinds = [
    ['resident', 'rss', all],
    ['heap committed', 'committed', all],
    ['heap used', 'heap', all],
    samples.some((s) => s.live)
      ? ['heap after full collections', 'live', all]
      : ['heap after collections', 'heap', floor],
    ['external', 'external', all],
  ];
  console.log(`\n### ${title}, node ${process.version}\n`);
  console.log(
    table(
      kinds.flatMap(([name, key, pick]) => {
        const counted = pick(points(key, late)),
          values = counted.map(([, y]) => y);
        if (values.length < 3) return [];
        const { slope, error } = trend(counted),
          KiB = (x) => fixed(x * 1024 * per, 1);
        return [
          {
            memory: name,
            samples: values.length,
            [`KiB/${unit}`]: `${KiB(slope)} ± ${KiB(error)}`,
            'first MiB': fixed(values[0], 1),
            'median MiB': fixed(quantile(values, 0.5), 1),
            'last MiB': fixed(values.at(-1), 1),
            'highest MiB': fixed(quantile(values, 1), 1),
            [`all samples, the first ${o.warmup}% not counted`]: sparkline(
              pick(points(key, samples)).map(([, y]) => y),
              40,
            ),
          },
        ];
      }),
    ),
  );
}

async function underLoad(g, bodies) {
  const seconds = Math.max(1, Math.round(o.minutes * 60)),
    began = performance.now(),
    samples = [];
  let result, failure;
  const running = load({
    tool: tools.wrk ? 'wrk' : 'autocannon',
    url: urlOf(g),
    bodies,
    connections: o.connections,
    seconds,
    cpus: o.pin ? '1' : undefined,
    dir: out,
  }).then(
    (r) => {
      result = r;
    },
    (e) => {
      failure = e;
    },
  );
  while (!result && !failure) {
    samples.push({ at: (performance.now() - began) / 60_000, ...(await sample(g)) });
    const { at, rss, heap } = samples.at(-1);
    console.error(`${at.toFixed(2)} min: ${rss.toFixed(1)} MiB resident, heap ${fixed(heap, 1)} MiB`);
    await Promise.race([running, sleep(o.every * 1000)]);
  }
  if (failure) throw failure;
  const title =
    `memory of ${g.name} under full load: ${o.query}, ${o.connections} connections, ${o.minutes} minutes, ` +
    `${fixed(result.rps)} req/s, ${result.failed} failed`;
  report(title, samples, 1, 'minute');
  return samples;
}

/**
 * Alternates between two supergraphs. After each change it waits for the router's counter of reloads and sends a query.
 */
async function overReloads(g, sub, file, body) {
  const variants = ['', 'extend type Product { tagline: String }'].map((sdl, i) => {
    const name = `${out}/reload-${i}.graphql`;
    compose(sub.base, name, sdl);
    return name;
  });
  const texts = variants.map((name) => readFileSync(name, 'utf8'));
  const reloads = async () => (await metrics(g))?.filter((m) => m.name === 'router_supergraph_reloads_total') ?? [];
  const sum = (list) => list.reduce((total, m) => total + m.value, 0),
    isRefusal = (m) => /invalid|error|fail/.test(m.labels);
  const counts = async () => {
    const list = await reloads();
    return {
      taken: sum(list.filter((m) => !isRefusal(m) && !/unchanged|superseded/.test(m.labels))),
      refused: sum(list.filter(isRefusal)),
    };
  };
  const live = await inspect(g);
  const began = performance.now(),
    samples = [],
    times = [];
  let before = await counts(),
    wrong = 0;
  for (let i = 1; i <= o.reloads && performance.now() - began < o.limit * 60_000; i++) {
    const at = performance.now();
    writeFileSync(`${file}.new`, texts[i % 2]);
    renameSync(`${file}.new`, file);
    if (o.signal) process.kill(-g.proc.sid, 'SIGHUP');
    for (;;) {
      const now = await counts();
      if (now.refused > before.refused) throw new Error(`reload ${i} was refused`);
      if (now.taken > before.taken) {
        before = now;
        break;
      }
      const late = performance.now() - at > RELOAD_PATIENCE_MS;
      if (late)
        throw new Error(
          `reload ${i} was not taken within ${RELOAD_PATIENCE_MS} ms: router_supergraph_reloads_total did not grow`,
        );
      await sleep(20);
    }
    times.push(performance.now() - at);
    const answer = await post(urlOf(g), body);
    if (answer.errors || !answer.data) wrong++;
    if (i % 5 === 0) samples.push({ at: i, ...(await sample(g)) });
    if (i % COLLECT_EVERY > 0) continue;
    const last = samples.at(-1);
    last.live = await live?.();
    console.error(
      `${i} reloads: ${fixed(last.rss, 1)} MiB resident, heap ${fixed(last.heap, 1)} MiB, ${fixed(last.live, 1)} after full collections, ${fixed(quantile(times, 0.5))} ms each`,
    );
  }
  const results = (await reloads()).map((m) => `${m.labels} ${m.value}`).join(', ');
  const about = `of ${o.reloads}; median ${fixed(quantile(times, 0.5))} ms; ${results}; ${wrong} wrong answers`;
  report(`memory of ${g.name} over ${times.length} reloads (${about})`, samples, 1000, '1,000 reloads');
  return samples;
}

const cpus = (c) => (o.pin ? c : undefined);
const [chosen] = await choose(REQUEST_PEERS, o.gateway.length ? [] : [o.peer], o.gateway);
if (!chosen) process.exit(1);
const sub = await startSubgraphs({ cpus: cpus('1'), args: chosen.arrays ? '--arrays' : '', name: 'subgraphs-memory' });
let gateway;
try {
  const query = readQuery(o.query);
  const watching =
    o.reloads > 0 && !o.gateway.length && !o.signal ? { ...chosen, command: `${chosen.command} --watch` } : chosen;
  watching.env = { ...watching.env, NODE_OPTIONS: '--inspect-port=0' };
  [gateway] = configured([watching], { supergraph: sub.supergraph, base: sub.base, out });
  if (!gateway) throw new Error('nothing left to measure');
  Object.assign(
    gateway,
    await startGateway(gateway, { supergraph: sub.supergraph, base: sub.base, cpus: cpus('0'), body: query.bodies[0] }),
  );
  const samples =
    o.reloads > 0
      ? await overReloads(gateway, sub, sub.supergraph, query.bodies[0])
      : await underLoad(gateway, query.bodies);
  if (o.json) writeFileSync(o.json, JSON.stringify({ options: o, samples }, null, 1));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  if (gateway?.proc) await stop(gateway.proc);
  await stop(sub.proc);
}
process.exit();
