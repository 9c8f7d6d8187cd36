import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type DynamicModule, Global, type INestApplication, Module, type Type } from '@nestjs/common';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { Test } from '@nestjs/testing';
import { PrismaPg } from '@prisma/adapter-pg';
import { type GraphQLSchema, graphql } from 'graphql';
import { createTestDatabase } from '../../test/database.ts';
import { CacheModule } from '../cache/cache.module.ts';
import { Metrics } from '../observability/metrics.ts';
import type { ConsumeOptions, DomainEvent, EventLog, LoggedEvent } from '../messaging/event-log/event-log.ts';
import type { GraphQLContext } from '../graphql/context.ts';
import { UserErrors } from '../graphql/user-errors.ts';
import { ANONYMOUS, type Principal, type Role } from '../identity/principal.ts';
import type { CallGuardOptions } from '../identity/signature.middleware.ts';
import { Announcer } from '../messaging/announcements/announcer.ts';
import { Consumers } from '../messaging/consumers/consumers.ts';
import { Inbox } from '../messaging/inbox/inbox.ts';
import { LiveEvents } from '../live/live-events.ts';
import { Outbox } from '../messaging/outbox/outbox.ts';
import { Rebuilds } from '../messaging/rebuilds/rebuilds.ts';
import { RateLimits, type RateLimitSetting } from '../http/rate-limits.ts';
import { HttpLoggingInterceptor } from '../observability/http-logging.interceptor.ts';
import { JsonLogger } from '../observability/json-logger.ts';
import { NoStorage } from '../storage/none.ts';
import { runInContext } from '../observability/request-context.ts';
import {
  DATABASE,
  DELAYS,
  DELIVERY,
  IDENTITY_PROVIDER,
  LIVE_EVENTS,
  MAIL_SENDER,
  MAIL_SETTINGS,
  MODEL_SETTINGS,
  NODE_OWNERS,
  OUTBOX,
  PUSH_SENDER,
  QUESTIONS,
  RATE_LIMITS,
  STORAGE,
  TIMERS,
} from '../injection/tokens.ts';
import { graphQLModule } from '../subgraph/subgraph.module.ts';

/** The part of a service's generated Prisma client that this file uses. */
interface Client {
  $on(event: 'query', listener: (event: { readonly query: string }) => void): unknown;
  $queryRawUnsafe<T>(sql: string): PromiseLike<T>;
  $disconnect(): Promise<void>;
}
type ClientOf<C> = new (options: { adapter: PrismaPg; log: { emit: 'event'; level: 'query' }[] }) => C;

interface OutboxRow {
  kind: 'EVENT' | 'JOB';
  topic: string;
  key: string;
  seq: number;
  event_id: string;
  type: string;
  version: number;
  occurred_at: Date;
  payload: unknown;
  snapshot: boolean;
}

/** What a service has emitted, in order. */
export interface Told {
  readonly events: LoggedEvent[];
  readonly jobs: { id: string; queue: string; kind: string; payload: unknown }[];
}

export const person = (...roles: Role[]): Principal & { userId: string } => ({ userId: randomUUID(), roles });

/** Limits that no test reaches, except the given ones. */
export function rateLimits(given: Readonly<Record<string, RateLimitSetting>> = {}): RateLimits {
  return new RateLimits({ limits: given, otherwise: { count: 1_000_000, seconds: 3_600 }, loopbackFactor: 1 });
}

/**
 * Consumers as the platform runs them. `deliver` hands an event to the started ones, as the event log does, and
 * `deliverAll` hands them events of one topic together.
 */
export function testConsumers(
  service: string,
  inbox = new Inbox({ schema: service }),
  outbox = new Outbox({ schema: service }),
) {
  const running: ConsumeOptions[] = [];
  const closed = { close: async () => undefined };
  const log: Pick<EventLog, 'consume'> = { consume: async (consumer) => (running.push(consumer), closed) };
  const consumers = new Consumers({ service, log, jobs: { work: async () => closed }, inbox, outbox });
  async function deliver(event: LoggedEvent): Promise<void> {
    for (const { topics, handler } of running) if (topics.includes(event.topic)) await handler(event);
  }
  async function deliverAll(events: readonly LoggedEvent[]): Promise<void> {
    for (const { topics, handleAll } of running)
      if (topics.includes(events[0]?.topic ?? '')) await (handleAll ?? assert.fail('handles each event alone'))(events);
  }
  return { consumers, deliver, deliverAll };
}

/**
 * Creates a service's database and the objects that its classes need. `relay()` hands the emitted events to live
 * streams.
 */
