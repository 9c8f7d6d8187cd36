// npm run services -- start|stop|status|install [NAME…] [--data DIR] [--offset N] [--env|--json]
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { dockerCompose } from './docker.ts';
import { install } from './install.ts';
import { serviceEnvironment, serviceNames } from './ports.ts';
import type { ServiceName } from './ports.ts';
import { isServiceName, start, status, stopAll } from './servers.ts';
import type { Options } from './servers.ts';
import { Refusal } from './service.ts';

const usage = `The real servers of full mode: ${serviceNames.join(', ')}.

  npm run services -- start   [NAME…]   returns when all are ready; prints the environment for full mode
  npm run services -- stop    [NAME…]   ends only the processes that start began
  npm run services -- status  [NAME…]
  npm run services -- install [NAME…]   Debian, as root: installs packages and jars, and builds Keycloak and versitygw (Go)

  --data DIR    data, logs and pid files (default .prodvor/services)
  --offset N    added to every port, for a second set of servers
  --env         start: only KEY=value lines on stdout
  --json        start, status: JSON on stdout
  --throw-away  start: PostgreSQL forces nothing to disk, which saves 2 ms per commit; for tests
  --native      use installed programs even if a Docker engine is available`;

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      offset: { type: 'string', default: '0' },
      env: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      native: { type: 'boolean', default: false },
      'throw-away': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [command, ...rest] = positionals;
  if (values.help || command === undefined) {
    console.log(usage);
    return values.help ? 0 : 2;
  }
  const unknown = rest.find((name) => !isServiceName(name));
  if (unknown !== undefined)
    throw new Refusal(`there is no service "${unknown}"; there are ${serviceNames.join(', ')}`);
  if (!/^\d{1,4}$/.test(values.offset))
    throw new Refusal(`--offset must be a number from 0 to 9999, not "${values.offset}"`);
  const interrupted = new AbortController();
  const options: Options = {
    data: resolve(values.data ?? fileURLToPath(new URL('../../.prodvor/services', import.meta.url))),
    offset: Number(values.offset),
    names: rest.length > 0 ? rest.filter(isServiceName) : [...serviceNames],
    throwAway: values['throw-away'],
    // Progress goes to stderr, so that a program can read the results on stdout.
    say: (name, text) => console.error(`${name.padEnd(9)} ${text}`),
    signal: interrupted.signal,
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => interrupted.abort());
  }
  switch (command) {
    case 'start':
      return startCommand(options, values);
    case 'stop':
      await stopCommand(options, values.native);
      return 0;
    case 'status':
      return statusCommand(options, values.json);
    case 'install':
      await install(options.names, (text) => console.error(text));
      return 0;
    default:
      throw new Refusal(`there is no command "${command}"\n\n${usage}`);
  }
}

async function startCommand(
  options: Options,
  { env, json, native }: { env: boolean; json: boolean; native: boolean },
): Promise<number> {
  const compose = native ? undefined : await dockerCompose(options);
  const started = (await compose?.start()) ?? (await start(options));
  const up = started.filter(({ outcome }) => outcome !== 'failed').map(({ name }) => name);
  const environment = serviceEnvironment(options.offset, up);
  if (json) console.log(JSON.stringify({ services: started, environment }, null, 2));
  else {
    if (!env && up.length > 0) console.log('\n# the environment for full mode');
    for (const [name, value] of Object.entries(environment)) console.log(`${name}=${value}`);
  }
  if (options.signal?.aborted) return 130;
  const failed = started.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name);
  if (failed.length > 0) console.error(`\nnot started: ${failed.join(', ')}`);
  return failed.length > 0 ? 1 : 0;
}

async function stopCommand(options: Options, native: boolean): Promise<void> {
  const compose = native ? undefined : await dockerCompose(options);
  if (!(await compose?.stop())) await stopAll(options);
}

async function statusCommand(options: Options, json: boolean): Promise<number> {
  const found = await status(options);
  if (json) console.log(JSON.stringify(found, null, 2));
  else {
    for (const { name, url, pid, ready } of found) {
      console.log(`${name.padEnd(9)} ${(ready ? 'ready' : 'down').padEnd(6)} ${String(pid ?? '-').padEnd(8)} ${url}`);
    }
  }
  return found.every(({ ready }: { name: ServiceName; ready: boolean }) => ready) ? 0 : 1;
}

// kafkajs 2.2.4 computes negative timeouts; Node 24 warns about this once per process
process.removeAllListeners('warning').on('warning', (warning) => {
  if (warning.name !== 'TimeoutNegativeWarning') console.error(warning);
});

try {
  process.exitCode = await main();
} catch (error) {
  const isForUser = error instanceof Refusal || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS');
  console.error(isForUser ? (error as Error).message : error);
  process.exitCode = 1;
}
