// Measures gateways in turns. All gateways run the whole time and take turns of one or two seconds in changing order,
// so a machine that gets slower or faster affects all alike. The result is the ratio of a gateway's figure to the
// reference's figure in the same round.
import { availableParallelism } from 'node:os';
import { fixed, median, quantile, spread } from './figures.mjs';
import { load } from './load.mjs';
import { busy, settled, stop, usage } from './procs.mjs';
import { compared, out, post, startGateway, startSubgraphs, urlOf } from './setup.mjs';
import { configured } from '../peers/list.mjs';

/** The order of a round. Every other round is reversed, and the first gateway changes. */
function turns(list, round) {
  const order = round % 2 ? list.toReversed() : [...list];
  return [...order.splice((round * 3) % order.length), ...order];
}

const entitiesOf = (subgraphs) => Object.values(subgraphs).reduce((sum, s) => sum + s.entities, 0);

/**
 * The number of requests that the gateway worked on. When the load ends, each connection has one request in flight
 * whose response nobody reads. Some gateways finish these requests, others stop. The number of subgraph operations
 * shows how many were finished, unless requests share operations.
 */
function workedOn(answered, connections, operations, alone) {
  const whole = alone ? operations / alone : 0,
    most = answered + connections;
  return whole < 0.9 * answered ? most : Math.min(Math.max(whole, answered), most);
}

async function turn(g, context) {
  const { sub, connections, seconds, tool, bodies, gatewayCpu, otherCpu } = context;
  await sub.get('/_reset');
  const [before, subBefore, busyBefore, at] = [usage(g.proc), usage(sub.proc), busy(gatewayCpu), performance.now()];
  const r = await load({ tool, url: urlOf(g), bodies, connections, seconds, cpus: otherCpu, dir: out });
  await settled(g.proc); // Otherwise the rest of this turn would disturb the next one.
  const [after, subAfter, stats] = [usage(g.proc), usage(sub.proc), await sub.get('/_stats')];
  const ms = performance.now() - at,
    n = workedOn(r.requests, connections, stats.operations, g.alone.calls),
    used = after.cpuUs - before.cpuUs;
  return {
    ...r,
    cpu: used / n,
    subCpu: (subAfter.cpuUs - subBefore.cpuUs) / n,
    others: (busy(gatewayCpu) - busyBefore - used) / (ms * 10),
    peak: after.peak,
    calls: stats.requests / n,
    operations: stats.operations / n,
    entities: entitiesOf(stats.subgraphs) / n,
  };
}

/** The number of subgraph calls and entities of one request that runs alone. */
async function alone(g, sub, body) {
  await settled(g.proc);
  await sub.get('/_reset');
  await post(urlOf(g), body);
  const { requests, subgraphs } = await sub.get('/_stats');
  return { calls: requests, entities: entitiesOf(subgraphs) };
}

/**
 * Measures the gateways in turns.
 * @param gateways the gateways, from choose()
 * @param query the query, from readQuery()
 * @param settings {rounds, seconds, warmup, connections, tool, tolerate (percent of the gateway's CPU), subgraphArgs,
 *   pin, gatewayCpu, otherCpu}
 * @returns [{gateway, startMs, idle, answer, turns: one per round, clean: whether each turn was undisturbed}]
 */
