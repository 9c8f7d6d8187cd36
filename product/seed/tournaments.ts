// Simulates tournaments from the draft to the champion: all calls that organizers and captains would make.
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import type { DomainEvent } from '../../platform/messaging/event-log/event-log.ts';
import { MatchPlanned, TournamentCompleted } from '../../schema/messages/tournaments.ts';
import type { Sport } from '../../schema/sports.ts';
import type { Entry, Result, Slot, Tournament } from '../../subgraphs/tournaments/generated/prisma/client.ts';
import { type City, DAY, HOUR, MINUTE, type Person, type Team } from './city.ts';
import type { MatchDays } from './matches.ts';
import { CITY, tournamentName, venueIn } from './names.ts';
import type { Fate } from './sizes.ts';

type Format = keyof typeof FORMATS;
interface Plan {
  readonly stages: readonly object[];
  /** The approximate number of days from the start to the last match. */
  readonly days: number;
  /** The largest number of matches. */
  readonly matches: number;
}

const table = (name: string, roundRobin: object): object => ({ name, format: { roundRobin } });
const knockout = (name: string, entrants: readonly object[] | undefined, more: object = {}): object => ({
  name,
  format: { singleElimination: { thirdPlace: true, ...more } },
  ...(entrants && { entrants }),
});
const WEEK = 7;

/** For each format: the stages of a tournament with this number of entries, and how long it takes. */
const FORMATS = {
  league: (entries: number): Plan => ({
    stages: [table('Регулярный чемпионат', {})],
    days: (entries - 1) * WEEK,
    matches: (entries * (entries - 1)) / 2,
  }),
  groups: (entries: number): Plan => {
    const groups = Math.max(1, entries / 4);
    return {
      stages: [
        table('Групповой этап', { groups, legs: entries > 8 ? 2 : 1 }),
        knockout('Плей-офф', [{ top: { stage: 1, places: 2 } }]),
      ],
      days: (entries > 8 ? 6 : 3) * WEEK + (Math.log2(2 * groups) + 1) * 5,
      matches: entries * (entries > 8 ? 3 : 1.5) + 2 * groups,
    };
  },
  knockout: (entries: number): Plan => ({
    stages: [knockout('Кубок', undefined)],
    days: (Math.log2(entries) + 1) * 5,
    matches: entries,
  }),
  swiss: (): Plan => ({ stages: [{ name: 'Швейцарка', format: { swiss: { rounds: 6 } } }], days: 32, matches: 48 }),
  double: (entries: number): Plan => ({
    stages: [{ name: 'До двух поражений', format: { doubleElimination: {} } }],
    days: (2 * Math.log2(entries) + 2) * 5,
    matches: 2 * entries,
  }),
} as const;
const ORDER: readonly Format[] = ['groups', 'league', 'knockout', 'swiss', 'league', 'double'];

/** A tournament of the simulation, after its draft was created. */
interface Running {
  readonly fate: Fate;
  readonly organizer: Person;
  readonly startsAt: number;
  /** The number of days between two rounds of a league or group. */
  readonly rhythm: number;
}

export class Competitions {
  readonly #city: City;
  readonly #days: MatchDays;
  readonly #running = new Map<string, Running>();

  constructor(city: City, days: MatchDays) {
    this.#city = city;
    this.#days = days;
  }

  /** Adds the tournaments to the agenda. @returns the largest number of matches that they may have before the end */
  organize(): number {
    const { size } = this.#city;
    let matches = 0;
    let number = 0;
    for (const [fate, count] of Object.entries(size.tournaments) as [Fate, number][])
      for (let index = 0; index < count; index++)
        matches += this.#tournament(fate, ORDER[number % ORDER.length] as Format, number++);
    return matches;
  }

