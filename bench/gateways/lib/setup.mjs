// What every measurement starts: the composed supergraph, the subgraphs, a gateway that has answered once.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { freePort, ready, start, stop, usage } from './procs.mjs';

export const here = new URL('..', import.meta.url).pathname;
export const out = `${here}.out`;
mkdirSync(out, { recursive: true });

/** Composes the demo's supergraph into a file; `more`: SDL that is added to its products subgraph. */
export function compose(base, file, more = '') {
  const { status } = spawnSync(process.execPath, [`${here}compose.mjs`, base, file, more], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error('the supergraph was not composed');
}

/**
 * The subgraphs, on a free port unless one is given. -> {proc, base, get(path) -> JSON, supergraph: the file that leads
 * to them}
 */
export async function startSubgraphs({ port, cpus, args = '', name = 'subgraphs' } = {}) {
  const at = port ?? (await freePort());
  const base = `http://127.0.0.1:${at}`,
    supergraph = `${out}/${name}.graphql`;
  compose(base, supergraph);
  const proc = start(name, `exec node subgraphs.mjs --port ${at} ${args}`, { cwd: here, cpus, log: out });
  const get = async (path) => (await fetch(base + path)).json();
  await ready(proc, async () => (await get('/_stats')).requests === 0);
  return { proc, base, get, supergraph };
}

export const urlOf = (gateway) => `http://127.0.0.1:${gateway.port}${gateway.path}`;
export const post = async (url, body) =>
  (
    await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body,
    })
  ).json();
export const logOf = (name) => `${out}/${name.replace(/[^\w.-]/g, '_')}.log`;

/**
 * Starts a gateway and waits for its first answer to `body`.
 * @returns {proc, startMs: from the start of the process to that answer, idle: MiB resident then, first: the answer}
 */
export async function startGateway(gateway, { supergraph, base, cpus, body, patienceMs = 3000 }) {
  const spawned = performance.now();
  const proc = start(gateway.name, gateway.command, {
    cwd: here,
    cpus,
    log: out,
    env: { PORT: String(gateway.port), SUPERGRAPH: supergraph, SUBGRAPHS: base, ...gateway.env },
  });
  let first;
  // errors count once it had time to load
  const answered = () =>
    first && ((first.data && !first.errors) || ('errors' in first && performance.now() - spawned > patienceMs));
  try {
    await ready(
      proc,
      async () => {
        first = await post(urlOf(gateway), body);
        return answered();
      },
      { every: 15 },
    );
  } catch (e) {
    await stop(proc);
    throw new Error(`${e.message} (see ${logOf(gateway.name)})`, { cause: e });
  }
  return { proc, startMs: performance.now() - spawned, idle: usage(proc).rss, first };
}

/** Whether an answer is the expected one (key order does not matter), in a word. */
export const compared = (first, expected) =>
  first.errors ? `errors: ${first.errors[0].message}` : isDeepStrictEqual(first.data, expected) ? 'same' : 'DIFFERS';
