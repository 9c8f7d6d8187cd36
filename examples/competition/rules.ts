/** The rules of a competition, as a preset of the API; `points` where they differ from it. */
export interface GuessedRules {
  readonly preset: string;
  readonly points: { readonly win: number; readonly draw: number; readonly loss: number } | null;
}

const upTo = (year: number, ...rules: readonly (readonly [last: number, preset: string])[]): string =>
  rules.find(([last]) => year <= last)?.[1] ?? 'football';

/** A win has been worth three points since the season that began in this year. */
const LEAGUES: readonly (readonly [name: RegExp, preset: string, threePoints: number])[] = [
  [/engl.*(?:premier|first division|division one)|^premier league/i, 'premier-league', 1981],
  [/engl.*(?:championship|league one|league two|division)|^championship/i, 'premier-league', 1981],
  [/primera divisi|segunda divisi|la ?liga\b|(?:spain|españa|spanish)/i, 'la-liga', 1995],
  [/ital.*serie|^serie [ab]\b/i, 'serie-a', 1994],
  [/^(?!.*(?:öster|oster|austria|frauen)).*bundesliga/i, 'bundesliga', 1995],
  [/ligue [12]|division [12].*(?:france|fran[cç])/i, 'ligue-1', 1994],
];

/**
 * Guesses which rules the tables of a competition have, from its name and year.
 * @param year in which it began
 */
export function guessRules(name: string, year: number): GuessedRules {
  if (/world cup|weltmeisterschaft|copa mundial|coupe du monde/i.test(name) && !/qualif/i.test(name)) {
    const preset = upTo(
      year,
      ...([
        [1966, 'fifa-1962'],
        [1990, 'fifa-1970'],
        [2014, 'fifa-2014'],
      ] as const),
      ...([
        [2018, 'fifa-2018'],
        [2025, 'fifa-2022'],
        [Infinity, 'fifa-2026'],
      ] as const),
    );
    return { preset, points: null };
  }
  if (/\beuros?\b|european championship|europameisterschaft/i.test(name) && !/qualif/i.test(name)) {
    const preset = upTo(
      year,
      ...([
        [1992, 'fifa-1970'],
        [2019, 'uefa-euro-2016'],
        [2021, 'uefa-euro-2020'],
      ] as const),
      [Infinity, 'uefa-euro-2024'],
    );
    return { preset, points: null };
  }
  const league = LEAGUES.find(([pattern]) => pattern.test(name));
  const [, preset = 'football', since = 1995] = league ?? [];
  return { preset, points: year < since ? { win: 2, draw: 1, loss: 0 } : null };
}

/** The year that a name says, or the year of the first match. */
export const yearOf = (name: string, firstKickoff: string): number =>
  Number(/\b(1[89]\d\d|20\d\d)\b/.exec(name)?.[1] ?? firstKickoff.slice(0, 4));
