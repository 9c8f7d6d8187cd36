import assert from 'node:assert/strict';
import { jest, test } from '@jest/globals';
import { DeadlineQueue } from './deadline.ts';
import type { Deadline } from './deadline.ts';
import { afterTest } from '../../test/after-test.ts';

/** A queue with a clock that the test advances. */
function make(ms = 100) {
  jest.useFakeTimers({
    doNotFake: [
      'hrtime',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setInterval',
      'clearInterval',
    ],
  });
  afterTest(() => jest.useRealTimers());
  const queue = new DeadlineQueue(ms, Date.now);
  const expired: string[] = [];
  return {
    queue,
    expired,
    add: (name: string): Deadline => queue.add({ expired: () => void expired.push(name) }),
    pass: (time: number) => jest.advanceTimersByTime(time),
  };
}

test('each expires at its own time, in order, once', () => {
  const { queue, expired, add, pass } = make();
  add('a');
  pass(30);
  add('b');
  pass(69);
  assert.deepEqual(expired, []);
  pass(1);
  assert.deepEqual(expired, ['a']);
  pass(29);
  assert.deepEqual(expired, ['a']);
  pass(1);
  assert.deepEqual(expired, ['a', 'b']);
  pass(1_000);
  assert.deepEqual([expired, queue.size], [['a', 'b'], 0]);
  add('c');
  pass(100);
  assert.deepEqual(expired, ['a', 'b', 'c']);
});

test('a cancelled entry is removed immediately and does not expire; the others do', () => {
  const { queue, expired, add, pass } = make();
  const [a, , c, d] = ['a', 'b', 'c', 'd'].map(add);
  a!.cancel();
  c!.cancel();
  c!.cancel();
  assert.equal(queue.size, 2);
  pass(40);
  const e = add('e');
  assert.equal(queue.msLeft(e), 100);
  pass(60);
  assert.deepEqual([expired, queue.size, queue.msLeft(e)], [['b', 'd'], 1, 40]);
  d!.cancel();
  assert.equal(queue.size, 1);
  pass(40);
  assert.deepEqual(expired, ['b', 'd', 'e']);
});

test('expire() expires all current entries, but not those added meanwhile', () => {
  const { queue, expired, add, pass } = make();
  add('a');
  queue.add({ expired: () => void add('later') });
  add('b').cancel();
  add('c');
  queue.expire();
  assert.deepEqual([expired, queue.size], [['a', 'c'], 1]);
  pass(100);
  assert.deepEqual(expired, ['a', 'c', 'later']);
});

test('an entry that expires may cancel its neighbour and add another', () => {
  const { queue, expired, add, pass } = make();
  queue.add({
    expired: () => {
      neighbour.cancel();
      add('later');
    },
  });
  const neighbour = add('neighbour');
  pass(100);
  assert.deepEqual([expired, queue.size], [[], 1]);
  pass(100);
  assert.deepEqual(expired, ['later']);
});

test('a closed queue has no entries', () => {
  const { queue, expired, add, pass } = make();
  const a = add('a');
  queue.close();
  pass(1_000);
  a.cancel();
  assert.deepEqual([expired, queue.size], [[], 0]);
});

test('real timers are exact to about 10 ms and keep no process alive', async () => {
  const queue = new DeadlineQueue(50);
  const keepAlive = setTimeout(() => undefined, 5_000);
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const started = performance.now();
  const all = Promise.all(
    Array.from({ length: 1_000 }, () => new Promise<void>((resolve) => queue.add({ expired: resolve }))),
  );
  assert.equal(timers(), before);
  await all;
  const took = performance.now() - started;
  clearTimeout(keepAlive);
  assert.ok(took >= 50 && took < 150, `${took}: the machine may be busy, but not that busy`);
});
