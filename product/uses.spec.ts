import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from '@jest/globals';
import type { Use } from '../platform/config/config.ts';
import { jobs } from '../schema/messages/index.ts';
import { subgraphs } from '../subgraphs/registry.ts';

const ROOT = path.join(import.meta.dirname, '..');
/** Code that handles a job or emits one. */
const JOBS = new RegExp(String.raw`\bconsumers\.worker\(|\bemit\((?:${jobs.map(({ kind }) => kind).join('|')})\b`);
/** For each use, the pattern of code that needs it. */
const SIGNS: readonly [Use, RegExp][] = [
  ['jobQueue', JOBS],
  ['cache', /\bCACHE_MANAGER\b/],
  ['accounts', /\bIDENTITY_PROVIDER\b/],
  ['mail', /\bMAIL_SENDER\b/],
  ['storage', /\bSTORAGE\b/],
  ['push', /\bPUSH_SENDER\b/],
  ['model', /\bMODEL_SETTINGS\b/],
];

/**
 * Uses that the patterns do not find. The outbox of the service users may still have old e-mails, which the relay hands
 * to the queue.
 */
const OF_OLD_DATA: Readonly<Record<string, readonly Use[]>> = { users: ['jobQueue'] };

describe('a subgraph’s manifest', () => {
  for (const [name, { uses }] of Object.entries(subgraphs)) {
    it(`${name} uses what its code asks for, and nothing else`, () => {
      const files = globSync(`subgraphs/${name}/**/*.ts`, { cwd: ROOT }).filter(
        (file) => !/generated|\.(spec|fixture)\.ts$/.test(file),
      );
      const code = files.map((file) => readFileSync(path.join(ROOT, file), 'utf8')).join('\n');
      assert.deepEqual(
        [...uses].sort(),
        [...SIGNS.filter(([, sign]) => sign.test(code)).map(([use]) => use), ...(OF_OLD_DATA[name] ?? [])].sort(),
      );
    });
  }
});
