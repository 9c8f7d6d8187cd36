// Routers that are not npm packages. They are measured if their binary is installed, otherwise skipped. This file
// contains only our configuration for them.
//
// Hive Router (Rust): HIVE_ROUTER=PATH, or hive_router on the PATH.
// Cosmo router (Go): COSMO_ROUTER=PATH, or cosmo-router on the PATH. It also needs wgc (npm) to compose its execution
// configuration: WGC=PATH, or `npm install --no-save wgc` here.
//
// Neither has a token or a control plane here. Usage tracking is off, and everything listens on 127.0.0.1.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { typeDefs } from '../lib/schemas.mjs';

const root = new URL('..', import.meta.url).pathname;
function find(variable, name, ...more) {
  const where = process.env[variable]
    ? [resolve(process.env[variable])]
    : [...more, ...(process.env.PATH ?? '').split(delimiter).map((d) => `${d}/${name}`)];
  return where.find((f) => {
    try {
      accessSync(f, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
const quote = (s) => `'${s.replaceAll("'", "'\\''")}'`;

// lean: no log line per request. By default it writes one.
function hive({ subgraphDedupe = true, routerDedupe = false, lean = true }) {
  return ({ name, port, supergraph, out }) => {
    const bin = find('HIVE_ROUTER', 'hive_router');
    if (!bin) return { missing: 'hive_router is not on the PATH and HIVE_ROUTER is not set' };
    const file = `${out}/${name}.yaml`;
    // Subscriptions and WebSockets are off by default, and the default limit is 128 long-lived clients.
    writeFileSync(
      file,
      JSON.stringify(
        {
          // JSON is valid YAML.
          supergraph: { source: 'file', path: supergraph },
          http: { host: '127.0.0.1', port },
          ...(lean && { log: { level: 'error' } }),
          subscriptions: { enabled: true, websocket: { all: {} } },
          websocket: { enabled: true },
          traffic_shaping: {
            all: { dedupe_enabled: subgraphDedupe },
            router: { dedupe: { enabled: routerDedupe }, max_long_lived_clients: 100_000 },
          },
        },
        null,
        1,
      ),
    );
    return { command: `exec ${quote(bin)}`, env: { ROUTER_CONFIG_FILE_PATH: file } };
  };
}

function cosmoConfig(base, out) {
  // The router reads an execution configuration instead of a supergraph.
  const wgc = find('WGC', 'wgc', `${root}node_modules/.bin/wgc`);
  if (!wgc) return { missing: 'wgc is not in node_modules/.bin or on the PATH, and WGC is not set' };
  const key = createHash('sha256')
    .update(JSON.stringify([base, typeDefs]))
    .digest('hex')
    .slice(0, 12);
  const dir = `${out}/cosmo-${key}`,
    file = `${dir}/execution.json`;
  if (!existsSync(file)) {
    mkdirSync(dir, { recursive: true });
    const subgraphs = Object.entries(typeDefs).map(([name, sdl]) => {
      writeFileSync(`${dir}/${name}.graphqls`, sdl);
      return {
        name,
        routing_url: `${base}/${name}`,
        schema: { file: `./${name}.graphqls` },
        subscription: {
          url: `${base.replace(/^http/, 'ws')}/${name}`,
          protocol: 'ws',
          websocket_subprotocol: 'graphql-transport-ws',
        },
      };
    });
    writeFileSync(`${dir}/graph.yaml`, JSON.stringify({ version: 1, subgraphs }));
    const r = spawnSync(wgc, ['router', 'compose', '-i', `${dir}/graph.yaml`, '-o', file], {
      encoding: 'utf8',
      env: { ...process.env, ...quiet },
    });
    if (r.status || !existsSync(file)) return { missing: `wgc router compose failed: ${r.stdout}${r.stderr}` };
  }
  return { file };
}
const quiet = { COSMO_TELEMETRY_DISABLED: 'true', DO_NOT_TRACK: '1' };
// lean: no spans, metrics or access log. Otherwise the defaults: without a token it creates spans and Prometheus
// metrics but sends nothing.
function cosmo({ dedupe = true, lean = true }) {
  return ({ name, port, base, out }) => {
    const bin = find('COSMO_ROUTER', 'cosmo-router');
    if (!bin) return { missing: 'cosmo-router is not on the PATH and COSMO_ROUTER is not set' };
    const composed = cosmoConfig(base, out);
    if (composed.missing) return composed;
    const file = `${out}/${name}.yaml`;
    writeFileSync(
      file,
      JSON.stringify(
        {
          version: '1',
          listen_addr: `127.0.0.1:${port}`,
          execution_config: { file: { path: composed.file } },
          router_registration: false,
          graphql_metrics: { enabled: false },
          engine: { enable_single_flight: dedupe, enable_inbound_request_deduplication: dedupe },
          ...(lean && {
            log_level: 'error',
            access_logs: { enabled: false },
            telemetry: {
              tracing: { enabled: false },
              metrics: { otlp: { enabled: false }, prometheus: { enabled: false } },
            },
          }),
        },
        null,
        1,
      ),
    );
    return { command: `exec ${quote(bin)} -config ${quote(file)}`, env: quiet };
  };
}

/** name -> {configure({name, port, supergraph, base, out}) -> {command, env} or {missing: the reason}} */
export const native = {
  'hive-router': { configure: hive({}) },
  'hive-router-nodedupe': { configure: hive({ subgraphDedupe: false }) },
  'hive-router-dedupe': { configure: hive({ routerDedupe: true }) },
  'hive-router-stock': { configure: hive({ lean: false }) },
  cosmo: { configure: cosmo({}) },
  'cosmo-nodedupe': { configure: cosmo({ dedupe: false }) },
  'cosmo-stock': { configure: cosmo({ lean: false }) },
};
/** Leaves out gateways that cannot run here and says so. Fills in the commands of the others. */
export function configured(gateways, context) {
  return gateways.filter((g) => {
    if (!g.configure) return true;
    const { missing, ...rest } = g.configure({ name: g.name, port: g.port, ...context });
    if (missing) console.error(`skipped ${g.name}: ${missing}`);
    else Object.assign(g, rest);
    return !missing;
  });
}
