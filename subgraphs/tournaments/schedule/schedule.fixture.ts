import type { MatchToPlan, Pitch, ScheduleInput } from './input.ts';
import { type Instant, instantOf, localOf } from './local-time.ts';

const ZONE = 'Europe/Berlin';

/** The instant at which clocks in Berlin show this time on 6 June 2026, a Saturday. */
export const at = (time: string, day = '2026-06-06'): Instant => instantOf(`${day}T${time}`, ZONE);

/** The local time in Berlin: "10:30", or with the date if the day is not 6 June 2026. */
export const local = (instant: Instant): string => localOf(instant, ZONE).replace('2026-06-06T', '');

export const match = (id: string, rest: Partial<MatchToPlan> = {}): MatchToPlan => ({
  id,
  sequence: 'one',
  round: 1,
  home: `${id}-home`,
  away: `${id}-away`,
  after: [],
  minutes: 30,
  notBefore: null,
  notAfter: null,
  fixed: null,
  ...rest,
});

/** A pitch that is open on 6 June. */
export const pitch = (id = 'court', opens = '10:00', closes = '22:00', venue = 'hall'): Pitch => ({
  id,
  venue,
  windows: [{ from: at(opens), to: at(closes) }],
});

export const inputOf = (rest: Partial<ScheduleInput>): ScheduleInput => ({
  matches: [],
  pitches: [pitch()],
  referees: [],
  startsAt: at('00:00'),
  pauseMinutes: 0,
  restMinutes: 0,
  stepMinutes: 5,
  ...rest,
});

/** The seven matches of a knock-out of the entrants a to h, who are in the order of their seeds. */
export const bracketOf8 = (): MatchToPlan[] => [
  match('Q1', { home: 'a', away: 'h' }),
  match('Q2', { home: 'd', away: 'e' }),
  match('Q3', { home: 'b', away: 'g' }),
  match('Q4', { home: 'c', away: 'f' }),
  match('S1', { round: 2, home: null, away: null, after: ['Q1', 'Q2'] }),
  match('S2', { round: 2, home: null, away: null, after: ['Q3', 'Q4'] }),
  match('F', { round: 3, home: null, away: null, after: ['S1', 'S2'] }),
];

/** A round robin in which each team meets each other one once. */
export function roundRobin(teams: readonly string[], sequence = 'one'): MatchToPlan[] {
  const [first = null, ...others] = teams.length % 2 === 0 ? teams : [...teams, null];
  return others.flatMap((_, round) => {
    const circle = [first, ...others.slice(round), ...others.slice(0, round)];
    return circle.slice(0, circle.length / 2).flatMap((home, index) => {
      const away = circle.at(-1 - index) ?? null;
      return home && away ? [match(`${sequence}-${home}${away}`, { sequence, round: round + 1, home, away })] : [];
    });
  });
}

/** Groups of four, then semi-finals of the first two of both groups, then a final: 2 groups, 15 matches. */
export function groupsThenPlayoff(): MatchToPlan[] {
  const groups = [...roundRobin(['a', 'b', 'c', 'd'], 'A'), ...roundRobin(['e', 'f', 'g', 'h'], 'B')];
  const after = groups.map(({ id }) => id);
  const playoff = { sequence: 'playoff', home: null, away: null };
  return [
    ...groups,
    match('S1', { ...playoff, after }),
    match('S2', { ...playoff, after }),
    match('F', { ...playoff, round: 2, after: ['S1', 'S2'] }),
  ];
}
