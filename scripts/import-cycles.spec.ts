import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from '@jest/globals';
import { importCycles } from './import-cycles.mjs';
import { afterTest } from '../test/after-test.ts';

function project(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(path.join(tmpdir(), 'cycles-'));
  afterTest(() => rmSync(root, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.join(root, path.dirname(name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  return root;
}

test('a cycle between folders is found with the imports that close it, even when no two files form a cycle and when only types are imported', () => {
  const root = project({
    'app/plan/planner.ts': "import type { Run } from '../run/types.ts';\nexport type Planner = Run;",
    'app/plan/nodes.ts': 'export type Node = string;',
    'app/run/types.ts': 'export type Run = string;',
    'app/run/engine.ts': "import {\n  type Node,\n} from '../plan/nodes.ts';\nexport type Engine = Node;",
  });
  assert.deepEqual(importCycles(['app'], root), [
    'app/plan → app/run → app/plan: app/plan/planner.ts imports app/run/types.ts; app/run/engine.ts imports app/plan/nodes.ts',
  ]);
});

test('longer cycles count, and so do a folder and its subfolder, dynamic imports and re-exports', () => {
  const root = project({
    'app/main.ts': "export * from './a/a.ts';",
    'app/a/a.ts': "export const load = () => import('./b/b.ts');",
    'app/a/b/b.ts': "export { c } from '../../c/c.ts';",
    'app/c/c.ts': "import '../main.ts';\nexport const c = 1;",
  });
  assert.equal(importCycles(['app'], root).length, 1);
  assert.match(importCycles(['app'], root)[0] ?? '', /^app\/a → app\/a\/b → app\/c → app → app\/a: /);
});

test('imports in one direction are no cycle; tests may import what they test, and files outside the folders are not followed', () => {
  const root = project({
    'app/a/a.ts': "import '../b/b.ts';\nimport '../../lib/lib.ts';\nimport 'node:fs';",
    'app/b/b.ts': 'export const b = 1;',
    'app/b/b.spec.ts': "import '../a/a.ts';",
    'app/b/b.fixture.ts': "import '../a/a.ts';",
    'app/test/harness.ts': "import '../a/a.ts';",
    'app/a/uses.ts': 'export const text = "import \'../test/harness.ts\'";',
    'lib/lib.ts': "import '../app/a/a.ts';",
  });
  assert.deepEqual(importCycles(['app'], root), []);
  assert.equal(importCycles(['app', 'lib'], root).length, 1);
});
