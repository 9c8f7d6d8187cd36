import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { subgraphs } from '../subgraphs/registry.ts';
import { checkComposed } from './compose.mjs';
import { checkDerived } from './derived/derived.ts';
import { CACHE, EVERYTHING } from './format.mjs';
import { generate } from './generate.mjs';
import { committedResults } from './generated.mjs';
import { importCycles } from './import-cycles.mjs';
import { checkPersonalData } from './personal-data.ts';
import { checkPlainEnglish } from './plain-english/check.ts';
import { prisma, services } from './prisma.mjs';
import { checkQuestions } from './questions.ts';
import { checkAccepted } from './release/changelog.ts';
import { breachesIn, streamsWithoutListeners } from './schema-rules.ts';
import { checkVariables } from './variables.ts';

const ROOT = path.join(import.meta.dirname, '..');
const BIN = path.join(ROOT, 'node_modules/.bin');
const TIMEOUT = 5 * 60_000;
const SOURCES = [
  'platform',
  'signature',
  'router',
  'subgraphs',
  'product',
  'schema',
  'scripts',
  'test',
  'bench',
  'examples',
  'main.ts',
  'codegen.ts',
].filter((name) => existsSync(path.join(ROOT, name)));

/**
 * Runs a program of node_modules/.bin. Resolves to a list with its output when it failed, otherwise to an empty list.
 */
async function program(name, ...args) {
  const env = { ...process.env, PATH: `${BIN}${path.delimiter}${process.env.PATH ?? ''}`, NO_COLOR: '1' };
  try {
    await promisify(execFile)(path.join(BIN, name), args, { cwd: ROOT, timeout: TIMEOUT, maxBuffer: 1e8, env });
    return [];
  } catch (error) {
    const said = `${error.stdout ?? ''}${error.stderr ?? ''}`.trim();
    return [said || error.message];
  }
}

/** Finds the lines of these files that match the pattern. Skips lines of comments, and files that `allowed` matches. */
function linesWith(pattern, globs, allowed) {
  const files = globSync(globs, { cwd: ROOT, exclude: (name) => name === 'node_modules' || name === 'generated' });
  return files
    .filter((file) => !allowed.test(file.replaceAll('\\', '/')))
    .flatMap((file) =>
      readFileSync(path.join(ROOT, file), 'utf8')
        .split('\n')
        .flatMap((line, index) =>
          pattern.test(line) && !/^\s*(\/\/|\*)/.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [],
        ),
    );
}

/** Below these folders no two folders may import each other, directly or through others. Imports of types count. */
const WITHOUT_CYCLES = ['platform', 'router', 'schema', 'signature'];
const PRODUCT = [
  'platform/**/*.ts',
  'signature/**/*.ts',
  'router/**/*.ts',
  'subgraphs/**/*.ts',
  'product/**/*.ts',
  'schema/**/*.ts',
  'main.ts',
];
// Matches specs, and the files next to the product's code that only specs use.
const TEST_TOOLS = /\.spec\.ts$|\/test\/|\.(broker|worker|process|fixture|testing)\.ts$|contract[^/]*\.ts$/;
const either = (...patterns) => new RegExp(patterns.map((pattern) => pattern.source).join('|'));

/**
 * Finds generated files that differ from the last commit although their inputs do not: these files were not committed
 * together with their inputs. This check runs after generation.
 */
async function uncommitted() {
  const changed = (files) =>
    promisify(execFile)('git', ['diff', '--quiet', 'HEAD', '--', ...files], { cwd: ROOT }).then(
      () => false,
      ({ code }) => code === 1,
    );
  const problems = [];
  for (const { name, inputs, files } of committedResults()) {
    if ((await changed(files)) && !(await changed(inputs)))
      problems.push(
        `UNCOMMITTED: ${files[0]} was generated again (${name}), but its inputs are already committed; commit it too`,
      );
  }
  return problems;
}

/** Finds version conflicts between the dependencies. npm finds these with the peer rules that .npmrc switches off. */
async function packages() {
  const { stdout } = await promisify(execFile)('npm', ['ls', '--all', '--json', '--legacy-peer-deps=false'], {
    cwd: ROOT,
    timeout: TIMEOUT,
    maxBuffer: 1e8,
  }).catch((error) => error);
  return JSON.parse(stdout).problems ?? [];
}

async function schemaRules() {
  const [{ buildSchema }, { loadSupergraph }] = await Promise.all([
    import('graphql'),
    import('../router/composition.ts'),
  ]);
  const read = (file) => readFileSync(path.join(ROOT, 'schema', file), 'utf8');
  return [
    ...breachesIn(buildSchema(read('api.graphql'))),
    ...streamsWithoutListeners(loadSupergraph(read('supergraph.graphql'))),
  ];
}

