// Measures fan-out: N clients of each gateway subscribe to the same federated subscription. All gateways and clients
// run the whole time. The gateways take turns in changing order, and each turn sends some events. Each gateway has its
// own subgraphs, so an event reaches only its own clients.
import { fork, spawnSync } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import { fixed, median, spread } from './figures.mjs';
import { busy, settled, sleep, stop, tools, usage } from './procs.mjs';
import { out, startGateway, startSubgraphs } from './setup.mjs';
import { configured } from '../peers/list.mjs';

export const SUBSCRIPTION =
  'subscription { reviewAdded { id body product { upc name price } author { username name } } }';

/** Starts the process of the clients. `next()` resolves to its next message, and rejects when the process ends. */
function startClients(gateway, count, query, cpus) {
  const child = fork(
    new URL('./ws-clients.mjs', import.meta.url).pathname,
    [`ws://127.0.0.1:${gateway.port}${gateway.path}`, String(count), query],
    { stdio: 'inherit' },
  );
  if (cpus && tools.taskset) spawnSync('taskset', ['-a', '-p', '-c', cpus, String(child.pid)]);
  const gone = new Promise((_, reject) => {
    child.once('exit', () => reject(new Error('the clients ended')));
  });
  gone.catch(() => {});
  return {
    child,
    next: () =>
      Promise.race([
        gone,
        new Promise((resolve) => {
          child.once('message', resolve);
        }),
      ]),
  };
}

async function open(g, { clients, query, pin, gatewayCpu, otherCpu }, progress) {
  const cpus = (c) => (pin ? c : undefined);
  g.sub = await startSubgraphs({ cpus: cpus(otherCpu), name: `subgraphs-${g.name}` });
  if (!configured([g], { supergraph: g.sub.supergraph, base: g.sub.base, out }).length) return false;
  Object.assign(
    g,
    await startGateway(g, {
      supergraph: g.sub.supergraph,
      base: g.sub.base,
      cpus: cpus(gatewayCpu),
      body: '{"query":"{__typename}"}',
    }),
  );
  const at = performance.now();
  g.clients = startClients(g, clients, query, cpus(otherCpu));
  const { opened, failed } = await g.clients.next();
  await settled(g.proc);
  g.opened = { opened, failed, seconds: (performance.now() - at) / 1000 };
  g.perClient = ((usage(g.proc).rss - g.idle) * 1024) / clients;
  g.upstream = (await g.sub.get('/_stats')).subscribers;
  progress(`${g.name}: ${opened} clients in ${g.opened.seconds.toFixed(1)} s${failed ? `, ${failed} failed` : ''}`);
  return true;
}

async function close(g) {
  g.clients?.child.kill('SIGKILL');
  if (g.proc) await stop(g.proc);
  if (g.sub) await stop(g.sub.proc);
}

/** Sends `burst` events together, `emits` times. Each time it waits until every client has received all of them. */
async function turn(g, { burst, emits, gatewayCpu }) {
  await g.sub.get('/_reset');
  const before = usage(g.proc),
    busyBefore = busy(gatewayCpu),
    at = performance.now();
  const firsts = [],
    lasts = [];
  let seen = 0,
    sample,
    errors = 0;
  for (let i = 0; i < emits; i++) {
    const armed = g.clients.next();
    g.clients.child.send({ expect: burst });
    await armed;
    const reported = g.clients.next();
    await g.sub.get(`/_emit?count=${burst}`);
    const r = await reported;
    seen += r.seen;
    firsts.push(r.first);
    lasts.push(r.last);
    ({ errors, sample } = r);
    await sleep(20);
  }
  const after = usage(g.proc),
    used = after.cpuUs - before.cpuUs,
    stats = await g.sub.get('/_stats');
  return {
    seen,
    firsts,
    lasts,
    errors,
    sample,
    cpu: used / Math.max(1, seen),
    peak: after.peak,
    calls: stats.requests / Math.max(1, stats.emitted),
    others: (busy(gatewayCpu) - busyBefore - used) / ((performance.now() - at) * 10),
  };
}

