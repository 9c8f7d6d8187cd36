// npm run new -- subgraph NAME [--type TYPE]: writes a new subgraph, with everything that it needs to compose, migrate,
// start and be tested.
import path from 'node:path';
import { ROOT, main, prepare, run } from './prepare.mjs';

const HELP = `npm run new -- subgraph NAME [--type TYPE]

Writes a subgraph that composes, migrates, starts in both modes and passes its tests and npm run check: its schema with one type,
its messages, its tables, its folder in subgraphs/, its line in subgraphs/registry.ts, and what npm run generate makes of them.
Writes nothing when something is wrong.

  NAME    of the folder, the database schema and the container: 2 to 24 lower-case letters, best a plural, such as venues
  --type  the type of its schema; left out, the singular of NAME, such as Venue`;

await main(async (args) => {
  const node = await prepare({ tools: true });
  return run(node, ['--import', path.join(ROOT, 'loader.mjs'), path.join(ROOT, 'scripts/new/command.ts'), ...args]);
}, HELP);
