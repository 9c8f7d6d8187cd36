import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from '@jest/globals';

// V8 says nothing at runtime of a flag that it does not know any more.
test('V8 knows the flag that stops pretenuring', () => {
  const options = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
  assert.match(options, /^ *--(\[no-\])?allocation-site-pretenuring\b/m);
});