/** The payload of the first message to a client, without the time that the message contains. */
function firstPayload(sample) {
  try {
    return JSON.parse(sample.replace(/live \d+ \d+/, 'live')).payload;
  } catch {
    return undefined;
  }
}

/**
 * Measures the fan-out of the gateways.
 * @param gateways the gateways, from choose()
 * @param settings {clients, bursts: [1, 10], rounds, events: per turn, query, pin, gatewayCpu, otherCpu, tolerate}
 * @returns [{gateway, clients, burst, expected: messages per turn, turns, clean, ...}], one for each gateway and burst
 */
export async function measureFanOut(gateways, settings, progress) {
  const { rounds, events, bursts, tolerate, clients } = settings;
  const list = [],
    results = [];
  let expected;
  try {
    for (const g of gateways.map((x) => ({ ...x }))) {
      list.push(g);
      g.ok = await open(g, settings, progress).catch((e) => progress(`skipped ${g.name}: ${e.message}`));
    }
    for (const burst of bursts) {
      const emits = Math.max(2, Math.round(events / burst)),
        taking = list.filter((g) => g.ok);
      for (const g of taking) {
        // Warm-up.
        const { sample } = await turn(g, { ...settings, burst, emits: 2 });
        expected ??= firstPayload(sample);
        g.answer = isDeepStrictEqual(firstPayload(sample), expected) ? 'same' : 'DIFFERS';
      }
      const turns = new Map(taking.map((g) => [g, []]));
      for (let round = 0; round < rounds; round++) {
        for (const g of round % 2 ? taking.toReversed() : taking)
          turns.get(g).push(await turn(g, { ...settings, burst, emits }));
        progress(
          `${clients} clients, burst ${burst}, round ${round + 1}/${rounds}: ${taking.map((g) => `${g.name} ${turns.get(g)[round].cpu.toFixed(1)} us`).join(', ')}`,
        );
      }
      for (const g of taking) {
        const all = turns.get(g);
        results.push({
          gateway: g.name,
          clients,
          burst,
          expected: clients * emits * burst,
          turns: all,
          clean: all.map((t) => !(t.others > tolerate)),
          answer: g.answer,
          opened: g.opened,
          perClient: g.perClient,
          upstream: g.upstream,
        });
      }
    }
  } finally {
    for (const g of list) await close(g);
  }
  return results;
}

/**
 * One row per gateway. Ratios are of rounds in which neither the gateway nor the reference was disturbed. If there is
 * no such round, they are of all rounds and marked "*".
 */
export function fanOutTable(results, reference) {
  const ref = results.find((r) => r.gateway === reference);
  return results.map((g) => {
    const clean = g.turns.map((_, i) => i).filter((i) => g.clean[i] && (!ref || ref.clean[i]));
    const rounds = clean.length ? clean : g.turns.map((_, i) => i),
      m = (f) => median(rounds.flatMap((i) => f(g.turns[i])));
    const toAll = m((t) => t.lasts);
    return {
      gateway: g.gateway,
      rounds: `${clean.length}/${g.turns.length}${clean.length ? '' : ' *'}`,
      [`CPU / ${reference}`]: ref ? spread(rounds.map((i) => g.turns[i].cpu / ref.turns[i].cpu)) : '',
      'CPU us/message': fixed(
        m((t) => t.cpu),
        1,
      ),
      'to first ms': fixed(
        m((t) => t.firsts),
        1,
      ),
      'to all ms': fixed(toAll),
      'messages/s': fixed((g.clients * g.burst * 1000) / toAll),
      'subgraph calls/event': fixed(
        m((t) => t.calls),
        1,
      ),
      'upstream subscriptions': g.upstream,
      delivered: g.turns.every((t) => t.seen === g.expected)
        ? 'all'
        : `${g.turns.reduce((n, t) => n + t.seen, 0)} of ${g.expected * g.turns.length}`,
      'opened (s)': `${g.opened.opened}${g.opened.failed ? ` (${g.opened.failed} failed)` : ''} (${g.opened.seconds.toFixed(1)})`,
      'KiB/client': fixed(g.perClient, 1),
      'peak MiB': fixed(Math.max(...g.turns.map((t) => t.peak))),
      errors: g.turns.at(-1).errors,
      'first message': g.answer,
    };
  });
}
