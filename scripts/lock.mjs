// A lock file, with which only one process at a time writes shared files. This module uses only Node's own modules, and
// runs on Node 20.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isStillRunning, lookAtProcess } from '../platform/lifecycle/process-start.mjs';

/**
 * Runs `work` while no other process runs work under the same lock.
 * @param {string} file absolute path of the lock
 * @param {number} longest the oldest age of a lock in milliseconds. An older lock is ignored, even if its process still
 * runs
 * @param {() => Promise<T>} work
 * @param {() => void} [onWait] is called once, when this process has to wait for another one
 * @returns {Promise<T>}
 * @template T
 */
export async function withLock(file, longest, work, onWait) {
  await take(file, longest, onWait);
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** Waits for the process that holds the lock. A lock is ignored when its process has ended or the lock is too old. */
async function take(file, longest, onWait) {
  mkdirSync(path.dirname(file), { recursive: true });
  for (let tries = 0; ; tries++) {
    try {
      writeFileSync(file, JSON.stringify({ pid: process.pid, began: lookAtProcess(process.pid).began }), {
        flag: 'wx',
      });
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    try {
      const age = Date.now() - statSync(file).mtimeMs;
      const holder = readFileSync(file, 'utf8');
      if (age > longest || (holder !== '' && !holds(holder))) rmSync(file, { force: true });
      else if (tries === 0) onWait?.();
    } catch {
      /* released in between */
    }
    await delay(50);
  }
}

/** Whether the process that wrote the lock still runs. Older versions wrote only a pid. */
function holds(lock) {
  const holder = JSON.parse(lock);
  return typeof holder === 'number' ? isStillRunning(holder) : isStillRunning(holder.pid, holder.began);
}
