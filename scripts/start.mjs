// npm start [-- arguments of main.ts all], npm run dev: prepares a fresh clone, then runs the whole product in one
// process.
import path from 'node:path';
import { ROOT, main, prepare, run } from './prepare.mjs';

await main(async (args) => {
  const node = await prepare();
  const watch = args[0] === '--watch' ? ['--watch', '--watch-preserve-output'] : [];
  const loader = ['--import', path.join(ROOT, 'loader.mjs')];
  return run(node, [...watch, ...loader, path.join(ROOT, 'main.ts'), 'all', ...args.slice(watch.length > 0 ? 1 : 0)]);
});
