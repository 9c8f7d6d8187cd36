// node scripts/with-tools.mjs FILE [ARGUMENT…]: runs a program that needs the development packages. If these are
// missing, it installs them first.
import path from 'node:path';
import { ROOT, main, prepare, run } from './prepare.mjs';

await main(async ([file, ...args]) => {
  const node = await prepare({ tools: true, generate: file.endsWith('.ts') });
  const loader = file.endsWith('.ts') ? ['--import', path.join(ROOT, 'loader.mjs')] : [];
  return run(node, [...loader, path.join(ROOT, file), ...args]);
});
