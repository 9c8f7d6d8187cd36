#!/usr/bin/env node
// The router's command. It is not TypeScript for the same reason as planning/planner-process.mjs: from the second start
// on, Node loads no type stripper and reads compiled code from the cache.
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/prodvor/v8', import.meta.url)));
await import('./cli.ts');
