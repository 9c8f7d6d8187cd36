import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, test } from '@jest/globals';
import fc from 'fast-check';
import { Client } from 'undici';
import { InvalidResponse, ResponseParser } from './parser.ts';
import type { ResponseHeaders } from './parser.ts';

interface Seen {
  status: number;
  headers: ResponseHeaders;
  body: string;
  end: 'whole' | 'surplus' | 'broken off';
}

/** Parses `text`, which arrives in these pieces, and then the end of the connection. */
function parse(pieces: readonly string[]): Seen | 'invalid' {
  const seen: Seen = { status: 0, headers: {}, body: '', end: 'broken off' };
  let ended = false;
  const parser = new ResponseParser({
    onHead(status, headers) {
      assert.equal(seen.status, 0);
      Object.assign(seen, { status, headers });
    },
    onBody(text) {
      assert.ok(text.length > 0 && !ended && seen.status > 0);
      seen.body += text;
    },
    onEnd(surplus) {
      assert.ok(!ended);
      ended = true;
      seen.end = surplus ? 'surplus' : 'whole';
    },
  });
  parser.expect();
  const buffer = Buffer.alloc(65_536, '\r\n\r\n'); // The parser must not look at bytes beyond the given length.
  try {
    for (const piece of pieces) {
      if (ended && piece !== '') seen.end = 'surplus';
      if (ended) break;
      for (let at = 0; at < piece.length && !ended; at += buffer.length)
        parser.read(buffer, buffer.write(piece.slice(at, at + buffer.length), 'latin1'));
    }
    if (!ended) parser.close();
  } catch (error) {
    if (error instanceof InvalidResponse) return 'invalid';
    throw error;
  }
  return seen;
}

const cut = (text: string, at: readonly number[]): string[] => [0, ...at].map((from, i) => text.slice(from, at[i]));

/** Parses the text whole, cut in two at each place, and byte by byte. The result must always be the same. */
function parseEveryWay(text: string): Seen | 'invalid' {
  const whole = parse([text]);
  for (let at = 1; at < text.length; at++) assert.deepEqual(parse(cut(text, [at])), whole, `cut at ${at}`);
  assert.deepEqual(parse([...text]), whole, 'byte by byte');
  return whole;
}

const lines = (...all: string[]): string => all.map((line) => `${line}\r\n`).join('');
const OK = 'HTTP/1.1 200 OK';
const whole = (body: string, headers: ResponseHeaders = {}, status = 200): Seen => ({
  status,
  headers,
  body,
  end: 'whole',
});

test('every way to delimit a response, split at every byte', () => {
  for (const [text, expected] of [
    [`${lines(OK, 'content-length: 5', '')}hello`, whole('hello')],
    [
      `${lines('HTTP/1.1 200', 'CONTENT-Length:\t 5 \t', 'Content-Type: application/json', '')}hello`,
      whole('hello', { 'content-type': 'application/json' }),
    ],
    [lines(OK, 'content-length: 0', ''), whole('')],
    [
      `${lines(OK, 'transfer-encoding: chunked', '')}${lines('5', 'hello', '00a;a=b;c="\\""', 'ab\r\ncd\r\nef', '0', '')}`,
      whole('helloab\r\ncd\r\nef'),
    ],
    [
      `${lines(OK, 'Transfer-Encoding: CHUNKED', '')}${lines('1', 'x', '0;last', 'trailer: 1', 'content-type: x', '')}`,
      whole('x'),
    ],
    [lines(OK, 'transfer-encoding: chunked', '', '0', ''), whole('')],
    [
      `${lines(OK, 'content-encoding: gzip', 'retry-after: 1', '')}until it closes\r\n\r\n`,
      whole('until it closes\r\n\r\n', { 'content-encoding': 'gzip', 'retry-after': '1' }),
    ],
    [lines(OK, ''), whole('')],
    [lines('HTTP/1.1 204 No Content', ''), whole('', {}, 204)],
    [lines('HTTP/1.1 304 Not Modified', 'content-length: 5', ''), whole('', {}, 304)],
    [
      `${lines('HTTP/1.1 100 Continue', '', 'HTTP/1.1 103 Early Hints', 'link: </a>', '', OK, 'content-length: 2', '')}{}`,
      whole('{}'),
    ],
    [`${lines('HTTP/1.0 503 \xe4', 'content-length: 2', '')}{}`, whole('{}', {}, 503)],
    [`${lines(OK, 'content-length: 2', '')}{}HTTP/1.1 200 OK`, { ...whole('{}'), end: 'surplus' }],
    [`${lines(OK, 'content-length: 5', '')}hell`, { ...whole('hell'), end: 'broken off' }],
    [`${lines(OK, 'transfer-encoding: chunked', '')}${lines('5', 'hello')}`, { ...whole('hello'), end: 'broken off' }],
    [`${lines(OK, 'transfer-encoding: chunked', '')}${lines('0')}`, { ...whole(''), end: 'broken off' }],
    [lines(OK, 'content-length: 0'), { ...whole('', {}, 0), end: 'broken off' }],
    ['', { ...whole('', {}, 0), end: 'broken off' }],
  ] as const)
    assert.deepEqual(parseEveryWay(text), expected, JSON.stringify(text));
});

