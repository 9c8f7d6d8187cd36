// The rules of real competitions, and rules for each sport. README.md names the sources.
import type { z } from 'zod';
import type { Sport } from '../../../schema/sports.ts';
import { type Step, type TableRules, tableRules } from './rules.ts';

type Preset = z.input<typeof tableRules>;

const OVERALL = ['DIFFERENCE', 'GOALS'] as const satisfies Step[];
const HEAD_TO_HEAD = ['HEAD_TO_HEAD_POINTS', 'HEAD_TO_HEAD_DIFFERENCE', 'HEAD_TO_HEAD_GOALS'] as const satisfies Step[];

const football = {
  version: 1,
  points: { win: 3, draw: 1, loss: 0 },
  again: 'NEVER',
  level: 'OPEN',
  walkover: { won: 3, lost: 0 },
  withdrawn: { results: 'ANNUL_UNDER_HALF', place: 'LAST' },
} as const satisfies Partial<Preset>;

const twoPoints = { win: 2, draw: 1, loss: 0 };

const fifa: Preset[] = [
  {
    ...football,
    name: 'fifa-1962',
    season: '1962-1966',
    points: twoPoints,
    criteria: ['POINTS', 'GOAL_AVERAGE', 'LOTS'],
    across: { criteria: ['POINTS', 'GOAL_AVERAGE', 'LOTS'], unequal: 'DROP_LAST' },
  },
  {
    ...football,
    name: 'fifa-1970',
    season: '1970-1990',
    points: twoPoints,
    criteria: ['POINTS', ...OVERALL, ...HEAD_TO_HEAD, 'LOTS'],
    across: { criteria: ['POINTS', ...OVERALL, 'LOTS'], unequal: 'DROP_LAST' },
  },
  {
    ...football,
    name: 'fifa-2014',
    season: '1994-2014',
    criteria: ['POINTS', ...OVERALL, ...HEAD_TO_HEAD, 'LOTS'],
    across: { criteria: ['POINTS', ...OVERALL, 'LOTS'], unequal: 'DROP_LAST' },
  },
  ...['2018', '2022'].map((season): Preset => ({
    ...football,
    name: `fifa-${season}`,
    season,
    criteria: ['POINTS', ...OVERALL, ...HEAD_TO_HEAD, 'FAIR_PLAY', 'LOTS'],
    across: { criteria: ['POINTS', ...OVERALL, 'FAIR_PLAY', 'LOTS'], unequal: 'DROP_LAST' },
  })),
  {
    ...football,
    name: 'fifa-2026',
    season: '2026',
    criteria: ['POINTS', ...HEAD_TO_HEAD, ...OVERALL, 'FAIR_PLAY', 'RANKING'],
    again: 'AFTER_ALL',
    across: { criteria: ['POINTS', ...OVERALL, 'FAIR_PLAY', 'RANKING'], unequal: 'DROP_LAST', opponents: 'fifa-2026' },
  },
];

const uefa: Preset[] = [
  {
    ...football,
    name: 'uefa-euro-2016',
    season: '2016',
    criteria: ['POINTS', ...HEAD_TO_HEAD, ...OVERALL, 'SHOOTOUT', 'FAIR_PLAY', 'RANKING'],
    again: 'AFTER_ALL',
    across: {
      criteria: ['POINTS', ...OVERALL, 'FAIR_PLAY', 'RANKING'],
      unequal: 'DROP_LAST',
      opponents: 'uefa-euro-2016',
    },
  },
  {
    ...football,
    name: 'uefa-euro-2020',
    season: '2020',
    criteria: ['POINTS', ...HEAD_TO_HEAD, ...OVERALL, 'WINS', 'SHOOTOUT', 'FAIR_PLAY', 'RANKING'],
    again: 'AFTER_ALL',
    across: {
      criteria: ['POINTS', ...OVERALL, 'WINS', 'FAIR_PLAY', 'RANKING'],
      unequal: 'DROP_LAST',
      opponents: 'uefa-euro-2020',
    },
  },
  {
    ...football,
    name: 'uefa-euro-2024',
    season: '2024',
    criteria: ['POINTS', ...HEAD_TO_HEAD, ...OVERALL, 'SHOOTOUT', 'FAIR_PLAY', 'RANKING'],
    again: 'AFTER_ALL',
    across: {
      // Lots: the host has no place in the ranking of the qualifiers.
      criteria: ['POINTS', ...OVERALL, 'WINS', 'FAIR_PLAY', 'RANKING', 'LOTS'],
      unequal: 'DROP_LAST',
      opponents: 'uefa-euro-2020',
    },
  },
];

