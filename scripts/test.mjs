// npm test [-- FILE…], npm run test:full [-- FILE…]: prepares a fresh clone, then runs the specs on Node 24.
import path from 'node:path';
import { ROOT, main, prepare, run } from './prepare.mjs';

await main(async (args) => {
  const node = await prepare();
  return run(node, ['--import', path.join(ROOT, 'loader.mjs'), path.join(ROOT, 'scripts/test-run.mjs'), ...args]);
});
