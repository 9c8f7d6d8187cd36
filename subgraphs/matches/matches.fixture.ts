import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import type { EventLog, LoggedEvent } from '../../platform/event-log/event-log.ts';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { UserErrors } from '../../platform/graphql/user-errors.ts';
import type { Principal, Role } from '../../platform/identity/principal.ts';
import { LiveEvents } from '../../platform/live/live-events.ts';
import { Outbox } from '../../platform/outbox/outbox.ts';
import { createTestDatabase } from '../../test/database.ts';
import type { Sport } from './generated/graphql.ts';
import { type Match, PrismaClient } from './generated/prisma/client.ts';
import { MatchEventsService } from './match-events.service.ts';
import { MatchesService } from './matches.service.ts';

export const person = (...roles: Role[]): Principal & { userId: string } => ({ userId: randomUUID(), roles });
export const teamId = (): string => toGlobalId('Team', randomUUID());
export const matchId = ({ id }: Match): string => toGlobalId('Match', id);

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
  const matches = new MatchesService(prisma, outbox);
  const events = new MatchEventsService(prisma, outbox, live);
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
    prisma, outbox, live, matches, events, statements, organizer, referee, told,
    input: (input: object = {}) => ({
      clientId: randomUUID(),
      sport: 'FOOTBALL' as Sport,
      homeTeamId: teamId(),
      awayTeamId: teamId(),
      kickoffAt: new Date('2026-06-01T18:00:00Z'),
      refereeId: toGlobalId('User', referee.userId),
      ...input,
    }),
    schedule(input: object = {}): Promise<Match> {
      return matches.schedule(organizer, this.input(input));
    },
    async kickedOff(input: object = {}): Promise<Match> {
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
    assert.deepEqual(error.errors.map((one) => [one.code, one.field?.join('.') ?? null]), [[code, field]]);
    return true;
  });
}
