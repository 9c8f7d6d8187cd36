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

/**
 * How entrants with the same place in different groups are compared, in competitions whose regulations about this the
 * authors of this file did not read.
 */
const across = { criteria: ['POINTS', ...OVERALL, 'LOTS'], unequal: 'DROP_LAST' } satisfies Preset['across'];
/** How entrants of different groups are compared by presets of leagues, which normally have only one table. */
const alone = { criteria: ['POINTS', ...OVERALL], unequal: 'AS_THEY_ARE' } satisfies Preset['across'];

const fifa: Preset[] = [
  ...[
    // The winner of a group advances, and from 1954 the first two. At this cut, equal points lead to a play-off.
    { name: 'fifa-1930', season: '1930-1950', playOffs: [1] },
    { name: 'fifa-1954', season: '1954-1958', playOffs: [2] },
  ].map((each): Preset => ({
    ...football,
    ...each,
    points: twoPoints,
    criteria: ['POINTS', 'GOAL_AVERAGE', 'LOTS'],
    across: { criteria: ['POINTS', 'GOAL_AVERAGE', 'LOTS'], unequal: 'DROP_LAST' },
  })),
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
    season: '1970',
    version: 2,
    points: twoPoints,
    // Goals did not count: lots put the Soviet Union with 6:1 before Mexico with 5:0.
    criteria: ['POINTS', 'DIFFERENCE', 'LOTS'],
    across: { criteria: ['POINTS', 'DIFFERENCE', 'LOTS'], unequal: 'DROP_LAST' },
  },
  {
    ...football,
    name: 'fifa-1974',
    season: '1974-1990',
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

/** Level teams are compared by the matches between them first, and then by all their matches. */
const headToHead = {
  ...football,
  criteria: ['POINTS', ...HEAD_TO_HEAD, ...OVERALL, 'FAIR_PLAY', 'LOTS'],
  again: 'AFTER_ALL',
  across,
} satisfies Omit<Preset, 'name' | 'season'>;

/** The last criteria of the groups and leagues of UEFA. */
const UEFA_LAST = ['AWAY_GOALS', 'WINS', 'AWAY_WINS', 'FAIR_PLAY', 'RANKING'] as const satisfies Step[];

const uefa: Preset[] = [
  { ...headToHead, name: 'uefa-euro-1996', season: '1996-2012' },
  {
    ...headToHead,
    name: 'uefa-clubs-2003',
    season: '2003/04-2020/21',
    criteria: ['POINTS', ...HEAD_TO_HEAD, 'HEAD_TO_HEAD_AWAY_GOALS', ...OVERALL, ...UEFA_LAST],
  },
  {
    ...headToHead,
    name: 'uefa-clubs-2021',
    season: '2021/22-2023/24',
    criteria: ['POINTS', ...HEAD_TO_HEAD, ...OVERALL, ...UEFA_LAST],
  },
  {
    ...football,
    name: 'uefa-clubs-2024',
    season: '2024/25',
    criteria: [
      ...(['POINTS', ...OVERALL, 'AWAY_GOALS', 'WINS', 'AWAY_WINS'] as const),
      ...(['BUCHHOLZ', 'OPPONENTS_DIFFERENCE', 'OPPONENTS_GOALS', 'FAIR_PLAY', 'RANKING'] as const),
    ],
    across: alone,
  },
  {
    ...headToHead,
    name: 'uefa-nations-league-2018',
    season: '2018/19-2020/21',
    criteria: ['POINTS', ...HEAD_TO_HEAD, 'HEAD_TO_HEAD_AWAY_GOALS', ...OVERALL, ...UEFA_LAST],
  },
  {
    ...headToHead,
    name: 'uefa-nations-league',
    season: '2022/23-2024/25',
    criteria: ['POINTS', ...HEAD_TO_HEAD, ...OVERALL, ...UEFA_LAST],
  },
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
      // LOTS are needed, because the host is not in the ranking of the qualifiers.
      criteria: ['POINTS', ...OVERALL, 'WINS', 'FAIR_PLAY', 'RANKING', 'LOTS'],
      unequal: 'DROP_LAST',
      opponents: 'uefa-euro-2020',
    },
  },
];

