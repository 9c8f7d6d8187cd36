// npm test [-- PATH…], npm run test:full [-- PATH…]: prepares a fresh clone, then runs Jest on Node 24.
import { main, prepare, run } from './prepare.mjs';
import { jest } from './jest.mjs';

const HELP = `npm test [-- PATH…] [-t NAME] [--watch], npm run test:full [-- PATH…], npm run test:attack

Runs the specs with Jest, each file in its own process. Exit code 0: all passed; 1: some failed, or none was run.

  PATH      a spec, a folder of specs, or a part of their paths; default: all specs of the mode. test:full needs the
            servers of docs/full-mode.md
  -t NAME   only tests whose name matches this regular expression
  --watch   runs the specs of files changed since the last commit, each time a file is saved

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
