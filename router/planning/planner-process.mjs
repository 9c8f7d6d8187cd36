// The process that checks and plans operations. Not TypeScript: what strips types need not be loaded, 20 MB and 50 ms,
// when all that it would strip is in the cache.
import { enableCompileCache, flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/prodvor/v8', import.meta.url)));
await import('./answer-plans.ts');
flushCompileCache();
