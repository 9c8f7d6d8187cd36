import type { DomainEvent } from '../../platform/messaging/event-log/event-log.ts';
import { Agenda } from './agenda.ts';
import { City, DAY, HOUR, MINUTE, type Team } from './city.ts';
import { MatchDays } from './matches.ts';
import { Random } from './random.ts';
import { Services } from './services.ts';
import type { Size } from './sizes.ts';
import { Competitions } from './tournaments.ts';
import { type Clock, inVirtualTime } from './virtual-time.ts';

export interface SimulateOptions {
  readonly size: Size;
  /** The seed of the random numbers. The same seed, size and time give the same city. */
  readonly seed: string;
  /** The moment at which the simulation ends. */
  readonly now: Date;
  /** The ids of the users in {@link import('./city.ts').ACCOUNTS}. All other people get random ids. */
  readonly accountIds?: readonly string[];
  readonly onProgress?: (step: string) => void;
}

/** Simulates the history of a city. @returns the services, whose tables and log have all that happened */
export async function simulate({
  size,
  seed,
  now: at,
  accountIds = [],
  onProgress = () => undefined,
}: SimulateOptions): Promise<Services> {
  const now = at.getTime();
  const clock: Clock = { now };
  const random = new Random(seed);
  const agenda = new Agenda();
  return inVirtualTime(clock, new Random(`${seed} ids`), async () => {
    const services: Services = new Services(clock, new Random(`${seed} rows`), (time) =>
      agenda.add(time, () => services.fireTimers()),
    );
    const city = new City({ size, services, random, agenda, clock, now, accountIds });
    city.settle();
    const days = new MatchDays(city);
    const competitions = new Competitions(city, days);
    const planned = competitions.organize();
    meet(city, days, size.matches - planned);
    const began = city.beginning;
    let told = 0;
    const heard = (event: DomainEvent): void => competitions.heard(event);
    for (let next = agenda.take(now); next; next = agenda.take(now)) {
      clock.now = next.at;
      await next.work();
      await services.settle(heard);
      const percent = Math.floor((100 * (next.at - began)) / (now - began));
      if (percent >= told + 5) onProgress(`${(told = percent)} % of ${size.days} days`);
    }
    clock.now = now;
    await fill(city, days, heard);
    return services;
  });
}

/**
 * Adds friendlies to the agenda: past ones, some in the next three days, and some that are live when the simulation
 * ends.
 */
function meet(city: City, days: MatchDays, count: number): void {
  const { random, now, size } = city;
  const live = Math.max(1, Math.round(size.matches / 2000));
  // 2 % of the matches are left for fill(), which arranges them for the weeks after the simulation.
  for (let index = 0; index < count - live - Math.ceil(size.matches / 50); index++) {
    const kickoffAt = city.timeToPlay(now - random.next() ** 1.3 * (size.days - 25) * DAY + 3 * DAY);
    const pair = pairOf(city, kickoffAt);
    days.friendly(...pair, kickoffAt, Math.min(kickoffAt, now) - random.int(4, 9 * 24) * HOUR);
  }
  for (let index = 0; index < live; index++) {
    const kickoffAt = now - random.int(9, 18) * MINUTE;
    days.friendly(...pairOf(city, kickoffAt, ['MINI_FOOTBALL', 'FOOTBALL']), kickoffAt, kickoffAt - 2 * DAY, true);
  }
}

/** Two random teams of the same sport that were founded at least 20 days before this time. */
function pairOf({ teams, random, size }: City, at: number, sports?: readonly string[]): [Team, Team] {
  for (;;) {
    const home = random.pick(teams);
    if (home.foundedAt > at - 20 * DAY || (sports && !sports.includes(home.sport))) continue;
    for (let attempt = 0; attempt < 40; attempt++) {
      const away = random.pick(teams);
      if (away !== home && away.sport === home.sport && away.foundedAt < at - 20 * DAY) return [home, away];
    }
    if (size.teams < 2) throw new Error('two teams are needed for a match');
  }
}

/** Schedules friendlies for the next three weeks until the city has as many matches as its size says. */
async function fill(city: City, days: MatchDays, heard: (event: DomainEvent) => void): Promise<void> {
  const { services, size, agenda, random, now } = city;
  const matches = services.database('matches').table('Match').rows;
  for (let missing = size.matches - matches.size; missing > 0; missing--) {
    days.friendly(...pairOf(city, now), city.timeToPlay(now + random.int(1, 21) * DAY), now);
    for (let next = agenda.take(now); next; next = agenda.take(now)) {
      await next.work();
      await services.settle(heard);
    }
  }
}
