// npm test [-- FILE…], npm run test:full [-- FILE…]: prepares a fresh clone, then runs the specs on Node 24.
import path from 'node:path';
import { ROOT, main, prepare, run } from './prepare.mjs';

const HELP = `npm test [-- FILE…], npm run test:full [-- FILE…], npm run test:attack

Runs the specs, each file in a process of its own. Exit code 0: all passed; 1: some failed, or none was run.

  FILE  a spec, or a folder of specs; left out, all that the mode has. test:full needs the servers that
        docs/full-mode.md names`;

await main(async (args) => {
  const node = await prepare({ tools: true });
  return run(node, ['--import', path.join(ROOT, 'loader.mjs'), path.join(ROOT, 'scripts/test-run.mjs'), ...args]);
}, HELP);
