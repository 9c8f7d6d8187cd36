// scripts/new.mjs starts this on Node 24, after packages and generated code are installed.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { buildSchema } from 'graphql';
import { subgraphs } from '../../subgraphs/registry.ts';
import { derivedFiles } from '../derived/derived.ts';
import { addPart, parts } from '../prisma.mjs';
import { Changes } from './changes.ts';
import { filesOf, registryWith } from './files.ts';
import { namesOf, Refused, type Taken } from './names.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const REGISTRY = 'subgraphs/registry.ts';
/** Files outside the new folder that npm run generate writes. */
const COMPOSED = ['schema/supergraph.graphql', 'schema/api.graphql', 'schema/inputs.sha256'];
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

function taken(): Taken {
  const api = buildSchema(read('schema/api.graphql'));
  const models = Object.values(parts()).flatMap((folder) =>
    [...readFileSync(path.join(folder, 'models.prisma'), 'utf8').matchAll(/^model (\w+)/gm)].map(
      ([, model = '']) => model,
    ),
  );
  return {
    subgraphs: Object.keys(subgraphs),
    types: new Set([...Object.keys(api.getTypeMap()), ...models]),
    fields: new Set(
      [api.getQueryType(), api.getMutationType(), api.getSubscriptionType()].flatMap((type) =>
        Object.keys(type?.getFields() ?? {}),
      ),
    ),
  };
}

/** Reads the command line. @throws Refused, before anything is written, when the arguments cannot be used */
function request(): { name: string; type: string | undefined } {
  try {
    const {
      values,
      positionals: [what, name, ...more],
    } = parseArgs({ allowPositionals: true, options: { type: { type: 'string' } } });
    if (what !== 'subgraph' || name === undefined || more.length > 0)
      throw new Refused('npm run new -- subgraph NAME [--type TYPE]; --help says more');
    return { name, type: values.type };
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))
      throw new Refused(error.message);
    throw error;
  }
}

/** The current time to the second, in the format of migrations' names: YYYYMMDDhhmmss. */
const timestamp = (): string => new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14);

const changes = new Changes(ROOT);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    changes.undo();
    process.exit(1);
  });
}

try {
  const { name, type } = request();
  const names = namesOf(name, type, taken());
  const port = Math.max(...Object.values(subgraphs).map((subgraph) => subgraph.port)) + 1;
  const files = filesOf({ ...names, port: String(port), timestamp: timestamp() });
  for (const file of [...files.keys(), `subgraphs/${name}`, `prisma/${name}`])
    if (existsSync(path.join(ROOT, file))) throw new Refused(`${file} is there already`);
  const registry = registryWith(read(REGISTRY), name);

  for (const file of [...COMPOSED, ...derivedFiles]) changes.keep(file);
  for (const [file, text] of files) changes.create(file, text);
  for (const part of Object.keys(parts())) addPart(name, part);
  changes.replace(REGISTRY, registry);
  // The files need Prettier, because the length of the new names decides where lines break.
  const written = [...files.keys(), REGISTRY].filter((file) => /\.(ts|graphql)$/.test(file));
  const prettier = path.join(ROOT, 'node_modules/prettier/bin/prettier.cjs');
  await promisify(execFile)(process.execPath, [prettier, '--write', ...written], { cwd: ROOT });
  // This runs in a new process, because this process has loaded the registry as it was before.
  await promisify(execFile)(
    process.execPath,
    ['--import', path.join(ROOT, 'loader.mjs'), path.join(ROOT, 'scripts/generate.mjs')],
    { cwd: ROOT },
  );

  console.log(`Subgraph ${name} is written: type ${names.Type}, port ${port}.

  schema/${name}.graphql          what it serves
  schema/messages/${name}.ts      its events
  prisma/${name}/                 its tables: npm run prisma -- ${name} migrate dev --name what_changes
  subgraphs/${name}/              subgraph.ts says what it is; the service, resolvers and specs are beside it

Changed too: a line of ${REGISTRY}; the composed schema; sections of ${derivedFiles.join(', ')}.

Next: npm test -- subgraphs/${name} && npm run check, then npm start. docs/add-a-subgraph.md names the next steps.
Full mode: give ${name.toUpperCase()}_DATABASE_PASSWORD a value of its own wherever .env.development is not used, and run main.ts migrate first.`);
} catch (error) {
  changes.undo();
  if (!(error instanceof Refused)) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    console.error(`Nothing is written. ${stderr || stdout ? `${stdout}${stderr}`.trim() : message}`);
    process.exit(1);
  }
  console.error(error.message);
  process.exit(2);
}