const cups: Preset[] = [
  {
    ...headToHead,
    name: 'fifa-club-world-cup',
    season: '2025',
    across: { criteria: ['POINTS', ...OVERALL, 'FAIR_PLAY', 'LOTS'], unequal: 'DROP_LAST' },
  },
  { ...headToHead, name: 'africa-cup', season: '2012-2023' },
  {
    ...headToHead,
    name: 'asian-cup',
    season: '2011-2023',
    criteria: ['POINTS', ...HEAD_TO_HEAD, ...OVERALL, 'SHOOTOUT', 'FAIR_PLAY', 'LOTS'],
  },
  ...['copa-america', 'gold-cup'].map((name): Preset => ({
    ...football,
    name,
    season: '2019-2024',
    criteria: ['POINTS', ...OVERALL, ...HEAD_TO_HEAD, 'FAIR_PLAY', 'LOTS'],
    across,
  })),
];

const byDifference = { ...football, criteria: ['POINTS', ...OVERALL], across: alone } satisfies Omit<
  Preset,
  'name' | 'season'
>;
const byMeetings = { ...football, again: 'AFTER_ALL', across: alone } satisfies Partial<Preset>;

/** Presets of leagues of further countries and of earlier seasons. */
const moreLeagues: Preset[] = [
  { ...byDifference, name: 'english-league-1888', season: '1888/89-1975/76', criteria: ['POINTS', 'GOAL_AVERAGE'] },
  // From 1992, this is the preset for the divisions below the Premier League.
  {
    ...byDifference,
    name: 'english-league-1992',
    season: '1992/93-1998/99',
    criteria: ['POINTS', 'GOALS', 'DIFFERENCE'],
  },
  { ...byDifference, name: 'scotland', season: '2023/24', level: 'PLAY_OFF' },
  { ...byDifference, name: 'bundesliga-1963', season: '1963/64-1968/69', criteria: ['POINTS', 'GOAL_AVERAGE'] },
  { ...byDifference, name: 'ligue-1-2002', season: '2002/03-2017/18' },
  {
    ...byMeetings,
    name: 'serie-a-1994',
    season: '1994/95-2004/05',
    criteria: ['POINTS', 'HEAD_TO_HEAD_POINTS', 'HEAD_TO_HEAD_DIFFERENCE', 'HEAD_TO_HEAD_GOALS', ...OVERALL, 'LOTS'],
    again: 'NEVER',
    playOffs: [1],
  },
  {
    ...byMeetings,
    name: 'serie-a-2005',
    season: '2005/06-2021/22',
    criteria: ['POINTS', 'HEAD_TO_HEAD_POINTS', 'HEAD_TO_HEAD_DIFFERENCE', ...OVERALL, 'LOTS'],
    again: 'NEVER',
  },
  {
    ...byDifference,
    name: 'eredivisie',
    season: '2023/24',
    criteria: ['POINTS', ...OVERALL, 'HEAD_TO_HEAD_POINTS', 'HEAD_TO_HEAD_DIFFERENCE', 'HEAD_TO_HEAD_AWAY_GOALS'],
    headToHeadWhenComplete: true,
    level: 'PLAY_OFF',
  },
  {
    ...byDifference,
    name: 'belgium',
    season: '2019/20-2024/25',
    criteria: ['POINTS', 'WINS', ...OVERALL, 'AWAY_GOALS', 'AWAY_WINS'],
    level: 'PLAY_OFF',
  },
  {
    ...byMeetings,
    name: 'portugal-2016',
    season: '2016/17-2020/21',
    criteria: [
      ...(['POINTS', 'HEAD_TO_HEAD_POINTS', 'HEAD_TO_HEAD_DIFFERENCE', 'HEAD_TO_HEAD_AWAY_GOALS'] as const),
      ...(['DIFFERENCE', 'WINS', 'GOALS'] as const),
    ],
    headToHeadWhenComplete: true,
    level: 'PLAY_OFF',
  },
  {
    ...byMeetings,
    name: 'portugal',
    season: '2021/22-2024/25',
    criteria: ['POINTS', 'HEAD_TO_HEAD_POINTS', 'HEAD_TO_HEAD_DIFFERENCE', 'DIFFERENCE', 'WINS', 'GOALS'],
    headToHeadWhenComplete: true,
    level: 'PLAY_OFF',
  },
  {
    ...byMeetings,
    name: 'turkey',
    season: '2020/21',
    criteria: ['POINTS', 'HEAD_TO_HEAD_POINTS', 'HEAD_TO_HEAD_DIFFERENCE', ...OVERALL],
    headToHeadWhenComplete: true,
    level: 'PLAY_OFF',
  },
  {
    ...byMeetings,
    name: 'greece',
    season: '2023/24',
    criteria: ['POINTS', ...HEAD_TO_HEAD, ...OVERALL],
    headToHeadWhenComplete: true,
    level: 'PLAY_OFF',
  },
  {
    ...byMeetings,
    name: 'russia-2011',
    season: '2011/12-2017/18',
    criteria: [
      ...(['POINTS', 'WINS', 'HEAD_TO_HEAD_POINTS', 'HEAD_TO_HEAD_WINS', 'HEAD_TO_HEAD_DIFFERENCE'] as const),
      ...(['HEAD_TO_HEAD_GOALS', 'HEAD_TO_HEAD_AWAY_GOALS', ...OVERALL, 'AWAY_GOALS'] as const),
    ],
    level: 'PLAY_OFF',
  },
  {
    ...byMeetings,
    name: 'russia',
    season: '2018/19-2023/24',
    criteria: [
      ...(['POINTS', 'HEAD_TO_HEAD_POINTS', 'HEAD_TO_HEAD_WINS', 'HEAD_TO_HEAD_DIFFERENCE'] as const),
      ...(['HEAD_TO_HEAD_GOALS', 'WINS', ...OVERALL] as const),
    ],
    level: 'PLAY_OFF',
  },
  {
    ...byDifference,
    name: 'brazil',
    season: '2006-2025',
    criteria: ['POINTS', 'WINS', ...OVERALL, { by: 'HEAD_TO_HEAD_POINTS', teams: 'TWO' }, 'FAIR_PLAY', 'LOTS'],
  },
  {
    ...byDifference,
    name: 'mls',
    season: '2012-2025',
    criteria: ['POINTS', 'WINS', ...OVERALL, 'FAIR_PLAY', 'AWAY_GOALS', 'LOTS'],
  },
];

const leagues: Preset[] = [
  {
    ...football,
    name: 'premier-league',
    season: '2023/24',
    criteria: ['POINTS', ...OVERALL],
    level: 'SHARED',
    // The numbers in `after` are the last places for the title, the Champions League, the Europa League, and staying
    // up.
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
    // Two teams with equal points play off for the title, and at the last place that avoids relegation.
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

/** The preset of each sport if the organizer chooses none. A Swiss stage has the preset `swiss` instead. */
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
    name: 'goal-difference',
    season: '',
    criteria: ['POINTS', ...OVERALL, ...HEAD_TO_HEAD, 'FAIR_PLAY', 'LOTS'],
    across,
  },
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

/** All presets by name. Stages store a copy of the rules, and a change of a preset raises its `version`. */
export const PRESETS: ReadonlyMap<string, TableRules> = new Map(
  [
    ...fifa,
    ...uefa,
    ...cups,
    ...leagues,
    ...moreLeagues,
    { ...fivb, name: 'fivb' },
    { ...fiba3x3, name: 'fiba-3x3' },
    ...sports,
  ].map((each) => [each.name, tableRules.parse(each)]),
);
