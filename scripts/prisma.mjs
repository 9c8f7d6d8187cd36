// npm run prisma -- <service> <arguments of the Prisma CLI>
//  Runs the CLI on one service's schema, without downloads. It uses the database of DATABASE_URL, and there the schema
//  that is named after the service. Without DATABASE_URL it first starts a throw-away server and applies the service's
//  migrations there. So `migrate dev --name x` works on a machine without PostgreSQL.
// npm run prisma -- <service> add <part>
//  Gives a service shared tables, such as the outbox: a link to their models, and a migration with their SQL.
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, globSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.join(import.meta.dirname, '..');

/** Names of the services that have a Prisma schema. */
export function services() {
  const directory = path.join(ROOT, 'prisma');
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => existsSync(path.join(directory, name, 'schema.prisma')))
    .sort();
}

/** Folders with shared tables, by name: each has `models.prisma` and `tables.sql`. */
export const parts = () =>
  Object.fromEntries(
    globSync('platform/**/models.prisma', { cwd: ROOT }).map((file) => [
      path.basename(path.dirname(file)),
      path.join(ROOT, path.dirname(file)),
    ]),
  );

/**
 * Links the part's models into the service's folder, and writes the migration that creates its tables.
 * @param {string} service
 * @param {string} part a key of {@link parts}
 * @param {string} [directory] in place of prisma/
 * @returns {string} the migration's folder
 */
export function addPart(service, part, directory = path.join(ROOT, 'prisma')) {
  const folder = path.join(directory, service);
  const source = parts()[part];
  const migration = path.join(
    folder,
    'migrations',
    `${new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14)}_${part}`,
  );
  symlinkSync(path.relative(folder, path.join(source, 'models.prisma')), path.join(folder, `${part}.prisma`));
  mkdirSync(migration, { recursive: true });
  copyFileSync(path.join(source, 'tables.sql'), path.join(migration, 'migration.sql'));
  return migration;
}

/**
 * Runs the CLI. Resolves to its exit code and, when `stdio` is not inherited, its output.
 * @param {string} service
 * @param {string[]} args
 * @param {{ url?: string, directory?: string, stdio?: import('node:child_process').StdioOptions }} [options]
 * `directory` in place of prisma/
 */
export async function prisma(service, args, { url, directory = path.join(ROOT, 'prisma'), stdio = 'inherit' } = {}) {
  const cli = path.join(ROOT, 'node_modules/prisma/build/index.js');
  const child = spawn(
    process.execPath,
    [cli, ...args, '--config', path.join(import.meta.dirname, 'prisma.config.mjs')],
    {
      cwd: ROOT,
      stdio,
      env: {
        ...process.env,
        PATH: `${path.join(ROOT, 'node_modules/.bin')}${path.delimiter}${process.env.PATH ?? ''}`,
        PRISMA_SERVICE_DIRECTORY: path.join(directory, service),
        PRISMA_DATABASE_URL: url ?? '',
        PRISMA_SCHEMA_ENGINE_BINARY: path.join(import.meta.dirname, 'prisma-schema-engine.mjs'),
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
        CHECKPOINT_DISABLE: '1',
      },
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve(status ?? 1));
  });
  return { code, output };
}

async function main([service, ...args]) {
  const known = services();
  if (!service || !known.includes(service) || args.length === 0) {
    console.error(
      `Usage: npm run prisma -- <${known.join('|')}> <arguments of the Prisma CLI, such as: migrate dev --name add_city>\n   or: npm run prisma -- <service> add <${Object.keys(parts()).join('|')}>`,
    );
    return 2;
  }
  if (args[0] === 'add') return add(service, args[1]);
  const server = process.env.DATABASE_URL ? undefined : await throwAwayServer();
  try {
    const url = new URL(process.env.DATABASE_URL ?? server.url);
    url.searchParams.set('schema', service);
    if (server && args[0] === 'migrate' && args[1] === 'dev') {
      const applied = await prisma(service, ['migrate', 'deploy'], {
        url: url.toString(),
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      if (applied.code !== 0) {
        console.error(applied.output);
        return applied.code;
      }
    }
    return (await prisma(service, args, { url: url.toString() })).code;
  } finally {
    await server?.stop();
  }
}

function add(service, part) {
  if (!Object.hasOwn(parts(), part)) {
    console.error(`There is no such part: ${Object.keys(parts()).join(', ')}.`);
    return 2;
  }
  if (existsSync(path.join(ROOT, 'prisma', service, `${part}.prisma`))) {
    console.error(`${service} has the tables of ${part} already.`);
    return 1;
  }
  console.log(`Written: ${path.relative(ROOT, addPart(service, part))}`);
  return 0;
}

async function throwAwayServer() {
  await import('../loader.mjs');
  const { startThrowAwayPostgres } = await import('../platform/embedded-database/embedded.ts');
  return startThrowAwayPostgres();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2));
