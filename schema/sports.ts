// The sports, one entry each. To add a sport, add an entry here and run `npm run generate`. The schema's enum is
// generated from this file, services store a sport as text, and the rules of a match come from here.
import { z } from 'zod';

/** The properties and rules of a sport. */
export interface SportProfile {
  /** The description in the schema. */
  readonly description: string;
  /** The number of regular periods. In sports with sets: the largest number of sets of a match. */
  readonly periods: number;
  /** Length of a regular period in minutes; null if no clock runs. */
  readonly minutes: number | null;
  /** The largest number of minutes that can be added at the end of a period. */
  readonly stoppage: number;
  /** The periods that may follow the regular ones, and their length in minutes. */
  readonly extra: { readonly periods: number; readonly minutes: number };
  readonly shootout: boolean;
  /** The points that each kind of goal may have, ascending. A kind with an empty list does not exist in the sport. */
  readonly goals: Readonly<Record<'GOAL' | 'OWN_GOAL' | 'PENALTY', readonly number[]>>;
  readonly cards: readonly ('YELLOW' | 'SECOND_YELLOW' | 'RED')[];
  /**
   * For sports with sets: the points that win a set with a lead of two, and those of the deciding set. The score then
   * counts sets. Null if the score counts points.
   */
  readonly sets: { readonly to: number; readonly decider: number } | null;
  /** Whether a goal may have an assist. */
  readonly assists: boolean;
  /** The largest number of starters, and of players in a lineup including substitutes. More are refused. */
  readonly squad: { readonly starters: number; readonly size: number };
  /** The score of the side that wins by walkover: goals, points or sets. The other side has 0. */
  readonly walkover: number;
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
  assists: true,
  // Laws of the Game 3.1 and 3.2: eleven, and as many substitutes as a competition permits, 15 at most.
  squad: { starters: 11, size: 26 },
  // FIFA Disciplinary Code, "Forfeit": 3-0.
  walkover: 3,
};

const basketball: SportProfile = {
  description: 'Four quarters of 10 minutes, baskets of one to three points.',
  periods: 4,
  minutes: 10,
  stoppage: 0,
  // The rules of basketball do not limit overtime periods. This number only bounds the data.
  extra: { periods: 10, minutes: 5 },
  shootout: false,
  // PENALTY is a free throw.
  goals: { GOAL: [1, 2, 3], OWN_GOAL: [2], PENALTY: [1] },
  cards: [],
  sets: null,
  assists: true,
  // Official Basketball Rules. Article 4.2.1: a team has twelve players, of whom five play. Article 20.2: a game lost
  // by forfeit is 20 to 0.
  squad: { starters: 5, size: 12 },
  walkover: 20,
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
  assists: false,
  // Official Volleyball Rules 4.1.1: twelve, with two Liberos more in world competitions; 6.4.1: 0-3, each set 0-25.
  squad: { starters: 6, size: 14 },
  walkover: 3,
};

export const SPORTS = {
  FOOTBALL: football,
  MINI_FOOTBALL: {
    ...football,
    description: 'Football on a small pitch, two halves of 20 minutes.',
    minutes: 20,
    extra: { periods: 2, minutes: 5 },
    // Five to eight players, depending on the size of the pitch.
    squad: { starters: 8, size: 16 },
  },
  BASKETBALL: basketball,
  BASKETBALL_3X3: {
    ...basketball,
    description: 'On one basket, one period of 10 minutes, baskets of one or two points.',
    periods: 1,
    extra: { periods: 1, minutes: 10 },
    goals: { GOAL: [1, 2], OWN_GOAL: [], PENALTY: [1] },
    squad: { starters: 3, size: 4 },
    // The rules of 3x3 write w-0 and count no points. Here the winner gets 21 points, which end a game.
    walkover: 21,
  },
  VOLLEYBALL: volleyball,
  BEACH_VOLLEYBALL: {
    ...volleyball,
    description: 'Best of three sets, each to 21 points with a lead of two, the third to 15.',
    periods: 3,
    sets: { to: 21, decider: 15 },
    squad: { starters: 2, size: 2 },
    // Official Beach Volleyball Rules 6.4.1: 0-2, each set 0-21.
    walkover: 2,
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
    assists: true,
    // IIHF: 20 skaters and two goalkeepers; a forfeited game is 5-0.
    squad: { starters: 6, size: 22 },
    walkover: 5,
  },
} as const satisfies Record<string, SportProfile>;

export type Sport = keyof typeof SPORTS;

/** The values that clients may send. Tables store them as text. */
export const sportInput = z.enum(Object.keys(SPORTS) as Sport[]);

/** The profile of a stored sport. @throws Error for a sport that this version does not know */
export function profileOf(sport: string): SportProfile {
  if (!Object.hasOwn(SPORTS, sport)) throw new Error(`this version does not know the sport ${sport}`);
  return SPORTS[sport as Sport];
}