export async function openService<C extends Client>(name: string, PrismaClient: ClientOf<C>) {
  const database = await createTestDatabase({ migrate: [name] });
  const adapter = new PrismaPg({ connectionString: database.url, max: 10 }, { schema: name });
  const prisma = new PrismaClient({ adapter, log: [{ emit: 'event', level: 'query' }] });
  const statements: string[] = [];
  prisma.$on('query', ({ query }) => statements.push(query));
  const tails: ((event: LoggedEvent) => void)[] = [];
  const log: Pick<EventLog, 'tail' | 'settled'> = {
    tail: async ({ handler }) => {
      tails.push(handler);
      return { close: async () => undefined };
    },
    settled: async () => undefined,
  };
  const live = new LiveEvents(log as EventLog);
  let relayed = 0;

  async function told(): Promise<Told> {
    const rows = await prisma.$queryRawUnsafe<OutboxRow[]>(`SELECT * FROM ${name}.outbox ORDER BY id`);
    const events = rows
      .filter(({ kind }) => kind === 'EVENT')
      .map((row, index): LoggedEvent => ({
        topic: row.topic,
        key: row.key,
        seq: row.seq,
        eventId: row.event_id,
        type: row.type,
        version: row.version,
        occurredAt: row.occurred_at.toISOString(),
        payload: row.payload,
        snapshot: row.snapshot,
        partition: 0,
        offset: String(index),
      }));
    const jobs = rows
      .filter(({ kind }) => kind === 'JOB')
      .map(({ topic, key, type, payload }) => ({ id: key, queue: topic, kind: type, payload }));
    return { events, jobs };
  }

  const outbox = new Outbox({ schema: name });
  const inbox = new Inbox({ schema: name });
  return {
    name,
    url: database.url,
    prisma,
    statements,
    live,
    told,
    outbox,
    inbox,
    ...testConsumers(name, inbox, outbox),
    async relay(): Promise<void> {
      const { events } = await told();
      for (const event of events.slice(relayed)) if (!event.snapshot) for (const tail of tails) tail(event);
      relayed = events.length;
    },
    async close(): Promise<void> {
      await live.close();
      await prisma.$disconnect();
      await database.drop();
    },
  };
}

/** An event of another service as the log delivers it. */
export function delivered(event: Pick<DomainEvent, 'topic' | 'key' | 'seq' | 'type' | 'payload'>): LoggedEvent {
  return {
    eventId: randomUUID(),
    version: 1,
    occurredAt: '2026-05-01T18:30:00.000Z',
    partition: 0,
    offset: '0',
    ...event,
  };
}

/** Asserts that the work fails with exactly this user error. */
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

export interface TestSubgraph {
  readonly schema: GraphQLSchema;
  readonly app: INestApplication;
  /**
   * The data of an answer without errors, as JSON. `asker` is the subgraph whose question it is; absent for the router.
   */
  ask(
    source: string,
    variables?: Record<string, unknown>,
    principal?: Principal,
    asker?: string,
  ): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/** A guard for the sockets of a subgraph under test. It accepts unsigned calls. */
const OPEN: CallGuardOptions = { verifier: undefined, allowUnsigned: true };

/**
 * Opens a subgraph's whole module, without a network until `app.listen`. `replaced` overrides providers by class. Ports
 * that are not given do nothing.
 */
export async function openSubgraph(
  name: string,
  module: Type,
  provided: ReadonlyMap<symbol | Type, unknown> = new Map(),
  replaced: ReadonlyMap<Type, unknown> = new Map(),
  guard: CallGuardOptions = OPEN,
): Promise<TestSubgraph> {
  const logger = new JsonLogger({ service: name, write: () => undefined });
  const metrics = new Metrics(name);
  const defaults = new Map<symbol | Type, unknown>([
    [Consumers, testConsumers(name).consumers],
    [Announcer, { announces: () => undefined }],
    [Rebuilds, {}],
    [DATABASE, { url: 'postgresql://127.0.0.1:1/nowhere', poolSize: 1, logger }],
    [DELAYS, { presenceMs: 60_000, chatMissedMs: 600_000 }],
    [OUTBOX, {}],
    [LIVE_EVENTS, {}],
    [IDENTITY_PROVIDER, {}],
    [MAIL_SENDER, {}],
    [MAIL_SETTINGS, { publicUrl: 'http://127.0.0.1:4000' }],
    [PUSH_SENDER, {}],
    [MODEL_SETTINGS, { model: 'gemini-2.5-flash', flowsOff: [], dailyQuota: 50, prices: new Map() }],
    [QUESTIONS, {}],
    [NODE_OWNERS, new Map()],
    [RATE_LIMITS, rateLimits()],
    [STORAGE, new NoStorage()],
    [DELIVERY, {}],
    [Metrics, metrics],
    [TIMERS, { runner: () => ({ start: () => undefined }) }],
  ]);
  const providers = [...new Map([...defaults, ...provided])].map(([provide, useValue]) => ({ provide, useValue }));
  @Global()
  @Module({})
  class Below {}
  const below: DynamicModule = {
    module: Below,
    imports: [CacheModule.register({ metrics })],
    providers,
    exports: providers.map(({ provide }) => provide),
  };
  const graphQL = graphQLModule({
    name,
    guard,
    logging: new HttpLoggingInterceptor({ service: name, logger }),
    sockets: new Set(),
    formatError: (error) => error,
  });
  const builder = Test.createTestingModule({ imports: [below, graphQL, module] });
  for (const [token, value] of replaced) builder.overrideProvider(token).useValue(value);
  const app = (await builder.compile()).createNestApplication({ logger: false });
  await app.init();
  const { schema } = app.get(GraphQLSchemaHost);
  return {
    schema,
    app,
    async ask(source, variableValues = {}, principal = ANONYMOUS, asker) {
      const contextValue: GraphQLContext = { principal, requestId: 'test' };
      const question = asker === undefined ? {} : { question: { path: [asker], until: Infinity } };
      const { data, errors } = await runInContext({ requestId: 'test', service: name, ...question }, () =>
        graphql({ schema, source, variableValues, contextValue }),
      );
      assert.deepEqual(errors, undefined);
      return JSON.parse(JSON.stringify(data)) as Record<string, unknown>;
    },
    close: () => app.close(),
  };
}
