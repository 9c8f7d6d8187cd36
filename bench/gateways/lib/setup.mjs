// The parts that every measurement starts: the composed supergraph, the subgraphs, and a gateway that has answered
// once.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { freePort, ready, start, stop, usage } from './procs.mjs';

export const here = new URL('..', import.meta.url).pathname;
export const out = `${here}.out`;
mkdirSync(out, { recursive: true });

/**
 * Composes the demo's supergraph into a file.
 * @param more SDL to add to the products subgraph
 */
export function compose(base, file, more = '') {
  const { status } = spawnSync(process.execPath, [`${here}compose.mjs`, base, file, more], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error('the supergraph was not composed');
}

/**
 * Starts the subgraphs, on a free port by default.
 * @returns {proc, base, get(path) -> JSON, supergraph: the file with the supergraph}
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
 * Starts a gateway and waits for its first response to `body`.
 * @returns {proc, startMs: from the start of the process to that response, idle: resident MiB at that time, first: the
 *   response}
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
  // During the first `patienceMs`, responses with errors are ignored: the gateway may still be loading.
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

/**
 * Compares a response with the expected data, regardless of the order of keys: 'same', 'DIFFERS' or the first error.
 */
export const compared = (first, expected) =>
  first.errors ? `errors: ${first.errors[0].message}` : isDeepStrictEqual(first.data, expected) ? 'same' : 'DIFFERS';
