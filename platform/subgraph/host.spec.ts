import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { Controller, Inject, Injectable, Module, type OnApplicationShutdown, Post } from '@nestjs/common';
import { Query, Resolver } from '@nestjs/graphql';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { readConfig } from '../config/config.ts';
import { Consumers } from '../messaging/consumers/consumers.ts';
import type { EventLog } from '../messaging/event-log/event-log.ts';
import type { JobQueue } from '../messaging/job-queue/job-queue.ts';
import type { Outbox } from '../messaging/outbox/outbox.ts';
import { Chores, ThingChanged, Things } from '../messaging/outbox/outbox.testing.ts';
import { pgTransactions } from '../postgres/transactions.ts';
import { ALL_DUTIES, type Platform } from '../platform.ts';
import { SubgraphCalls } from '../questions/subgraph-calls.ts';
import { keyRing, signingKey } from '../../signature/signature.ts';
import { JsonLogger } from '../observability/json-logger.ts';
import { OUTBOX } from '../injection/tokens.ts';
import { startSubgraph } from './host.ts';
import { defineSubgraph } from '../manifest/manifest.ts';

const steps: string[] = [];
const entered = Promise.withResolvers<void>();
const leave = Promise.withResolvers<void>();
let pool: pg.Pool;

@Resolver('Query')
class QueryResolver {
  @Query('me') me(): null {
    return null;
  }
}

const users = defineSubgraph({
  name: 'users',
  port: 4001,
  module: async () => Service,
  personalData: {},
  routes: [
    { method: 'POST', path: '/register', body: 'json', maxBodyBytes: 1000, timeoutMs: 1000, rateLimit: { minute: 1 } },
  ],
});

/** A request that writes while everything else is stopping. */
@Controller('register')
class SlowController {
  constructor(@Inject(OUTBOX) private readonly outbox: Outbox) {}

  @Post() async register(): Promise<string> {
    entered.resolve();
    await leave.promise;
    await this.outbox.transaction(pgTransactions(pool), async (_tx, emit) => {
      emit(ThingChanged, { seq: 1, payload: { id: randomUUID() } });
    });
    steps.push('answered');
    return 'done';
  }
}

@Injectable()
class ServiceConsumers {
  constructor(consumers: Consumers) {
    consumers.notice('g', Things, async () => undefined);
    consumers.worker(Chores, 1, []);
  }
}

@Module({ controllers: [SlowController], providers: [QueryResolver, ServiceConsumers] })
class Service implements OnApplicationShutdown {
  onApplicationShutdown(): void {
    steps.push('disconnected');
  }
}

describe('a stopping subgraph', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ migrate: ['users'] });
    pool = new pg.Pool({ connectionString: database.url, max: 2 });
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  it('answers running requests, then stops consumers, publishes the remaining messages, and disconnects', async () => {
    const closes = (step: string) => ({ close: async () => void steps.push(step) });
    const log: Pick<EventLog, 'append' | 'consume'> = {
      append: async (events) => (steps.push('published'), events.map(() => ({ ok: true }))),
      consume: async () => closes('consumer closed'),
    };
    const jobs: Pick<JobQueue, 'work'> = { work: async () => closes('worker closed') };
    const platform = {
      config: readConfig({ env: { DATABASE_URL: database.url, LOG_LEVEL: 'error' } }),
      logger: new JsonLogger({ service: 'test', write: () => undefined }),
      databaseUrlOf: () => database.url,
      eventLog: log,
      jobQueue: jobs,
      callers: { origins: [], hosts: ['loopback'] },
      probes: { eventLog: async () => undefined },
      keys: keyRing(signingKey('test', 'a secret of enough bytes')),
      calls: new SubgraphCalls({ key: undefined }),
      asks: new Map(),
      duties: ALL_DUTIES,
    } as unknown as Platform;
    const { origin, app, close } = await startSubgraph(users, platform, { port: 0 });
    const answer = fetch(`${origin}/register`, { method: 'POST' });
    await entered.promise;
    const closing = close();
    assert.equal(app.getHttpServer().listening, false, 'nobody else comes in');
    leave.resolve();
    assert.equal(await (await answer).text(), 'done');
    await closing;
    assert.deepEqual(
      steps.filter((step) => step !== 'published'),
      ['answered', 'consumer closed', 'worker closed', 'disconnected'],
    );
    // The outbox may publish as soon as the event is committed, so also before the request is answered.
    assert.ok(steps.includes('published') && steps.indexOf('published') < steps.indexOf('disconnected'), steps.join());
  }, 20_000);
});