  /** Reacts to a published event of a tournament: gives a planned match a time, or archives the tournament later. */
  heard(event: DomainEvent): void {
    const running = this.#running.get(event.key);
    if (!running) return;
    if (event.type === MatchPlanned.type) this.#appoints(running, event.payload as Planned);
    if (event.type === TournamentCompleted.type && running.fate === 'archived')
      this.#step(event.key, this.#city.clock.now + 4 * DAY, ['COMPLETED'], (input) =>
        this.#city.services.life.archive(running.organizer.principal, input),
      );
  }

  #tournament(fate: Fate, format: Format, number: number): number {
    const city = this.#city;
    const { random, services, now, size } = city;
    const [sport, teams] = this.#field(
      format === 'league' ? random.int(Math.min(8, size.entries), size.entries) : size.entries,
    );
    const entries = format === 'league' ? teams.length : 2 ** Math.floor(Math.log2(teams.length));
    const plan = FORMATS[format](entries);
    const startsAt = city.timeToPlay(this.#startOf(fate, plan.days));
    const organizer = random.pick(city.officials);
    const mode = random.weighted([
      ['OPEN', 7],
      ['APPROVAL', 2],
      ['INVITATION', 1],
    ] as const);
    const createdAt = startsAt - random.int(32, 40) * DAY;
    // The draft of each tournament is created before the simulation ends, also if it starts much later.
    const draftedAt = Math.min(createdAt, now - random.int(2, 9) * DAY);
    const opensAt = draftedAt + random.int(2, 40) * HOUR;
    const closesAt = startsAt - 8 * DAY;
    city.at(draftedAt, async () => {
      const { id } = await services.tournaments.create(organizer.principal, {
        clientId: `seed:${number + 1}`,
        name: tournamentName(random, sport, format, number + 1),
        description: `Играем по выходным и вечерами. Площадка: ${venueIn(random, random.pick(teams).district)}.`,
        sport,
        timeZone: 'Europe/Moscow',
        city: CITY,
        startsAt: new Date(startsAt),
        mode,
        maxTeams: entries,
        protestHours: random.pick([12, 24, 48]),
        registrationClosesAt: random.chance(0.5) && closesAt > opensAt ? new Date(closesAt) : undefined,
      });
      const tournamentId = toGlobalId('Tournament', id);
      this.#running.set(id, { fate, organizer, startsAt, rhythm: plan.days > 0 ? WEEK : 1 });
      await services.stages.set(organizer.principal, { tournamentId, stages: plan.stages });
      if (random.chance(0.5)) {
        const helper = random.pick(city.officials);
        if (helper !== organizer)
          await services.organizers.appoint(organizer.principal, {
            tournamentId,
            userId: toGlobalId('User', helper.principal.userId),
          });
      }
      if (fate !== 'draft') this.#goesOn(id, { organizer, teams, entries, mode, fate, opensAt, closesAt, startsAt });
    });
    return startsAt - 2 * DAY < now && fate !== 'draft' ? plan.matches : 0;
  }

  #goesOn(
    id: string,
    {
      organizer,
      teams,
      entries,
      mode,
      fate,
      opensAt,
      closesAt,
      startsAt,
    }: {
      organizer: Person;
      teams: readonly Team[];
      entries: number;
      mode: string;
      fate: Fate;
      opensAt: number;
      closesAt: number;
      startsAt: number;
    },
  ): void {
    const { random, services } = this.#city;
    const at = this.#city.at.bind(this.#city);
    const { life, entering } = services;
    const by = organizer.principal;
    this.#step(id, opensAt, ['DRAFT'], (input) => life.publish(by, input));
    // One more team enters than there are places, so that one team is on the waiting list.
    const coming = teams.slice(0, entries + 1);
    for (const [index, team] of coming.entries()) {
      const teamId = toGlobalId('Team', team.id);
      const comesAt =
        opensAt +
        HOUR +
        Math.floor(((index + random.next()) / coming.length) * Math.max(HOUR, closesAt - opensAt - 8 * HOUR));
      if (mode === 'INVITATION')
        this.#step(id, comesAt - 30 * MINUTE, ['REGISTRATION'], (input) => entering.invite(by, { ...input, teamId }));
      this.#step(id, comesAt, ['REGISTRATION'], async (input) => {
        const entry = await entering.enter(team.owner.principal, { ...input, teamId, wait: true });
        const entryId = toGlobalId('Entry', entry.id);
        if (entry.state === 'PENDING')
          at(this.#city.clock.now + random.int(1, 6) * HOUR, async () => {
            const { state, maxTeams } = this.#row(id);
            const placed = this.#entries(id).filter((one) => one.state === 'ACCEPTED').length;
            if (state !== 'REGISTRATION' && state !== 'CHECK_IN') return;
            if (placed < maxTeams) await entering.approve(by, { entryId });
            else await entering.reject(by, { entryId, reason: 'Мест больше нет' });
          });
      });
    }
    this.#step(id, closesAt, ['REGISTRATION'], (input) => life.closeRegistration(by, input));
    this.#checksIn(id, closesAt, teams);
    this.#step(id, startsAt - 3 * DAY, ['CHECK_IN'], (input) => life.endCheckIn(by, input));
    if (fate === 'cancelled')
      this.#step(id, startsAt + random.pick([-2, 9]) * DAY, ['CHECK_IN', 'SEEDED', 'RUNNING'], (input) =>
        life.cancel(by, { ...input, reason: 'Площадка закрыта на ремонт' }),
      );
    this.#step(id, startsAt - 2 * DAY, ['CHECK_IN'], async (input) => {
      const placed = this.#entries(id).filter(({ state }) => state === 'ACCEPTED' || state === 'CHECKED_IN');
      // With fewer than three quarters of the planned teams, the organizer cancels the tournament.
      if (placed.length < entries * 0.75) await life.cancel(by, { ...input, reason: 'Собралось слишком мало команд' });
      else await life.draw(by, input);
    });
    this.#step(id, startsAt - HOUR, ['SEEDED'], async (input) => {
      await life.start(by, input);
      this.#decides(id, organizer);
    });
    if (random.chance(0.2))
      at(startsAt + 10 * DAY, async () => {
        if (this.#row(id).state !== 'RUNNING') return;
        const leaving = random.pick(this.#entries(id).filter(({ state }) => state === 'CHECKED_IN'));
        const team = teams.find((one) => one.id === leaving.teamId);
        const entryId = toGlobalId('Entry', leaving.id);
        if (random.chance(0.7) && team) await entering.withdraw(team.owner.principal, { entryId });
        else await entering.disqualify(by, { entryId, reason: 'Неявка на два матча' });
      });
  }

  /**
   * Checks every three days whether all results of the tournament count. Then the organizer draws lots, once, for teams
   * that are level in all that the rules compare.
   */
  #decides(id: string, organizer: Person): void {
    const { services, clock } = this.#city;
    const database = services.database('tournaments');
    this.#step(id, clock.now + 3 * DAY, ['RUNNING'], async (input) => {
      const stages = [...database.table('Stage').found({ tournamentId: id })];
      const slots = stages.flatMap((stage) => [...database.table('Slot').found({ stageId: stage['id'] })]);
      const results = slots.flatMap((slot) => [
        ...database.table('Result').found({ slotId: slot['id'], annulled: false }),
      ]);
      const isOver = results.length > 0 && results.every(({ counts }) => counts === true);
      if (!isOver) return this.#decides(id, organizer);
      await services.rulings.drawLots(organizer.principal, input);
    });
  }

  /** Lets the owners of the teams check in; 2 % of the teams forget it. */
  #checksIn(id: string, closesAt: number, teams: readonly Team[]): void {
    const { random, services } = this.#city;
    for (const team of teams) {
      if (random.chance(0.02)) continue;
      this.#step(id, closesAt + random.int(60, 4 * 24 * 60) * MINUTE, ['CHECK_IN'], async () => {
        const entry = this.#entries(id).find((one) => one.teamId === team.id && one.state === 'ACCEPTED');
        if (entry) await services.entering.checkIn(team.owner.principal, { entryId: toGlobalId('Entry', entry.id) });
      });
    }
  }

  /** Lets the organizer give a planned match a time and a place, and adds to the agenda how it is played. */
  #appoints({ organizer, startsAt, rhythm }: Running, planned: Planned): void {
    const city = this.#city;
    const { random, services, clock } = city;
    const { matchId } = planned;
    const database = services.database('tournaments');
    const result = database.table('Result').first({ matchId }) as Result | undefined;
    const slot = result && (database.table('Slot').first({ id: result.slotId }) as Slot | undefined);
    if (!slot) return;
    const teams = new Map(city.teams.map((team) => [team.id, team]));
    const [home, away] = [teams.get(planned.homeTeamId), teams.get(planned.awayTeamId)];
    if (!home || !away) return;
    const round = slot.bracket === 'TABLE' ? (slot.round - 1) * rhythm : 0;
    const earliest = Math.max(startsAt + round * DAY, clock.now + 2 * DAY);
    const kickoffAt = city.timeToPlay(earliest + random.int(0, 2) * DAY);
    const referee = random.pick(city.officials);
    city.at(clock.now + random.int(10, 90) * MINUTE, async () => {
      const match = services.database('matches').table('Match').first({ id: matchId });
      if (match?.['state'] !== 'SCHEDULED') return;
      await services.moves.reschedule(organizer.principal, {
        matchId: toGlobalId('Match', matchId),
        kickoffAt: new Date(kickoffAt),
        venue: venueIn(random, home.district),
        refereeId: toGlobalId('User', referee.principal.userId),
      });
      this.#days.arrange(
        { matchId, home, away, organizer, referee, needsWinner: planned.needsWinner, isOfTournament: true },
        kickoffAt,
      );
    });
  }

  /**
   * Chooses a random sport, and `entries + 1` teams of it for a tournament.
   * @throws Error if no sport has enough teams
   */
  #field(entries: number): [Sport, Team[]] {
    const { random, teams, size } = this.#city;
    // Only teams from before the city's history take part, because their members have joined before the tournament.
    const old = teams.filter(({ foundedAt }) => foundedAt <= this.#city.now - size.days * DAY);
    const bySport = [...Map.groupBy(old, ({ sport }) => sport)].filter(([, of]) => of.length > entries);
    if (bySport.length === 0) throw new Error('the city has too few teams for its tournaments');
    const [sport, of] = random.pick(bySport);
    return [sport, random.shuffled(of).slice(0, entries + 1)];
  }

  #startOf(fate: Fate, days: number): number {
    const { random, now, size } = this.#city;
    switch (fate) {
      case 'draft':
        return now + random.int(40, 60) * DAY;
      case 'registration':
        return now + random.int(14, 25) * DAY;
      case 'checkIn':
        return now + random.int(5, 7) * DAY;
      case 'seeded':
        return now + DAY;
      case 'running':
        return now - Math.round(days * (0.15 + random.next() * 0.25)) * DAY;
      case 'cancelled':
        return now - random.int(5, 60) * DAY;
      case 'completed':
      case 'archived': {
        const latest = now - (days + 20) * DAY;
        const earliest = Math.min(latest, now - (size.days - 50) * DAY);
        return earliest + random.next() * (latest - earliest);
      }
    }
  }

  #step(
    id: string,
    time: number,
    states: readonly Tournament['state'][],
    work: (input: { readonly tournamentId: string }) => Promise<unknown>,
  ): void {
    this.#city.at(time, async () => {
      if (states.includes(this.#row(id).state)) await work({ tournamentId: toGlobalId('Tournament', id) });
    });
  }

  #row(id: string): Tournament {
    return this.#city.services.database('tournaments').table('Tournament').first({ id }) as unknown as Tournament;
  }

  #entries(tournamentId: string): Entry[] {
    return [
      ...this.#city.services.database('tournaments').table('Entry').found({ tournamentId }),
    ] as unknown as Entry[];
  }
}

interface Planned {
  readonly matchId: string;
  readonly homeTeamId: string;
  readonly awayTeamId: string;
  readonly needsWinner: boolean;
}
