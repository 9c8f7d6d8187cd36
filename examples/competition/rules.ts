import { PRESETS } from '../../subgraphs/tournaments/standings/presets.ts';
import type { Step } from '../../subgraphs/tournaments/standings/rules.ts';

/** The rules of a competition: a preset of the API, and `points` if these differ from the preset. */
export interface GuessedRules {
  readonly preset: string;
  readonly points: { readonly win: number; readonly draw: number; readonly loss: number } | null;
  /** Whether goals away from home decide between two legs; null: as the file shows. */
  readonly awayGoals: boolean | null;
  /** Whether the points of the league count on after it divides in parts. */
  readonly splitAdds: boolean;
  /** The reason for the guess, in words. It says so when the rules are not known. */
  readonly because: string;
}

/**
 * The presets of a competition, each with the year of the first season that has it. The preset `football` means that
 * the rules of these seasons are not known here.
 */
type Since = readonly (readonly [year: number, preset: string])[];

interface Competition {
  readonly name: RegExp;
  /** The files of football.json: `it.1` of `it.1.json`. */
  readonly file?: RegExp;
  readonly rules: Since;
  /** A win has three points since the season that began in this year. */
  readonly threePoints?: number;
  /**
   * The years in which the first season with, and the first one without, the rule about away goals begins. Between, they
   * decide between two legs.
   */
  readonly awayGoals?: readonly [since: number, until: number];
  /** Whether the points of the league count on after it divides in parts. */
  readonly splitAdds?: boolean;
}

const FIFA: Since = [
  [0, 'fifa-1930'],
  [1954, 'fifa-1954'],
  [1962, 'fifa-1962'],
  [1970, 'fifa-1970'],
  [1974, 'fifa-1974'],
  [1994, 'fifa-2014'],
  [2018, 'fifa-2018'],
  [2019, 'fifa-2022'],
  [2026, 'fifa-2026'],
];
const EURO: Since = [
  [0, 'fifa-1974'],
  [1996, 'uefa-euro-1996'],
  [2016, 'uefa-euro-2016'],
  [2020, 'uefa-euro-2020'],
  [2024, 'uefa-euro-2024'],
];
const CLUBS: Since = [
  [0, 'football'],
  [2003, 'uefa-clubs-2003'],
  [2021, 'uefa-clubs-2021'],
  [2024, 'uefa-clubs-2024'],
];
const ENGLAND: Since = [
  [0, 'english-league-1888'],
  [1976, 'premier-league'],
];
const ENGLAND_BELOW: Since = [...ENGLAND, [1992, 'english-league-1992'], [1999, 'premier-league']];

/**
 * The known competitions. The first that fits counts: names with a country precede names that several countries use.
 */
