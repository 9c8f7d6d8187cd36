import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, test } from '@jest/globals';
import type { OperationInfo } from './config/observers.ts';
import { startNetwork, until } from './server.fixture.ts';
import type { Answer, Network } from './server.fixture.ts';

let network: Network;
const operations: OperationInfo[] = [];
beforeAll(async () => {
  network = await startNetwork({ onOperation: (info) => operations.push(info) });
});
afterAll(() => network.close());

const MODERN = 'application/graphql-response+json';
const post = async (body: string | Buffer, headers: Record<string, string> = {}) => {
  const response = await fetch(`${network.origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer };
};
const code = (answer: Answer) => answer.errors?.[0]?.extensions['code'];

test('a query across two subgraphs', async () => {
  const { status, headers, body } = await network.query('{ room(id: "r") { id messages { id author { id name } } } }');
  assert.equal(status, 200);
  assert.match(headers.get('content-type') ?? '', /^application\/json/);
  assert.deepEqual(body, {
    data: {
      room: { id: 'r', messages: ['m0', 'm1', 'm2'].map((id) => ({ id, author: { id: 'u', name: 'name of u' } })) },
    },
  });
  assert.equal(network.users.requests.length, 1, 'three authors, one person, one call');
});

test('a mutation, variables, an error with path, code and request id', async () => {
  assert.deepEqual(
    (await network.query('mutation ($t: String!) { say(text: $t) }', { variables: { t: 'hé "quoted"' } })).body,
    { data: { say: 'hé "quoted"' } },
  );
  const { status, body, headers } = await network.query('{ broken }', { headers: { 'x-request-id': 'abc-1' } });
  assert.equal(status, 200);
  assert.deepEqual(body.data, { broken: null });
  assert.deepEqual(body.errors?.[0]?.path, ['broken']);
  assert.equal(code(body), 'FORBIDDEN');
  assert.equal(body.errors?.[0]?.extensions['requestId'], 'abc-1');
  assert.equal(headers.get('x-request-id'), 'abc-1');
});

test('replaces an invalid request id; passes a valid one on to the subgraph', async () => {
  const { headers } = await network.query('{ echo(text: "a") }', { headers: { 'x-request-id': 'a b"c' } });
  const made = headers.get('x-request-id') ?? '';
  assert.match(made, /^[A-Za-z0-9._-]{10,128}$/);
  assert.equal(network.rooms.requests.at(-1)?.headers['x-request-id'], made);
});

test('an identity that a client claims never reaches a subgraph', async () => {
  await network.query('{ me }', {
    headers: {
      'x-authenticated-userid': 'admin',
      'x-userinfo': 'e30',
      'signature-input': 'sig1=()',
      signature: 'sig1=:x:',
      'content-digest': 'x',
      'x-audience': 'a',
      cookie: 'c=1',
    },
  });
  const { headers } = network.users.requests.at(-1)!;
  for (const name of [
    'x-authenticated-userid',
    'x-userinfo',
    'signature-input',
    'signature',
    'content-digest',
    'x-audience',
    'cookie',
  ])
    assert.equal(headers[name], undefined, name);
});

test('refused documents: 400 for the GraphQL media type, 200 for JSON', async () => {
  const cases: [object, string][] = [
    [{ query: '{ echo(' }, 'GRAPHQL_PARSE_FAILED'],
    [{ query: '{ nothing }' }, 'GRAPHQL_VALIDATION_FAILED'],
    [{ query: 'query A { me } query B { me }', operationName: 'C' }, 'OPERATION_RESOLUTION_FAILURE'],
    [{ query: 'query ($t: String!) { echo(text: $t) }', variables: { t: 1 } }, 'BAD_USER_INPUT'],
  ];
  for (const [body, expected] of cases) {
    for (const [accept, status] of [
      [MODERN, 400],
      ['application/json', 200],
      [`application/json;q=0.5, ${MODERN}`, 400],
    ] as const) {
      const answer = await post(JSON.stringify(body), { accept });
      assert.equal(answer.status, status, `${expected} ${accept}`);
      assert.equal(code(answer.body), expected);
      assert.equal('data' in answer.body, false);
      assert.ok(answer.headers.get('content-type')?.startsWith(status === 400 ? MODERN : 'application/json'));
    }
  }
  const good = await post('{"query":"{ me }"}', { accept: MODERN });
  assert.equal(good.status, 200);
  assert.equal((await post('{"query":"{ me }"}', { accept: 'text/html' })).status, 406);
});

test('malformed bodies: 400 BAD_REQUEST with line and column', async () => {
  const cases: [string | Buffer, RegExp][] = [
    ['{"query": x}', /line 1, column 11/],
    ['{"query":"{ me }",\n  "variables": {"a" 1}}', /line 2, column 21/],
    ['', /line 1, column 1/],
    ['[]', /a batch must contain at least one operation/],
    ['{"query":1}', /"query"/],
    ['{"query":"{ me }","variables":[1]}', /"variables"/],
    ['{"query":"{ me }","operationName":7}', /"operationName"/],
    [Buffer.from([0x7b, 0xff, 0x7d]), /UTF-8/],
  ];
  for (const [body, message] of cases) {
    const answer = await post(body);
    assert.equal(answer.status, 400);
    assert.equal(code(answer.body), 'BAD_REQUEST');
    assert.match(answer.body.errors?.[0]?.message ?? '', message);
  }
});

test('methods, media types, paths', async () => {
  assert.equal((await fetch(`${network.origin}/graphql`, { method: 'PUT' })).status, 405);
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=latin1',
  ]) {
    assert.equal(
      (await post('{"query":"mutation { say(text: \\"x\\") }"}', { 'content-type': type })).status,
      415,
      type,
    );
  }
  assert.equal((await post('{"query":"{ me }"}', { 'content-type': 'application/json; charset=utf-8' })).status, 200);
  const lost = await fetch(`${network.origin}/nothing`);
  assert.equal(lost.status, 404);
  assert.equal(code((await lost.json()) as Answer), 'NOT_FOUND');
  const get = (query: string, more = '') =>
    fetch(`${network.origin}/graphql?query=${encodeURIComponent(query)}${more}`, {
      headers: { 'apollo-require-preflight': '1' },
    });
  assert.deepEqual(
    await (await get('query ($t: String!) { echo(text: $t) }', `&variables=${encodeURIComponent('{"t":"x"}')}`)).json(),
    { data: { echo: 'x' } },
  );
  const mutation = await get('mutation { say(text: "x") }');
  assert.equal(mutation.status, 405);
  assert.equal(mutation.headers.get('allow'), 'POST');
  assert.equal((await get('')).status, 400);
  assert.equal(code((await network.query('subscription { refused }')).body), 'BAD_REQUEST');
});

test('health and explorer', async () => {
  for (const path of ['/health/live', '/health/ready']) assert.equal((await fetch(network.origin + path)).status, 200);
  const page = await fetch(`${network.origin}/`);
  assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'; script-src 'self'/);
  const html = await page.text();
  assert.doesNotMatch(html, /https?:\/\//, 'nothing from elsewhere');
  for (const [, path] of html.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
    const asset = await fetch(network.origin + path!);
    assert.equal(asset.status, 200, path);
    assert.match(asset.headers.get('cache-control') ?? '', /max-age/);
    assert.ok((await asset.arrayBuffer()).byteLength > 100, path);
    assert.equal(
      (await fetch(network.origin + path!, { headers: { 'if-none-match': asset.headers.get('etag') ?? '' } })).status,
      304,
    );
  }
});

test('each demand limit', async () => {
  const cases: [string, string][] = [
    [`{ user(id: "1") ${'{ friend '.repeat(20)} { id } ${'}'.repeat(20)} }`, 'OPERATION_TOO_DEEP'],
    [`{ ${Array.from({ length: 51 }, (_, i) => `a${i}: me`).join(' ')} }`, 'TOO_MANY_ALIASES'],
    [
      `{ ...A ...B } ${['A', 'B'].map((f) => `fragment ${f} on Query { ${Array.from({ length: 26 }, (_, i) => `${f}${i}: me`).join(' ')} }`).join(' ')}`,
      'TOO_MANY_ALIASES',
    ],
    [`{ ${'me '.repeat(31)} }`, 'TOO_MANY_ROOT_FIELDS'],
    [
      `{ ...F30 } fragment F0 on Query { me } ${Array.from({ length: 30 }, (_, i) => `fragment F${i + 1} on Query { ...F${i} ... @include(if: true) { ...F${i} } }`).join(' ')}`,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [`{ ${'me '.repeat(6_000)} }`, 'GRAPHQL_PARSE_FAILED'],
  ];
  for (const [query, expected] of cases) {
    const { body } = await network.query(query);
    assert.ok(
      body.errors?.some(({ extensions }) => extensions['code'] === expected),
      `${expected}: ${JSON.stringify(body).slice(0, 300)}`,
    );
  }
});

test('a body above the limit: 413 immediately if its length is announced; an endless one is not read to its end', async () => {
  const answer = await post(JSON.stringify({ query: '{ me }', variables: { x: 'x'.repeat(100_000) } }));
  assert.equal(answer.status, 413);
  assert.equal(code(answer.body), 'PAYLOAD_TOO_LARGE');
  const socket: Socket = connect(Number(new URL(network.origin).port), '127.0.0.1');
  socket.write(
    'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
  );
  let received = '';
  let sent = 0;
  socket.on('data', (data) => (received += String(data)));
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const chunk = `2000\r\n${'x'.repeat(8_192)}\r\n`;
  const pump = (): void => {
    while (!socket.destroyed && socket.write(chunk)) sent += chunk.length;
    if (!socket.destroyed) socket.once('drain', () => setImmediate(pump));
  };
  pump();
  await closed;
  assert.match(received, /^HTTP\/1\.1 413 /);
  assert.match(received, /connection: close/i);
  assert.ok(sent < 20_000_000);
});

test('a response has at most 100 errors', async () => {
  const { body } = await network.query('{ flaws { x } }');
  assert.equal((body.data?.['flaws'] as unknown[]).length, 150);
  assert.equal(body.errors?.length, 100);
});

test('reports operations with kind, name, code and request id', async () => {
  operations.length = 0;
  await network.query('query Who { broken }', { headers: { 'x-request-id': 'seen' } });
  await network.query('{ nope }');
  await network.query('mutation M { say(text: "x") }');
  assert.deepEqual(
    operations.map(({ durationMs, requestId, ...rest }) => (assert.ok(durationMs >= 0 && requestId), rest)),
    [
      { kind: 'query', name: 'Who', errors: 1, code: 'FORBIDDEN', transport: 'http' },
      { kind: 'unknown', errors: 1, code: 'GRAPHQL_VALIDATION_FAILED', transport: 'http' },
      { kind: 'mutation', name: 'M', errors: 0, transport: 'http' },
    ],
  );
  assert.equal(operations[0]?.requestId, 'seen');
});

test('settled() waits for requests in flight', async () => {
  const answer = network.query('{ slow }');
  await until(() => network.rooms.waiting.length === 1);
  let settled = false;
  const waiting = network.router.settled().then(() => (settled = true));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(settled, false);
  network.rooms.waiting.shift()?.();
  assert.deepEqual((await answer).body, { data: { slow: 1 } });
  await waiting;
});

test('a client that disconnects cancels its subgraph call', async () => {
  const abort = new AbortController();
  const answer = fetch(`${network.origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ slow }"}',
    signal: abort.signal,
  }).catch(() => 'gone');
  await until(() => network.rooms.waiting.length === 1);
  abort.abort();
  assert.equal(await answer, 'gone');
  await network.router.settled();
  network.rooms.waiting.shift()?.();
});
