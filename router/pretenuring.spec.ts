import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from '@jest/globals';

// At runtime V8 ignores an unknown flag silently.
test('V8 knows the flag that stops pretenuring', () => {
  const options = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
  assert.match(options, /^ *--(\[no-\])?allocation-site-pretenuring\b/m);
});
