import { randomUUID } from 'node:crypto';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { Timers } from '../../platform/messaging/timers/timers.ts';
import { NoAnswer } from '../../platform/questions/definition.ts';
import { questionsTo } from '../../platform/testing/questions.testing.ts';
import { openService, type person, rateLimits } from '../../platform/testing/service.testing.ts';
import { TeamOfViewer } from '../../schema/questions/teams.ts';
import { PlayerFits, type PlayerRule } from '../../schema/questions/users.ts';
import { EnteringService } from './entering.service.ts';
import { EntriesService } from './entries.service.ts';
import { EventsService } from './events.service.ts';
import { type Entry, PrismaClient, type Tournament } from './generated/prisma/client.ts';
import { LifeService } from './life.service.ts';
import { OrganizersService } from './organizers.service.ts';
import { PlanService } from './plan.service.ts';
import { StagesService } from './stages.service.ts';
import { KickoffsService } from './kickoffs.service.ts';
import { ScheduleRunsService } from './schedule-runs.service.ts';
import { ScheduleWork } from './schedule-work.ts';
import { VenuesService } from './venues.service.ts';
import { TournamentsService } from './tournaments.service.ts';

export type Person = ReturnType<typeof person>;
export const tournamentIdOf = ({ id }: Pick<Tournament, 'id'>): string => toGlobalId('Tournament', id);
export const entryIdOf = ({ id }: Pick<Entry, 'id'>): string => toGlobalId('Entry', id);

/** The least input of createTournament. */
export const yardCup = {
  name: 'Yard Cup',
  sport: 'FOOTBALL',
  timeZone: 'Europe/Berlin',
  startsAt: new Date('2030-06-01T08:00:00Z'),
};

/** A team of the subgraph teams. */
export interface Team {
  /** Global. */
  readonly id: string;
  readonly sport: string;
  readonly city: string | null;
  /** By the user's id. */
  readonly roles: Map<string, 'OWNER' | 'CAPTAIN' | 'COACH' | 'PLAYER'>;
}

/** The services on a database of their own. */
export async function openTournaments(limits = rateLimits()) {
  const opened = await openService('tournaments', PrismaClient);
  const { prisma, outbox } = opened;
  /** The data of other subgraphs. Every user exists except `missing`. `unfit`: players who fit no rule. */
  const elsewhere = {
    teams: new Map<string, Team>(),
    missing: new Set<string>(),
    unfit: new Set<string>(),
    away: false,
    rules: [] as PlayerRule[],
  };
  const questions = questionsTo(({ to, field }, items, viewer) => {
    if (elsewhere.away) throw new NoAnswer(`${to} is away`);
    if (field === PlayerFits.field) {
      const rules = items as PlayerRule[];
      elsewhere.rules.push(...rules);
      return rules.map(({ userId }) => !elsewhere.unfit.has(userId));
    }
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
  /** What the timers take for now, in milliseconds. */
  const clock = { now: Date.now() };
  const timers = new Timers({ url: opened.url, outbox, clock: () => clock.now });
  const life = new LifeService(prisma, outbox, timers);
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
    venues: new VenuesService(prisma, outbox),
    runs: new ScheduleRunsService(prisma, outbox, limits),
    work: new ScheduleWork(prisma, outbox),
    kickoffs: new KickoffsService(prisma, outbox),
    events: new EventsService(prisma, opened.live),
    made: create,
    /** A draft with a league. */
    planned,
    async published(owner: Person, more: object = {}): Promise<Tournament> {
      return life.publish(owner, { tournamentId: tournamentIdOf(await planned(owner, more)) });
    },
    /** Writes the state into the row. */
    put: ({ id }: Pick<Tournament, 'id'>, state: Tournament['state']): Promise<Tournament> =>
      prisma.tournament.update({ where: { id }, data: { state } }),
    now: ({ id }: Pick<Tournament, 'id'>): Promise<Tournament> =>
      prisma.tournament.findUniqueOrThrow({ where: { id } }),
    /** A team that the person owns. */
    team(owner: Person, more: { sport?: string; city?: string } = {}): Team {
      const id = toGlobalId('Team', randomUUID());
      const { sport = 'FOOTBALL', city = null } = more;
      const team: Team = { id, sport, city, roles: new Map([[owner.userId, 'OWNER']]) };
      elsewhere.teams.set(id, team);
      return team;
    },
    enter: (who: Person, tournament: Tournament, team: Team, more: object = {}): Promise<Entry> =>
      entering.enter(who, { tournamentId: tournamentIdOf(tournament), teamId: team.id, ...more }),
    /** So many teams enter. */
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
    /** Lets the timers that are due at this moment fire. */
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
