// Simulates matches: people schedule, postpone, play, record, confirm and dispute them. When the simulation ends, a
// match that is being played stays live, and a result that nobody has confirmed stays provisional.
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import type { MatchState } from '../../schema/messages/matches.ts';
import { SPORTS, type Sport } from '../../schema/sports.ts';
import type { Match } from '../../subgraphs/matches/generated/prisma/client.ts';
import { type City, DAY, HOUR, MINUTE, type Person, type Team } from './city.ts';
import { CHEERS, LEAGUES, REASONS, venueIn } from './names.ts';

export interface Fixture {
  readonly matchId: string;
  readonly home: Team;
  readonly away: Team;
  /** The person who may schedule and postpone the match, and decide protests. */
  readonly organizer: Person;
  /** The person who records the events and the score. */
  readonly referee: Person;
  readonly needsWinner: boolean;
  readonly isOfTournament: boolean;
}

type Side = 'HOME' | 'AWAY';
interface Score {
  readonly home: number;
  readonly away: number;
  readonly periods: { readonly home: number; readonly away: number }[];
  readonly shootout: { readonly home: number; readonly away: number } | null;
}

/** Average goals of a team in a match, for the sports whose goals are few enough to be recorded one by one. */
const GOALS: Partial<Record<Sport, number>> = { FOOTBALL: 1.5, MINI_FOOTBALL: 3.2, HOCKEY: 2.6 };

export class MatchDays {
  readonly #city: City;

  constructor(city: City) {
    this.#city = city;
  }

  /** Adds a match outside of tournaments to the agenda. @param kickoffAt may be after the end of the simulation */
  friendly(home: Team, away: Team, kickoffAt: number, arrangedAt: number, mustBeLive = false): void {
    const city = this.#city;
    const { random, services } = city;
    city.at(arrangedAt, async () => {
      const organizer = random.pick(city.officials);
      const referee = random.chance(0.6) ? random.pick(city.officials) : organizer;
      const { id: matchId } = await services.matches.schedule(organizer.principal, {
        clientId: `seed:${random.int(0, 2 ** 31)}:${arrangedAt}`,
        sport: home.sport,
        homeTeamId: toGlobalId('Team', home.id),
        awayTeamId: toGlobalId('Team', away.id),
        kickoffAt: new Date(kickoffAt),
        competition: random.chance(0.6) ? random.pick(LEAGUES) : undefined,
        venue: venueIn(random, home.district),
        refereeId: referee === organizer ? undefined : toGlobalId('User', referee.principal.userId),
      });
      const fixture = { matchId, home, away, organizer, referee, needsWinner: false, isOfTournament: false };
      if (mustBeLive) this.#plays(fixture, kickoffAt, true);
      else this.arrange(fixture, kickoffAt);
    });
  }

  /** Decides at random whether a match is played, postponed, cancelled, abandoned or given away by a walkover. */
  arrange(fixture: Fixture, kickoffAt: number): void {
    const { random } = this.#city;
    const luck = random.next();
    if (luck < 0.02) this.#postpones(fixture, kickoffAt);
    else if (luck < 0.035) this.#walksOver(fixture, kickoffAt);
    else if (luck < 0.05 && !fixture.isOfTournament) this.#cancels(fixture, kickoffAt);
    else if (luck < 0.055 && !fixture.isOfTournament) this.#abandons(fixture, kickoffAt);
    else this.#plays(fixture, kickoffAt, false);
  }

