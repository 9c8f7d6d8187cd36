// npm run test:clients [-- FILE…]: tests the client libraries with the product. If they are missing, it first installs
// them in examples/clients.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { jest } from './jest.mjs';
import { ROOT, main, prepare, Refusal, run, say } from './prepare.mjs';

const FOLDER = path.join(ROOT, 'examples/clients');

/** Whether npm's record of the installed packages agrees with the lock. */
function isInstalled() {
  const record = path.join(FOLDER, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const { packages: wanted } = JSON.parse(readFileSync(path.join(FOLDER, 'package-lock.json'), 'utf8'));
  const { packages: found } = JSON.parse(readFileSync(record, 'utf8'));
  return Object.entries(wanted).every(
    ([name, { version, optional }]) => name === '' || found[name]?.version === version || (optional && !found[name]),
  );
}

const HELP = `npm run test:clients [-- FILE…]

Runs the recipes of docs/frontend.md with the real libraries. Installs missing libraries in examples/clients.

  FILE  a spec of examples/clients; default: all of them`;

await main(async (args) => {
  const node = await prepare({ tools: true });
  // npm passes the settings of the root's .npmrc on to the npm that it runs. The setting legacy-peer-deps must not
  // apply here, because gql.tada needs TypeScript as a peer dependency.
  if (!isInstalled()) {
    say('Installing the client libraries (npm ci --prefix examples/clients) …');
    const code = await run('npm', [
      'ci',
      '--prefix',
      FOLDER,
      '--legacy-peer-deps=false',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ]);
    if (code !== 0)
      throw new Refusal(
        `npm ci --prefix examples/clients failed with code ${code} (see above); the client libraries cannot be tested without it.`,
      );
  }
  const cache = [
    'examples/clients/cache.mjs',
    '--schema',
    'schema/api.graphql',
    '--out',
    'examples/clients/generated/cache.ts',
  ];
  if ((await run(node, cache)) !== 0) throw new Refusal('The module for the caches could not be written (see above).');
  const types = await run(path.join(ROOT, 'node_modules/.bin/tsc'), ['-p', 'examples/clients', '--pretty', 'false']);
  if (types !== 0)
    throw new Refusal('The programs of examples/clients do not fit the types of the libraries (see above).');
  return run(node, jest('clients', args));
}, HELP);
