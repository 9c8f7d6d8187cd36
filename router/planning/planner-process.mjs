// The process that checks and plans operations. This file is not TypeScript: the type stripper takes 20 MB and 50 ms to
// load, and is not needed when all other files are in the compile cache.
import { enableCompileCache, flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/prodvor/v8', import.meta.url)));
await import('./answer-plans.ts');
flushCompileCache();
