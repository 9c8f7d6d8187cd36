import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from '@jest/globals';
import { isGroupRunning, isStillRunning, lookAtProcess } from './process-start.mjs';
import { makeZombie } from './process-start.testing.ts';

describe('whether a process runs', () => {
  it('is decided by its id and start time', async () => {
    const { running, began } = lookAtProcess(process.pid);
    assert.ok(running && began);
    assert.ok(isStillRunning(process.pid, began));
    assert.ok(isStillRunning(process.pid, undefined), 'where the start is not known the id alone decides');
    assert.ok(!isStillRunning(process.pid, `${began}0`), 'another process with this id');
    for (const pid of [0, -1, NaN, 2 ** 22 + 1]) assert.deepEqual(lookAtProcess(pid), { running: false });
    const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    await once(child, 'spawn');
    const group = child.pid ?? 0;
    assert.ok(isGroupRunning(group));
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.ok(!lookAtProcess(group).running && !isGroupRunning(group));
  });

  (process.platform !== 'linux' ? it.skip : it)('is no for a zombie', async () => {
    const pid = await makeZombie();
    assert.ok(process.kill(pid, 0), 'its id is taken still');
    assert.deepEqual(lookAtProcess(pid), { running: false });
    assert.ok(!isStillRunning(pid, undefined));
  });
});
