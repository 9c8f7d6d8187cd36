// Runs the project's TypeScript without a build: `node --import ./loader.mjs file.ts`. Node strips types by itself, but
// Nest needs decorator metadata, which only a compiler can emit. The compiler's options are in .swcrc.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, enableCompileCache, registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const cacheFolder = fileURLToPath(new URL('node_modules/.cache/prodvor/', import.meta.url));
const compiled = `${cacheFolder}swc/`;
// The compiler's options and version. Its output depends only on these and on the compiled file.
const options = readFileSync(new URL('.swcrc', import.meta.url), 'utf8') + require('@swc/core/package.json').version;

const sha1 = (text) => createHash('sha1').update(text).digest('hex');

/**
 * Returns the JavaScript of a TypeScript file, with its source map. The JavaScript is kept in a file on disk, because
 * compiling takes a sixth of the CPU time until everything is loaded. That file begins with a hash of the source, the
 * options and the version of the compiler. If the hash is another one, the source is compiled again.
 */
function compile(filename) {
  const source = readFileSync(filename, 'utf8');
  const hash = sha1(`${options}\0${source}`);
  const kept = `${compiled}${sha1(filename)}`;
  try {
    const text = readFileSync(kept, 'utf8');
    if (text.startsWith(hash)) return text.slice(hash.length);
  } catch {
    // It was not compiled before.
  }
  const { code } = require('@swc/core').transformSync(source, { filename });
  try {
    mkdirSync(compiled, { recursive: true });
    // The file is written under another name and then renamed. So another process never reads a half-written file.
    writeFileSync(`${kept}.${process.pid}`, hash + code);
    renameSync(`${kept}.${process.pid}`, kept);
  } catch {
    // If nobody may write in the folder, as in a container image, each start compiles again. That only costs time.
  }
  return code;
}

// Node's cache of compiled code saves a fifth of the CPU time until everything is loaded.
enableCompileCache(`${cacheFolder}v8`);
process.setSourceMapsEnabled(true, { nodeModules: false });
registerHooks({
  load(url, context, nextLoad) {
    if (!url.startsWith('file:') || !url.endsWith('.ts') || url.includes('/node_modules/'))
      return nextLoad(url, context);
    return { format: 'module', source: compile(fileURLToPath(url)), shortCircuit: true };
  },
});
