import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { answerWithin, within } from './within.ts';

const never = new Promise<never>(() => undefined);
const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

describe('work with a deadline', () => {
  it('returns its result in time, also undefined, and leaves no timer', async () => {
    const before = timers();
    for (const value of [1, null, undefined]) {
      assert.equal(await within(Promise.resolve(value), 60_000, () => 'late'), value);
      assert.equal(await answerWithin(Promise.resolve(value), 60_000), value);
    }
    await assert.rejects(
      within(Promise.reject(new Error('refused')), 60_000, () => 'late'),
      /refused/,
    );
    assert.equal(timers(), before);
  });

  it('returns the substitute when it is late, or throws', async () => {
    assert.equal(await within(never, 5, () => 'late'), 'late');
    await assert.rejects(answerWithin(never, 5), { message: 'no answer within 5 ms' });
  });

  it('may fail after the deadline; the error is ignored', async () => {
    const work = Promise.withResolvers<never>();
    await assert.rejects(answerWithin(work.promise, 5), /no answer/);
    work.reject(new Error('too late'));
    await new Promise((resolve) => {
      setImmediate(resolve);
    }); // an unhandled rejection would fail the file
  });
});
