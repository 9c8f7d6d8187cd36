import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import type { EventLog, LoggedEvent } from '../../platform/messaging/event-log/event-log.ts';
import { fromGlobalId, toGlobalId } from '../../platform/graphql/global-id.ts';
import { UserErrors } from '../../platform/graphql/user-errors.ts';
import type { Principal, Role } from '../../platform/identity/principal.ts';
import { LiveEvents } from '../../platform/live/live-events.ts';
import { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import { NoAnswer } from '../../platform/questions/definition.ts';
import { questionsTo } from '../../platform/testing/questions.testing.ts';
import { delivered, testConsumers } from '../../platform/testing/service.testing.ts';
import { Teams, TeamCreated } from '../../schema/messages/teams.ts';
import { createTestDatabase } from '../../test/database.ts';
import { MatchesConsumers } from './consumers.ts';
import type { Sport } from './generated/graphql.ts';
import { type Match, PrismaClient } from './generated/prisma/client.ts';
import { KnownTeamsService } from './known-teams.service.ts';
import { MatchEventsService } from './match-events.service.ts';
import { MatchesService } from './matches.service.ts';

export const person = (...roles: Role[]): Principal & { userId: string } => ({ userId: randomUUID(), roles });
export const teamId = (): string => toGlobalId('Team', randomUUID());
export const matchId = ({ id }: Match): string => toGlobalId('Match', id);

type Scheduling = { readonly sport?: Sport } & { readonly [field: string]: unknown };

/** The service on a database of its own. What it emits reaches live streams when `relay()` is called. */
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
  const { consumers, deliver } = testConsumers('matches', undefined, outbox);

  /**
   * What the other subgraphs have: teams by UUID, everybody but `missing`. `late`: teams has them, their events do not
   * come.
   */
  const elsewhere = {
    teams: new Map<string, { sport: string; name: string }>(),
    missing: new Set<string>(),
    late: new Set<string>(),
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
  const questions = questionsTo(async ({ to }, ids) => {
    const type = to === 'users' ? 'User' : 'Team';
    elsewhere.asked.push(`${to} ${type} ${ids.length}`);
    if (elsewhere.away) throw new NoAnswer(`${to} is away`);
    if (type === 'User') return ids.map((id) => !elsewhere.missing.has(String(id)));
    const known = ids
      .map((id) => fromGlobalId('Team', String(id)) ?? '')
      .map((id) => ({ id, isThere: elsewhere.teams.has(id) }));
    // The event comes while it is waited for.
    for (const { id, isThere } of known) if (isThere && !elsewhere.late.has(id)) await deliver(teamCreated(id));
    return known.map(({ isThere }) => isThere);
  });
  const knownTeams = new KnownTeamsService(prisma, questions);
  new MatchesConsumers(consumers, prisma, knownTeams);
  await consumers.onApplicationBootstrap();
  const matches = new MatchesService(prisma, outbox, knownTeams, questions);
  const events = new MatchEventsService(prisma, outbox, live, questions);
  const organizer = person('organizer');
  const referee = person('referee');

  /** The outbox' rows as they will stand in the log. */
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
    statements,
    organizer,
    referee,
    told,
    elsewhere,
    questions,
    knownTeams,
    teamCreated,
    deliver,
    /** A team that the subgraph teams has; its event comes when it is waited for. */
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
      return matches.start(organizer, { matchId: matchId(await this.schedule(input)) });
    },
    async relay(): Promise<void> {
      for (const event of await told()) for (const handler of handlers) handler(event);
    },
    async close(): Promise<void> {
      await live.close();
      await prisma.$disconnect();
      await database.drop();
    },
  };
}

/** Asserts that it fails with this one user error. */
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