test('refuses a response that two parsers could read differently, split at every byte', () => {
  const chunked = lines(OK, 'transfer-encoding: chunked', '');
  for (const text of [
    `${lines(OK, 'content-length: 5', 'transfer-encoding: chunked', '')}0\r\n\r\n`,
    `${lines(OK, 'content-length: 5', 'content-length: 6', '')}hello!`,
    `${lines(OK, 'content-length: 5', 'content-length: 5', '')}hello`,
    `${lines(OK, 'content-length: 5, 5', '')}hello`,
    ...['', '+5', '-5', '5a', '0x5', '5 5', '\xb25', '1e1', '9999999999999999'].map(
      (length) => `${lines(OK, `content-length: ${length}`, '')}hello`,
    ),
    ...['gzip', 'gzip, chunked', 'chunked, chunked', 'xchunked', 'chunked;q=1', ''].map(
      (coding) => `${lines(OK, `transfer-encoding: ${coding}`, '')}0\r\n\r\n`,
    ),
    `${lines(OK, 'transfer-encoding: chunked', 'transfer-encoding: identity', '')}0\r\n\r\n`,
    `${lines('HTTP/1.0 200 OK', 'transfer-encoding: chunked', '')}0\r\n\r\n`,
    ...['', 'g', '-1', '+1', '0x1', ' 1', '1 ', '1 ;a', '1;', '1;a b', '1;a="', '123456789', '\r1'].map(
      (size) => `${chunked}${size}\r\nh\r\n0\r\n\r\n`,
    ),
    `${chunked}2\r\nhello\r\n0\r\n\r\n`,
    `${chunked}1\nh\r\n0\r\n\r\n`,
    `${chunked}1\r\nh\n0\r\n\r\n`,
    `${chunked}0\r\n folded\r\n\r\n`,
    `${chunked}0\r\ncontent-length: 5\r\n\r\n`,
    `${chunked}0\r\nno field\r\n\r\n`,
    `${lines(OK, 'a: b', ' folded: c', 'content-length: 5', '')}hello`,
    `${lines(OK, 'content-length : 5', '')}hello`,
    `${lines(OK, ' content-length: 5', '')}hello`,
    `${lines(OK, 'content-length', '')}hello`,
    `${lines(OK, ': 5', '')}hello`,
    `${lines(OK, 'a: b\rcontent-length: 5', '')}hello`,
    `${lines(OK, 'a: b\ncontent-length: 5', '')}hello`,
    `${lines(OK, 'a: \0', '')}hello`,
    `${lines(OK, 'content-l\xe4ngth: 5', '')}hello`,
    'HTTP/1.1 200 OK\ncontent-length: 5\n\nhello',
    ...[
      'HTTP/2 200 OK',
      'HTTP/1.2 200 OK',
      'http/1.1 200 OK',
      'HTTP/1.1  200 OK',
      'HTTP/1.1 20 OK',
      'HTTP/1.1 2000',
      'HTTP/1.1 600 ?',
      'HTTP/1.1 099 ?',
      'ICY 200 OK',
      ' HTTP/1.1 200',
      '\r\nHTTP/1.1 200',
    ].map((line) => `${lines(line, 'content-length: 5', '')}hello`),
    ...['content-length: 5', 'transfer-encoding: chunked', 'connection: close'].map(
      (field) => `${lines('HTTP/1.1 103 Early Hints', field, '', OK, 'content-length: 5', '')}hello`,
    ),
    ...['content-length: 5', 'transfer-encoding: chunked'].map((field) => lines('HTTP/1.1 204 No Content', field, '')),
    `${lines('HTTP/1.0 103 Early Hints', '', OK, 'content-length: 5', '')}hello`,
    lines('HTTP/1.1 101 Switching Protocols', 'upgrade: websocket', ''),
    'SSH-2.0-OpenSSH_9.2\r\n',
  ])
    assert.equal(parseEveryWay(text), 'invalid', JSON.stringify(text));
});

