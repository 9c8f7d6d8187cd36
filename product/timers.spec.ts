import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { Inject, Injectable, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { Query, Resolver } from '@nestjs/graphql';
import pg from 'pg';
import { z } from 'zod';
import { readConfig } from '../platform/config/config.ts';
import type { DomainEvent, EventLog } from '../platform/messaging/event-log/event-log.ts';
import { ThingChanged } from '../platform/messaging/outbox/outbox.testing.ts';
import { defineTimer, type Fired, handle } from '../platform/messaging/timers/definition.ts';
import type { Timers } from '../platform/messaging/timers/timers.ts';
import { renderMetrics } from '../platform/observability/metrics.ts';
import { JsonLogger } from '../platform/observability/json-logger.ts';
import type { Platform } from '../platform/platform.ts';
import { prismaProvider } from '../platform/postgres/prisma.ts';
import { SubgraphCalls } from '../platform/questions/subgraph-calls.ts';
import { startSubgraph } from '../platform/subgraph/host.ts';
import { defineSubgraph } from '../platform/manifest/manifest.ts';
import { TIMERS } from '../platform/injection/tokens.ts';
import { keyRing, signingKey } from '../signature/signature.ts';
import { PrismaClient } from '../subgraphs/users/generated/prisma/client.ts';
import { createTestDatabase, type TestDatabase } from '../test/database.ts';
import { until } from '../test/network/until.ts';

const Greeting = defineTimer({ name: 'greeting', version: 1, payload: z.object({ userId: z.uuid() }) });
const Broken = defineTimer({ name: 'broken', version: 1, payload: z.null() });
const entered = Promise.withResolvers<void>();
const leave = Promise.withResolvers<void>();

@Resolver('Query')
class QueryResolver {
  @Query('me') me(): null {
    return null;
  }
}

/** Declares timers as a service does. */
@Injectable()
class ServiceTimers implements OnApplicationBootstrap {
  constructor(
    @Inject(TIMERS) private readonly timers: Timers,
    private readonly prisma: PrismaClient,
  ) {}

  onApplicationBootstrap(): void {
    this.timers
      .runner(this.prisma, [
        handle(Greeting, async ({ tx, emit, payload }) => {
          const user = await tx.user.findUnique({ where: { id: payload.userId } });
          if (!user) return;
          await tx.user.update({ where: { id: user.id }, data: { displayName: 'greeted' } });
          emit(ThingChanged, { seq: 1, payload: { id: user.id } });
          entered.resolve();
          await leave.promise;
        }),
        handle(Broken, () => Promise.reject(Object.assign(new Error('never'), { permanent: true }))),
      ])
      .start();
  }
}

@Module({ providers: [prismaProvider('users', PrismaClient), QueryResolver, ServiceTimers] })
class Service {}

describe('timers of a service', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ migrate: ['users'] });
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(
      `SET search_path = users; ${await readFile(new URL('../platform/messaging/timers/tables.sql', import.meta.url), 'utf8')}`,
    );
    await client.end();
  });
  afterAll(() => database.drop());

  it("fire through the service's own Prisma client, are measured, and are awaited when the service stops", async () => {
    const published: DomainEvent[] = [];
    const log: Pick<EventLog, 'append'> = {
      append: async (events) => (published.push(...events), events.map(() => ({ ok: true }))),
    };
    const platform = {
      config: readConfig({ env: { DATABASE_URL: database.url, LOG_LEVEL: 'error' } }),
      logger: new JsonLogger({ service: 'test', write: () => undefined }),
      databaseUrlOf: () => database.url,
      eventLog: log,
      callers: { origins: [], hosts: ['loopback'] },
      probes: { eventLog: async () => undefined },
      keys: keyRing(signingKey('test', 'a secret of enough bytes')),
      calls: new SubgraphCalls({ key: undefined }),
      asks: new Map(),
      duties: { events: true },
    } as unknown as Platform;
    const users = defineSubgraph({ name: 'users', port: 4001, module: async () => Service, personalData: {} });
    const { app, close } = await startSubgraph(users, platform, { port: 0 });
    const [prisma, timers] = [app.get(PrismaClient), app.get<Timers>(TIMERS)];
    const userId = randomUUID();
    await prisma.$transaction(async (tx) => {
      await tx.user.create({ data: { id: userId, username: 'anna', displayName: 'Anna' } });
      await timers.set(tx, Broken, { key: 'x', after: 0, payload: null });
      await timers.set(tx, Greeting, { key: 'cancelled', after: 0, payload: { userId } });
      assert.equal(await timers.cancel(tx, Greeting, 'cancelled'), true);
    });
    const page = await until('it is on the page', async () => {
      const { text } = await renderMetrics();
      return /timers_parked\{service="users"\} 1/.test(text) && text;
    });
    assert.match(page, /timers_failed_total\{timer="broken",service="users"\} 1/);
    assert.match(page, /timers_lag_seconds\{service="users"\} \d/);
    await prisma.$transaction((tx) => timers.set(tx, Greeting, { key: userId, after: 0, payload: { userId } }));
    await entered.promise;
    const closing = close();
    leave.resolve();
    await closing;
    assert.deepEqual(
      published.map(({ key }) => key),
      [userId],
      'what its handler emitted is published before the end',
    );
    const check = new pg.Client({ connectionString: database.url });
    await check.connect();
    const { rows } = await check.query(
      `SELECT display_name, (SELECT array_agg(name) FROM users.timers) AS timers FROM users.users`,
    );
    await check.end();
    assert.deepEqual(rows, [{ display_name: 'greeted', timers: ['broken'] }]);
  }, 60_000);
});

// A check of types, which never runs: the payload has the type of the definition, and the models are the service's.
void (async (timers: Timers, prisma: PrismaClient) => {
  await prisma.$transaction(async (tx) => {
    // @ts-expect-error another payload
    await timers.set(tx, Greeting, { key: 'k', after: 0, payload: { to: 'x' } });
    // @ts-expect-error no time
    await timers.set(tx, Greeting, { key: 'k', payload: { userId: 'x' } });
  });
  // @ts-expect-error the payload has no such field
  handle(Greeting, async ({ payload }: Fired<never, { userId: string }>) => payload.to);
});
