// npm test [-- PATH…], npm run test:full [-- PATH…]: prepares a fresh clone, then runs Jest on Node 24.
import { main, prepare, run } from './prepare.mjs';
import { jest } from './jest.mjs';

const HELP = `npm test [-- PATH…] [-t NAME] [--watch], npm run test:full [-- PATH…], npm run test:attack

Runs the specs with Jest, each file in a process of its own. Exit code 0: all passed; 1: some failed, or none was run.

  PATH      a spec, a folder of specs, or a part of their paths; left out, all that the mode has. test:full needs the
            servers that docs/full-mode.md names
  -t NAME   only tests whose name has this in it, a regular expression
  --watch   goes on: runs the specs of what has changed since the last commit whenever a file is saved

Every other option of Jest works too.`;

await main(async (args) => {
  const node = await prepare({ tools: true });
  return run(
    node,
    jest(
      args.includes('--full') ? 'full' : 'embedded',
      args.filter((arg) => arg !== '--full'),
    ),
  );
}, HELP);