const leagues: Preset[] = [
  {
    ...football,
    name: 'premier-league',
    season: '2023/24',
    criteria: ['POINTS', ...OVERALL],
    level: 'SHARED',
    // The title, the Champions League, the Europa League, relegation.
    stakes: { after: [1, 4, 5, 17], criteria: ['HEAD_TO_HEAD_POINTS', 'HEAD_TO_HEAD_AWAY_GOALS'] },
    across: { criteria: ['POINTS', ...OVERALL], unequal: 'AS_THEY_ARE' },
  },
  {
    ...football,
    name: 'la-liga',
    season: '2022/23',
    criteria: [
      'POINTS',
      { by: 'HEAD_TO_HEAD_DIFFERENCE', teams: 'TWO' },
      { by: 'HEAD_TO_HEAD_POINTS', teams: 'MORE' },
      { by: 'HEAD_TO_HEAD_DIFFERENCE', teams: 'MORE' },
      ...OVERALL,
      'FAIR_PLAY',
    ],
    again: 'AFTER_ALL',
    headToHeadWhenComplete: true,
    level: 'PLAY_OFF',
    across: { criteria: ['POINTS', ...OVERALL, 'FAIR_PLAY'], unequal: 'AS_THEY_ARE' },
  },
  {
    ...football,
    name: 'serie-a',
    season: '2022/23',
    criteria: ['POINTS', 'HEAD_TO_HEAD_POINTS', 'HEAD_TO_HEAD_DIFFERENCE', ...OVERALL, 'LOTS'],
    // The title and relegation.
    playOffs: [1, 17],
    across: { criteria: ['POINTS', ...OVERALL, 'LOTS'], unequal: 'AS_THEY_ARE' },
  },
  {
    ...football,
    name: 'bundesliga',
    season: '2023/24',
    criteria: ['POINTS', ...OVERALL, 'HEAD_TO_HEAD_DIFFERENCE', 'HEAD_TO_HEAD_AWAY_GOALS', 'AWAY_GOALS'],
    headToHeadWhenComplete: true,
    level: 'PLAY_OFF',
    across: { criteria: ['POINTS', ...OVERALL], unequal: 'AS_THEY_ARE' },
  },
  {
    ...football,
    name: 'ligue-1',
    season: '2023/24',
    criteria: ['POINTS', 'DIFFERENCE', ...HEAD_TO_HEAD, 'HEAD_TO_HEAD_AWAY_GOALS', 'GOALS', 'AWAY_GOALS', 'FAIR_PLAY'],
    headToHeadWhenComplete: true,
    across: { criteria: ['POINTS', ...OVERALL, 'FAIR_PLAY'], unequal: 'AS_THEY_ARE' },
  },
];

const fivb = {
  season: '2024',
  version: 1,
  points: { win: 3, draw: 0, loss: 0, sets: [{ score: [3, 2], win: 2, loss: 1 }] },
  criteria: [
    'WINS',
    'POINTS',
    'SET_QUOTIENT',
    'POINT_QUOTIENT',
    'HEAD_TO_HEAD_WINS',
    'HEAD_TO_HEAD_POINTS',
    'HEAD_TO_HEAD_SET_QUOTIENT',
    'HEAD_TO_HEAD_POINT_QUOTIENT',
  ],
  again: 'AFTER_ALL',
  level: 'OPEN',
  walkover: { won: 3, lost: 0, setPoints: 25 },
  withdrawn: football.withdrawn,
  across: { criteria: ['WINS', 'POINTS', 'SET_QUOTIENT', 'POINT_QUOTIENT'], unequal: 'DROP_LAST' },
} satisfies Omit<Preset, 'name'>;

