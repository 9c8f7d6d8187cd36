// npm run generate: everything that is derived from the schemas. What is up to date is skipped, by a stamp of its inputs' content.
//   prisma/<name>/*.prisma                  → subgraphs/<name>/generated/prisma/
//   schema/sports.ts                        → schema/shared/sports.graphql
//   schema/<name>.graphql, schema/shared/   → schema/supergraph.graphql, schema/api.graphql, subgraphs/<name>/generated/graphql.ts
//   subgraphs/<name>/subgraph.ts            → sections of docker-compose.yml, .env.development, kong.yml and the docs
//   the clients' documents                  → <client>/generated/   (graphql-clients.json names the clients)
// Imports Node's own modules only, and runs on Node 20: what needs more is loaded when there is something to do.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isStillRunning, lookAtProcess } from '../platform/lifecycle/process-start.mjs';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const CLIENTS = 'scripts/graphql-clients.json';
/** Files with sections that follow from the manifests: see scripts/derived/. */
const DERIVED = ['docker-compose.yml', '.env.development', 'kong.yml', 'docs/architecture.md', 'docs/configuration.md', 'docs/full-mode.md', 'docs/personal-data.md', 'docs/observability.md'];
const CACHE = path.join(ROOT, 'node_modules/.cache/prodvor');
const STAMPS = path.join(CACHE, 'generated.json');
const LOCK = path.join(CACHE, 'generate.lock');

/** Every step with the files that decide its result and one file that tells whether the result is there. */
function steps() {
  const composed = ['schema/supergraph.graphql', 'schema/api.graphql'];
  const sdl = list('schema', '.graphql').filter((file) => !composed.includes(file));
  const sports = 'schema/shared/sports.graphql';
  const shared = [...list('schema/shared', '.graphql'), 'platform/subgraph/sdl.ts'];
  const services = list('prisma').filter((folder) => exists(`${folder}/schema.prisma`));
  const mappers = list('subgraphs').map((name) => `${name}/mappers.ts`).filter(exists);
  const manifests = ['subgraphs/registry.ts', ...list('subgraphs').map((name) => `${name}/subgraph.ts`).filter(exists), 'platform/subgraph/manifest.ts'];
  const clients = JSON.parse(readFileSync(path.join(ROOT, CLIENTS), 'utf8'));
  const documents = clients.flatMap(walk).filter((file) => /\.(ts|graphql)$/.test(file));
  const served = clients.filter((client) => documents.some((file) => file.startsWith(`${client}/`)));
  return {
    prisma: services.map((folder) => {
      const service = path.basename(folder);
      return { name: `prisma ${service}`, service, inputs: [...list(folder, '.prisma'), 'scripts/prisma.mjs', 'scripts/prisma.config.mjs'], outputs: [`subgraphs/${service}/generated/prisma/client.ts`] };
    }),
    // The composed files count as inputs too, so that an edit by hand is undone.
    compose: { name: 'compose', inputs: [...sdl, ...shared, ...manifests, ...sdl.length > 0 ? composed : [], 'schema/sports.ts', 'scripts/compose.mjs'], outputs: sdl.length > 0 ? [sports, ...composed] : [] },
    // An image has not all of these files.
    derived: { name: 'derived', inputs: [...manifests, ...DERIVED, ...list('scripts/derived'), 'platform/subgraph/personal-data.ts', 'platform/config.ts', 'platform/http/rate-limits.ts'], outputs: [] },
    codegen: {
      name: 'codegen', inputs: [...sdl, ...shared, ...composed.slice(1), ...mappers, ...documents, CLIENTS, 'codegen.ts'],
      outputs: [...sdl.map((file) => `subgraphs/${path.basename(file, '.graphql')}/generated/graphql.ts`), ...served.map((client) => `${client}/generated/graphql.ts`)],
    },
  };
}

const exists = (file) => existsSync(path.join(ROOT, file));

function list(directory, ending = '') {
  if (!exists(directory)) return [];
  return readdirSync(path.join(ROOT, directory)).filter((name) => name.endsWith(ending)).sort().map((name) => `${directory}/${name}`);
}

function walk(directory) {
  return list(directory).flatMap((file) => {
    if (file.endsWith('/generated') || file.endsWith('/node_modules')) return [];
    return statSync(path.join(ROOT, file)).isDirectory() ? walk(file) : [file];
  });
}

function digest({ inputs }) {
  const hash = createHash('sha256');
  for (const file of inputs) hash.update(`${file}\0`).update(exists(file) ? readFileSync(path.join(ROOT, file)) : 'absent').update('\0');
  return hash.digest('hex');
}

