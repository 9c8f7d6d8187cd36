// The files that are derived from the schemas, and whether they are up to date. A stamp is a digest of a result and of
// its inputs. Results that running needs are committed with their stamps. Results that only types, tests and texts need
// are generated where they are needed. Uses Node's own modules only; runs on Node 20.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const CLIENTS = 'scripts/graphql-clients.json';
const COMPOSED = ['schema/supergraph.graphql', 'schema/api.graphql'];
/** The API of the newest release. */
const RELEASED = 'schema/released.graphql';
/** The schema's enum of sports: written from schema/sports.ts before the rest is composed. */
const SPORTS = 'schema/shared/sports.graphql';
/** Files with sections generated from the manifests, the messages and the composed API: see scripts/derived/. */
const DERIVED = [
  'docker-compose.yml',
  '.env.development',
  'kong.yml',
  'CHANGELOG.md',
  'docs/architecture.md',
  'docs/configuration.md',
  'docs/events.md',
  'docs/full-mode.md',
  'docs/personal-data.md',
  'docs/observability.md',
];
/** Files of a Prisma client that contain more than types. */
const CLIENT_FILES = ['client.ts', 'enums.ts', 'internal/class.ts', 'internal/prismaNamespace.ts'];
const STAMP = 'inputs.sha256';
const stampInCache = (name) => `node_modules/.cache/prodvor/${name}.sha256`;

/**
 * @typedef {{ stamp: string, files: string[], inputs: string[], isCommitted: boolean }} Result `inputs` of a committed
 * result are only the ones that decide its behaviour at run time. A change of other inputs does not generate it again
 * @typedef {{ name: string, inputs: string[], tools: string[], results: Result[] }} Step `tools`: packages whose
 * version counts as an input
 */

/** @returns {{ prisma: (Step & { service: string })[], compose: Step, derived: Step, codegen: Step[] }} */
export function steps() {
  const sdl = list('schema', '.graphql').filter((file) => ![...COMPOSED, RELEASED].includes(file));
  const shared = list('schema/shared', '.graphql');
  const services = list('prisma').filter((folder) => exists(`${folder}/schema.prisma`));
  const mappers = list('subgraphs')
    .map((name) => `${name}/mappers.ts`)
    .filter(exists);
  const manifests = [
    'subgraphs/registry.ts',
    ...list('subgraphs')
      .map((name) => `${name}/subgraph.ts`)
      .filter(exists),
    'platform/manifest/manifest.ts',
  ];
  const consumers = list('subgraphs')
    .map((name) => `${name}/consumers.ts`)
    .filter(exists);
  const clients = JSON.parse(readFileSync(path.join(ROOT, CLIENTS), 'utf8')).map((client) => ({
    client,
    documents: walk(client).filter(holdsDocuments),
  }));
  const codegen = Object.keys(devDependencies()).filter((name) => name.startsWith('@graphql-codegen/'));
  return {
    prisma: services.map((folder) => {
      const service = path.basename(folder);
      const target = `subgraphs/${service}/generated/prisma`;
      const models = list(folder, '.prisma');
      return {
        ...step(
          `prisma ${service}`,
          [...models, 'scripts/prisma.mjs', 'scripts/prisma.config.mjs'],
          [`${target}/models.ts`],
          `${target}/models/${STAMP}`,
          ['prisma'],
          committed(target, CLIENT_FILES, models),
        ),
        service,
      };
    }),
    compose: step(
      'compose',
      [...sdl, ...shared, 'platform/subgraph/sdl.ts', ...manifests, 'schema/sports.ts', 'scripts/compose.mjs'],
      [],
      stampInCache('compose'),
      [],
      committed(
        'schema',
        [SPORTS, ...COMPOSED].map((file) => path.posix.relative('schema', file)),
        [...sdl, ...shared, 'schema/sports.ts'],
      ),
    ),
    derived: step(
      'derived',
      [
        ...manifests,
        ...list('schema/messages', '.ts'),
        ...consumers,
        'platform/messaging/definitions.ts',
        ...COMPOSED,
        RELEASED,
        ...list('scripts/derived'),
        ...list('scripts/release'),
        'platform/manifest/personal-data.ts',
        'platform/config/config.ts',
        'platform/http/rate-limits.ts',
      ],
      DERIVED,
      stampInCache('derived'),
    ),
    codegen: [
      step(
        'types of resolvers',
        [...sdl, ...shared, 'platform/subgraph/sdl.ts', ...mappers, 'codegen.ts'],
        sdl.map((file) => `subgraphs/${path.basename(file, '.graphql')}/generated/graphql.ts`),
        stampInCache('resolvers'),
        codegen,
      ),
      ...clients
        .filter(({ documents }) => documents.length > 0)
        .map(({ client, documents }) => {
          const files = ['fragment-masking.ts', 'gql.ts', 'graphql.ts', 'index.ts'];
          const own = client.startsWith('test/')
            ? []
            : [committed(`${client}/generated`, files, [...documents, 'codegen.ts'])];
          return step(
            `types of ${client}`,
            ['schema/api.graphql', ...documents, 'codegen.ts'],
            files.map((file) => `${client}/generated/${file}`),
            stampInCache(client.replaceAll('/', '-')),
            codegen,
            ...own,
          );
        }),
    ],
  };
}

