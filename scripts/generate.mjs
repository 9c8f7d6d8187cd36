// npm run generate: writes everything that is derived from the schemas. Skips what is up to date (generated.mjs).
//  prisma/<name>/*.prisma → subgraphs/<name>/generated/prisma/
//  schema/sports.ts → schema/shared/sports.graphql
//  schema/<name>.graphql, schema/shared/ → schema/supergraph.graphql, schema/api.graphql,
//    subgraphs/<name>/generated/graphql.ts
//  subgraphs/<name>/subgraph.ts → sections of docker-compose.yml, .env.development, kong.yml and the docs
//  schema/messages/, subgraphs/<name>/consumers.ts → docs/events.md
//  schema/api.graphql, schema/released.graphql → the unreleased changes in CHANGELOG.md
//  the clients' documents → <client>/generated/ (graphql-clients.json names the clients)
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isStale, isUpToDate, stamp, steps } from './generated.mjs';
import { withLock } from './lock.mjs';

const ROOT = path.join(import.meta.dirname, '..');
const LOCK = path.join(ROOT, 'node_modules/.cache/prodvor/generate.lock');
const LONGEST = 60_000;

/**
 * Generates the files that are stale. Needs Node 24 and all packages, also the development packages. Concurrent runs
 * wait for each other.
 * @returns {Promise<string[]>} errors, usually one line each; the next run tries the failed steps again
 */
export async function generate() {
  if (isUpToDate({ types: true })) return [];
  return withLock(LOCK, LONGEST, async () => {
    const outcomes = await Promise.all([schemas(), ...steps().prisma.filter(isStale).map(prismaClient)]);
    return outcomes.flat();
  });
}

async function prismaClient(step) {
  const { prisma } = await import('./prisma.mjs');
  rmSync(path.join(ROOT, 'subgraphs', step.service, 'generated/prisma'), { recursive: true, force: true });
  const { code, output } = await prisma(step.service, ['generate', '--no-hints'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (code !== 0) return [`${step.name}: ${output.trim()}`];
  stamp(step);
  return [];
}

async function derivedSections() {
  const { derived } = steps();
  if (!isStale(derived)) return [];
  const { writeDerived } = await import('./derived/derived.ts');
  writeDerived();
  stamp(derived);
  return [];
}

/** Composition runs first: the clients' types and the changelog are derived from the API that it writes. */
async function schemas() {
  const { compose } = steps();
  if (isStale(compose)) {
    const { writeComposed } = await import('./compose.mjs');
    const errors = await writeComposed();
    if (errors.length > 0) return errors;
    // The composed files are inputs of the following steps.
    stamp(steps().compose);
  }
  return (await Promise.all([types(), derivedSections()])).flat();
}

async function types() {
  const { codegen } = steps();
  if (!codegen.some(isStale)) return [];
  const [{ generate: run }, { default: config }] = await Promise.all([
    import('@graphql-codegen/cli'),
    import('../codegen.ts'),
  ]);
  try {
    await run({ ...config, cwd: ROOT }, true);
  } catch (error) {
    const lines = [error, ...(error.errors ?? [])]
      .flatMap(({ message }) => message.split('\n'))
      .filter((line) => line.trim());
    return [...new Set(lines)].map((line) => `codegen: ${line}`);
  }
  for (const step of codegen) stamp(step);
  return [];
}

const HELP = `npm run generate

Writes everything that is derived from the schemas: composed files, types, Prisma clients. Skips files that are up to date.`;

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
  // The code generator leaves handles open, so the process would not end by itself.
  process.exit(errors.length > 0 ? 1 : 0);
}
