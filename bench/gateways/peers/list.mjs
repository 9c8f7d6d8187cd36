// The built-in gateways, and how to add others. Commands run in this harness's folder, with PORT, SUPERGRAPH and
// SUBGRAPHS in the environment.
import { existsSync } from 'node:fs';
import { freePort } from '../lib/procs.mjs';
import { configured, native } from './native.mjs';

const root = new URL('..', import.meta.url).pathname;
const hive = {
  command: 'exec node_modules/.bin/hive-gateway supergraph -c peers/hive.config.mjs -h 127.0.0.1 -p "$PORT"',
  files: ['node_modules/.bin/hive-gateway'],
};
const hiveRust = { ...hive, files: [...hive.files, 'node_modules/@graphql-hive/router-runtime'] };
const apollo = { command: 'exec node peers/apollo.mjs', modules: ['@apollo/gateway', '@apollo/server', 'undici'] };
const mercurius = { command: 'exec node peers/mercurius.mjs', modules: ['@mercuriusjs/gateway', 'fastify'] };
const prodvor = 'exec node ../../router/cli.mjs --supergraph "$SUPERGRAPH" --port "$PORT"';

// `arrays`: the router sends arrays of operations, so the subgraphs must accept them.
const ours = {
  prodvor: { command: prodvor },
  'prodvor-batch': { command: `${prodvor} --max-subgraph-batch 8`, arrays: true },
  'prodvor-dedupe': { command: `${prodvor} --share-requests` },
};
export const REQUEST_PEERS = {
  ...ours,
  apollo,
  'apollo-fetch': { ...apollo, env: { FETCHER: 'fetch' } },
  'apollo-pool': { ...apollo, env: { FETCHER: 'pool' } },
  hive,
  'hive-jit': { ...hive, env: { JIT: '1' } },
  'hive-rust': { ...hiveRust, env: { HIVE_ROUTER_RUNTIME: '1' } },
  'hive-jit-nodedupe': { ...hive, env: { JIT: '1', DEDUPE: '0' } },
  'hive-rust-nodedupe': { ...hiveRust, env: { HIVE_ROUTER_RUNTIME: '1', DEDUPE: '0' } },
  mercurius,
  'mercurius-jit': { ...mercurius, env: { JIT: '1' } },
  direct: { command: 'exec node peers/direct.mjs', modules: ['undici'] },
  'direct-dedupe': { command: 'exec node peers/direct.mjs', modules: ['undici'], env: { DEDUPE: '1' } },
  'direct-x2': { command: 'exec node peers/direct.mjs', modules: ['undici'], env: { WORKERS: '2' }, cpus: 'all' },
  ...native,
};
export const SUBSCRIPTION_PEERS = {
  ...ours,
  hive,
  'hive-rust': { ...hiveRust, env: { HIVE_ROUTER_RUNTIME: '1' } },
  raw: { command: 'exec node peers/raw-ws.mjs' },
  'raw-entities': { command: 'exec node peers/raw-ws.mjs', env: { ENTITIES: '1' } },
  'raw-frame': { command: 'exec node peers/raw-ws.mjs', env: { ENTITIES: '1', FRAME: '1' } },
  ...native,
};

/** Whether a package is installed, here or in a parent folder. */
function installed(name) {
  try {
    return Boolean(import.meta.resolve(name));
  } catch {
    return false;
  }
}

/**
 * Finds the gateways to measure.
 * @param peers the built-in gateways, REQUEST_PEERS or SUBSCRIPTION_PEERS
 * @param names of built-in gateways, in this order
 * @param extra texts of the form name=command,port[/path][@cpus]
 * @returns [{name, command, port, path, env, cpus, arrays}] of the gateways that can run here. Prints to stderr what
 *   the others lack.
 * @throws Error for an unknown name or a malformed text
 */
export async function choose(peers, names, extra = []) {
  const chosen = [];
  for (const name of names.filter(Boolean)) {
    const peer = peers[name];
    if (!peer) throw new Error(`no peer "${name}" (there are ${Object.keys(peers).join(', ')})`);
    const missing = [
      ...(peer.modules ?? []).filter((m) => !installed(m)),
      ...(peer.files ?? []).filter((f) => !existsSync(root + f)),
    ];
    if (missing.length) console.error(`skipped ${name}: ${missing.join(', ')} missing; npm install in ${root}`);
    else chosen.push({ name, path: '/graphql', port: await freePort(), ...peer });
  }
  for (const text of extra) {
    const m = /^([^=]+)=(.*),(\d+)(\/[^@]*)?(?:@(.+))?$/s.exec(text);
    if (!m) throw new Error(`--gateway wants name=command,port[/path][@cpus], not "${text}"`);
    chosen.push({ name: m[1], command: m[2], port: Number(m[3]), path: m[4] ?? '/graphql', cpus: m[5] });
  }
  return chosen;
}
export { configured };
