// Runs the project's TypeScript without a build: `node --import ./loader.mjs file.ts`. Node strips types by itself, but
// Nest needs decorator metadata, which only a compiler can emit. The compiler's options are in .swcrc.
import { readFileSync } from 'node:fs';
import { enableCompileCache, registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

// The cache saves a fifth of the CPU time until everything is loaded.
enableCompileCache(fileURLToPath(new URL('node_modules/.cache/prodvor/v8', import.meta.url)));
process.setSourceMapsEnabled(true, { nodeModules: false });
registerHooks({
  load(url, context, nextLoad) {
    if (!url.startsWith('file:') || !url.endsWith('.ts') || url.includes('/node_modules/'))
      return nextLoad(url, context);
    const filename = fileURLToPath(url);
    const { code } = transformSync(readFileSync(filename, 'utf8'), { filename });
    return { format: 'module', source: code, shortCircuit: true };
  },
});