test('memory is bounded', () => {
  const long = 'x'.repeat(16_384);
  for (const text of [
    `${lines(OK, `a: ${long}`, '')}`,
    `HTTP/1.1 200 ${long}`,
    lines(OK, ...Array.from({ length: 101 }, () => 'a: b'), ''),
    lines(...Array.from({ length: 17 }, () => 'HTTP/1.1 103 Early Hints\r\n')),
    `${lines(OK, 'transfer-encoding: chunked', '')}1;${long}`,
    `${lines(OK, 'transfer-encoding: chunked', '')}0\r\na: ${long}`,
    lines(
      OK,
      'transfer-encoding: chunked',
      '',
      '0',
      ...Array.from({ length: 1_000 }, () => `a: ${'x'.repeat(20)}`),
      '',
    ),
  ]) {
    assert.equal(parse([text]), 'invalid');
    assert.equal(parse([...text]), 'invalid');
  }
  const most = lines(OK, ...Array.from({ length: 99 }, () => `a: ${'x'.repeat(100)}`), 'content-length: 0', '');
  assert.deepEqual(parse([most]), whole(''));
  const big = 'x'.repeat(1_000_000);
  assert.deepEqual(parse([`${lines(OK, `content-length: ${big.length}`, '')}${big}`]), whole(big));
});

test('limits are per response and not per connection', () => {
  let ends = 0;
  const parser = new ResponseParser({ onHead: () => undefined, onBody: () => undefined, onEnd: () => void ends++ });
  const bytes = Buffer.from(
    `${lines('HTTP/1.1 103 Early Hints', '', OK, 'transfer-encoding: chunked', '')}${lines('0', `a: ${'x'.repeat(1_000)}`, '')}`,
    'latin1',
  );
  for (let i = 0; i < 20; i++) {
    parser.expect();
    parser.read(bytes, bytes.length);
  }
  assert.equal(ends, 20);
});

test('how long the connection is kept alive', () => {
  const kept = (...headers: string[]): unknown => {
    const parser = new ResponseParser({ onHead: () => undefined, onBody: () => undefined, onEnd: () => undefined });
    parser.expect();
    const bytes = Buffer.from(
      lines(...(headers[0]?.startsWith('HTTP') === true ? headers : [OK, ...headers]), 'content-length: 0', ''),
      'latin1',
    );
    parser.read(bytes, bytes.length);
    return parser.persistent ? (parser.keepAliveMs ?? true) : false;
  };
  assert.equal(kept(), true);
  assert.equal(kept('connection: keep-alive', 'keep-alive: timeout=5'), 5_000);
  assert.equal(kept('keep-alive: max=100, Timeout=72'), 72_000);
  assert.equal(kept('keep-alive: xtimeout=5'), true);
  assert.equal(kept('connection: Close'), false);
  assert.equal(kept('connection: x, close ,y'), false);
  assert.equal(kept('connection: x', 'connection: close'), false);
  assert.equal(kept('connection: closed'), true);
  assert.equal(kept('HTTP/1.0 200 OK', 'connection: keep-alive'), false);
});

/** A server that sends `answer` on each connection and then closes the connection. */
const server = createServer((socket: Socket) => {
  socket.on('error', () => undefined);
  socket.once('data', () => socket.end(answer, 'latin1'));
});
let answer = '';
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => void server.close());

