import assert from 'node:assert/strict';
import { describe, it, jest } from '@jest/globals';
import { PrismaClientInitializationError, PrismaClientKnownRequestError } from '@prisma/client/runtime/client';
import { GraphQLError } from 'graphql';
import kafkajs from 'kafkajs';
import pg from 'pg';
import { IdentityUnavailable } from '../identity/identity-provider.ts';
import { logReporter } from './error-reporter.ts';
import { publicError } from './format-error.ts';
import { isNotNow } from './not-now.ts';

const { KafkaJSConnectionError, KafkaJSNumberOfRetriesExceeded, KafkaJSRequestTimeoutError } = kafkajs;
const postgres = (code: string): Error =>
  Object.assign(new pg.DatabaseError('the server says', 10, 'error'), { code, severity: 'FATAL' });
const prisma = (code: string, meta?: Record<string, unknown>): Error =>
  new PrismaClientKnownRequestError('Prisma says', { code, clientVersion: '7', meta });
const socket = (code: string, syscall = 'connect'): Error =>
  Object.assign(new Error(`${syscall} ${code} 127.0.0.1:1`), { code, syscall, errno: -1 });

describe('an outage', () => {
  const cases: Record<string, unknown> = {
    ...Object.fromEntries(
      ['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2034', 'P2037'].map((code) => [code, prisma(code)]),
    ),
    ...Object.fromEntries(
      [
        '57P01',
        '57P02',
        '57P03',
        '57014',
        '08000',
        '08003',
        '08006',
        '53300',
        '53400',
        '40001',
        '40P01',
        '55P03',
        '25006',
      ].map((code) => [code, postgres(code)]),
    ),
    ...Object.fromEntries(
      ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'ENOTFOUND', 'UND_ERR_CONNECT_TIMEOUT'].map(
        (code) => [code, socket(code)],
      ),
    ),
    'an initialization': Object.assign(new PrismaClientInitializationError('away', '7'), { code: 'P1001' }),
    'a raw query of Prisma': prisma('P2010', {
      driverAdapterError: Object.assign(new Error('57P03'), {
        cause: { kind: 'postgres', originalCode: '57P03', code: '57P03' },
      }),
    }),
    'an adapter': Object.assign(new Error('DatabaseNotReachable'), {
      name: 'DriverAdapterError',
      cause: { kind: 'DatabaseNotReachable' },
    }),
    'pg without a code': new Error('Connection terminated unexpectedly'),
    'the pool of pg': new Error('timeout exceeded when trying to connect'),
    'two addresses': new AggregateError([socket('ECONNREFUSED'), socket('ECONNREFUSED')]),
    fetch: new TypeError('fetch failed', { cause: socket('ECONNREFUSED') }),
    'Kafka, a connection': new KafkaJSConnectionError('away'),
    'Kafka, a request': new KafkaJSRequestTimeoutError('away'),
    'Kafka, at last': new KafkaJSNumberOfRetriesExceeded(new Error('away'), { retryCount: 1, retryTime: 1 }),
    RabbitMQ: Object.assign(new Error('Channel closed'), { name: 'IllegalOperationError' }),
    Redis: Object.assign(new Error('Socket closed unexpectedly'), { name: 'SocketClosedUnexpectedlyError' }),
    Keycloak: new IdentityUnavailable('away', { cause: socket('ECONNREFUSED') }),
  };
  for (const [what, error] of Object.entries(cases)) {
    it(`is UNAVAILABLE: ${what}`, () => {
      for (const one of [error, new GraphQLError('x', { originalError: error as Error })]) {
        const { code, message, unexpected } = publicError(one);
        assert.deepEqual([code, message, unexpected], ['UNAVAILABLE', 'Temporarily unavailable', true]);
      }
    });
  }

  it('is no error that will happen again', () => {
    for (const error of [
      prisma('P2002'),
      prisma('P2025'),
      postgres('42P01'),
      postgres('23505'),
      postgres('22P02'),
      new TypeError('x'),
      new Error('x'),
      'ECONNREFUSED',
      null,
      undefined,
      { code: 5 },
    ]) {
      assert.equal(isNotNow(error), false, String(error));
    }
    const itself: { cause?: unknown } = {};
    itself.cause = itself;
    assert.equal(isNotNow(itself), false);
  });
});

describe('the log of an outage', () => {
  it('has each reason once a second, with the number since, and a bug each time', () => {
    let now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    const lines: [message: string, notReported: unknown][] = [];
    const reporter = logReporter({
      error: (error: Error, fields: { notReported?: number }) => void lines.push([error.message, fields.notReported]),
    });
    const report = (...errors: Error[]): void => errors.forEach((error) => reporter.report(error, {}));
    for (let n = 0; n < 100; n++) report(socket('ECONNREFUSED'), prisma('P1001'));
    report(new TypeError('a bug'), new TypeError('a bug'));
    now = 1_500;
    report(socket('ECONNREFUSED'));
    assert.deepEqual(lines, [
      ['connect ECONNREFUSED 127.0.0.1:1', 0],
      ['Prisma says', 0],
      ['a bug', undefined],
      ['a bug', undefined],
      ['connect ECONNREFUSED 127.0.0.1:1', 99],
    ]);
  });
});
