// node scripts/with-tools.mjs FILE [ARGUMENT…]: runs a program that needs the packages of development, once they are there.
import path from 'node:path';
import { ROOT, main, prepare, run } from './prepare.mjs';

await main(async ([file, ...args]) => run(await prepare({ tools: true, generate: false }), [path.join(ROOT, file), ...args]));
