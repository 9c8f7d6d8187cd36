const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

/** Local times of the day, such as "22:00". If `to` is before `from`, then `to` is on the next day. */
export interface QuietHours {
  readonly from: string;
  readonly to: string;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const MAX_FORMATS = 500;

/** The format for local times of a time zone. @throws RangeError for a name that is no time zone */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en', { timeZone, hourCycle: 'h23', hour: 'numeric', minute: 'numeric' });
    if (formats.size >= MAX_FORMATS) formats.clear();
    formats.set(timeZone, format);
  }
  return format;
}

/** The local time of the day in the zone at this moment, in minutes since midnight. */
function shown(at: number, timeZone: string): number {
  let minutes = 0;
  for (const { type, value } of formatOf(timeZone).formatToParts(at)) {
    if (type === 'hour') minutes += Number(value) * 60;
    if (type === 'minute') minutes += Number(value);
  }
  return minutes;
}

/** The minutes since midnight of a time such as "22:30": 1350. Null for a text that is not a time of the day. */
export function minutesOf(time: string): number | null {
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time) ?? [];
  return hours === undefined || minutes === undefined ? null : Number(hours) * 60 + Number(minutes);
}

/** The minutes from one time of the day to another, on clocks that nobody sets in between. */
const minutesTo = (from: number, to: number): number => (to - from + DAY_MINUTES) % DAY_MINUTES;
const startOfMinute = (at: number): number => Math.floor(at / MINUTE_MS) * MINUTE_MS;

/**
 * The minute in which clocks in the zone are set forward or back, after `start` and before `end`. `end` when they are
 * not set before it. The search assumes that clocks are set at most once in this time.
 */
function clocksSet(start: number, end: number, timeZone: string): number {
  const first = shown(start, timeZone);
  let [before, after] = [0, (end - start) / MINUTE_MS];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (shown(start + middle * MINUTE_MS, timeZone) === (first + middle) % DAY_MINUTES) before = middle;
    else after = middle;
  }
  return start + after * MINUTE_MS;
}

/**
 * The end of the quiet hours that contain `at`; `at` itself when it is not in quiet hours. Local time decides: a quiet
 * hour that clocks show twice is quiet twice. When clocks are set forward over the end of quiet hours, the quiet hours
 * end at that moment.
 */
export function quietUntil(at: Date, { from, to }: QuietHours, timeZone: string): Date {
  const [first, end] = [minutesOf(from) ?? 0, minutesOf(to) ?? 0];
  const isQuiet = (moment: number): boolean => {
    const minutes = shown(moment, timeZone);
    return first < end ? minutes >= first && minutes < end : minutes >= first || minutes < end;
  };
  if (first === end || !isQuiet(at.getTime())) return at;
  let then = startOfMinute(at.getTime());
  // Each pass goes to the end of the quiet hours, or to the moment before it at which clocks are set.
  for (let pass = 0; pass < 4 && isQuiet(then); pass++) {
    const ends = then + minutesTo(shown(then, timeZone), end) * MINUTE_MS;
    then = shown(ends, timeZone) === end ? ends : clocksSet(then, ends, timeZone);
  }
  return new Date(then);
}

/**
 * The next moment after `at` at which clocks in the zone show this time. On a day on which clocks are set forward over
 * this time, the moment is wrong by as much as clocks are set.
 */
export function nextAt(at: Date, time: string, timeZone: string): Date {
  const wanted = minutesOf(time) ?? 0;
  const start = startOfMinute(at.getTime());
  const then = start + (minutesTo(shown(start, timeZone), wanted) || DAY_MINUTES) * MINUTE_MS;
  // When clocks are set between `start` and `then`, they do not show the wanted time at `then`. This corrects up to
  // half a day in either direction.
  const off = ((minutesTo(shown(then, timeZone), wanted) + DAY_MINUTES / 2) % DAY_MINUTES) - DAY_MINUTES / 2;
  return new Date(then + off * MINUTE_MS);
}
