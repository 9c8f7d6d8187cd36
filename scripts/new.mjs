// npm run new -- subgraph NAME [--type TYPE]: writes a new subgraph, with everything that it needs to compose, migrate,
// start and be tested.
import path from 'node:path';
import { ROOT, main, prepare, run } from './prepare.mjs';

const HELP = `npm run new -- subgraph NAME [--type TYPE]

Writes a complete subgraph that starts in both modes and passes its tests and npm run check. It has a schema with one
type, messages, tables, a folder in subgraphs/ and a line in subgraphs/registry.ts. Then it runs npm run generate.
If an argument is wrong, it writes nothing.

  NAME    name of the folder, the database schema and the container: 2 to 24 lower-case letters, preferably a plural
          such as venues
  --type  the type in its schema; default: the singular of NAME, such as Venue`;

await main(async (args) => {
  const node = await prepare({ tools: true });
  return run(node, ['--import', path.join(ROOT, 'loader.mjs'), path.join(ROOT, 'scripts/new/command.ts'), ...args]);
}, HELP);
