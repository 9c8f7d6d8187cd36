import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { minutesOf, nextAt, quietUntil } from './local-time.ts';

const until = (at: string, from: string, to: string, timeZone = 'UTC'): string =>
  quietUntil(new Date(at), { from, to }, timeZone).toISOString();

describe('quiet hours', () => {
  it('wrap midnight: 22:00 to 07:00 contains 23:30 and 06:59', () => {
    const [from, to] = ['22:00', '07:00'];
    for (const [at, end] of [
      ['2026-05-01T21:59:59.999Z', '2026-05-01T21:59:59.999Z'],
      ['2026-05-01T22:00:00.000Z', '2026-05-02T07:00:00.000Z'],
      ['2026-05-01T23:30:12.345Z', '2026-05-02T07:00:00.000Z'],
      ['2026-05-02T06:59:59.999Z', '2026-05-02T07:00:00.000Z'],
      ['2026-05-02T07:00:00.000Z', '2026-05-02T07:00:00.000Z'],
    ] as const)
      assert.equal(until(at, from, to), end, at);
  });

  it('from 02:00 to 01:59 are the whole day but one minute', () => {
    assert.equal(until('2026-05-01T01:59:30.000Z', '02:00', '01:59'), '2026-05-01T01:59:30.000Z');
    assert.equal(until('2026-05-01T02:00:00.000Z', '02:00', '01:59'), '2026-05-02T01:59:00.000Z');
    assert.equal(until('2026-05-01T01:58:59.000Z', '02:00', '01:59'), '2026-05-01T01:59:00.000Z');
  });

  it('within a day are only that', () => {
    assert.equal(until('2026-05-01T13:00:00.000Z', '12:30', '14:00'), '2026-05-01T14:00:00.000Z');
    assert.equal(until('2026-05-01T23:00:00.000Z', '12:30', '14:00'), '2026-05-01T23:00:00.000Z');
  });

  it('are those of the time zone, also with odd offsets', () => {
    assert.equal(until('2026-05-01T19:30:00.000Z', '22:00', '07:00', 'Europe/Moscow'), '2026-05-02T04:00:00.000Z');
    assert.equal(until('2026-05-01T16:20:00.000Z', '22:00', '07:00', 'Asia/Kathmandu'), '2026-05-02T01:15:00.000Z');
  });

  it('are an hour shorter in the night in which clocks are set forward', () => {
    // In Berlin on 29 March 2026, clocks show 03:00 one minute after 01:59.
    assert.equal(until('2026-03-28T23:00:00.000Z', '22:00', '07:00', 'Europe/Berlin'), '2026-03-29T05:00:00.000Z');
    // Clocks skip 02:30, the end of the quiet hours. So the quiet hours end when clocks show 03:00.
    assert.equal(until('2026-03-28T23:00:00.000Z', '22:00', '02:30', 'Europe/Berlin'), '2026-03-29T01:00:00.000Z');
    // Only 02:01 to 03:01 is not quiet. Clocks skip all of it except the minute 03:00.
    assert.equal(until('2026-03-28T02:01:00.000Z', '03:01', '02:01', 'Europe/Berlin'), '2026-03-29T01:00:00.000Z');
  });

  it('are an hour longer in the night in which clocks are set back', () => {
    // In Berlin on 25 October 2026, clocks show 02:00 one minute after the first 02:59.
    assert.equal(until('2026-10-24T21:00:00.000Z', '22:00', '07:00', 'Europe/Berlin'), '2026-10-25T06:00:00.000Z');
    // Clocks show 02:15 twice, and both times are in the quiet hours.
    assert.equal(until('2026-10-25T00:15:00.000Z', '22:00', '02:30', 'Europe/Berlin'), '2026-10-25T00:30:00.000Z');
    assert.equal(until('2026-10-25T01:15:00.000Z', '22:00', '02:30', 'Europe/Berlin'), '2026-10-25T01:30:00.000Z');
  });

  it('end at the first minute that is not quiet, in every zone and on every day of a year', () => {
    const time = fc
      .oneof(fc.nat(24 * 60 - 1), fc.integer({ min: 30, max: 4 * 60 }))
      .map((m) => `${String(Math.floor(m / 60)).padStart(2, '0')}:${String(m % 60).padStart(2, '0')}`);
    const zones = fc.constantFrom(
      'UTC',
      'Europe/Moscow',
      'Europe/Berlin',
      'America/St_Johns',
      'Australia/Lord_Howe',
      'Asia/Kolkata',
      'Africa/Casablanca',
    );
    // Half of the random moments and times are near moments at which one of these zones sets its clocks.
    const days = ['2026-02-15', '2026-03-22', '2026-03-08', '2026-03-29', '2026-04-04', '2026-10-03', '2026-10-25'];
    const minutes = fc.oneof(
      fc.integer({ min: 0, max: 365 * 24 * 60 }),
      fc
        .tuple(fc.constantFrom(...days, '2026-11-01'), fc.integer({ min: -24 * 60, max: 18 * 60 }))
        .map(([day, minute]) => (Date.parse(day) - Date.UTC(2026, 0, 1)) / 60_000 + minute),
    );
    const shown = (at: number, timeZone: string): string =>
      new Intl.DateTimeFormat('en', { timeZone, hourCycle: 'h23', hour: '2-digit', minute: '2-digit' }).format(at);
    fc.assert(
      fc.property(minutes, time, time, zones, (minute, from, to, zone) => {
        fc.pre(from !== to);
        const at = Date.UTC(2026, 0, 1) + minute * 60_000;
        const isQuiet = (moment: number): boolean => {
          const now = shown(moment, zone);
          return from < to ? now >= from && now < to : now >= from || now < to;
        };
        let end = at;
        while (isQuiet(end)) end += 60_000;
        assert.equal(quietUntil(new Date(at), { from, to }, zone).getTime(), end);
      }),
      { numRuns: 150 },
    );
  });
});

describe('the next time of the day', () => {
  it('is after the moment, in the time zone, also when clocks are set meanwhile', () => {
    const next = (at: string, zone: string): string => nextAt(new Date(at), '09:00', zone).toISOString();
    assert.equal(next('2026-05-01T08:59:59.000Z', 'UTC'), '2026-05-01T09:00:00.000Z');
    assert.equal(next('2026-05-01T09:00:00.000Z', 'UTC'), '2026-05-02T09:00:00.000Z');
    assert.equal(next('2026-05-01T09:00:00.000Z', 'Europe/Moscow'), '2026-05-02T06:00:00.000Z');
    assert.equal(next('2026-03-28T12:00:00.000Z', 'Europe/Berlin'), '2026-03-29T07:00:00.000Z');
    assert.equal(next('2026-10-24T12:00:00.000Z', 'Europe/Berlin'), '2026-10-25T08:00:00.000Z');
    // At 09:00 of the day before clocks are set, the next 09:00 is on the following day.
    assert.equal(next('2026-10-24T07:00:00.000Z', 'Europe/Berlin'), '2026-10-25T08:00:00.000Z');
    assert.equal(next('2026-03-28T08:00:00.000Z', 'Europe/Berlin'), '2026-03-29T07:00:00.000Z');
  });
});

describe('what people write', () => {
  it('is a time of the day, or not', () => {
    assert.deepEqual(['00:00', '22:30', '23:59'].map(minutesOf), [0, 1350, 1439]);
    assert.deepEqual(['24:00', '7:00', '07:60', '', '07:00:00', 'noon'].map(minutesOf), Array(6).fill(null));
  });
});
