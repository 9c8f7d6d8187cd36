import { describe, expect, it } from '@jest/globals';
import { isTimeZone, localTimeOf } from './time-zone.ts';

describe('a time zone', () => {
  it('has an IANA name that the server knows', () => {
    expect(['Europe/Moscow', 'UTC', 'Asia/Kathmandu'].filter(isTimeZone)).toHaveLength(3);
    expect(['+02:00', 'Moscow', '', 'Europe/Nowhere', '../etc', '+'].filter(isTimeZone)).toEqual([]);
  });

  it('decides the day and the time', () => {
    const at = '2026-05-01T23:30:00.000Z';
    expect(localTimeOf(at, 'UTC')).toEqual({ date: '2026-05-01', time: '23:30', weekday: 5 });
    expect(localTimeOf(at, 'Asia/Vladivostok')).toEqual({ date: '2026-05-02', time: '09:30', weekday: 6 });
    expect(localTimeOf('2026-01-01T00:00:00.000Z', 'America/New_York')).toEqual({
      date: '2025-12-31',
      time: '19:00',
      weekday: 3,
    });
  });
});
