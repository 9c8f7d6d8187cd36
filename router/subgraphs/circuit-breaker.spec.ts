import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import fc from 'fast-check';
import { CircuitBreaker } from './circuit-breaker.ts';
import type { CircuitState } from './circuit-breaker.ts';

const OPTIONS = { windowMs: 100, minRequests: 4, failureShare: 0.5, openMs: 50, probes: 2 };

function make() {
  const clock = { now: 1_000 };
  const changes: CircuitState[] = [];
  const breaker = new CircuitBreaker(OPTIONS, { now: () => clock.now, onChange: (state) => void changes.push(state) });
  const fail = (times: number): void => {
    for (let i = 0; i < times; i++) breaker.failed(breaker.allow());
  };
  return { breaker, clock, changes, fail };
}

test('opens at the failure share, but not below the minimum of requests; probes close it', () => {
  const { breaker, clock, changes, fail } = make();
  fail(3);
  assert.equal(breaker.state, 'closed', 'three are too few to conclude from');
  fail(1);
  assert.equal(breaker.state, 'open');
  assert.equal(breaker.allow(), 0);
  clock.now += 49;
  assert.equal(breaker.allow(), 0);
  clock.now += 1;
  const [first, second] = [breaker.allow(), breaker.allow()];
  assert.ok(first > 0 && second > 0);
  assert.equal(breaker.allow(), 0, 'no more than two probes');
  breaker.succeeded(first);
  assert.equal(breaker.state, 'half-open');
  assert.equal(breaker.allow(), 0);
  breaker.succeeded(second);
  assert.ok(breaker.allow() > 0);
  assert.deepEqual(changes, ['open', 'half-open', 'closed']);
  fail(3);
  assert.equal(breaker.state, 'closed', 'the failures of before are forgotten');
});

test('a failed probe opens it again; a cancelled probe makes room for another', () => {
  const { breaker, clock, changes, fail } = make();
  fail(4);
  clock.now += 50;
  const [first, second] = [breaker.allow(), breaker.allow()];
  breaker.cancelled(first);
  const third = breaker.allow();
  assert.ok(third > 0);
  breaker.failed(second);
  breaker.succeeded(third);
  assert.deepEqual(changes, ['open', 'half-open', 'open']);
  clock.now += 49;
  assert.equal(breaker.allow(), 0);
});

test('outcomes of requests from an earlier state do not count', () => {
  const { breaker, clock, fail } = make();
  const old = [breaker.allow(), breaker.allow(), breaker.allow()];
  fail(4);
  clock.now += 50;
  const probe = breaker.allow();
  for (const ticket of old) breaker.failed(ticket);
  assert.equal(breaker.state, 'half-open');
  breaker.succeeded(old[0]!);
  breaker.succeeded(probe);
  assert.equal(breaker.state, 'half-open', 'an old success is no probe');
});

test('failures leave the window', () => {
  const { breaker, clock, fail } = make();
  fail(3);
  clock.now += 100;
  fail(3);
  assert.equal(breaker.state, 'closed');
  clock.now += 10_000;
  fail(3);
  assert.equal(breaker.state, 'closed');
  fail(1);
  assert.equal(breaker.state, 'open');
});

test('model: any order of requests, outcomes and time behaves like a list of outcomes', () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.constant('allow' as const) },
    {
      weight: 6,
      arbitrary: fc.record({
        outcome: fc.constantFrom('succeeded' as const, 'succeeded' as const, 'failed' as const, 'cancelled' as const),
        which: fc.nat(5),
      }),
    },
    { weight: 1, arbitrary: fc.record({ ms: fc.integer({ min: 5, max: 60 }) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
      const { breaker, clock } = make();
      let state = 'closed' as CircuitState;
      let stay = 0;
      let since = clock.now;
      let passed = 0;
      let outcomes: { slot: number; failed: boolean }[] = [];
      const out: { ticket: number; stay: number }[] = [];
      const slot = (): number => Math.floor(clock.now / 10);
      const change = (to: CircuitState): void => {
        state = to;
        stay++;
        since = clock.now;
        passed = 0;
        outcomes = [];
      };
      for (const current of steps) {
        if (current === 'allow') {
          const probing = (): number => out.filter((one) => one.stay === stay).length;
          if (state === 'open' && clock.now - since >= OPTIONS.openMs) change('half-open');
          const expected: boolean =
            state === 'closed' || (state === 'half-open' && probing() + passed < OPTIONS.probes);
          const ticket = breaker.allow();
          assert.equal(ticket > 0, expected);
          if (ticket > 0) out.push({ ticket, stay });
        } else if ('ms' in current) clock.now += current.ms;
        else if (out.length > 0) {
          const [one] = out.splice(current.which % out.length, 1);
          breaker[current.outcome](one!.ticket);
          if (one!.stay === stay && current.outcome !== 'cancelled') {
            const failed = current.outcome === 'failed';
            if (state === 'half-open') {
              if (failed) change('open');
              else if (++passed === OPTIONS.probes) change('closed');
            } else {
              outcomes.push({ slot: slot(), failed });
              const counted = outcomes.filter((outcome) => outcome.slot > slot() - 10);
              const failures = counted.filter((outcome) => outcome.failed).length;
              if (failed && counted.length >= OPTIONS.minRequests && failures >= counted.length * OPTIONS.failureShare)
                change('open');
            }
          }
        }
        assert.equal(breaker.state, state);
      }
    }),
    { numRuns: 500 },
  );
});
