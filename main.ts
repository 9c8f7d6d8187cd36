import { parseArgs } from 'node:util';
import { type Config, ConfigError, readConfig, type Use } from './platform/config/config.ts';
import type { Product } from './product/product.ts';
import { subgraphs } from './subgraphs/registry.ts';

const names = Object.keys(subgraphs);
const queues = Object.values(subgraphs).flatMap((subgraph) => subgraph.queues.map((queue) => queue.name));
const HELP = `main.ts all | router | migrate | worker <queue…> | ${names.join(' | ')}

  all          every subgraph and the router in one process; npm start does the same
  router       the router with the committed supergraph; SUBGRAPH_URLS has the addresses of subgraphs
  migrate      applies pending migrations of every service, and ends
  <subgraph>   one subgraph, with its consumers, timers and workers
  worker       only the workers of these queues, which must belong to one subgraph: ${queues.join(', ')}

  --port N     port for clients; 0 takes a free port. Default: PORT, else 4000; a subgraph has its own in subgraph.ts.
               A worker serves /health and /metrics there; its default is 0
  --data DIR   folder of embedded mode for database and mails (default .prodvor/data)
  --reset      embedded mode: deletes the stored data, and begins with an empty database
  --no-workers leaves the jobs of all queues to other processes (main.ts worker)
  --no-demo    without the demo cup; its people cannot sign in by name
  --help       shows this text

Environment variables configure everything else: docs/configuration.md`;

/** A mistake in the command line. */
class UsageError extends Error {}

async function main(): Promise<void> {
  const { what, queues, flags } = invocation();
  if (flags.help) return console.log(HELP);
  const all = what === 'all';
  const worker = queues.length > 0;
  const config = readConfig({
    overrides: { PORT: flags.port, PRODVOR_DATA: flags.data },
    // `npm start`, whose output people read, logs only warnings and errors, as text. Other processes log JSON.
    defaults: all ? { LOG_LEVEL: 'warn', LOG_FORMAT: 'text' } : undefined,
    uses: usesOf(what),
  });
  if (what === 'migrate') return migrateAll(config);
  const [{ startProduct }, { stopPretenuring }] = await Promise.all([
    import('./product/product.ts'),
    import('./router/index.ts'),
  ]);
  const say = all && config.LOG_FORMAT === 'text' ? await import('./product/console.ts') : undefined;
  const progress = say?.progress();
  const demo = all && !flags['no-demo'] ? await import('./product/demo.ts') : undefined;
  let product: Product | undefined;
  try {
    product = await startProduct({
      config,
      subgraphs: all ? names : names.filter((name) => name === what),
      router: all || what === 'router',
      duties: { events: !worker, queues: worker ? queues : flags['no-workers'] ? [] : 'all' },
      port: config.PORT ?? (worker ? 0 : (subgraphs[what]?.port ?? 4000)),
      explorer: demo?.explorer,
      pages: demo?.pagesOf(config),
      demo: demo !== undefined,
      reset: flags.reset,
      onProgress: progress?.step,
      // The database that this process started is gone, so the process ends immediately. No acknowledged change is
      // lost, because such changes are in the database. Clients reconnect to the next process.
      onFatal: () => process.exit(1),
    });
    product.shutdown.onSignals();
    stopPretenuring();
    const playing = await demo?.startDemo(product, progress?.step);
    progress?.done();
    if (say) say.welcome(product.origin, playing);
    else product.logger.log(`${worker ? queues.join(', ') : what} ready on ${product.origin}`, 'Main');
  } catch (error) {
    // The process is stopping, because a signal arrived during its start. So this error is expected.
    if (product?.shutdown.stopping) return;
    progress?.failed();
    throw error;
  }
}

function invocation() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      port: { type: 'string' },
      data: { type: 'string' },
      reset: { type: 'boolean' },
      'no-workers': { type: 'boolean' },
      'no-demo': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const [what = 'all', ...rest] = positionals;
  if (what === 'worker') return { what: ownerOf(rest), queues: rest, flags: values };
  if (rest.length > 0 || !['all', 'router', 'migrate', ...names].includes(what))
    throw new UsageError(`unknown: ${positionals.join(' ')}; --help lists the commands`);
  return { what, queues: [], flags: values };
}

/**
 * The subgraph that owns these queues. Queues of several subgraphs are an error, because a process has the database
 * role of one subgraph.
 */
function ownerOf(names: readonly string[]): string {
  const owners = names.map((name) => {
    const owner = Object.values(subgraphs).find((subgraph) => subgraph.queues.some((queue) => queue.name === name));
    if (!owner) throw new UsageError(`there is no queue ${name}; there are ${queues.join(', ')}`);
    return owner.name;
  });
  const [owner] = owners;
  if (owner === undefined) throw new UsageError(`worker needs the name of a queue: ${queues.join(', ')}`);
  if (owners.some((other) => other !== owner))
    throw new UsageError(`these queues belong to several subgraphs (${owners.join(', ')}): start a worker for each`);
  return owner;
}

/** The uses of this process (`Use` in config.ts). Only their settings are required. Undefined means all uses. */
function usesOf(what: string): readonly Use[] | undefined {
  if (what === 'router') return ['signatures', 'cache'];
  if (what === 'migrate') return ['database'];
  const subgraph = subgraphs[what];
  return subgraph && ['database', 'eventLog', 'signatures', ...subgraph.uses];
}

async function migrateAll({ DATABASE_URL, DATABASE_PASSWORDS }: Config): Promise<void> {
  if (!DATABASE_URL)
    throw new ConfigError(['DATABASE_URL is missing. Embedded mode needs no migrate command: it migrates at start']);
  const [{ migrate }, { rolesOf }] = await Promise.all([
    import('./platform/postgres/migrate.ts'),
    import('./platform/postgres/roles.ts'),
  ]);
  const urlOf = await rolesOf({
    url: DATABASE_URL,
    services: names,
    passwords: DATABASE_PASSWORDS,
    onShared: (line) => console.error(line),
  });
  let applied = 0;
  for (const name of names) applied += await migrate({ url: urlOf(name), services: [name] });
  console.log(`${applied} migrations applied`);
}

/** Advice for an error that means a full disk, because its message does not say what to do. Otherwise an empty text. */
function adviceFor({ message }: Error): string {
  if (!/no space left|could not extend file/i.test(message)) return '';
  return '\nThe disk is full: free some space, or choose another folder with --data.';
}

try {
  await main();
} catch (error) {
  const mistake =
    error instanceof UsageError ||
    error instanceof ConfigError ||
    String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');
  console.error(error instanceof Error ? `${error.message}${adviceFor(error)}` : error);
  process.exit(mistake ? 2 : 1);
}