  #postpones(fixture: Fixture, kickoffAt: number): void {
    const { random, services } = this.#city;
    this.#at(fixture, kickoffAt - random.int(2, 20) * HOUR, ['SCHEDULED'], async ({ matchId }) => {
      await services.moves.postpone(fixture.organizer.principal, { matchId, reason: random.pick(REASONS) });
    });
    if (!fixture.isOfTournament && random.chance(0.3)) return;
    const later = this.#city.timeToPlay(kickoffAt + random.int(4, 12) * DAY);
    this.#at(fixture, kickoffAt + DAY, ['POSTPONED'], async ({ matchId }) => {
      await services.moves.reschedule(fixture.organizer.principal, { matchId, kickoffAt: new Date(later) });
      this.#plays(fixture, later, false);
    });
  }

  #walksOver(fixture: Fixture, kickoffAt: number): void {
    const { random, services } = this.#city;
    this.#at(fixture, kickoffAt + 30 * MINUTE, ['SCHEDULED'], async ({ matchId }) => {
      const winner = random.pick(['HOME', 'AWAY'] as const);
      const reason = 'Соперник не явился';
      await services.results.awardWalkover(fixture.organizer.principal, { matchId, winner, reason });
    });
  }

  #cancels(fixture: Fixture, kickoffAt: number): void {
    const { random, services } = this.#city;
    this.#at(fixture, kickoffAt - random.int(1, 30) * HOUR, ['SCHEDULED'], async ({ matchId }) => {
      await services.moves.cancel(fixture.organizer.principal, { matchId, reason: random.pick(REASONS) });
    });
  }

  #abandons(fixture: Fixture, kickoffAt: number): void {
    const { services } = this.#city;
    const by = fixture.referee.principal;
    this.#at(fixture, kickoffAt, ['SCHEDULED'], ({ matchId }) => services.moves.start(by, { matchId }));
    this.#at(fixture, kickoffAt + 12 * MINUTE, ['LIVE'], ({ matchId }) =>
      services.moves.abandon(by, { matchId, reason: 'гроза' }),
    );
  }

  #plays(fixture: Fixture, kickoffAt: number, byEvents: boolean): void {
    const { random } = this.#city;
    const { sport } = fixture.home;
    const score = this.#score(fixture);
    const isShort = GOALS[sport] !== undefined && score.shootout === null;
    const [lineups, events] = fixture.isOfTournament ? [0.4, 0.6] : [0.12, 0.3];
    if (byEvents || random.chance(lineups)) this.#lineUp(fixture, kickoffAt);
    const endsAt =
      isShort && (byEvents || random.chance(events))
        ? this.#eventful(fixture, kickoffAt, score)
        : this.#entered(fixture, kickoffAt, score);
    this.#isConfirmed(fixture, endsAt, score);
    for (let count = random.poisson(0.5); count > 0; count--) {
      const fan = random.pick(this.#city.people);
      this.#city.at(kickoffAt + random.int(1, 80) * MINUTE, async () => {
        if (fan.registeredAt < this.#city.clock.now && this.#row(fixture.matchId))
          await this.#city.says('MATCH', fixture.matchId, fan, random.pick(CHEERS));
      });
    }
  }

  #lineUp(fixture: Fixture, kickoffAt: number): void {
    const { random, services } = this.#city;
    for (const side of ['HOME', 'AWAY'] as const) {
      const team = side === 'HOME' ? fixture.home : fixture.away;
      this.#at(fixture, kickoffAt - random.int(10, 50) * MINUTE, ['SCHEDULED', 'LINEUPS'], async ({ matchId }) => {
        const { starters: most, size } = SPORTS[team.sport].squad;
        const squad = random
          .shuffled(team.members.filter(({ role }) => role !== 'COACH'))
          .slice(0, size)
          .map(({ person, number }) => ({
            name: person.displayName,
            userId: toGlobalId('User', person.principal.userId),
            number,
          }));
        const [starters, bench] = [squad.slice(0, most), squad.slice(most)];
        await services.lineups.set(team.owner.principal, { matchId, side, starters, bench });
      });
    }
  }

  /** Adds the start, each goal and card, and the end of a match to the agenda. @returns the time of the end */
  #eventful(fixture: Fixture, kickoffAt: number, score: Score): number {
    const { random, services } = this.#city;
    const { sport } = fixture.home;
    const { periods, minutes, cards } = SPORTS[sport];
    const length = minutes ?? 20;
    const by = fixture.referee.principal;
    const begins = kickoffAt + random.int(0, 6) * MINUTE;
    this.#at(fixture, begins, ['SCHEDULED', 'LINEUPS'], ({ matchId }) => services.moves.start(by, { matchId }));
    const happenings: { minute: number; side: Side; isGoal: boolean }[] = [];
    for (const side of ['HOME', 'AWAY'] as const) {
      const goals = side === 'HOME' ? score.home : score.away;
      for (let count = goals; count > 0; count--)
        happenings.push({ minute: random.int(1, periods * length), side, isGoal: true });
      for (let count = cards.length === 0 ? 0 : random.poisson(0.6); count > 0; count--)
        happenings.push({ minute: random.int(1, periods * length), side, isGoal: false });
    }
    const timeOf = (minute: number): number => {
      const period = Math.min(periods, Math.ceil(minute / length));
      return begins + (minute + (period - 1) * 10) * MINUTE;
    };
    for (let period = 2; period <= periods; period++) {
      const at = begins + ((period - 1) * (length + 10) - 1) * MINUTE;
      if (random.chance(0.6))
        this.#at(fixture, at - 8 * MINUTE, ['LIVE'], ({ matchId }) => services.moves.pause(by, { matchId }));
      this.#at(fixture, at, ['LIVE', 'BREAK'], ({ matchId }) => this.#records(by, matchId, { period: {} }));
    }
    for (const { minute, side, isGoal } of happenings)
      this.#at(fixture, timeOf(minute), ['LIVE'], ({ matchId }) => {
        const clock = { minute };
        if (!isGoal) {
          const card = random.chance(0.93) ? 'YELLOW' : 'RED';
          return this.#records(by, matchId, { card: { side, card, player: this.#player(fixture, side), clock } });
        }
        const kind = random.weighted([
          ['GOAL', 92],
          ['PENALTY', 6],
          ['OWN_GOAL', 2],
        ] as const);
        const scorer = this.#player(fixture, kind === 'OWN_GOAL' ? (side === 'HOME' ? 'AWAY' : 'HOME') : side);
        const helper = this.#player(fixture, side);
        const isHelped = kind === 'GOAL' && helper?.userId !== scorer?.userId && random.chance(0.6);
        return this.#records(by, matchId, {
          goal: { side, kind, player: scorer, ...(isHelped ? { assist: helper } : {}), clock },
        });
      });
    const ends = begins + (periods * (length + 10) - 8) * MINUTE;
    this.#at(fixture, ends, ['LIVE', 'BREAK'], ({ matchId }) => services.moves.finish(by, { matchId }));
    return ends;
  }

  async #records(by: Person['principal'], matchId: string, event: object): Promise<void> {
    const { random, clock, services } = this.#city;
    await services.events.record(by, { matchId, clientEventId: `seed:${random.int(0, 2 ** 31)}:${clock.now}`, event });
  }

  #player({ home, away }: Fixture, side: Side): { name: string; userId: string } | undefined {
    const players = (side === 'HOME' ? home : away).members.filter(({ role }) => role !== 'COACH');
    if (players.length === 0) return undefined;
    const { person } = this.#city.random.pick(players);
    return { name: person.displayName, userId: toGlobalId('User', person.principal.userId) };
  }

  /** Adds to the agenda that the referee enters the final score after the match. @returns the time of that */
  #entered(fixture: Fixture, kickoffAt: number, score: Score): number {
    const { random, services } = this.#city;
    const ends = kickoffAt + random.int(60, 200) * MINUTE;
    this.#at(fixture, ends, ['SCHEDULED', 'LINEUPS'], ({ matchId }) =>
      services.results.recordFinalScore(fixture.referee.principal, { matchId, score }),
    );
    return ends;
  }

  /**
   * Decides at random who confirms the result: both teams, one of them, the organizer, or nobody. A result that nobody
   * confirms counts when its time has passed. A few results get a protest or a correction.
   */
  #isConfirmed(fixture: Fixture, endsAt: number, score: Score): void {
    const { random, services } = this.#city;
    const luck = random.next();
    const confirms = (person: Person, at: number): void =>
      this.#at(fixture, at, ['FINISHED'], async ({ matchId }, row) => {
        // `confirmsAt` is null while a protest is open. Then the result cannot be confirmed.
        if (row.confirmsAt !== null) await services.results.confirm(person.principal, { matchId });
      });
    if (luck < 0.1) return;
    if (luck < 0.25) return confirms(fixture.organizer, endsAt + random.int(1, 30) * HOUR);
    if (luck < 0.27 && score.home !== score.away) {
      const loser = score.home > score.away ? fixture.away : fixture.home;
      const at = endsAt + random.int(1, 10) * HOUR;
      this.#at(fixture, at, ['FINISHED'], async ({ matchId }, row) => {
        if (row.confirmsAt === null) return;
        await services.results.protest(loser.owner.principal, {
          matchId,
          reason: 'В составе соперника незаявленный игрок',
        });
        // 15 % of the protests in friendlies are never decided.
        if (!fixture.isOfTournament && random.chance(0.15)) return;
        this.#at(fixture, at + random.int(6, 60) * HOUR, ['FINISHED'], ({ matchId: id }) =>
          services.results.decide(fixture.organizer.principal, {
            matchId: id,
            answer: 'Рассмотрено',
            decision: random.chance(0.8)
              ? { confirmed: true }
              : { walkover: { winner: loser === fixture.home ? 'HOME' : 'AWAY' } },
          }),
        );
      });
      return;
    }
    confirms(fixture.home.owner, endsAt + random.int(5, 20 * 60) * MINUTE);
    if (luck > 0.35) confirms(fixture.away.owner, endsAt + random.int(5, 36 * 60) * MINUTE);
    if (luck > 0.99 && !fixture.needsWinner && GOALS[fixture.home.sport] !== undefined)
      this.#at(fixture, endsAt + 3 * DAY, ['CONFIRMED'], ({ matchId }) =>
        services.results.correct(fixture.organizer.principal, {
          matchId,
          score: { home: score.home + 1, away: score.away, periods: [], shootout: null },
          reason: 'Ошибка в протоколе',
        }),
      );
  }

  /** Adds work on a match to the agenda. The work is left out if the match is not in one of these states then. */
  #at(
    fixture: Fixture,
    time: number,
    states: readonly MatchState[],
    work: (match: { readonly matchId: string }, row: Match) => Promise<unknown>,
  ): void {
    this.#city.at(time, async () => {
      const row = this.#row(fixture.matchId);
      if (row && states.includes(row.state)) await work({ matchId: toGlobalId('Match', fixture.matchId) }, row);
    });
  }

  #row(id: string): Match | undefined {
    return this.#city.services.database('matches').table('Match').first({ id }) as Match | undefined;
  }

  /** A random score. The stronger team is more likely to win. */
  #score({ home, away, needsWinner }: Fixture): Score {
    const { random } = this.#city;
    const { sport } = home;
    const edge = 0.15 + (home.strength - away.strength) * 0.35;
    const { sets, periods: count } = SPORTS[sport];
    if (sets) return this.#sets(sets, count, edge);
    const mean = GOALS[sport];
    if (mean === undefined) return this.#baskets(sport, count, edge);
    const periods = Array.from({ length: count }, () => ({
      home: random.poisson((mean / count) * Math.exp(edge / 2)),
      away: random.poisson((mean / count) * Math.exp(-edge / 2)),
    }));
    const score = { ...sumOf(periods), periods, shootout: null };
    if (!needsWinner || score.home !== score.away) return score;
    const [more, less] = random.pick([
      [5, 4],
      [4, 2],
      [4, 3],
      [3, 1],
    ] as const);
    return { ...score, shootout: random.chance(0.5) ? { home: more, away: less } : { home: less, away: more } };
  }

  #sets({ to, decider }: { to: number; decider: number }, best: number, edge: number): Score {
    const { random } = this.#city;
    const needed = Math.ceil(best / 2);
    const periods: Score['periods'] = [];
    let [home, away] = [0, 0];
    while (home < needed && away < needed) {
      const target = periods.length === best - 1 ? decider : to;
      const isHome = random.chance(1 / (1 + Math.exp(-edge * 1.5)));
      const isLong = random.chance(0.12);
      const less = isLong ? target - 1 + random.int(0, 4) : random.int(Math.floor(target * 0.45), target - 2);
      const points = [Math.max(target, less + 2), less] as const;
      periods.push(isHome ? { home: points[0], away: points[1] } : { home: points[1], away: points[0] });
      if (isHome) home++;
      else away++;
    }
    return { home, away, periods, shootout: null };
  }

  #baskets(sport: Sport, count: number, edge: number): Score {
    const { random } = this.#city;
    const mean = sport === 'BASKETBALL' ? 17 : 15;
    for (;;) {
      const periods = Array.from({ length: count }, () => ({
        home: Math.max(2, Math.round(mean + edge * 2 + random.normal() * 4)),
        away: Math.max(2, Math.round(mean - edge * 2 + random.normal() * 4)),
      }));
      const score = sumOf(periods);
      if (score.home !== score.away) return { ...score, periods, shootout: null };
    }
  }
}

const sumOf = (periods: Score['periods']): { home: number; away: number } => ({
  home: periods.reduce((sum, { home }) => sum + home, 0),
  away: periods.reduce((sum, { away }) => sum + away, 0),
});
