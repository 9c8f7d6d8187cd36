import type { Card, GoalKind, Sport } from './generated/graphql.ts';

/** What tells one sport from another. A sport that is added to the schema's enum is described here, and nowhere else. */
export interface SportProfile {
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
  readonly goals: Readonly<Record<GoalKind, readonly number[]>>;
  readonly cards: readonly Card[];
  /** Periods are sets, won at so many points with two ahead, and the score counts the sets won; null where it counts points. */
  readonly sets: { readonly to: number; readonly decider: number } | null;
}

const NO_EXTRA = { periods: 0, minutes: 0 };

const football: SportProfile = {
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
  periods: 5,
  minutes: null,
  stoppage: 0,
  extra: NO_EXTRA,
  shootout: false,
  goals: { GOAL: [1], OWN_GOAL: [], PENALTY: [1] },
  cards: ['YELLOW', 'RED'],
  sets: { to: 25, decider: 15 },
};

export const SPORTS: Readonly<Record<Sport, SportProfile>> = {
  FOOTBALL: football,
  MINI_FOOTBALL: { ...football, minutes: 20, extra: { periods: 2, minutes: 5 } },
  BASKETBALL: basketball,
  BASKETBALL_3X3: { ...basketball, periods: 1, extra: { periods: 1, minutes: 10 }, goals: { GOAL: [1, 2], OWN_GOAL: [], PENALTY: [1] } },
  VOLLEYBALL: volleyball,
  BEACH_VOLLEYBALL: { ...volleyball, periods: 3, sets: { to: 21, decider: 15 } },
  HOCKEY: {
    periods: 3,
    minutes: 20,
    stoppage: 0,
    extra: { periods: 1, minutes: 20 },
    shootout: true,
    goals: { GOAL: [1], OWN_GOAL: [1], PENALTY: [1] },
    cards: [],
    sets: null,
  },
};

/** How many periods there can be, extra time included. */
export function lastPeriod({ periods, extra }: SportProfile): number {
  return periods + extra.periods;
}

/** The last minute on the clock of a period (1, 2 …; null: of the whole match); null where no clock runs. */
export function lastMinute(profile: SportProfile, period: number | null): number | null {
  if (profile.minutes === null) return null;
  const played = period ?? lastPeriod(profile);
  return Math.min(played, profile.periods) * profile.minutes + Math.max(0, played - profile.periods) * profile.extra.minutes;
}
