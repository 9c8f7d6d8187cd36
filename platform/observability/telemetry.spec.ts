import assert from 'node:assert/strict';
import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { ApolloFederationDriver } from '@nestjs/apollo';
import type { ApolloFederationDriverConfig } from '@nestjs/apollo';
import { Body, Controller, Get, HttpException, Module, NotFoundException, Post } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GraphQLModule, Query, Resolver, ResolveReference, ResolveField } from '@nestjs/graphql';
import { PrismaClientKnownRequestError } from '@prisma/client/runtime/client';
import { GraphQLError } from 'graphql';
import pg from 'pg';
import { IdentityUnavailable } from '../identity/identity-provider.ts';
import type { ErrorContext } from './error-reporter.ts';
import { combineReporters, logReporter } from './error-reporter.ts';
import { createErrorFormatter } from './format-error.ts';
import { HealthModule } from '../lifecycle/health.controller.ts';
import { Health } from '../lifecycle/health.ts';
import { HttpExceptionFilter } from './http-exception.filter.ts';
import { HttpLoggingInterceptor } from './http-logging.interceptor.ts';
import { JsonLogger } from './json-logger.ts';
import { Metrics } from './metrics.ts';
import { MetricsModule } from './metrics.module.ts';

const secret = 'SELECT * FROM "users"."secret_table"';
const databaseError = Object.assign(new pg.DatabaseError(secret, 10, 'error'), { code: '42P01', detail: secret });
const failures: Record<string, () => unknown> = {
  bug: () => {
    throw new TypeError(secret);
  },
  prisma: () => {
    throw new PrismaClientKnownRequestError(secret, { code: 'P2002', clientVersion: '7', meta: { secret } });
  },
  pg: () => {
    throw databaseError;
  },
  wrapped: () => {
    throw new GraphQLError(secret, {
      originalError: Object.assign(new Error(secret), { extensions: { code: 'FORBIDDEN' } }),
    });
  },
  impostor: () => {
    throw Object.assign(new Error(secret), { extensions: { code: 'FORBIDDEN', secret } });
  },
  text: () => {
    throw secret;
  },
  coded: () => {
    throw new GraphQLError('Not yours.', { extensions: { code: 'FORBIDDEN', field: 'x' } });
  },
  away: () => {
    throw new IdentityUnavailable(secret);
  },
  http: () => {
    throw new NotFoundException('No such thing.');
  },
  http500: () => {
    throw new HttpException(secret, 500);
  },
};
const fail = (how: string): unknown => failures[how]?.();

@Resolver('Thing')
class ThingResolver {
  @Query('thing') thing(): object {
    return { id: '1' };
  }
  @Query('fail') fail(_root: unknown, { how }: { how: string }): unknown {
    return fail(how);
  }
  @ResolveReference() reference({ id }: { id: string }): object {
    return { id };
  }
  @ResolveField('required') required(): null {
    return null;
  }
}

@Controller()
class ThingController {
  @Get('things/:how') thing(): string {
    return 'a thing';
  }
  @Get('fail-:how') get(): unknown {
    return fail('bug');
  }
  @Get('coded') coded(): unknown {
    return fail('coded');
  }
  @Get('away') away(): unknown {
    return fail('away');
  }
  @Get('missing') missing(): unknown {
    return fail('http');
  }
  @Post('echo') echo(@Body() body: unknown): unknown {
    return body;
  }
}

