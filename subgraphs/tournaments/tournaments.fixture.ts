import { randomUUID } from 'node:crypto';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { Timers } from '../../platform/messaging/timers/timers.ts';
import { NoAnswer } from '../../platform/questions/definition.ts';
import { questionsTo } from '../../platform/testing/questions.testing.ts';
import { openService, type person, rateLimits } from '../../platform/testing/service.testing.ts';
import { TeamRating } from '../../schema/questions/matches.ts';
import { TeamOfViewer } from '../../schema/questions/teams.ts';
import { PlayerFits, type PlayerRule } from '../../schema/questions/users.ts';
import { DisbandedTeamsService } from './disbanded-teams.service.ts';
import { EnteringService } from './entering.service.ts';
import { EntriesService } from './entries.service.ts';
import { EventsService } from './events.service.ts';
import { type Entry, PrismaClient, type Tournament } from './generated/prisma/client.ts';
import { LifeService } from './life.service.ts';
import { OrganizersService } from './organizers.service.ts';
import { PlanService } from './plan.service.ts';
import { ResultsService } from './results.service.ts';
import { StagesService } from './stages.service.ts';
import { KickoffsService } from './kickoffs.service.ts';
import { ScheduleRunsService } from './schedule-runs.service.ts';
import { ScheduleWork } from './schedule-work.ts';
import { VenuesService } from './venues.service.ts';
import { TournamentsService } from './tournaments.service.ts';

export type Person = ReturnType<typeof person>;
export const tournamentIdOf = ({ id }: Pick<Tournament, 'id'>): string => toGlobalId('Tournament', id);
export const entryIdOf = ({ id }: Pick<Entry, 'id'>): string => toGlobalId('Entry', id);

/** The smallest input of createTournament, without the client id. */
export const yardCup = {
  name: 'Yard Cup',
  sport: 'FOOTBALL',
  timeZone: 'Europe/Berlin',
  startsAt: new Date('2030-06-01T08:00:00Z'),
};

/** A team of the subgraph teams. */
export interface Team {
  /** The global id of the team. */
  readonly id: string;
  readonly sport: string;
  readonly city: string | null;
  /** The role of each member, by the user's UUID. */
  readonly roles: Map<string, 'OWNER' | 'CAPTAIN' | 'COACH' | 'PLAYER'>;
}