const fiba3x3 = {
  season: '2024',
  version: 1,
  points: { win: 1, draw: 0, loss: 0 },
  criteria: ['WIN_RATIO', 'HEAD_TO_HEAD_WINS', 'AVERAGE_SCORE', 'RANKING'],
  again: 'AFTER_ALL',
  level: 'OPEN',
  walkover: { won: 0, lost: 0 },
  withdrawn: football.withdrawn,
  across: { criteria: ['WIN_RATIO', 'AVERAGE_SCORE', 'RANKING'], unequal: 'AS_THEY_ARE' },
} satisfies Omit<Preset, 'name'>;

const amateurFootball = {
  ...football,
  season: '',
  criteria: ['POINTS', ...HEAD_TO_HEAD, ...OVERALL, 'FAIR_PLAY', 'LOTS'],
  again: 'AFTER_ALL',
  across: { criteria: ['POINTS', ...OVERALL, 'FAIR_PLAY', 'LOTS'], unequal: 'DROP_LAST' },
} satisfies Omit<Preset, 'name'>;

/** Rules for a sport, when the organizer chooses none. */
export const RULES_OF_SPORT = {
  FOOTBALL: 'football',
  MINI_FOOTBALL: 'football',
  BASKETBALL: 'basketball',
  BASKETBALL_3X3: 'fiba-3x3',
  VOLLEYBALL: 'fivb',
  BEACH_VOLLEYBALL: 'beach-volleyball',
  HOCKEY: 'hockey',
} as const satisfies Record<Sport, string>;

const sports: Preset[] = [
  { ...amateurFootball, name: 'football' },
  {
    ...football,
    name: 'basketball',
    season: '',
    points: { win: 2, draw: 1, loss: 1, forfeit: 0 },
    criteria: ['POINTS', ...HEAD_TO_HEAD, ...OVERALL, 'LOTS'],
    again: 'AFTER_EACH',
    walkover: { won: 20, lost: 0 },
    across: { criteria: ['WIN_RATIO', ...OVERALL, 'LOTS'], unequal: 'DROP_LAST' },
  },
  {
    ...fivb,
    name: 'beach-volleyball',
    season: '',
    points: { win: 2, draw: 0, loss: 1, forfeit: 0 },
    criteria: [
      'POINTS',
      { by: 'HEAD_TO_HEAD_WINS', teams: 'TWO' },
      { by: 'HEAD_TO_HEAD_POINT_QUOTIENT', teams: 'MORE' },
      'POINT_QUOTIENT',
      'RANKING',
      'LOTS',
    ],
    walkover: { won: 2, lost: 0, setPoints: 21 },
    across: { criteria: ['POINTS', 'POINT_QUOTIENT', 'RANKING', 'LOTS'], unequal: 'DROP_LAST' },
  },
  {
    ...football,
    name: 'hockey',
    season: '',
    points: { win: 3, draw: 1, loss: 0, overtime: { win: 2, loss: 1 }, shootout: { win: 2, loss: 1 } },
    criteria: ['POINTS', ...HEAD_TO_HEAD, ...OVERALL, 'RANKING', 'LOTS'],
    again: 'AFTER_EACH',
    walkover: { won: 5, lost: 0 },
    across: { criteria: ['POINTS', ...OVERALL, 'RANKING', 'LOTS'], unequal: 'DROP_LAST' },
  },
  {
    ...football,
    name: 'swiss',
    season: '',
    points: { win: 3, draw: 1, loss: 0, bye: 3 },
    criteria: ['POINTS', 'MEDIAN_BUCHHOLZ', 'BUCHHOLZ', 'SONNEBORN_BERGER', ...OVERALL, 'LOTS'],
    withdrawn: { results: 'KEEP', place: 'KEEP' },
    across: { criteria: ['POINTS', ...OVERALL, 'LOTS'], unequal: 'AS_THEY_ARE' },
  },
];

/** All presets. A name keeps its meaning: a change raises the version. */
export const PRESETS: ReadonlyMap<string, TableRules> = new Map(
  [...fifa, ...uefa, ...leagues, { ...fivb, name: 'fivb' }, { ...fiba3x3, name: 'fiba-3x3' }, ...sports].map((each) => [
    each.name,
    tableRules.parse(each),
  ]),
);