export async function measurePairs(gateways, query, settings, progress) {
  const { rounds, warmup, pin, gatewayCpu, otherCpu, subgraphArgs = '' } = settings;
  const cpus = (c) => (!pin ? undefined : c === 'all' ? `0-${availableParallelism() - 1}` : c);
  const arrays = gateways.some((g) => g.arrays) ? '--arrays ' : '';
  const sub = await startSubgraphs({ cpus: cpus(otherCpu), args: arrays + subgraphArgs });
  const list = [],
    context = { ...settings, sub, bodies: query.bodies, otherCpu: cpus(otherCpu) };
  try {
    let expected;
    for (const g of configured(
      gateways.map((x) => ({ ...x })),
      { supergraph: sub.supergraph, base: sub.base, out },
    )) {
      try {
        const started = await startGateway(g, {
          supergraph: sub.supergraph,
          base: sub.base,
          cpus: cpus(g.cpus ?? gatewayCpu),
          body: query.bodies[0],
        });
        expected ??= started.first.errors ? undefined : started.first.data;
        list.push(Object.assign(g, started, { answer: compared(started.first, expected), turns: [] }));
        g.alone = await alone(g, sub, query.bodies[0]);
        if (g.answer !== 'same') progress(`${g.name}: ${g.answer}`);
      } catch (e) {
        progress(`skipped ${g.name}: ${e.message}`);
      }
    }
    if (!list.length) throw new Error('nothing left to measure');
    for (const g of list) if (warmup) await turn(g, { ...context, seconds: warmup });
    for (let round = 0; round < rounds; round++) {
      for (const g of turns(list, round)) g.turns[round] = await turn(g, context);
      progress(
        `${query.title} round ${round + 1}/${rounds}: ${list.map((g) => `${g.name} ${g.turns[round].cpu.toFixed(0)} us`).join(', ')}`,
      );
    }
  } finally {
    for (const g of list) await stop(g.proc);
    await stop(sub.proc);
  }
  // A turn says little if other processes or the hypervisor took too much of the gateway's CPU.
  const isClean = (t) => t.requests > settings.connections && !(t.others > settings.tolerate);
  return list.map(({ name, startMs, idle, answer, alone: one, turns: all }) => ({
    gateway: name,
    startMs,
    idle,
    answer,
    alone: one,
    turns: all,
    clean: all.map(isClean),
  }));
}

/**
 * One row per gateway. Ratios are of rounds in which neither the gateway nor the reference was disturbed. If there is
 * no such round, they are of all rounds and marked "*".
 * @param references names of the gateways to compare CPU with; the p99 is compared with the first of them
 */
export function pairTable(results, references) {
  const clean = (g) => g.turns.map((_, i) => i).filter((i) => g.clean[i]);
  const ratio = (g, name, key) => {
    const ref = results.find((r) => r.gateway === name);
    if (!ref) return '';
    const both = clean(g).filter((i) => ref.clean[i]),
      rounds = both.length ? both : g.turns.map((_, i) => i);
    return `${spread(rounds.map((i) => g.turns[i][key] / ref.turns[i][key]))}${both.length ? '' : ' *'}`;
  };
  const present = references.filter((name) => results.some((r) => r.gateway === name));
  return results.map((g) => {
    const own = clean(g),
      rounds = own.length ? own : g.turns.map((_, i) => i),
      m = (k) => median(rounds.map((i) => g.turns[i][k]));
    return {
      gateway: g.gateway,
      rounds: `${own.length}/${g.turns.length}${own.length ? '' : ' *'}`,
      ...Object.fromEntries(present.map((name) => [`CPU / ${name}`, ratio(g, name, 'cpu')])),
      'CPU us/req': fixed(m('cpu')),
      'req/s': fixed(m('rps')),
      'p50 ms': fixed(m('p50'), 1),
      'p95 ms': fixed(m('p95'), 1),
      'p99 ms': fixed(m('p99'), 1),
      ...(present.length && { [`p99 / ${present[0]}`]: ratio(g, present[0], 'p99') }),
      'calls alone': g.alone.calls,
      'entities alone': g.alone.entities,
      'calls/req': fixed(m('calls'), 2),
      'operations/req': fixed(m('operations'), 2),
      'entities/req': fixed(m('entities'), 1),
      'subgraph us/req': fixed(m('subCpu')),
      'start ms': fixed(g.startMs),
      'idle MiB': fixed(g.idle),
      'peak MiB': fixed(
        quantile(
          g.turns.map((t) => t.peak),
          1,
        ),
      ),
      failed: g.turns.reduce((n, t) => n + t.failed, 0),
      answer: g.answer,
    };
  });
}
