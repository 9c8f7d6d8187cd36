import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { JsonLogger } from './json-logger.ts';
import type { JsonLoggerOptions } from './json-logger.ts';
import { acceptRequestId } from '../http/request-id.ts';
import { runInContext } from './request-context.ts';

function logging(options: Partial<JsonLoggerOptions> = {}): {
  logger: JsonLogger;
  raw: string[];
  lines: () => Record<string, unknown>[];
} {
  const raw: string[] = [];
  const logger = new JsonLogger({ service: 'teams', write: (line) => raw.push(line), ...options });
  return { logger, raw, lines: () => raw.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe('JsonLogger', () => {
  it('writes one JSON object per line', () => {
    const { logger, raw, lines } = logging();
    logger.log('two\nlines', { n: 1n, when: new Date(0) }, 'Boot');
    assert.equal(raw[0]?.indexOf('\n'), (raw[0]?.length ?? 0) - 1);
    const { time, ...entry } = lines()[0] ?? {};
    assert.match(String(time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.deepEqual(entry, {
      level: 'info',
      service: 'teams',
      context: 'Boot',
      message: 'two\nlines',
      n: '1',
      when: '1970-01-01T00:00:00.000Z',
    });
  });

  it('adds the request, its user and its service', () => {
    const { logger, lines } = logging();
    runInContext({ requestId: 'r-12345678', service: 'chat', userId: 'u1' }, () => logger.warn('slow'));
    const { requestId, userId, service } = lines()[0] ?? {};
    assert.deepEqual({ requestId, userId, service }, { requestId: 'r-12345678', userId: 'u1', service: 'chat' });
  });

  it("lets no field overwrite the line's own", () => {
    const { logger, lines } = logging();
    runInContext({ requestId: 'r-12345678', service: 'chat' }, () =>
      logger.log('x', { message: 'y', requestId: 'z', level: 'error' }),
    );
    const { message, requestId, level } = lines()[0] ?? {};
    assert.deepEqual({ message, requestId, level }, { message: 'x', requestId: 'r-12345678', level: 'info' });
  });

  it('prints errors from Nest with causes, without the other members of driver errors', () => {
    const { logger, lines } = logging();
    const error = Object.assign(new Error('outer', { cause: new Error('inner') }), {
      code: '23505',
      query: 'INSERT',
      detail: 'Key (email)=(a@b)',
    });
    logger.error(error);
    logger.error('failed', error.stack, 'Exceptions');
    const [first, second] = lines();
    const { name, message, code, stack, cause, ...more } = first?.error as Record<string, unknown>;
    assert.deepEqual(
      [name, message, code, (cause as { message: string }).message, more],
      ['Error', 'outer', '23505', 'inner', {}],
    );
    assert.match(String(stack), /json-logger\.spec/);
    assert.deepEqual([second?.message, second?.context, second?.stack], ['failed', 'Exceptions', error.stack]);
  });

  it('redacts secrets by name and by shape', () => {
    const { logger, raw } = logging({ level: 'debug' });
    const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl';
    logger.log({
      password: 'hunter2',
      nested: [{ authorization: 'Bearer abcdefgh', newPassword: 'hunter2', refreshToken: 'hunter2' }],
    });
    logger.debug(`GET /?t=${jwt} Bearer hunter2hunter2 postgresql://user:hunter2@host/db`);
    logger.error(new Error(`bad token ${jwt}`), { headers: { cookie: 'hunter2' } });
    for (const line of raw) assert.doesNotMatch(line, /hunter2|abcdefgh|eyJ/, line);
    assert.match(raw[1] ?? '', /postgresql:\/\/user:\[redacted\]@host\/db/);
  });

  it('shows no value that a database or JSON.parse could not read', () => {
    const { logger, raw } = logging();
    const message = 'invalid input syntax for type uuid: "hunter2"';
    logger.error(
      Object.assign(new Error(message, { cause: new Error('value "hunter2" is out of range for type integer') }), {
        code: '22P02',
      }),
    );
    logger.warn('x', {
      error: `Raw query failed. Code: \`22P02\`. Message: \`invalid input value for enum chat.room_kind: "hunter2"\``,
    });
    for (const text of ['{"password": hunter2}', '{"a": "hunter2" "hunter2"} ', 'hunter2']) {
      try {
        JSON.parse(text);
      } catch (error) {
        logger.error(error);
        logger.warn(`the answer cannot be read: ${String(error)}`);
      }
    }
    assert.doesNotMatch(raw.join(''), /hunter2/);
    assert.match(raw[0] ?? '', /invalid input syntax for type uuid/);
  });

  it('respects its level', () => {
    const { logger, raw } = logging({ level: 'warn' });
    logger.debug('a');
    logger.log('b');
    logger.warn('c');
    assert.equal(raw.length, 1);
    logger.setLogLevels(['debug', 'error']);
    logger.log('d');
    assert.equal(raw.length, 2);
  });

  it('writes an error that is already text', () => {
    const { logger, raw } = logging({ format: 'text' });
    logger.error('an operation failed', { error: 'Error: why\n    at plan' }, 'Router');
    assert.match(raw[0] ?? '', /an operation failed Error: why +at plan\n$/);
  });

  it('writes text on one line, for any content', () => {
    const { logger, raw } = logging({ format: 'text' });
    logger.log('name\n12:00:00 ERROR forged\u2028x', { at: 5, text: 'a\r\nb' }, 'Boot');
    logger.error(new Error('oops'));
    assert.match(raw[0] ?? '', /^[\d:.]{12} INFO  teams\/Boot: name 12:00:00 ERROR forged x at=5 text=a b\n$/);
    assert.equal(raw[1]?.split('\n').length, 2);
  });

  it('never throws and always writes one printable line', () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const { logger, raw } = logging();
    logger.log('circular', circular);
    logger.log({
      get boom() {
        throw new Error('getter');
      },
    });
    logger.log(undefined);
    logger.log(Symbol('x'), null, 5, () => 1);
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true }), fc.anything(), (message, field) =>
        logger.log(message, { field }, field),
      ),
      { numRuns: 300 },
    );
    assert.equal(raw.length, 304);
    for (const line of raw) assert.equal(typeof JSON.parse(line), 'object');
  });
});

describe('acceptRequestId', () => {
  it('accepts printable ids, and creates one otherwise', () => {
    assert.equal(acceptRequestId('abc-1234:5.x_Z'), 'abc-1234:5.x_Z');
    for (const bad of [undefined, '', 'x'.repeat(129), 'with blank 1', 'line\nfeed123', ['abcdefgh']])
      assert.match(acceptRequestId(bad), /^[\w-]{12}-[0-9a-z]+$/);
  });
});
