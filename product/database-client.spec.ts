import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import pg from 'pg';
import { prismaProvider } from '../platform/postgres/prisma.ts';
import { JsonLogger } from '../platform/observability/json-logger.ts';
import { isNotNow } from '../platform/observability/not-now.ts';
import { DATABASE } from '../platform/injection/tokens.ts';
import { PrismaClient } from '../subgraphs/users/generated/prisma/client.ts';
import { createTestDatabase, type TestDatabase } from '../test/database.ts';
import { type DatabaseLine, startDatabaseLine } from '../test/network/database-line.ts';
import { until } from '../test/network/until.ts';

describe('a service’s Prisma client', () => {
  let database: TestDatabase;
  let line: DatabaseLine;
  let prisma: PrismaClient;
  beforeAll(async () => {
    database = await createTestDatabase({ migrate: ['users'] });
    line = await startDatabaseLine(database.url);
    const provider = prismaProvider('users', PrismaClient);
    prisma = (await provider.useFactory({
      url: line.url,
      poolSize: 1,
      logger: new JsonLogger({ service: 'users' }),
    })) as PrismaClient;
  });
  afterAll(async () => {
    await line.restore();
    await prisma.$disconnect();
    await line.close();
    await database.drop();
  });

  it('waits at most 5 s for a database that does not respond, and for a connection that other queries hold', async () => {
    await prisma.user.findMany();
    await line.makeUnavailable('silent');
    const held = prisma.user.findMany().catch((error: unknown) => error); // holds the only connection
    const started = performance.now();
    await assert.rejects(prisma.user.findMany(), isNotNow);
    await assert.rejects(
      prisma.$transaction((tx) => tx.user.findMany()),
      isNotNow,
    );
    assert.ok(performance.now() - started < 25_000);
    await line.restore();
    assert.ok(isNotNow(await held));
    assert.deepEqual(await prisma.user.findMany(), []);
  }, 60_000);

  it('leaves no connection after its application has ended', async () => {
    const onlooker = new pg.Client({ connectionString: database.url });
    await onlooker.connect();
    try {
      const connections = async (): Promise<unknown> =>
        (
          await onlooker.query(
            `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%"users"."users"%' AND pid <> pg_backend_pid()`,
          )
        ).rowCount;
      const given = {
        provide: DATABASE,
        useValue: { url: database.url, poolSize: 1, logger: new JsonLogger({ service: 'users' }) },
      };
      const before = await connections();
      const application = await Test.createTestingModule({
        providers: [given, prismaProvider('users', PrismaClient)],
      }).compile();
      await application.get(PrismaClient).user.findMany();
      assert.notEqual(await connections(), before);
      await application.close();
      // An idle connection would close by itself only after 10 s.
      await until('disconnected', async () => (await connections()) === before, 5_000);
    } finally {
      await onlooker.end();
    }
  });

  it('reports every kind of lost connection as temporary', async () => {
    for (const absence of [
      'refused',
      'reset',
      { sqlstate: '57P01' },
      { sqlstate: '57P03' },
      { sqlstate: '53300' },
    ] as const) {
      await line.makeUnavailable(absence);
      for (const work of [
        () => prisma.user.findMany(),
        () => prisma.$queryRaw`SELECT 1`,
        () => prisma.$transaction((tx) => tx.user.findMany()),
        () => prisma.user.deleteMany(),
      ])
        await assert.rejects(work(), isNotNow, JSON.stringify(absence));
      await line.restore();
      await prisma.user.findMany().catch(() => prisma.user.findMany());
      // While a transaction runs.
      await assert.rejects(
        prisma.$transaction(async (tx) => {
          await tx.user.findMany();
          await line.makeUnavailable(absence);
          await tx.user.findMany();
        }),
        isNotNow,
        JSON.stringify(absence),
      );
      await line.restore();
      await prisma.user.findMany().catch(() => prisma.user.findMany());
    }
  });
});