/** Compares each service's migrations with its .prisma files, on a throw-away server. */
async function migrationDrift() {
  const { startThrowAwayPostgres } = await import('../platform/embedded-database/embedded.ts');
  const server = await startThrowAwayPostgres();
  try {
    const problems = [];
    for (const service of services()) {
      const folder = path.join(ROOT, 'prisma', service);
      const args = [
        'migrate',
        'diff',
        '--from-migrations',
        path.join(folder, 'migrations'),
        '--to-schema',
        folder,
        '--exit-code',
      ];
      const { code, output } = await prisma(service, args, {
        url: `${server.url}?schema=${service}`,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      // Exit code 2 means that the comparison worked and found differences.
      const advice = code === 2 ? `\nnpm run prisma -- ${service} migrate dev --name WHAT writes a migration` : '';
      if (code !== 0) problems.push(`${service}: ${output.replace(/^Loaded.*\n/m, '').trim()}${advice}`);
    }
    return problems;
  } finally {
    await server.stop();
  }
}

/**
 * Finds imports in templates whose file does not exist. The compiler does not check templates, and a new subgraph with
 * such an import would not compile.
 */
function templateImports() {
  const folder = 'scripts/new/subgraph';
  return globSync(`${folder}/**/*.ts.template`, { cwd: ROOT }).flatMap((template) => {
    const place = path.dirname(path.relative(folder, template));
    const imported = [...readFileSync(path.join(ROOT, template), 'utf8').matchAll(/from '(\.\.\/[^']+)'/g)].map(
      ([, name]) => path.join(place, name),
    );
    return imported
      .filter((file) => !/__\w+__/.test(file) && !existsSync(path.join(ROOT, file)))
      .map((file) => `${template} imports ${file}, which does not exist`);
  });
}

// The order matters. The composed files are checked before generation, which would overwrite them. Types need the
// generated code.
const stages = [
  { 'composition, and what is composed from it': checkComposed, 'files generated from the manifests': checkDerived },
  { 'generated code': generate },
  {
    types: () => program('tsc', '-p', 'tsconfig.json', '--pretty', 'false'),
    'layout (npm run format)': () => program('prettier', '--list-different', ...CACHE, ...EVERYTHING),
    lint: () => program('oxlint'),
    'exports that nothing uses': () => program('knip', '--include', 'files,exports,types,duplicates', '--no-progress'),
    'boundaries between folders': () => program('depcruise', '--config', '.dependency-cruiser.cjs', ...SOURCES),
    'no cycles between folders': () => importCycles(WITHOUT_CYCLES, ROOT),
    'the environment is read in one file': () =>
      linesWith(/process\.env\b/, PRODUCT, either(/^platform\/config\/config\.ts$/, TEST_TOOLS)),
    'the mode is compared in one file': () =>
      linesWith(
        /mode\w*\s*[!=]==?\s*['"](full|embedded)|case 'embedded'/i,
        PRODUCT,
        either(/^platform\/platform\.module\.ts$/, TEST_TOOLS),
      ),
    'who asks whom': () => checkQuestions(subgraphs),
    'variables are documented': checkVariables,
    'templates import what exists': templateImports,
    'personal data is declared': () => checkPersonalData(Object.values(subgraphs)),
    'plain English': () => checkPlainEnglish(),
    'packages fit each other': packages,
    'generated code that is committed': uncommitted,
    'rules of the schema': schemaRules,
    'breaking changes of the API': () => checkAccepted(),
    'migrations lead to the schemas': migrationDrift,
  },
];

async function timed(name, check) {
  const started = performance.now();
  const problems = await Promise.resolve()
    .then(check)
    .catch((error) => [error.stack ?? String(error)]);
  console.log(`${problems.length > 0 ? '✗' : '✓'} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  for (const problem of problems) console.log(problem.replaceAll(/^/gm, '    '));
  return problems.length > 0;
}

const wanted = process.argv.slice(2);
let failed = 0;
let passed = 0;
for (const stage of stages) {
  const checks = Object.entries(stage).filter(
    ([name]) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
  );
  for (const isBad of await Promise.all(checks.map(([name, check]) => timed(name, check)))) {
    if (isBad) failed++;
    else passed++;
  }
}
console.log(`${passed} passed, ${failed} failed`);
if (passed + failed === 0) {
  console.error(`There is no such check. The checks are: ${stages.flatMap((stage) => Object.keys(stage)).join('; ')}.`);
  process.exit(2);
}
// The code generator leaves handles open, so the process would not end by itself.
process.exit(failed > 0 ? 1 : 0);
