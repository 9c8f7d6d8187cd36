#!/usr/bin/env node
// The router's command. Not TypeScript, for the reason that planning/planner-process.mjs gives: from the second start
// on, what strips types is not loaded, and what V8 compiled is read from the cache.
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/prodvor/v8', import.meta.url)));
await import('./cli.ts');
