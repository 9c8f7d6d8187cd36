import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { RetryPolicy } from './retry.ts';

const coded = (code: string): Error => Object.assign(new Error(code), { code });
const reset = { status: 0, cause: coded('ECONNRESET') };
const LONG = 60_000;

test('retries only failures without a response: connections refused or lost, and 502, 503, 504 with Retry-After', () => {
  const wait = (failure: Parameters<RetryPolicy['retryDelay']>[0]): number | undefined =>
    new RetryPolicy({}, { random: () => 0.5 }).retryDelay(failure, 0, LONG);
  for (const code of ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'])
    assert.equal(wait({ status: 0, cause: coded(code) }), 25, code);
  for (const status of [502, 503, 504]) {
    assert.equal(wait({ status, retryAfter: '0' }), 25);
    assert.equal(wait({ status, retryAfter: '1' }), 1_025);
    assert.equal(wait({ status }), undefined);
    assert.equal(wait({ status, retryAfter: 'soon' }), undefined);
    assert.equal(wait({ status, retryAfter: '3' }), undefined, 'longer than a client should wait');
  }
  for (const status of [200, 400, 413, 429, 500])
    assert.equal(wait({ status, retryAfter: '0', cause: reset.cause }), undefined);
  assert.equal(wait({ status: 0, cause: coded('HTTP_INVALID_RESPONSE') }), undefined);
  assert.equal(wait({ status: 0 }), undefined);
});

test('accepts Retry-After as a date', () => {
  const now = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT');
  const policy = new RetryPolicy({}, { random: () => 0, now: () => now });
  assert.equal(policy.retryDelay({ status: 503, retryAfter: 'Wed, 21 Oct 2026 07:28:01 GMT' }, 0, LONG), 1_000);
  assert.equal(policy.retryDelay({ status: 503, retryAfter: 'Wed, 21 Oct 2026 07:27:00 GMT' }, 0, LONG), 0);
  assert.equal(policy.retryDelay({ status: 503, retryAfter: 'Wed, 21 Oct 2026 07:29:00 GMT' }, 0, LONG), undefined);
});

test('retries a limited number of times, each later, and never after the deadline', () => {
  const policy = new RetryPolicy({ retries: 3, backoffMs: 100 }, { random: () => 0.999 });
  assert.deepEqual(
    [0, 1, 2, 3].map((attempt) => policy.retryDelay(reset, attempt, LONG)).map((ms) => ms && Math.round(ms)),
    [100, 200, 400, undefined],
  );
  assert.equal(policy.retryDelay(reset, 0, 99), undefined);
  assert.equal(policy.count, 3);
  assert.equal(new RetryPolicy({ retries: 0 }).retryDelay(reset, 0, LONG), undefined);
});

test('does not multiply a failing load: a tenth more, and a small reserve', () => {
  const policy = new RetryPolicy({ retries: 2 });
  let retries = 0;
  for (let request = 0; request < 1_000; request++) {
    policy.requestStarted();
    for (let attempt = 0; policy.retryDelay(reset, attempt, LONG) !== undefined; attempt++) retries++;
  }
  assert.ok(retries >= 100 && retries <= 110, String(retries));
  assert.equal(policy.count, retries);
  for (let request = 0; request < 10_000; request++) policy.requestStarted();
  let burst = 0;
  while (policy.retryDelay(reset, 0, LONG) !== undefined) burst++;
  assert.equal(burst, 10, 'what good times add is bounded');
});
