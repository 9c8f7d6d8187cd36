// npm run check [-- NAME…]: static checks of the code. Prints a line per check, and details for a check that fails.
import path from 'node:path';
import { ROOT, main, prepare, run } from './prepare.mjs';

const HELP = `npm run check [-- NAME…]

Checks the code without running it. Prints a line per check, and details of failures.

  NAME  a part of a check's name, such as types or lint; default: all checks`;

await main(async (args) => {
  // Nothing is generated before the checks. Otherwise the composed files would be written, and the check of composition
  // could not see that the committed ones have drifted.
  const node = await prepare({ tools: true, generate: false });
  return run(node, ['--import', path.join(ROOT, 'loader.mjs'), path.join(ROOT, 'scripts/check-run.mjs'), ...args]);
}, HELP);