const step = (name, inputs, files, stampFile, tools = [], ...also) => ({
  name,
  inputs,
  tools,
  results: [{ stamp: stampFile, files, inputs, isCommitted: false }, ...also],
});
const committed = (folder, files, inputs) => ({
  stamp: `${folder}/${STAMP}`,
  files: files.map((file) => `${folder}/${file}`),
  inputs,
  isCommitted: true,
});

const allSteps = () => {
  const { prisma, compose, derived, codegen } = steps();
  return [...prisma, compose, derived, ...codegen];
};

const exists = (file) => existsSync(path.join(ROOT, file));

function list(directory, ending = '') {
  if (!exists(directory)) return [];
  return readdirSync(path.join(ROOT, directory))
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => `${directory}/${name}`);
}

function walk(directory) {
  return list(directory).flatMap((file) => {
    if (file.endsWith('/generated') || file.endsWith('/node_modules')) return [];
    return statSync(path.join(ROOT, file)).isDirectory() ? walk(file) : [file];
  });
}

/** Finds documents as the code generator does. A change of a file without documents makes nothing stale. */
const holdsDocuments = (file) =>
  file.endsWith('.graphql') ||
  (file.endsWith('.ts') && /\bgraphql\(|\/\* *GraphQL *\*\//.test(readFileSync(path.join(ROOT, file), 'utf8')));

const devDependencies = () => JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')).devDependencies;

function digest(tools, { inputs, files }) {
  const hash = createHash('sha256');
  // The results count too: so an edit by hand, or a merge, is undone.
  for (const file of [...inputs, ...files])
    hash
      .update(`${file}\0`)
      .update(exists(file) ? readFileSync(path.join(ROOT, file)) : 'absent')
      .update('\0');
  const versions = devDependencies();
  for (const name of tools) hash.update(`${name}@${versions[name]}\0`);
  return hash.digest('hex');
}

const isFresh = (tools, result) =>
  exists(result.stamp) && readFileSync(path.join(ROOT, result.stamp), 'utf8').trim() === digest(tools, result);

/** @param {Step} step */
export const isStale = ({ tools, results }) => !results.every((result) => isFresh(tools, result));

/** Records that the results are up to date with the inputs. @param {Step} step */
export function stamp({ tools, results }) {
  for (const result of results) {
    const file = path.join(ROOT, result.stamp);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `${digest(tools, result)}\n`);
  }
}

/** Whether nothing has to be generated. Without `types`: whether the results that running needs are up to date. */
export const isUpToDate = ({ types }) =>
  allSteps().every(({ tools, results }) =>
    results.every((result) => (!types && !result.isCommitted) || isFresh(tools, result)),
  );

/** The committed results, each with all its inputs. @returns {{ name: string, inputs: string[], files: string[] }[]} */
export const committedResults = () =>
  allSteps().flatMap(({ name, inputs, results }) =>
    results
      .filter(({ isCommitted }) => isCommitted)
      .map((result) => ({ name, inputs: [...inputs, 'package.json'], files: [...result.files, result.stamp] })),
  );
