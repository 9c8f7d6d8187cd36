import { Unreadable, type Json, isObject, printable, wholeNumber } from './reading.ts';

export type Pair = readonly [home: number, away: number];

/** The scores in a row; null where the row has none. */
export interface Score {
  /** The scores at half-time (`ht`), after 90 minutes (`ft`) and after extra time (`et`). */
  readonly ht: Pair | null;
  readonly ft: Pair | null;
  readonly et: Pair | null;
  /** The score of the shoot-out alone. */
  readonly p: Pair | null;
  /** The final score; null when the match has no result. */
  readonly final: Pair | null;
}

/**
 * The names of each part of a score. Files of different years have different names. Fields of the row, such as
 * `score1i`, end in these names.
 */
const PARTS = { ht: ['ht', 'i'], ft: ['ft', ''], et: ['et', 'aet'], p: ['p', 'pen'] } as const;
type Part = keyof typeof PARTS;
const NAMES = Object.keys(PARTS) as Part[];

export const same = (a: Pair, b: Pair): boolean => a[0] === b[0] && a[1] === b[1];

/**
 * Reads `score` (`[2, 1]`, `"2-1"`, `{ ft, ht, et, p }`, `{ home, away }`), and the fields `score1`, `score2`,
 * `score1i` … Parts that are absent are null. An empty score, `?`, `-:-`, `vs`, and an object without known fields mean
 * that there is no score.
 * @throws Unreadable when a value has none of these forms, or two fields contradict each other
 */
export function readScore(row: Json): Score {
  const beside = Object.fromEntries(NAMES.map((part) => [part, besideTeams(row, part)])) as Record<Part, Pair | null>;
  const inside = partsOf(row.score);
  const either = (part: Part): Pair | null => {
    const [a, b] = [inside[part] ?? null, beside[part]];
    if (a && b && !same(a, b))
      throw new Unreadable(`the score is ${a.join(':')} in one field and ${b.join(':')} in another`);
    return a ?? b;
  };
  const [ht, ft, et, p] = [either('ht'), either('ft'), either('et'), either('p')];
  // A plain pair is the final score, after 90 minutes or after extra time.
  const plain = inside.plain ?? null;
  if (plain && ft && !et && !same(plain, ft))
    throw new Unreadable(`the score is ${plain.join(':')} in one field and ${ft.join(':')} in another`);
  return { ht, ft, et, p, final: et ?? plain ?? ft };
}

/** The fields of a row that {@link readScore} reads. */
export const SCORE_FIELDS: readonly string[] = [
  'score',
  ...NAMES.flatMap((part) => PARTS[part].flatMap((end) => [`score1${end}`, `score2${end}`])),
];

function besideTeams(row: Json, part: Part): Pair | null {
  for (const ending of PARTS[part]) {
    const pair = pairOf(
      [row[`score1${ending}`] ?? null, row[`score2${ending}`] ?? null],
      `score1${ending} and score2${ending}`,
    );
    if (pair) return pair;
  }
  return null;
}

function partsOf(score: unknown): Partial<Record<Part | 'plain', Pair | null>> {
  if (typeof score === 'string') return textParts(score);
  if (!isObject(score)) return { plain: pairOf(score, 'the score') };
  const parts: Partial<Record<Part | 'plain', Pair | null>> = {};
  for (const part of NAMES) {
    for (const name of PARTS[part])
      if (Object.hasOwn(score, name)) parts[part] ??= pairOf(score[name], `score.${name}`);
  }
  if (Object.values(parts).some(Boolean)) return parts;
  const isPair = ['home', 'away', 'team1', 'team2', 'score1', 'score2'].some((name) => Object.hasOwn(score, name));
  return isPair ? { plain: pairOf(score, 'the score') } : parts;
}

const NUMBERS = String.raw`(\d{1,2})\s?[-:–]\s?(\d{1,2})`;
const SHOOTOUT = String.raw`(?:${NUMBERS}\s*(?:pen|p)\.?s?\.?,?\s+)?`;
const EARLIER = String.raw`(?:\(\s*${NUMBERS}(?:\s*,\s*${NUMBERS})?\s*\))?`;
/** `2-1`, `2-1 (1-0)`, `3-2 a.e.t. (2-2, 1-0)`, `4-2 pen. 2-2 a.e.t. (2-2, 1-0)` */
const TEXT = new RegExp(String.raw`^${SHOOTOUT}${NUMBERS}\s*(?<aet>a\.?e\.?t\.?)?\s*${EARLIER}$`, 'iu');

function textParts(score: string): Partial<Record<Part | 'plain', Pair | null>> {
  const text = score.trim();
  if (/^(?:|[?–—-]+|[-–?]\s?:\s?[-–?]|vs?\.?)$/u.test(text)) return {};
  const found = TEXT.exec(text);
  const pair = (at: number): Pair | null =>
    found?.[at] === undefined ? null : [Number(found[at]), Number(found[at + 1])];
  const [p, end, second, third] = [pair(1), pair(3), pair(6), pair(8)];
  if (!end) throw new Unreadable(`the score ${printable(score)} cannot be read`);
  if (found?.groups?.aet) return { p, et: end, ft: second, ht: third };
  if (third) throw new Unreadable(`the score ${printable(score)} cannot be read`);
  return { p, plain: end, ht: second };
}

/** Reads a score as two numbers; null when the match has no score yet. @throws Unreadable for any other value */
function pairOf(value: unknown, what: string): Pair | null {
  if (value === null || value === undefined) return null;
  const both = isObject(value)
    ? ['home', 'team1', 'score1']
        .map((name, index) => [value[name], value[['away', 'team2', 'score2'][index] ?? '']])
        .find(([a, b]) => a !== undefined || b !== undefined)
    : value;
  if (typeof both === 'string') return textParts(both).plain ?? null;
  if (Array.isArray(both)) {
    if (both.every((part) => part === null || part === undefined || part === '')) return null;
    const [home, away] = both.map((part) => wholeNumber(part, { min: 0, max: 99 }));
    if (both.length === 2 && home !== undefined && away !== undefined) return [home, away];
  }
  throw new Unreadable(`${what} is ${printable(value)}, not two whole numbers from 0 to 99`);
}
