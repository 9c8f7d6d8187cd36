import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { EventQueue } from './event-queue.ts';

const make = (max = 3) => {
  let left = 0;
  const queue = new EventQueue<number>(
    max,
    () => left++,
    () => new Error('full'),
  );
  return { queue, left: () => left };
};
const done = { value: undefined, done: true };

test('delivers events in order, whether the producer or the consumer is first', async () => {
  const { queue, left } = make();
  const [a, b] = [queue.next(), queue.next()];
  queue.push(1);
  queue.push(2);
  queue.push(3);
  assert.deepEqual([(await a).value, (await b).value, (await queue.next()).value], [1, 2, 3]);
  queue.push(4);
  queue.end();
  queue.push(5);
  assert.deepEqual(
    [await queue.next(), await queue.next(), await queue.next()],
    [{ value: 4, done: false }, done, done],
  );
  assert.equal(left(), 0, 'the producer ended it itself');
});

test("delivers a producer's error once, after its events", async () => {
  const { queue } = make();
  queue.push(1);
  queue.end(new Error('lost'));
  assert.equal((await queue.next()).value, 1);
  await assert.rejects(queue.next(), /lost/);
  assert.deepEqual(await queue.next(), done);
  const waiting = make().queue;
  const [first, second] = [waiting.next(), waiting.next()];
  waiting.end(new Error('lost'));
  await assert.rejects(first, /lost/);
  assert.deepEqual(await second, done);
});

test('overflow: notifies the producer once, delivers the waiting events, then the error', async () => {
  const { queue, left } = make();
  for (let i = 0; i < 10; i++) queue.push(i);
  assert.equal(left(), 1);
  assert.deepEqual([(await queue.next()).value, (await queue.next()).value, (await queue.next()).value], [0, 1, 2]);
  await assert.rejects(queue.next(), /full/);
  assert.deepEqual(await queue.next(), done);
  await queue.return();
  assert.equal(left(), 1);
});

test('a consumer leaves: notifies the producer once and ends a pending next()', async () => {
  const { queue, left } = make();
  const pending = queue.next();
  await queue.return();
  await queue.return();
  assert.deepEqual([await pending, await queue.next()], [done, done]);
  queue.push(1);
  assert.equal(left(), 1);
});

test('delivered events do not stay in memory', async () => {
  const { queue } = make(10);
  for (let i = 0; i < 10_000; i++) {
    queue.push(i);
    assert.equal((await queue.next()).value, i);
  }
  for (let i = 0; i < 10; i++) queue.push(i);
  assert.equal((await queue.next()).value, 0, 'the bound is of what waits, not of what went through');
});

test('backpressure: tells the producer when to pause and when to resume', async () => {
  const heard: string[] = [];
  const flow = {
    filled: () => void heard.push('filled'),
    drained: () => void heard.push('drained'),
    caughtUp: () => void heard.push('caught up'),
  };
  const queue = new EventQueue<number>(
    8,
    () => undefined,
    () => new Error('full'),
    flow,
  );
  const said = (): string[] => heard.splice(0);
  for (let i = 0; i < 4; i++) queue.push(i);
  assert.deepEqual(said(), []);
  for (let i = 4; i < 8; i++) queue.push(i);
  assert.deepEqual(said(), ['filled'], 'beyond the half, once');
  for (let i = 0; i < 6; i++) await queue.next();
  assert.deepEqual([queue.length, said()], [2, []]);
  await queue.next();
  assert.deepEqual(said(), ['drained'], 'below the quarter');
  await queue.next();
  const waits = queue.next();
  assert.deepEqual(said(), ['caught up']);
  queue.push(8);
  assert.equal((await waits).value, 8);
});
