/**
 * Whether this is an IANA time zone that the server knows, such as "Europe/Berlin". False for an offset such as
 * "+02:00", which has no daylight saving time.
 */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).format();
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}

/** The day and the time of the day in a time zone. */
export interface LocalTime {
  /** `2026-05-02` */
  readonly date: string;
  /** `09:30` */
  readonly time: string;
  /** 1 is Monday, 7 is Sunday. */
  readonly weekday: number;
}

/** The day and the time that clocks in the time zone show at this moment. @param at RFC 3339 */
export function localTimeOf(at: string, timeZone: string): LocalTime {
  const parts = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, hourCycle: 'h23', weekday: 'short' },
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
  }).formatToParts(new Date(at));
  const get = (type: Intl.DateTimeFormatPartTypes): string => parts.find((part) => part.type === type)?.value ?? '';
  return {
    date: `${get('year')}-${get('month')}-${get('day')}`,
    time: `${get('hour')}:${get('minute')}`,
    weekday: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(get('weekday')) + 1,
  };
}
