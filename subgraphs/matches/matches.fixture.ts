import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import type { EventLog, LoggedEvent } from '../../platform/messaging/event-log/event-log.ts';
import { fromGlobalId, toGlobalId } from '../../platform/graphql/global-id.ts';
import { UserErrors } from '../../platform/graphql/user-errors.ts';
import type { Principal, Role } from '../../platform/identity/principal.ts';
import { LiveEvents } from '../../platform/live/live-events.ts';
import { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import { Timers } from '../../platform/messaging/timers/timers.ts';
import { NoAnswer } from '../../platform/questions/definition.ts';
import { questionsTo } from '../../platform/testing/questions.testing.ts';
import { delivered, testConsumers } from '../../platform/testing/service.testing.ts';
import { Teams, TeamCreated } from '../../schema/messages/teams.ts';
import { IsMember, ViewerRole } from '../../schema/questions/teams.ts';
import { createTestDatabase } from '../../test/database.ts';
import { MatchesConsumers } from './consumers.ts';
import type { Sport } from './generated/graphql.ts';
import { type Match, PrismaClient } from './generated/prisma/client.ts';
import { KnownTeamsService } from './known-teams.service.ts';
import { LineupsService } from './lineups.service.ts';
import { MatchEventsService } from './match-events.service.ts';
import { MatchMovesService } from './match-moves.service.ts';
import { MatchesService } from './matches.service.ts';
import { RatingsService } from './ratings.service.ts';
import { ResultsService } from './results.service.ts';
import { MatchesTimers } from './timers.ts';
import { TournamentMatchesService } from './tournament-matches.service.ts';

export const person = (...roles: Role[]): Principal & { userId: string } => ({ userId: randomUUID(), roles });
export const teamId = (): string => toGlobalId('Team', randomUUID());
export const matchId = ({ id }: Match): string => toGlobalId('Match', id);

type Scheduling = { readonly sport?: Sport } & { readonly [field: string]: unknown };

/** The services of matches on a new database. Live streams get the emitted events when a test calls `relay()`. */
export async function openMatches() {
  const database = await createTestDatabase({ migrate: ['matches'] });
  const prisma = new PrismaClient({
    adapter: new PrismaPg({ connectionString: database.url, max: 10 }, { schema: 'matches' }),
    log: [{ emit: 'event', level: 'query' }],
  });
  const statements: string[] = [];
  prisma.$on('query', ({ query }) => statements.push(query));
  const outbox = new Outbox({ schema: 'matches' });
  const handlers: ((event: LoggedEvent) => void)[] = [];
  const log: Pick<EventLog, 'tail' | 'settled'> = {
    tail: async ({ handler }) => {
      handlers.push(handler);
      return { close: async () => undefined };
    },
    settled: async () => undefined,
  };
  const live = new LiveEvents(log as EventLog);
  const { consumers, deliver, deliverAll } = testConsumers('matches', undefined, outbox);

  /**
   * The data of the other subgraphs: teams by UUID, and all users except `missing`. The events of the teams in `late`
   * never arrive. While `away` is true, no question is answered.
   */
  const elsewhere = {
    teams: new Map<string, { sport: string; name: string }>(),
    missing: new Set<string>(),
    late: new Set<string>(),
    /** The role of a user in a team, by `<team>:<user>`, as UUIDs. */
    roles: new Map<string, 'OWNER' | 'CAPTAIN' | 'COACH' | 'PLAYER'>(),
    asked: [] as string[],
    away: false,
  };
  const teamCreated = (id: string, seq = 1): LoggedEvent =>
    delivered({
      topic: Teams.name,
      key: id,
      seq,
      type: TeamCreated.type,
      payload: { teamId: id, city: null, ...(elsewhere.teams.get(id) ?? { name: 'Foxes', sport: 'FOOTBALL' }) },
    });
  const questions = questionsTo(async ({ to, field }, ids, viewer) => {
    const type = to === 'users' ? 'User' : 'Team';
    elsewhere.asked.push(`${to} ${type} ${ids.length}`);
    if (elsewhere.away) throw new NoAnswer(`${to} is away`);
    if (type === 'User') return ids.map((id) => !elsewhere.missing.has(String(id)));
    const roleOf = (team: unknown, user: string | undefined) =>
      elsewhere.roles.get(`${fromGlobalId('Team', String(team))}:${user}`) ?? null;
    if (field === ViewerRole.field) return ids.map((id) => roleOf(id, viewer?.userId));
    if (field === IsMember.field)
      return (ids as { teamId: string; userId: string }[]).map(
        (one) => roleOf(one.teamId, fromGlobalId('User', one.userId) ?? undefined) !== null,
      );
    const known = ids
      .map((id) => fromGlobalId('Team', String(id)) ?? '')
      .map((id) => ({ id, isThere: elsewhere.teams.has(id) }));
    // When a team is asked for, its event arrives too, so the service that waits for it continues.
    for (const { id, isThere } of known) if (isThere && !elsewhere.late.has(id)) await deliver(teamCreated(id));
    return known.map(({ isThere }) => isThere);
  });
  /** The clock of the timers, in milliseconds. */
  const clock = { now: Date.now() };
  const timers = new Timers({ url: database.url, outbox, clock: () => clock.now });
  const knownTeams = new KnownTeamsService(prisma, questions, timers);
  const matches = new MatchesService(prisma, outbox, knownTeams, questions);
  const events = new MatchEventsService(prisma, outbox, live, questions, timers);
  const moves = new MatchMovesService(prisma, outbox, timers, questions);
  const results = new ResultsService(prisma, outbox, timers, questions);
  const ratings = new RatingsService(prisma);
  const lineups = new LineupsService(prisma, outbox, questions);
  new MatchesConsumers(consumers, prisma, knownTeams, new TournamentMatchesService(timers));
  await consumers.onApplicationBootstrap();
  const runner = new MatchesTimers(timers, prisma, results).runner();
  const organizer = person('organizer');
  const referee = person('referee');

  /** The rows of the outbox in the shape that they will have in the log. */
  const told = async (): Promise<LoggedEvent[]> =>
    (await prisma.outboxMessage.findMany({ orderBy: { id: 'asc' } })).map(({ id, occurredAt, requestId, ...row }) => ({
      ...row,
      ...(requestId === null ? {} : { requestId }),
      occurredAt: occurredAt.toISOString(),
      partition: 0,
      offset: String(id),
    }));
  return {
    prisma,
    outbox,
    live,
    matches,
    events,
    moves,
    results,
    lineups,
    ratings,
    timers,
    url: database.url,
    statements,
    organizer,
    referee,
    told,
    elsewhere,
    questions,
    knownTeams,
    teamCreated,
    deliver,
    deliverAll,
    /**
     * Makes a team that the subgraph teams has. Its event arrives when the service waits for it. @returns its global id
     */
    team(sport = 'FOOTBALL', name = 'Foxes'): string {
      const id = randomUUID();
      elsewhere.teams.set(id, { sport, name });
      return toGlobalId('Team', id);
    },
    input(input: Scheduling = {}) {
      const sport: Sport = input.sport ?? 'FOOTBALL';
      return {
        clientId: randomUUID(),
        sport,
        homeTeamId: this.team(sport),
        awayTeamId: this.team(sport),
        kickoffAt: new Date('2026-06-01T18:00:00Z'),
        refereeId: toGlobalId('User', referee.userId),
        ...input,
      };
    },
    schedule(input: Scheduling = {}): Promise<Match> {
      return matches.schedule(organizer, this.input(input));
    },
    async kickedOff(input: Scheduling = {}): Promise<Match> {
      return moves.start(organizer, { matchId: matchId(await this.schedule(input)) });
    },
    async finished(input: Scheduling = {}): Promise<Match> {
      return moves.finish(organizer, { matchId: matchId(await this.kickedOff(input)) });
    },
    /** A user who has this role in a side's team now. */
    member(match: Match, side: 'HOME' | 'AWAY', role: 'OWNER' | 'CAPTAIN' | 'COACH' | 'PLAYER' = 'CAPTAIN') {
      const somebody = person();
      elsewhere.roles.set(`${side === 'HOME' ? match.homeTeamId : match.awayTeamId}:${somebody.userId}`, role);
      return somebody;
    },
    /** Moves the clock by this many hours and fires the timers that are due. */
    async pass(hours: number): Promise<void> {
      clock.now += hours * 3_600_000;
      await runner.fireDue();
    },
    /** The match as it is now. */
    async now({ id }: Match): Promise<Match> {
      return prisma.match.findUniqueOrThrow({ where: { id } });
    },
    async relay(): Promise<void> {
      for (const event of await told()) for (const handler of handlers) handler(event);
    },
    async close(): Promise<void> {
      await timers.close();
      await live.close();
      await prisma.$disconnect();
      await database.drop();
    },
  };
}

/** Asserts that `work` fails with exactly one user error: this code and field. */
export async function refused(work: Promise<unknown>, code: string, field: string | null): Promise<void> {
  await assert.rejects(work, (error: unknown) => {
    assert.ok(error instanceof UserErrors, String(error));
    assert.deepEqual(
      error.errors.map((one) => [one.code, one.field?.join('.') ?? null]),
      [[code, field]],
    );
    return true;
  });
}
