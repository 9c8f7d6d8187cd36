// npm run format [-- PATH…]: formats all hand-written files. `npm run check -- layout` lists the files that are not
// formatted.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT, main, prepare, run } from './prepare.mjs';

/**
 * Prettier formats the file types that it knows in a folder. Templates are named here, because it does not know these.
 */
export const EVERYTHING = ['.', '**/*.{ts,graphql}.template'];
export const CACHE = ['--cache', '--cache-location', 'node_modules/.cache/prettier/cache.json'];

const HELP = `npm run format [-- PATH…]

Formats TypeScript, JavaScript, GraphQL, YAML, JSON, CSS and Markdown with Prettier, 120 characters wide.
.prettierrc.json has the settings. .prettierignore lists generated files.

  PATH  files and folders; default: everything`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(async (paths) => {
    const node = await prepare({ tools: true, generate: false });
    const program = path.join(ROOT, 'node_modules/prettier/bin/prettier.cjs');
    const files = paths.length > 0 ? paths : EVERYTHING;
    return run(node, [program, '--write', '--list-different', ...CACHE, ...files]);
  }, HELP);
}
