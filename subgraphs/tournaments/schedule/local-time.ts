/** Milliseconds since 1970, as `Date.getTime()` has them. */
export type Instant = number;

/** A range of time: `from` is inside of it, `to` is the first instant after it. */
export interface Window {
  readonly from: Instant;
  readonly to: Instant;
}

/** Opening hours as an organizer enters them: the same local times on each of these days. */
export interface OpeningHours {
  /** The first day, such as "2026-03-28". The first and the last day are both included. */
  readonly firstDay: string;
  readonly lastDay: string;
  /** 1 is Monday, 7 is Sunday; null is every day. */
  readonly weekdays: readonly number[] | null;
  /** Times such as "10:00". If `closes` is not after `opens`, it is on the next day: "00:00" is midnight. */
  readonly opens: string;
  readonly closes: string;
}

const DAY_MS = 86_400_000;
const MAX_DAYS = 400;

// Intl has the rules of time zones. Temporal, which would be simpler, is behind a flag in Node 24.
const formats = new Map<string, Intl.DateTimeFormat>();
const MAX_FORMATS = 100;

/**
 * The instant at which clocks in `timeZone` show `local` ("2026-03-29T10:00"). If clocks show this time twice, it is
 * the first of the two. If clocks skip this time, it counts as if they had not changed: 02:30 becomes 03:30 (RFC 5545,
 * 3.3.5).
 */
export function instantOf(local: string, timeZone: string): Instant {
  const shown = Date.parse(`${local}Z`);
  if (Number.isNaN(shown)) throw new RangeError('not a local date and time');
  const [before, after] = [offset(shown - DAY_MS, timeZone), offset(shown + DAY_MS, timeZone)];
  const candidates = [shown - before, shown - after].filter((at) => at + offset(at, timeZone) === shown);
  return candidates.length > 0 ? Math.min(...candidates) : shown - before;
}

/** What clocks in `timeZone` show at `instant`, to the minute: "2026-03-29T10:00". */
export function localOf(instant: Instant, timeZone: string): string {
  return new Date(instant + offset(instant, timeZone)).toISOString().slice(0, 16);
}

/**
 * The windows of these opening hours, in order. A window in which clocks change is longer or shorter than the hours
 * say.
 */
export function windowsOf(hours: OpeningHours, timeZone: string): Window[] {
  const first = Date.parse(`${hours.firstDay}T00:00Z`);
  const days = Math.round((Date.parse(`${hours.lastDay}T00:00Z`) - first) / DAY_MS) + 1;
  if (!(days <= MAX_DAYS)) throw new RangeError(`at most ${MAX_DAYS} days`);
  return Array.from({ length: Math.max(0, days) }, (_, day) => new Date(first + day * DAY_MS))
    .filter((day) => hours.weekdays?.includes(day.getUTCDay() || 7) ?? true)
    .map((day) => {
      const closing = hours.closes > hours.opens ? day : new Date(day.getTime() + DAY_MS);
      return {
        from: instantOf(`${isoDay(day)}T${hours.opens}`, timeZone),
        to: instantOf(`${isoDay(closing)}T${hours.closes}`, timeZone),
      };
    })
    .filter(({ from, to }) => from < to);
}

/** Joins windows that overlap or touch. @returns as few windows as possible with the same times, in order */
export function merged(windows: readonly Window[]): Window[] {
  const result: Window[] = [];
  for (const window of windows.toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last && window.from <= last.to) result[result.length - 1] = { ...last, to: Math.max(last.to, window.to) };
    else result.push(window);
  }
  return result;
}

const isoDay = (day: Date): string => day.toISOString().slice(0, 10);

/** How far clocks in `timeZone` are ahead of UTC, in milliseconds. */
function offset(instant: Instant, timeZone: string): number {
  const part = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  ) as Record<Intl.DateTimeFormatPartTypes, number>;
  const shown = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
  return shown - Math.floor(instant / 1000) * 1000;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    if (formats.size >= MAX_FORMATS) formats.clear();
    formats.set(timeZone, format);
  }
  return format;
}