function readStamps() {
  try {
    return JSON.parse(readFileSync(STAMPS, 'utf8'));
  } catch {
    return {};
  }
}

const isStale = (step, stamps) => stamps[step.name] !== digest(step) || !step.outputs.every(exists);

function staleSteps(stamps) {
  const { prisma, compose, derived, codegen } = steps();
  return [...prisma, compose, derived, codegen].filter((step) => isStale(step, stamps));
}

/** Whether nothing would be generated. */
export const isUpToDate = () => staleSteps(readStamps()).length === 0;

/**
 * Generates what is stale; needs Node 24 and the installed packages. Runs at the same time wait for each other.
 * @returns {Promise<string[]>} errors, one line each at best; what failed is tried again by the next run
 */
export async function generate() {
  if (isUpToDate()) return [];
  await takeLock();
  try {
    const stamps = readStamps();
    const { prisma: clients } = steps();
    const outcomes = await Promise.all([schemas(stamps), deployment(stamps), ...clients.filter((step) => isStale(step, stamps)).map((step) => prismaClient(step, stamps))]);
    writeFileSync(STAMPS, JSON.stringify(stamps));
    return outcomes.flat();
  } finally {
    rmSync(LOCK, { force: true });
  }
}

async function prismaClient(step, stamps) {
  const { prisma } = await import('./prisma.mjs');
  rmSync(path.join(ROOT, 'subgraphs', step.service, 'generated/prisma'), { recursive: true, force: true });
  const { code, output } = await prisma(step.service, ['generate', '--no-hints'], { stdio: ['ignore', 'pipe', 'pipe'] });
  if (code !== 0) return [`${step.name}: ${output.trim()}`];
  stamps[step.name] = digest(step);
  return [];
}

async function deployment(stamps) {
  if (!isStale(steps().derived, stamps)) return [];
  const { writeDerived } = await import('./derived/derived.ts');
  writeDerived();
  stamps.derived = digest(steps().derived);
  return [];
}

/** Composition first: the clients' types come from the API that it gives. */
async function schemas(stamps) {
  const composing = steps().compose;
  if (isStale(composing, stamps)) {
    const { writeComposed } = await import('./compose.mjs');
    const errors = await writeComposed();
    if (errors.length > 0) return errors;
    stamps.compose = digest(steps().compose);
  }
  const { codegen } = steps();
  if (!isStale(codegen, stamps)) return [];
  if (codegen.outputs.length === 0) {
    stamps.codegen = digest(codegen);
    return [];
  }
  const [{ generate: run }, { default: config }] = await Promise.all([import('@graphql-codegen/cli'), import('../codegen.ts')]);
  try {
    await run({ ...config, cwd: ROOT }, true);
  } catch (error) {
    const lines = [error, ...error.errors ?? []].flatMap(({ message }) => message.split('\n')).filter((line) => line.trim());
    return [...new Set(lines)].map((line) => `codegen: ${line}`);
  }
  stamps.codegen = digest(codegen);
  return [];
}

/** Waits for a run that is under way; a lock whose process is gone, or that is a minute old, does not count. */
async function takeLock() {
  mkdirSync(CACHE, { recursive: true });
  for (;;) {
    try {
      writeFileSync(LOCK, JSON.stringify({ pid: process.pid, began: lookAtProcess(process.pid).began }), { flag: 'wx' });
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    try {
      const age = Date.now() - statSync(LOCK).mtimeMs;
      const holder = readFileSync(LOCK, 'utf8');
      if (age > 60_000 || (holder !== '' && !holds(holder))) rmSync(LOCK, { force: true });
    } catch { /* released in between */ }
    await delay(50);
  }
}

/** Whether the writer of the lock still runs. A lock of an older version is a bare pid. */
function holds(lock) {
  const holder = JSON.parse(lock);
  return typeof holder === 'number' ? isStillRunning(holder) : isStillRunning(holder.pid, holder.began);
}

const HELP = `npm run generate

Writes everything that is derived from the schemas: composed files, types, Prisma clients. What is up to date is skipped.`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.length > 2) {
    const isHelp = ['--help', '-h'].includes(process.argv[2]);
    (isHelp ? console.log : console.error)(HELP);
    process.exit(isHelp ? 0 : 2);
  }
  const started = performance.now();
  const errors = await generate();
  for (const error of errors) console.error(error);
  if (errors.length === 0) console.log(`Generated code is up to date (${Math.round(performance.now() - started)} ms).`);
  // The code generator leaves handles open.
  process.exit(errors.length > 0 ? 1 : 0);
}