async function asUndici(text: string): Promise<{ status: number; body: string } | 'invalid'> {
  answer = text;
  const client = new Client(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const seen = { status: 0, body: '' };
  const result = await new Promise<typeof seen | 'invalid'>((resolve) => {
    client.dispatch(
      { method: 'POST', path: '/', body: '{}', headersTimeout: 2_000, bodyTimeout: 2_000 },
      {
        onRequestStart: () => undefined,
        onResponseStart: (_, status) => {
          if (status >= 200) seen.status = status;
        },
        onResponseData: (_, chunk) => {
          seen.body += chunk.toString('latin1');
        },
        onResponseEnd: () => resolve(seen),
        onResponseError: () => resolve('invalid'),
      },
    );
  });
  await client.destroy();
  return result;
}
const accepted = (seen: Seen | 'invalid') =>
  seen === 'invalid' || seen.end === 'broken off' ? 'invalid' : { status: seen.status, body: seen.body };

const latin1 = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const blank = fc.constantFrom('', ' ', '\t', '  ');
const field = fc
  .tuple(
    fc.constantFrom('date', 'x-a', 'Content-Type', 'server', 'Vary', 'etag'),
    blank,
    fc.constantFrom('', 'a', 'a, b', 'text/html', '"\xe4"', 'a:b'),
    blank,
  )
  .map(([name, left, value, right]) => `${name}:${left}${value}${right}`);
const fields = fc.array(field, { maxLength: 4 });
const chunk = fc
  .tuple(latin1, fc.constantFrom('', ';a', ';a=b', ';a="b c"'), fc.constantFrom('', '0', '000'))
  .map(([data, extension, zeros]) => (data === '' ? '' : lines(zeros + data.length.toString(16) + extension, data)));
const framed = fc.oneof(
  fc.tuple(fields, latin1).map(([more, body]) => `${lines(...more, `Content-Length: ${body.length}`, '')}${body}`),
  fc
    .tuple(fields, fc.array(chunk, { maxLength: 4 }), fields)
    .map(
      ([more, chunks, trailers]) =>
        `${lines(...more, 'transfer-encoding: chunked', '')}${chunks.join('')}${lines('0', ...trailers, '')}`,
    ),
  fc.tuple(fields, latin1).map(([more, body]) => `${lines(...more, '')}${body}`),
);
const response = fc
  .tuple(
    fc.array(fc.constant(lines('HTTP/1.1 103 Early Hints', 'link: </a>', '')), { maxLength: 1 }),
    fc.oneof(
      fc
        .tuple(fc.constantFrom('200 OK', '200', '200 ', '400 Bad Request', '503 a b'), framed)
        .map(([status, rest]) => lines(`HTTP/1.1 ${status}`) + rest),
      fields.map((more) => lines('HTTP/1.1 204 No Content', ...more, '')),
    ),
  )
  .map(([interim, last]) => interim.join('') + last);

test('any valid response, split anywhere, is read as undici reads it', async () => {
  await fc.assert(
    fc.asyncProperty(response, fc.array(fc.nat(400), { maxLength: 6 }), async (text, places) => {
      const expected = await asUndici(text);
      assert.notEqual(expected, 'invalid');
      assert.deepEqual(accepted(parse([text])), expected);
      assert.deepEqual(
        accepted(
          parse(
            cut(
              text,
              places.toSorted((a, b) => a - b),
            ),
          ),
        ),
        expected,
      );
    }),
    { numRuns: Number(process.env['RUNS'] ?? 200) },
  );
});

// No tabs: undici refuses a tab after a length, which RFC 9110 (5.5) allows.
const mutation = fc.record({
  at: fc.nat(400),
  drop: fc.nat(3),
  insert: fc.oneof(
    fc.constantFrom(
      '\r',
      '\n',
      '\r\n',
      ' ',
      ':',
      ';',
      ',',
      '0',
      '1',
      'a',
      '\0',
      '\x7f',
      '\xff',
      '"',
      '-',
      'content-length: 3\r\n',
      'transfer-encoding: chunked\r\n',
      'connection: close\r\n',
      '\r\n\r\n',
      '0\r\n\r\n',
    ),
    fc.constant(''),
  ),
});

test('a damaged response gives the same result however it is split, and is never accepted if undici refuses it', async () => {
  await fc.assert(
    fc.asyncProperty(response, fc.array(mutation, { minLength: 1, maxLength: 3 }), async (text, mutations) => {
      const damaged = mutations.reduce((from, { at, drop, insert }) => {
        const place = at % (from.length + 1);
        return from.slice(0, place) + insert + from.slice(place + drop);
      }, text);
      const seen = parse([damaged]);
      if (seen === 'invalid') assert.equal(parse([...damaged]), 'invalid');
      else assert.deepEqual(parse([...damaged]), seen);
      // undici refuses an unsolicited 100, but a client must be able to parse it (RFC 9110, 15.2).
      if (accepted(seen) !== 'invalid' && !/HTTP\/1.1 100/.test(damaged))
        assert.deepEqual(accepted(seen), await asUndici(damaged));
    }),
    { numRuns: Number(process.env['RUNS'] ?? 300) },
  );
});