/** The services of tournaments on a new database. Questions to other subgraphs are answered from `elsewhere`. */
export async function openTournaments(limits = rateLimits()) {
  const opened = await openService('tournaments', PrismaClient);
  const { prisma, outbox } = opened;
  /**
   * The data of other subgraphs. All users exist except `missing`. Players in `unfit` fit no rule. While `away` is true
   * no question is answered. `rules` collects the rules that were asked about.
   */
  const elsewhere = {
    teams: new Map<string, Team>(),
    missing: new Set<string>(),
    unfit: new Set<string>(),
    away: false,
    /** The ordinals of the ratings of teams, by the global id of the team. */
    ratings: new Map<string, number>(),
    asked: 0,
    /** If set, this is called while another subgraph is asked, so that a test can change data at that moment. */
    during: undefined as (() => Promise<void>) | undefined,
    rules: [] as PlayerRule[],
  };
  const questions = questionsTo(async ({ to, field }, items, viewer) => {
    elsewhere.asked++;
    await elsewhere.during?.();
    if (elsewhere.away) throw new NoAnswer(`${to} is away`);
    if (field === PlayerFits.field) {
      const rules = items as PlayerRule[];
      elsewhere.rules.push(...rules);
      return rules.map(({ userId }) => !elsewhere.unfit.has(userId));
    }
    if (field === TeamRating.field)
      return (items as { teamId: string; sport: string }[]).map(({ teamId, sport }) =>
        sport === 'FOOTBALL' ? (elsewhere.ratings.get(teamId) ?? null) : null,
      );
    if (field === TeamOfViewer.field)
      return items.map((id) => {
        const team = elsewhere.teams.get(String(id));
        if (!team) return null;
        const players = [...team.roles].filter(([, role]) => role !== 'COACH');
        const role = team.roles.get(viewer?.userId ?? '') ?? null;
        return {
          sport: team.sport,
          city: team.city,
          role,
          playerIds: players.map(([userId]) => toGlobalId('User', userId)),
        };
      });
    return items.map((id) => (to === 'teams' ? elsewhere.teams.has(String(id)) : !elsewhere.missing.has(String(id))));
  });
  /** The clock of the timers, in milliseconds. Undefined: the clock of the machine. */
  const clock: { now: number | undefined } = { now: Date.now() };
  const timers = new Timers({ url: opened.url, outbox, clock: () => clock.now ?? Date.now() });
  const life = new LifeService(prisma, outbox, timers, questions);
  const runner = life.runner();
  const service = new TournamentsService(prisma, outbox, limits);
  const entering = new EnteringService(prisma, outbox, questions, limits);

  const stages = new StagesService(prisma, outbox);
  const create = (owner: Person, more: object = {}): Promise<Tournament> =>
    service.create(owner, { clientId: randomUUID(), ...yardCup, ...more });
  const planned = async (owner: Person, more: object = {}): Promise<Tournament> => {
    const tournament = await create(owner, more);
    const league = { name: 'League', format: { roundRobin: {} } };
    return stages.set(owner, { tournamentId: tournamentIdOf(tournament), stages: [league] });
  };

  return {
    ...opened,
    elsewhere,
    stages,
    questions,
    timers,
    service,
    life,
    entering,
    organizers: new OrganizersService(prisma, outbox, questions),
    entries: new EntriesService(prisma),
    plan: new PlanService(prisma),
    results: new ResultsService(timers),
    disbanded: new DisbandedTeamsService(timers),
    venues: new VenuesService(prisma, outbox),
    runs: new ScheduleRunsService(prisma, outbox, limits),
    work: new ScheduleWork(prisma, outbox),
    kickoffs: new KickoffsService(prisma, outbox),
    events: new EventsService(prisma, opened.live),
    made: create,
    /** Creates a draft with one stage, a league. */
    planned,
    async published(owner: Person, more: object = {}): Promise<Tournament> {
      return life.publish(owner, { tournamentId: tournamentIdOf(await planned(owner, more)) });
    },
    /** Writes the state into the row, without a service or an event. */
    put: ({ id }: Pick<Tournament, 'id'>, state: Tournament['state']): Promise<Tournament> =>
      prisma.tournament.update({ where: { id }, data: { state } }),
    now: ({ id }: Pick<Tournament, 'id'>): Promise<Tournament> =>
      prisma.tournament.findUniqueOrThrow({ where: { id } }),
    /** Adds a team that the person owns to `elsewhere`. */
    team(owner: Person, more: { sport?: string; city?: string } = {}): Team {
      const id = toGlobalId('Team', randomUUID());
      const { sport = 'FOOTBALL', city = null } = more;
      const team: Team = { id, sport, city, roles: new Map([[owner.userId, 'OWNER']]) };
      elsewhere.teams.set(id, team);
      return team;
    },
    enter: (who: Person, tournament: Tournament, team: Team, more: object = {}): Promise<Entry> =>
      entering.enter(who, { tournamentId: tournamentIdOf(tournament), teamId: team.id, ...more }),
    /** Lets `count` new teams enter, each with an owner of its own. */
    async filled(tournament: Tournament, count: number, more: object = {}): Promise<{ owner: Person; entry: Entry }[]> {
      const all: { owner: Person; entry: Entry }[] = [];
      for (let n = 0; n < count; n++) {
        const owner: Person = { userId: randomUUID(), roles: [] };
        all.push({ owner, entry: await this.enter(owner, tournament, this.team(owner), more) });
      }
      return all;
    },
    /** States of entries in the order of their numbers. */
    async states({ id }: Pick<Tournament, 'id'>): Promise<string[]> {
      const rows = await prisma.entry.findMany({ where: { tournamentId: id }, orderBy: { number: 'asc' } });
      return rows.map(({ state }) => state);
    },
    /** From now on timers fire by themselves, by the clock of the machine, as in the product. */
    start: (): void => {
      clock.now = undefined;
      runner.start();
    },
    /**
     * Moves the clock by a second and fires the timers that are due, which update tables and brackets with the stored
     * results.
     */
    follow: async (): Promise<void> => {
      clock.now = (clock.now ?? Date.now()) + 1_000;
      await runner.fireDue();
    },
    /** Sets the clock to this moment and fires the timers that are then due. */
    async fireAt(at: Date): Promise<void> {
      clock.now = at.getTime();
      await runner.fireDue();
    },
    async toldOf({ id }: Pick<Tournament, 'id'>) {
      return (await opened.told()).events.filter(({ key }) => key === id);
    },
    async close(): Promise<void> {
      await timers.close();
      await opened.close();
    },
  };
}
