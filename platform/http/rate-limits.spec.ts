import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { readConfig } from '../config/config.ts';
import { RateLimits, retryAfterOf } from './rate-limits.ts';

function open({ maxKeys, loopbackFactor = 1 }: { maxKeys?: number; loopbackFactor?: number } = {}) {
  const clock = { now: 0 };
  const limits = { register: { count: 3, seconds: 3_600 }, createTeam: { count: 1, seconds: 1 } };
  return {
    clock,
    limits: new RateLimits({
      limits,
      loopbackFactor,
      now: () => clock.now,
      ...(maxKeys === undefined ? {} : { maxKeys }),
    }),
  };
}
/** The seconds to wait if the work was refused with RATE_LIMITED; undefined if it was allowed. */
const wait = (work: Promise<void>): Promise<number | undefined> =>
  work.then(
    () => undefined,
    (error: unknown) => retryAfterOf(error) ?? Promise.reject(error),
  );

describe('rate limits', () => {
  it('allow a number in a window that starts with the first use, say how long to wait, and do not count refusals', async () => {
    const { clock, limits } = open();
    const take = (at: number): Promise<number | undefined> => {
      clock.now = at;
      return wait(limits.take('register', 'a'));
    };
    assert.deepEqual([await take(0), await take(1_000), await take(2_000)], [undefined, undefined, undefined]);
    assert.deepEqual([await take(2_000), await take(3_599_999)], [3_598, 1]);
    assert.deepEqual(
      [await take(3_600_000), await take(3_600_000), await take(3_600_000), await take(3_600_000)],
      [undefined, undefined, undefined, 3_600],
    );
  });

  it('keep keys and limits apart', async () => {
    const { limits } = open();
    for (let n = 0; n < 3; n++) await limits.take('register', 'a');
    assert.equal(await wait(limits.take('register', 'a')), 3_600);
    assert.deepEqual(
      [await wait(limits.take('register', 'b')), await wait(limits.take('createTeam', 'a'))],
      [undefined, undefined],
    );
  });

  it('allow no more for concurrent uses than for sequential ones', async () => {
    const { limits } = open();
    const outcomes = await Promise.all(Array.from({ length: 30 }, () => wait(limits.take('register', 'a'))));
    assert.equal(outcomes.filter((outcome) => outcome === undefined).length, 3);
  });

  it('allow clients on loopback more', async () => {
    const { limits } = open({ loopbackFactor: 100 });
    for (let n = 0; n < 300; n++) await limits.take('register', '127.0.0.1', '127.0.0.1');
    assert.equal(await wait(limits.take('register', '127.0.0.1', '127.0.0.1')), 3_600);
  });

  it('count failures only when asked to', async () => {
    const { limits } = open();
    for (let n = 0; n < 9; n++) await limits.check('register', 'a');
    for (let n = 0; n < 3; n++) await limits.count('register', 'a');
    assert.equal(await wait(limits.check('register', 'a')), 3_600);
  });

  it('remember a fixed number of keys of any length', async () => {
    const { limits } = open({ maxKeys: 100 });
    const long = 'x'.repeat(10_000);
    for (let n = 0; n < 3; n++) await limits.take('register', `${long}0`);
    assert.equal(await wait(limits.take('register', `${long}0`)), 3_600, 'long keys are told apart and found again');
    for (let n = 1; n <= 99; n++) await limits.take('register', `${long}${n}`);
    assert.equal(await wait(limits.take('register', `${long}0`)), 3_600, 'still one of the hundred');
    for (let n = 100; n <= 200; n++) await limits.take('register', `${long}${n}`);
    assert.equal(await wait(limits.take('register', `${long}0`)), undefined, 'forgotten');
  });

  it('with an unknown name are an error', async () => {
    const { limits } = open();
    for (const name of ['unknown', 'constructor'])
      await assert.rejects(limits.take(name, 'a'), { message: `there is no rate limit ${name}` });
  });

  it('are generous by default only on loopback of embedded mode', () => {
    const embedded = readConfig({ env: {} });
    assert.equal(embedded.LOOPBACK_RATE_FACTOR, 100);
    assert.deepEqual(embedded.TRUSTED_PROXIES, []);
  });
});
