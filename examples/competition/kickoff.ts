import { Unreadable, type Json, first, isObject, printable } from './reading.ts';

/** Time zones in hours east of UTC. Ambiguous names are left out: BST, CST and IST have several meanings. */
const ZONES: Readonly<Record<string, number>> = {
  UTC: 0,
  GMT: 0,
  Z: 0,
  WET: 0,
  WEST: 1,
  CET: 1,
  MEZ: 1,
  CEST: 2,
  MESZ: 2,
  EET: 2,
  EEST: 3,
  MSK: 3,
  TRT: 3,
  JST: 9,
  KST: 9,
  AEST: 10,
  AEDT: 11,
  BRT: -3,
  ART: -3,
  EDT: -4,
  EST: -5,
  CDT: -5,
  MDT: -6,
  PDT: -7,
};

const CLOCK = String.raw`(?<hours>\d{1,2})(?:[:.](?<minutes>[0-5]\d)(?::[0-5]\d)?|(?=\s*(?:h|uhr|am|pm)))`;
const TIME = new RegExp(String.raw`^${CLOCK}\s*(?:h|hrs|uhr)?\s*(?<half>am|pm)?\s*(?<zone>.*)$`, 'iu');
const ZONE =
  /^\(?\s*(?<name>[a-z]{1,4})?\s*(?:(?<sign>[-+±−–])\s?(?<hours>\d{1,2})(?::?(?<minutes>[0-5]\d))?)?\s*\)?$/iu;
const UNKNOWN = /^(?:tb[adc]|\?+|-+|–+|unknown|n\/a)$/iu;

export interface Kickoff {
  /** The date of the match as the file has it: YYYY-MM-DD. */
  readonly date: string;
  /** The time of the kick-off: RFC 3339, UTC. */
  readonly at: string;
}

/** Reads the date and the time of the kick-off. @throws Unreadable unless the row has an unambiguous date */
export function readKickoff(row: Json, note: (message: string) => void): Kickoff {
  const { date, time: beside } = readDate(first(row, 'date'));
  const time = first(row, 'time', 'time_local') ?? beside;
  const noon = (why: string): Kickoff => {
    note(`${why}; noon UTC is used`);
    return { date, at: `${date}T12:00:00.000Z` };
  };
  if (time === undefined || (typeof time === 'string' && UNKNOWN.test(time.trim()))) return noon('no kick-off time');
  const minutes = typeof time === 'string' ? minutesOf(time.trim(), row, note) : undefined;
  if (minutes === undefined) return noon(`the kick-off time ${printable(time)} cannot be read`);
  return { date, at: new Date(Date.parse(`${date}T00:00:00Z`) + minutes * 60_000).toISOString() };
}

function readDate(value: unknown): { date: string; time?: string } {
  if (value === undefined) throw new Unreadable('the date is missing');
  const text = typeof value === 'string' ? value.trim() : '';
  const dotted = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(text);
  const iso = /^(\d{4})([-/])(\d{2})\2(\d{2})(?:[T ](\S.*))?$/.exec(text);
  const parts = dotted
    ? [dotted[3], dotted[2]?.padStart(2, '0'), dotted[1]?.padStart(2, '0')]
    : iso
      ? [iso[1], iso[3], iso[4]]
      : undefined;
  const date = parts?.join('-') ?? '';
  const at = new Date(`${date}T00:00:00Z`);
  if (!parts || Number.isNaN(at.getTime()) || !at.toISOString().startsWith(date))
    throw new Unreadable(`the date ${printable(value)} is not a day (YYYY-MM-DD)`);
  if (at.getUTCFullYear() < 1851 || at.getUTCFullYear() > 2199)
    throw new Unreadable(`the date ${printable(value)} is not between 1851 and 2199`);
  return { date, time: iso?.[5] };
}

/**
 * The kick-off in minutes since midnight UTC of the row's date. It may be negative or more than a day. Undefined when
 * the time cannot be read.
 */
function minutesOf(time: string, row: Json, note: (message: string) => void): number | undefined {
  const { hours = '', minutes = '0', half, zone = '' } = TIME.exec(time)?.groups ?? {};
  let hour = hours === '' ? NaN : Number(hours);
  if (half) hour = hour < 1 || hour > 12 ? NaN : (hour % 12) + (half.toLowerCase() === 'pm' ? 12 : 0);
  if (!(hour < 24 || (hour === 24 && Number(minutes) === 0))) return undefined;
  const local = hour * 60 + Number(minutes);
  const ground = first(row, 'ground', 'stadium');
  // A time without a zone counts as UTC, because the leagues' files do not say their zone.
  const given = zone.trim() || first(row, 'timezone') || (isObject(ground) ? first(ground, 'timezone') : undefined);
  if (given === undefined) return local;
  const offset = typeof given === 'string' ? offsetOf(given.trim()) : undefined;
  if (offset === undefined) note(`the time zone ${printable(given)} is not known here; the time is read as UTC`);
  return local - (offset ?? 0);
}

/** Minutes east of UTC; undefined when the zone is unknown. */
function offsetOf(zone: string): number | undefined {
  const { name, sign, hours, minutes = '0' } = ZONE.exec(zone)?.groups ?? {};
  const base = name === undefined ? 0 : ZONES[name.toUpperCase()];
  if (base === undefined || (name === undefined && sign === undefined)) return undefined;
  if (sign === undefined) return base * 60;
  const shift = Number(hours) * 60 + Number(minutes);
  // CET+1 is ambiguous.
  if (base !== 0 || shift > 14 * 60 || (sign === '±' && shift !== 0)) return undefined;
  return sign === '+' || sign === '±' ? shift : -shift;
}
