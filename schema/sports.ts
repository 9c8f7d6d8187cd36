// The sports: one entry each. A sport that is added here, and `npm run generate`, is all: the schema's enum is made
// from this, services keep a sport as text, and the rules of a match are read from it.
import { z } from 'zod';

/** What tells one sport from another. */
export interface SportProfile {
  /** For the schema. */
  readonly description: string;
  /** Regular periods, or the most sets that can be played. */
  readonly periods: number;
  /** Length of a regular period in minutes; null where no clock runs. */
  readonly minutes: number | null;
  /** The most added minutes at the end of a period. */
  readonly stoppage: number;
  /** What may follow the regular periods, each of so many minutes. */
  readonly extra: { readonly periods: number; readonly minutes: number };
  readonly shootout: boolean;
  /** Points that each kind may bring, the least first; a kind without any does not exist in the sport. */
  readonly goals: Readonly<Record<'GOAL' | 'OWN_GOAL' | 'PENALTY', readonly number[]>>;
  readonly cards: readonly ('YELLOW' | 'SECOND_YELLOW' | 'RED')[];
  /**
   * Periods are sets, won at so many points with two ahead, and the score counts the sets won; null where it counts
   * points.
   */
  readonly sets: { readonly to: number; readonly decider: number } | null;
}

const NO_EXTRA = { periods: 0, minutes: 0 };

const football: SportProfile = {
  description: 'Association football, two halves of 45 minutes.',
  periods: 2,
  minutes: 45,
  stoppage: 30,
  extra: { periods: 2, minutes: 15 },
  shootout: true,
  goals: { GOAL: [1], OWN_GOAL: [1], PENALTY: [1] },
  cards: ['YELLOW', 'SECOND_YELLOW', 'RED'],
  sets: null,
};

const basketball: SportProfile = {
  description: 'Four quarters of 10 minutes, baskets of one to three points.',
  periods: 4,
  minutes: 10,
  stoppage: 0,
  // As many as it takes: a bound, not a rule.
  extra: { periods: 10, minutes: 5 },
  shootout: false,
  // PENALTY is a free throw.
  goals: { GOAL: [1, 2, 3], OWN_GOAL: [2], PENALTY: [1] },
  cards: [],
  sets: null,
};

const volleyball: SportProfile = {
  description: 'Best of five sets, each to 25 points with a lead of two, the fifth to 15.',
  periods: 5,
  minutes: null,
  stoppage: 0,
  extra: NO_EXTRA,
  shootout: false,
  goals: { GOAL: [1], OWN_GOAL: [], PENALTY: [1] },
  cards: ['YELLOW', 'RED'],
  sets: { to: 25, decider: 15 },
};

export const SPORTS = {
  FOOTBALL: football,
  MINI_FOOTBALL: {
    ...football,
    description: 'Football on a small pitch, two halves of 20 minutes.',
    minutes: 20,
    extra: { periods: 2, minutes: 5 },
  },
  BASKETBALL: basketball,
  BASKETBALL_3X3: {
    ...basketball,
    description: 'On one basket, one period of 10 minutes, baskets of one or two points.',
    periods: 1,
    extra: { periods: 1, minutes: 10 },
    goals: { GOAL: [1, 2], OWN_GOAL: [], PENALTY: [1] },
  },
  VOLLEYBALL: volleyball,
  BEACH_VOLLEYBALL: {
    ...volleyball,
    description: 'Best of three sets, each to 21 points with a lead of two, the third to 15.',
    periods: 3,
    sets: { to: 21, decider: 15 },
  },
  HOCKEY: {
    description: 'Ice hockey: three periods of 20 minutes.',
    periods: 3,
    minutes: 20,
    stoppage: 0,
    extra: { periods: 1, minutes: 20 },
    shootout: true,
    goals: { GOAL: [1], OWN_GOAL: [1], PENALTY: [1] },
    cards: [],
    sets: null,
  },
} as const satisfies Record<string, SportProfile>;

export type Sport = keyof typeof SPORTS;

/** What a client may say; tables keep it as text. */
export const sportInput = z.enum(Object.keys(SPORTS) as Sport[]);

/** Of a sport out of a table. @throws Error for one that only a newer version knows */
export function profileOf(sport: string): SportProfile {
  if (!Object.hasOwn(SPORTS, sport)) throw new Error(`this version does not know the sport ${sport}`);
  return SPORTS[sport as Sport];
}