const COMPETITIONS: readonly Competition[] = [
  { name: /quali(?!ty)|eliminatorias/i, rules: [[0, 'football']] },
  {
    name: /club world cup|klub-wm|mundial de clubes/i,
    rules: [
      [0, 'football'],
      [2025, 'fifa-club-world-cup'],
    ],
  },
  { name: /world cup|weltmeisterschaft|copa mundial|mundial|coupe du monde/i, rules: FIFA, threePoints: 1994 },
  {
    name: /nations league/i,
    rules: [
      [0, 'football'],
      [2018, 'uefa-nations-league-2018'],
      [2022, 'uefa-nations-league'],
    ],
  },
  { name: /\beuros?\b|european championship|europameisterschaft|eurocopa/i, rules: EURO },
  {
    name: /champions league|europa league|conference league|uefa cup|european cup|recopa(?! sud)|cup winners/i,
    file: /^(?:uefa\.)?(?:cl|el|conf)\b(?!\.\d)/,
    rules: CLUBS,
    threePoints: 1995,
    awayGoals: [1967, 2021],
  },
  { name: /copa am[eé]rica/i, rules: [[0, 'copa-america']], threePoints: 1995 },
  { name: /gold cup/i, rules: [[0, 'gold-cup']], threePoints: 1996 },
  { name: /africa(?:n)? cup|afcon|coupe d'afrique|^can\b/i, rules: [[0, 'africa-cup']], threePoints: 1996 },
  { name: /asian? cup|afc asian/i, rules: [[0, 'asian-cup']], threePoints: 1996 },
  {
    name: /major league soccer|\bmls\b/i,
    file: /^(?:mls|us\.1)\b/,
    rules: [
      [0, 'football'],
      [2012, 'mls'],
    ],
  },
  {
    name: /bra[sz]il|brasileir/i,
    file: /^br\.[12]\b/,
    rules: [
      [0, 'football'],
      [2003, 'brazil'],
    ],
  },
  // The rules of these leagues follow common practice. Nobody has read the regulations of these leagues.
  {
    name: /argentin|urugua|chile|m[eé]xic|liga mx|(?<!\p{L})[oö]sterr|austria|swiss|schweiz|\bj\d? ?league|\ba-league/iu,
    file: /^(?:ar|uy|cl|mx|at|ch|jp|au)\.\d/,
    rules: [[0, 'goal-difference']],
  },
  // These leagues have names that would also fit an entry below.
  {
    name: /colombia|ecuador|\bper[uú]\b|venezuel|bolivia|paragua|costa rica|honduras|guatemal|salvador|nicaragua|andorr|egypt|alg[eé]ri|tunis|maroc|morocc|ukrain|wales|welsh|frauen|femen|f[eé]min|women/i,
    file: /^(?:co|ec|pe|ve|bo|py|cr|hn|gt|sv|ni|ad|eg|dz|tn|ma|ua|wal)\.\d/,
    rules: [[0, 'football']],
  },
  {
    name: /scot.*(?:premier|champ|league|division)/i,
    file: /^sco\.\d/,
    rules: [[0, 'scotland']],
    threePoints: 1994,
    splitAdds: true,
  },
  {
    name: /russia.*(?:premier|league)/i,
    file: /^ru\.[12]\b/,
    rules: [
      [0, 'football'],
      [2011, 'russia-2011'],
      [2018, 'russia'],
    ],
  },
  {
    name: /engl.*(?:premier|first division|division one)|^premier league/i,
    file: /^en(?:g)?\.1\b/,
    rules: ENGLAND,
    threePoints: 1981,
  },
  {
    name: /engl.*(?:championship|league|division)|^(?:efl |football league )?championship|^(?:efl )?league (?:one|two)/i,
    file: /^en(?:g)?\.[2-9]\b/,
    rules: ENGLAND_BELOW,
    threePoints: 1981,
  },
  {
    name: /primera divisi|segunda divisi|la ?liga\b|spain|españa|spanish/i,
    file: /^es\.[12]\b/,
    rules: [[0, 'la-liga']],
    threePoints: 1995,
  },
  {
    name: /ital.*(?:serie|lega)|^serie [ab]\b/i,
    file: /^it\.[12]\b/,
    rules: [
      [0, 'football'],
      [1929, 'serie-a-1994'],
      [2005, 'serie-a-2005'],
      [2022, 'serie-a'],
    ],
    threePoints: 1994,
  },
  {
    name: /bundesliga|^(?:german|deutsch).*3\. liga|^3\. liga/i,
    file: /^de\.[123]\b/,
    rules: [
      [0, 'bundesliga-1963'],
      [1969, 'bundesliga'],
    ],
    threePoints: 1995,
  },
  {
    name: /ligue [12]|division [12].*(?:france|fran[cç])|fran[cç].*division/i,
    file: /^fr\.[12]\b/,
    rules: [
      [0, 'ligue-1-2002'],
      [2018, 'ligue-1'],
    ],
    threePoints: 1994,
  },
  { name: /eredivisie|eerste divisie/i, file: /^nl\.[12]\b/, rules: [[0, 'eredivisie']], threePoints: 1995 },
  {
    name: /belgi(?:an|um|que|ë)|jupiler|pro league.*bel/i,
    file: /^be\.[12]\b/,
    rules: [[0, 'belgium']],
    threePoints: 1995,
  },
  {
    name: /primeira liga|portug|liga portugal/i,
    file: /^pt\.[12]\b/,
    rules: [
      [0, 'portugal-2016'],
      [2021, 'portugal'],
    ],
    threePoints: 1995,
  },
  { name: /s[uü]per lig\b|turk|türk/i, file: /^tr\.[12]\b/, rules: [[0, 'turkey']], threePoints: 1987 },
  { name: /greece|greek|hellas|super league 1/i, file: /^gr\.[12]\b/, rules: [[0, 'greece']], threePoints: 1992 },
];

/**
 * Guesses which rules the tables of a competition have.
 * @param year in which it began
 * @param file the name of its file without `.json`
 */
export function guessRules(name: string, year: number, file = ''): GuessedRules {
  const named = COMPETITIONS.find((one) => one.name.test(name));
  const filed = COMPETITIONS.find((one) => one.file?.test(file));
  // A code such as `at.1` says the country. Leagues of several countries are called Bundesliga or Premier League.
  const found = /^[a-z]{2,3}\.\d/.test(file) ? (filed ?? named) : (named ?? filed);
  const preset = found?.rules.findLast(([since]) => since <= year)?.[1] ?? 'football';
  const win = PRESETS.get(preset)!.points.win;
  const isEarlier = year < (found?.threePoints ?? 1995) && win === 3;
  const isKnown = preset !== 'football';
  return {
    preset,
    points: isEarlier ? { win: 2, draw: 1, loss: 0 } : null,
    awayGoals: !found?.awayGoals || year < found.awayGoals[0] ? null : year < found.awayGoals[1],
    splitAdds: found?.splitAdds ?? false,
    because: isKnown
      ? `guessed from ${found === named ? 'the name' : 'the name of the file'} and the year ${year}`
      : 'rules of this competition are not known here',
  };
}

/** The year that a name says, or the year of the first match. */
export const yearOf = (name: string, firstKickoff: string): number =>
  Number(/\b(1[89]\d\d|20\d\d)\b/.exec(name)?.[1] ?? firstKickoff.slice(0, 4));

const WORDS: Partial<Record<string, string>> = { RANKING: 'recorded ranking', LOTS: 'lots' };
const word = (step: Step): string => {
  const by = typeof step === 'string' ? step : step.by;
  const text = WORDS[by] ?? by.toLowerCase().replaceAll('_', ' ').replace('head to head', 'head-to-head');
  return typeof step === 'string' ? text : `${text} (${step.teams === 'TWO' ? 'of two' : 'of more'})`;
};

/** The rules in one line: how much a win is worth, and the order of criteria. */
export function rulesInWords({ preset, points, awayGoals }: GuessedRules): string {
  const rules = PRESETS.get(preset);
  if (!rules) return preset;
  const { season, version, criteria } = rules;
  const { win } = points ?? rules.points;
  return [
    `${preset} (${[season, `version ${version}`].filter(Boolean).join(', ')}): ${win} points for a win; ${criteria.map(word).join(', ')}`,
    ...(awayGoals === null ? [] : [`away goals ${awayGoals ? 'decide' : 'do not decide'} between two legs`]),
  ].join('; ');
}
