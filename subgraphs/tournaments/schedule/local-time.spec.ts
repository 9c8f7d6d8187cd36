import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { instantOf, localOf, merged, windowsOf } from './local-time.ts';

const iso = (instant: number): string => new Date(instant).toISOString();
const HOUR = 3_600_000;

describe('local times', () => {
  it('are instants by the rules of their zone', () => {
    for (const [local, zone, instant] of [
      ['2026-06-06T10:00', 'Europe/Berlin', '2026-06-06T08:00:00.000Z'],
      ['2026-01-10T10:00', 'Europe/Berlin', '2026-01-10T09:00:00.000Z'],
      ['2026-06-06T10:00', 'Asia/Kathmandu', '2026-06-06T04:15:00.000Z'],
      ['2026-03-29T01:59', 'Europe/Berlin', '2026-03-29T00:59:00.000Z'],
      ['2026-03-29T03:00', 'Europe/Berlin', '2026-03-29T01:00:00.000Z'],
    ] as const)
      assert.equal(iso(instantOf(local, zone)), instant, `${local} ${zone}`);
  });

  it('that clocks skip are as long after the change, those shown twice are the first', () => {
    assert.equal(localOf(instantOf('2026-03-29T02:30', 'Europe/Berlin'), 'Europe/Berlin'), '2026-03-29T03:30');
    assert.equal(iso(instantOf('2026-10-25T02:30', 'Europe/Berlin')), '2026-10-25T00:30:00.000Z');
    // On Lord Howe Island, clocks change by half an hour, and summer time begins in October.
    assert.equal(
      localOf(instantOf('2026-10-04T02:15', 'Australia/Lord_Howe'), 'Australia/Lord_Howe'),
      '2026-10-04T02:45',
    );
    // Samoa moved across the date line: it had no 30 December 2011.
    assert.equal(localOf(instantOf('2011-12-30T10:00', 'Pacific/Apia'), 'Pacific/Apia'), '2011-12-31T10:00');
  });

  it('come back from the instant that they are', () => {
    const zones = [
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'UTC',
      'Africa/Casablanca',
    ];
    const minute = fc.integer({ min: Date.UTC(1990, 0) / 60_000, max: Date.UTC(2037, 0) / 60_000 });
    fc.assert(
      fc.property(minute, fc.constantFrom(...zones), (minutes, zone) => {
        const shown = localOf(minutes * 60_000, zone);
        const back = instantOf(shown, zone);
        assert.equal(localOf(back, zone), shown);
        assert.ok(back <= minutes * 60_000, 'the first of two');
      }),
      { numRuns: 2_000 },
    );
  });

  it('need a date and a time', () => {
    assert.throws(() => instantOf('tomorrow', 'UTC'), RangeError);
  });
});

describe('opening hours', () => {
  const berlin = (firstDay: string, lastDay: string, opens: string, closes: string, weekdays: number[] | null = null) =>
    windowsOf({ firstDay, lastDay, weekdays, opens, closes }, 'Europe/Berlin');
  const hours = ({ from, to }: { from: number; to: number }) => (to - from) / HOUR;

  it('begin and end at the same local time before and after clocks change', () => {
    assert.deepEqual(
      berlin('2026-03-28', '2026-03-29', '10:00', '18:00').map(({ from, to }) => [iso(from), iso(to)]),
      [
        ['2026-03-28T09:00:00.000Z', '2026-03-28T17:00:00.000Z'],
        ['2026-03-29T08:00:00.000Z', '2026-03-29T16:00:00.000Z'],
      ],
    );
  });

  it('are an hour shorter or longer in the night of the change', () => {
    assert.deepEqual(berlin('2026-03-28', '2026-03-30', '00:00', '00:00').map(hours), [24, 23, 24]);
    assert.deepEqual(berlin('2026-10-25', '2026-10-25', '00:00', '00:00').map(hours), [25]);
    assert.deepEqual(berlin('2026-03-28', '2026-03-28', '22:00', '04:00').map(hours), [5]);
    assert.deepEqual(berlin('2026-03-29', '2026-03-29', '01:00', '02:30').map(hours), [1.5]);
  });

  it('are on the days of the week that they name', () => {
    const days = berlin('2026-06-01', '2026-06-14', '10:00', '12:00', [6, 7]).map(({ from }) => iso(from).slice(0, 10));
    assert.deepEqual(days, ['2026-06-06', '2026-06-07', '2026-06-13', '2026-06-14']);
    assert.deepEqual(berlin('2026-06-02', '2026-06-01', '10:00', '12:00'), []);
    assert.throws(() => berlin('2026-01-01', '2028-01-01', '10:00', '12:00'), RangeError);
  });

  it('that touch are one', () => {
    const window = (from: number, to: number) => ({ from, to });
    assert.deepEqual(merged([window(5, 6), window(0, 2), window(2, 4), window(1, 3)]), [window(0, 4), window(5, 6)]);
  });
});