describe('telemetry of a Nest application', () => {
  const raw: string[] = [];
  const reports: { error: unknown; context: ErrorContext }[] = [];
  const metrics = new Metrics('things');
  let healthy = true;
  let url: string;
  let app: INestApplication;
  const logger = new JsonLogger({ service: 'things', level: 'info', write: (line) => raw.push(line) });
  const health = new Health({
    probes: { database: () => (healthy ? Promise.resolve() : Promise.reject(new Error(secret))) },
  });

  beforeAll(async () => {
    const reporter = combineReporters(
      {
        report: () => {
          throw new Error('the tracker is away');
        },
      },
      logReporter(logger),
      { report: (error, context) => reports.push({ error, context }) },
    );
    const logging = new HttpLoggingInterceptor({ service: 'things', logger, metrics });
    @Module({
      imports: [
        GraphQLModule.forRoot<ApolloFederationDriverConfig>({
          driver: ApolloFederationDriver,
          typeDefs:
            'type Thing @key(fields: "id") { id: ID! required: String! } type Query { thing: Thing fail(how: String!): String }',
          formatError: createErrorFormatter(reporter),
          autoTransformHttpErrors: false,
          plugins: [logging.plugin()],
          graphiql: false,
        }),
        MetricsModule.register(metrics),
        HealthModule.register(health),
      ],
      providers: [ThingResolver],
      controllers: [ThingController],
    })
    class AppModule {}
    app = await NestFactory.create(AppModule, { logger });
    app.use(logging.middleware);
    app.useGlobalFilters(new HttpExceptionFilter(reporter));
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  });
  afterAll(async () => {
    await app.close();
  });
  beforeEach(() => {
    raw.length = 0;
    reports.length = 0;
  });

  const httpLine = async (): Promise<Record<string, unknown>> => {
    for (;;) {
      const line = raw
        .map((text) => JSON.parse(text) as Record<string, unknown>)
        .find(({ context }) => context === 'HTTP');
      if (line) return line;
      await new Promise((resolve) => setImmediate(resolve)); // The line follows the answer's last byte.
    }
  };
  const graphql = async (
    query: string,
    headers: Record<string, string> = {},
  ): Promise<{
    status: number;
    text: string;
    body: { data?: unknown; errors?: { message: string; extensions: Record<string, unknown> }[] };
  }> => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      body: JSON.stringify({ query }),
      headers: { 'content-type': 'application/json', ...headers },
    });
    const text = await response.text();
    return { status: response.status, text, body: JSON.parse(text) as never };
  };

  it('logs one line per operation, for any number of references', async () => {
    const references = Array.from({ length: 50 }, (_, n) => `{__typename: "Thing", id: "${n}"}`).join(',');
    await graphql(`query Page__things__1 { _entities(representations: [${references}]) { ... on Thing { id } } }`, {
      'x-request-id': 'edge-1234567',
    });
    const { durationMs, time, ...line } = await httpLine();
    assert.ok(typeof durationMs === 'number' && durationMs > 0 && time);
    assert.deepEqual(line, {
      level: 'info',
      service: 'things',
      context: 'HTTP',
      message: 'POST /graphql 200',
      requestId: 'edge-1234567',
      status: 200,
      operation: 'Page__things__1',
      kind: 'query',
    });
    assert.equal(raw.length, 1);
  });

  it('returns the request id, or creates one', async () => {
    const given = await fetch(`${url}/things/1`, { headers: { 'x-request-id': 'edge-1234567' } });
    assert.equal(given.headers.get('x-request-id'), 'edge-1234567');
    const made = await fetch(`${url}/things/1`, { headers: { 'x-request-id': 'bad id' } });
    assert.match(made.headers.get('x-request-id') ?? '', /^[\w-]{12}-[0-9a-z]+$/);
  });

  it('logs requests that no handler sees, and aborted ones', async () => {
    await fetch(`${url}/nothing?token=hunter2`);
    const { message } = await httpLine();
    assert.equal(message, 'GET /nothing 404');
    assert.doesNotMatch(raw.join(''), /hunter2/);
    raw.length = 0;
    const req = request(`${url}/echo`, {
      method: 'POST',
      headers: { 'content-length': '100', 'content-type': 'application/json' },
    });
    req.on('error', () => undefined);
    await new Promise<void>((resolve) => req.write('{', () => resolve()));
    setImmediate(() => req.destroy());
    assert.equal((await httpLine()).aborted, true);
  });

  for (const how of ['bug', 'prisma', 'pg', 'wrapped', 'impostor', 'text', 'http500']) {
    it(`hides an unexpected error of a resolver from the client, but not from the log and the reporter: ${how}`, async () => {
      const { text, body } = await graphql(`{ fail(how: "${how}") }`, { 'x-request-id': 'edge-1234567' });
      assert.doesNotMatch(text, /SELECT|secret|stack|node_modules|P2002|42P01/);
      assert.deepEqual(
        [body.errors?.[0]?.message, body.errors?.[0]?.extensions],
        ['Internal error', { code: 'INTERNAL', requestId: 'edge-1234567' }],
      );
      assert.deepEqual(
        reports.map(({ context }) => context),
        [{ requestId: 'edge-1234567', service: 'things', operation: 'query fail' }],
      );
      assert.equal(raw.filter((line) => line.includes('"level":"error"') && line.includes('secret_table')).length, 1);
      assert.deepEqual((await httpLine()).errors, ['INTERNAL']);
    });
  }

  it('reports an error once per request, for any number of failed fields', async () => {
    for (const count of [1, 2]) {
      const { body } = await graphql('{ a: fail(how: "pg") b: fail(how: "pg") }');
      assert.equal(body.errors?.length, 2);
      assert.equal(reports.length, count);
    }
  });

  it('passes errors for clients on', async () => {
    const coded = (await graphql('{ fail(how: "coded") }')).body.errors?.[0];
    assert.deepEqual(
      [coded?.message, coded?.extensions.code, coded?.extensions.field],
      ['Not yours.', 'FORBIDDEN', 'x'],
    );
    const missing = (await graphql('{ fail(how: "http") }')).body.errors?.[0];
    assert.deepEqual([missing?.message, missing?.extensions.code], ['No such thing.', 'NOT_FOUND']);
    assert.equal((await graphql('{ nothing }')).body.errors?.[0]?.extensions.code, 'GRAPHQL_VALIDATION_FAILED');
    assert.equal((await graphql('{')).body.errors?.[0]?.extensions.code, 'GRAPHQL_PARSE_FAILED');
    assert.deepEqual(reports, []);
    assert.equal(raw.filter((line) => line.includes('"level":"error"')).length, 0);
  });

  it('reports an outage without its cause', async () => {
    const away = (await graphql('{ fail(how: "away") }')).body.errors?.[0];
    assert.deepEqual([away?.message, away?.extensions.code], ['Temporarily unavailable', 'UNAVAILABLE']);
    assert.equal(reports.length, 1);
  });

  it('hides the details of a null in a non-null field', async () => {
    const { body } = await graphql('{ thing { required } }');
    assert.deepEqual([body.errors?.[0]?.message, body.errors?.[0]?.extensions.code], ['Internal error', 'INTERNAL']);
  });

  it('answers failing HTTP routes in the same shape', async () => {
    const get = async (path: string, init: RequestInit = {}): Promise<[number, unknown]> => {
      const response = await fetch(url + path, {
        headers: { 'x-request-id': 'edge-1234567', 'content-type': 'application/json' },
        ...init,
      });
      return [response.status, await response.json()];
    };
    const error = (code: string, message: string) => ({
      errors: [{ message, extensions: { code, requestId: 'edge-1234567' } }],
    });
    assert.deepEqual(await get('/fail-x'), [500, error('INTERNAL', 'Internal error')]);
    assert.deepEqual(await get('/coded'), [403, error('FORBIDDEN', 'Not yours.')]);
    assert.deepEqual(await get('/away'), [503, error('UNAVAILABLE', 'Temporarily unavailable')]);
    assert.deepEqual(await get('/missing'), [404, error('NOT_FOUND', 'No such thing.')]);
    assert.deepEqual(reports.length, 2);
    const [status, body] = await get('/echo', { method: 'POST', body: '{broken' });
    assert.deepEqual([status, (body as ReturnType<typeof error>).errors[0]?.extensions.code], [400, 'BAD_REQUEST']);
    const long = await get('/echo', { method: 'POST', body: JSON.stringify({ x: 'x'.repeat(200_000) }) });
    assert.deepEqual(
      [long[0], (long[1] as ReturnType<typeof error>).errors[0]?.extensions.code],
      [413, 'PAYLOAD_TOO_LARGE'],
    );
  });

  it('counts requests by route and operations by field, each service under its name, the process once', async () => {
    const other = new Metrics('others');
    other.counter('outbox_published_total', 'x', ['topic']).inc({ topic: 'teams.v1' });
    other.counter('outbox_published_total', 'x', ['topic']).inc({ topic: 'teams.v1' });
    other.request({ method: 'BREW', route: '/pot', status: 418, seconds: 1 });
    for (let n = 0; n < 30; n++) await fetch(`${url}/things/${n}`);
    await graphql('query A { thing { id } }');
    await graphql('query B { ...F } fragment F on Query { thing { id } }');
    const text = await (await fetch(`${url}/metrics`)).text();
    other.close();
    assert.match(
      text,
      /http_request_duration_seconds_count\{(?=[^}]*service="things")(?=[^}]*route="\/things\/:how")(?=[^}]*status="200")[^}]*\} 3\d/,
    );
    assert.match(
      text,
      /graphql_operations_total\{(?=[^}]*kind="query")(?=[^}]*field="thing")(?=[^}]*outcome="ok")(?=[^}]*service="things")[^}]*\} 2/,
    );
    assert.match(text, /outbox_published_total\{(?=[^}]*topic="teams.v1")(?=[^}]*service="others")[^}]*\} 2/);
    assert.match(text, /method="other"/);
    assert.doesNotMatch(text, /things\/\d/);
    assert.equal(text.match(/^process_resident_memory_bytes /gm)?.length, 1);
    assert.equal(text.match(/^# TYPE http_request_duration_seconds /gm)?.length, 1);
    assert.doesNotMatch(await (await fetch(`${url}/metrics`)).text(), /others/);
  });

  it('is live; and ready while its probes pass', async () => {
    assert.deepEqual(await (await fetch(`${url}/health/live`)).json(), { status: 'ok' });
    assert.equal((await fetch(`${url}/health/ready`)).status, 200);
    const told: string[] = [];
    const failing = new Health({
      probes: {
        database: () => Promise.reject(new Error(secret)),
        slow: () => new Promise(() => undefined),
        good: async () => 1,
      },
      timeoutMs: 20,
      onFailed: (name) => told.push(name),
    });
    assert.deepEqual(await failing.readiness(), { ready: false, failed: ['database', 'slow'] });
    assert.deepEqual(told.sort(), ['database', 'slow']);
    await failing.readiness();
    assert.equal(told.length, 2); // The answer is reused for a moment.
    health.drain();
    const response = await fetch(`${url}/health/ready`);
    assert.deepEqual([response.status, await response.json()], [503, { status: 'unavailable', failed: ['draining'] }]);
    healthy = false;
    assert.equal((await fetch(`${url}/health/live`)).status, 200);
  });
});
