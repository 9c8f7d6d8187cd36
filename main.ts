import { parseArgs } from 'node:util';
import { type Config, ConfigError, readConfig, type Use } from './platform/config/config.ts';
import type { Product } from './product/product.ts';
import { subgraphs } from './subgraphs/registry.ts';

const names = Object.keys(subgraphs);
const HELP = `main.ts all | router | migrate | ${names.join(' | ')}

  all          every subgraph and the router in one process, like npm start
  router       the router with the committed supergraph; SUBGRAPH_URLS has the addresses of subgraphs
  migrate      applies pending migrations of every service, and ends
  <subgraph>   one subgraph, with its consumers and workers

  --port N     port for clients (default 4000, or the port in subgraph.ts; 0 takes any free port)
  --data DIR   folder of embedded mode for database and mails (default .prodvor/data)
  --reset      begins with an empty database
  --no-demo    without the demo league; its people cannot sign in by name
  --help       shows this text

Environment variables configure everything else: docs/configuration.md`;

/** A mistake in the command line. */
class UsageError extends Error {}

async function main(): Promise<void> {
  const { what, flags } = invocation();
  if (flags.help) return console.log(HELP);
  const all = what === 'all';
  const config = readConfig({
    overrides: { PORT: flags.port, PRODVOR_DATA: flags.data },
    // People read the output of `npm start`; machines read the output of a container.
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
      port: config.PORT ?? subgraphs[what]?.port ?? 4000,
      explorer: demo?.explorer,
      demo: demo !== undefined,
      reset: flags.reset,
      onProgress: progress?.step,
      // Acknowledged changes are in the database, and without the database nothing else can be saved. Clients reconnect
      // to the next process.
      onFatal: () => process.exit(1),
    });
    product.shutdown.onSignals();
    stopPretenuring();
    const league = await demo?.startDemo(product, progress?.step);
    progress?.done();
    if (say) say.welcome(product.origin, league);
    else product.logger.log(`${what} ready on ${product.origin}`, 'Main');
  } catch (error) {
    // A signal stopped the process during its start, so this error is expected.
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
      'no-demo': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const [what = 'all', ...rest] = positionals;
  if (rest.length > 0 || !['all', 'router', 'migrate', ...names].includes(what))
    throw new UsageError(`unknown: ${positionals.join(' ')}; --help lists the commands`);
  return { what, flags: values };
}

/** The servers that this process needs. Undefined means all of them. */
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

/** Advice for errors of PostgreSQL or the file system that name only a symptom. */
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
