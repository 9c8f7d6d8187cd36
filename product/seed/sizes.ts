/** The size of a simulated city. */
export interface Size {
  readonly describe: string;
  readonly people: number;
  readonly teams: number;
  readonly matches: number;
  /** The length of the city's history in days. */
  readonly days: number;
  /**
   * For each state, how many tournaments should be in it when the simulation ends. Their start times are chosen for it.
   */
  readonly tournaments: Readonly<Record<Fate, number>>;
  /** The largest number of teams that a tournament has. */
  readonly entries: number;
}

/** The state that a tournament should have when the simulation ends. */
export type Fate = 'draft' | 'registration' | 'checkIn' | 'seeded' | 'running' | 'completed' | 'archived' | 'cancelled';

export const SIZES: Readonly<Record<string, Size>> = {
  street: {
    describe: '40 people, 8 teams, 2 tournaments, 30 matches: for a first look, and for tests',
    people: 40,
    teams: 8,
    matches: 30,
    days: 150,
    tournaments: {
      draft: 0,
      registration: 0,
      checkIn: 0,
      seeded: 0,
      running: 1,
      completed: 1,
      archived: 0,
      cancelled: 0,
    },
    entries: 4,
  },
  district: {
    describe: '1,500 people, 120 teams, 16 tournaments, 900 matches',
    people: 1500,
    teams: 120,
    matches: 900,
    days: 240,
    tournaments: {
      draft: 1,
      registration: 1,
      checkIn: 1,
      seeded: 1,
      running: 5,
      completed: 4,
      archived: 2,
      cancelled: 1,
    },
    entries: 16,
  },
  city: {
    describe: '20,000 people, 1,500 teams, 60 tournaments, 12,000 matches',
    people: 20_000,
    teams: 1500,
    matches: 12_000,
    days: 540,
    tournaments: {
      draft: 2,
      registration: 5,
      checkIn: 3,
      seeded: 2,
      running: 16,
      completed: 20,
      archived: 9,
      cancelled: 3,
    },
    entries: 16,
  },
};
