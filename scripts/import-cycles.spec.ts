import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from '@jest/globals';
import { importCircles } from './import-circles.mjs';
import { afterTest } from '../test/after-test.ts';

function project(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(path.join(tmpdir(), 'circles-'));
  afterTest(() => rmSync(root, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.join(root, path.dirname(name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  return root;
}

test('a circle between folders is found with the imports that close it, when no file is in one and when it is made of types', () => {
  const root = project({
    'app/plan/planner.ts': "import type { Run } from '../run/types.ts';\nexport type Planner = Run;",
    'app/plan/nodes.ts': 'export type Node = string;',
    'app/run/types.ts': 'export type Run = string;',
    'app/run/engine.ts': "import {\n  type Node,\n} from '../plan/nodes.ts';\nexport type Engine = Node;",
  });
  assert.deepEqual(importCircles(['app'], root), [
    'app/plan → app/run → app/plan: app/plan/planner.ts imports app/run/types.ts; app/run/engine.ts imports app/plan/nodes.ts',
  ]);
});

test('longer ways round count, so do a folder and one below it, imports that are made later, and what is exported further', () => {
  const root = project({
    'app/main.ts': "export * from './a/a.ts';",
    'app/a/a.ts': "export const load = () => import('./b/b.ts');",
    'app/a/b/b.ts': "export { c } from '../../c/c.ts';",
    'app/c/c.ts': "import '../main.ts';\nexport const c = 1;",
  });
  assert.equal(importCircles(['app'], root).length, 1);
  assert.match(importCircles(['app'], root)[0] ?? '', /^app\/a → app\/a\/b → app\/c → app → app\/a: /);
});

test('one way is no circle; tests may import what they test, and what is outside is not followed', () => {
  const root = project({
    'app/a/a.ts': "import '../b/b.ts';\nimport '../../lib/lib.ts';\nimport 'node:fs';",
    'app/b/b.ts': 'export const b = 1;',
    'app/b/b.spec.ts': "import '../a/a.ts';",
    'app/b/b.fixture.ts': "import '../a/a.ts';",
    'app/test/harness.ts': "import '../a/a.ts';",
    'app/a/uses.ts': 'export const text = "import \'../test/harness.ts\'";',
    'lib/lib.ts': "import '../app/a/a.ts';",
  });
  assert.deepEqual(importCircles(['app'], root), []);
  assert.equal(importCircles(['app', 'lib'], root).length, 1);
});
