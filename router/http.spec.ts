// GraphQL over HTTP, tested as its specification and the audits of its community do, over real connections.
import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import type { IncomingHttpHeaders, RequestOptions } from 'node:http';
import { afterAll, beforeAll, test } from '@jest/globals';
import { brotliCompressSync, brotliDecompressSync, deflateSync, gunzipSync, gzipSync } from 'node:zlib';
import { startNetwork } from './server.fixture.ts';
import type { Answer, Network } from './server.fixture.ts';
import { afterTest } from '../test/after-test.ts';

const MODERN = 'application/graphql-response+json';
const JSON_TYPE = 'application/json';

let network: Network;
let detailed: Network;
beforeAll(async () => {
  [network, detailed] = await Promise.all([startNetwork(), startNetwork({ detailedStatus: true })]);
});
afterAll(() => Promise.all([network.close(), detailed.close()]));

interface Reply {
  status: number;
  message: string;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
  socket: number | undefined;
}

/** Sends one request without the headers that fetch would add. */
function send(
  origin: string,
  {
    method = 'POST',
    path = '/graphql',
    headers = {},
    body,
    agent,
  }: Pick<RequestOptions, 'method' | 'path' | 'agent'> & {
    headers?: Record<string, string>;
    body?: string | Buffer;
  } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const req = request(origin + String(path), { method, headers, agent: agent ?? false }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('end', () =>
        resolve({
          status: res.statusCode ?? 0,
          message: res.statusMessage ?? '',
          headers: res.headers,
          bytes: Buffer.concat(chunks),
          socket: req.socket?.localPort,
        }),
      );
    });
    req.on('error', reject);
    req.end(body);
  });
}

const answerOf = ({ bytes }: Reply): Answer => JSON.parse(bytes.toString('utf8')) as Answer;
const codeOf = (reply: Reply): unknown => answerOf(reply).errors?.[0]?.extensions['code'];
const post = (body: unknown, headers: Record<string, string> = {}, origin = network.origin): Promise<Reply> =>
  send(origin, {
    headers: { 'content-type': JSON_TYPE, ...headers },
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });
const get = (
  parameters: Record<string, string>,
  headers: Record<string, string> = { 'apollo-require-preflight': 'true' },
  method = 'GET',
): Promise<Reply> =>
  send(network.origin, { method, path: `/graphql?${String(new URLSearchParams(parameters))}`, headers });

test('audits: media types, and UTF-8 both ways', async () => {
  const cases: [string | undefined, string | undefined][] = [
    [undefined, JSON_TYPE],
    ['*/*', JSON_TYPE],
    ['application/*', JSON_TYPE],
    [JSON_TYPE, JSON_TYPE],
    [MODERN, MODERN],
    [`${MODERN}; charset=utf-8, ${JSON_TYPE}; charset=utf-8`, MODERN],
    [`${JSON_TYPE}, ${MODERN}`, JSON_TYPE],
    [`${MODERN};q=0.5, ${JSON_TYPE}`, JSON_TYPE],
    [`*/*;q=0.1, ${MODERN}`, MODERN],
    [`${JSON_TYPE};q=0, */*`, MODERN],
    [`multipart/mixed;deferSpec=20220824, ${JSON_TYPE}`, JSON_TYPE],
    ['text/html', undefined],
    [`${JSON_TYPE};q=0`, undefined],
  ];
  for (const [accept, type] of cases) {
    const reply = await post({ query: '{ __typename }' }, accept === undefined ? {} : { accept });
    assert.equal(reply.status, type === undefined ? 406 : 200, accept);
    assert.equal(reply.headers['content-type'], `${type ?? JSON_TYPE}; charset=utf-8`, accept);
    assert.equal(reply.headers['vary'], 'accept, accept-encoding, origin');
  }
  for (const type of [
    JSON_TYPE,
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'Application/JSON ; Charset=utf8',
    'application/json; profile=x',
  ]) {
    const reply = await post({ query: '{ echo(text: "häß 😀") }' }, { 'content-type': type });
    assert.deepEqual(answerOf(reply), { data: { echo: 'häß 😀' } }, type);
  }
  for (const type of [
    'application/json; charset=latin1',
    'application/jsonp',
    'text/plain',
    'application/graphql',
    'application/x-www-form-urlencoded',
  ]) {
    const reply = await post({ query: '{ __typename }' }, { 'content-type': type });
    assert.equal(reply.status, 415, type);
    assert.equal(reply.headers['accept-post'], JSON_TYPE);
  }
  assert.equal((await send(network.origin, { body: '{"query":"{ __typename }"}' })).status, 415, 'no Content-Type');
});

test('audits: parameters of a POST', async () => {
  for (const accept of [MODERN, JSON_TYPE]) {
    const refused: [string, unknown][] = [
      ['no body', ''],
      ['no query', {}],
      ['empty query', { query: '' }],
      ...[{}, 0, false, []].map((query): [string, unknown] => ['query', { query }]),
      ...[{}, 0, false, []].map((operationName): [string, unknown] => [
        'operationName',
        { query: '{ __typename }', operationName },
      ]),
      ...['x', 0, false, []].map((variables): [string, unknown] => [
        'variables',
        { query: '{ __typename }', variables },
      ]),
      ...['x', 0, false, []].map((extensions): [string, unknown] => [
        'extensions',
        { query: '{ __typename }', extensions },
      ]),
      ['an empty batch', []],
      ['no object', 7],
      ['no JSON', '{ "not a JSON'],
    ];
    for (const [name, body] of refused) {
      const reply = await post(body, { accept });
      assert.equal(reply.status, 400, `${name} ${JSON.stringify(body)}`);
      assert.equal(codeOf(reply), 'BAD_REQUEST', name);
    }
    const served: object[] = [
      { query: '{ __typename }', variables: null, operationName: null, extensions: null },
      { query: 'query A { __typename }', operationName: 'A' },
      { query: 'query A { __typename }', operationName: '' },
      {
        query: 'query ($t: String!) { __typename @skip(if: false) echo(text: $t) @include(if: false) }',
        variables: { t: 'x' },
      },
      { query: '{ __typename }', extensions: { a: 1 }, unheardOf: true },
    ];
    for (const body of served)
      assert.deepEqual(answerOf(await post(body, { accept })), { data: { __typename: 'Query' } }, JSON.stringify(body));
  }
});

test('audits: parameters of a GET, which serves no mutations or subscriptions', async () => {
  assert.deepEqual(answerOf(await get({ query: '{ __typename }' })), { data: { __typename: 'Query' } });
  assert.deepEqual(answerOf(await get({ query: 'query ($t: String!) { echo(text: $t) }', variables: '{"t":"ü&="}' })), {
    data: { echo: 'ü&=' },
  });
  assert.deepEqual(
    answerOf(
      await get({
        query: 'query a { me } query null { __typename }',
        operationName: 'null',
        variables: '',
        extensions: '{}',
      }),
    ),
    { data: { __typename: 'Query' } },
  );
  assert.deepEqual(answerOf(await get({ query: '{ __typename }', operationName: '', variables: 'null' })), {
    data: { __typename: 'Query' },
  });
  for (const bad of [
    {},
    { query: '' },
    { query: '{ me }', variables: '{' },
    { query: '{ me }', variables: '[]' },
    { query: '{ me }', extensions: '7' },
  ]) {
    assert.equal((await get(bad as Record<string, string>)).status, 400, JSON.stringify(bad));
  }
  const before = network.rooms.requests.length;
  for (const method of ['GET', 'HEAD']) {
    const mutation = await get(
      { query: 'query Q { me } mutation M { say(text: "x") }', operationName: 'M' },
      { 'apollo-require-preflight': '1' },
      method,
    );
    assert.equal(mutation.status, 405);
    assert.equal(mutation.headers['allow'], 'POST');
  }
  assert.equal(network.rooms.requests.length, before, 'nothing was executed');
});

test('HEAD is GET without the body; OPTIONS lists methods and grants other origins nothing; other methods are refused', async () => {
  const [whole, head] = [
    await get({ query: '{ echo(text: "x") }' }),
    await get({ query: '{ echo(text: "x") }' }, { 'apollo-require-preflight': '1' }, 'HEAD'),
  ];
  assert.equal(head.status, 200);
  assert.equal(head.bytes.length, 0);
  for (const name of ['content-type', 'content-length', 'vary', 'cache-control'])
    assert.equal(head.headers[name], whole.headers[name], name);
  const options = await send(network.origin, {
    method: 'OPTIONS',
    headers: { origin: 'https://elsewhere.test', 'access-control-request-method': 'POST' },
  });
  assert.equal(options.status, 204);
  assert.equal(options.headers['allow'], 'GET, HEAD, POST, OPTIONS');
  assert.equal(options.headers['accept-post'], JSON_TYPE);
  assert.deepEqual(
    Object.keys(options.headers).filter((name) => name.startsWith('access-control')),
    [],
  );
  for (const method of ['PUT', 'DELETE', 'PATCH']) {
    const reply = await send(network.origin, { method });
    assert.equal(reply.status, 405);
    assert.equal(reply.headers['allow'], 'GET, HEAD, POST, OPTIONS');
  }
});

test('status codes of refused and executed operations, also when `data` is null', async () => {
  const cases: [string, object, { json: number; modern: number; detailed: number }, string | undefined][] = [
    ['executed', { query: '{ me }' }, { json: 200, modern: 200, detailed: 200 }, undefined],
    ['a field failed', { query: '{ broken me }' }, { json: 200, modern: 200, detailed: 294 }, 'FORBIDDEN'],
    ['document', { query: '{ me' }, { json: 200, modern: 400, detailed: 400 }, 'GRAPHQL_PARSE_FAILED'],
    ['validation', { query: '{ nothing }' }, { json: 200, modern: 400, detailed: 422 }, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'operation',
      { query: 'query A { me } query B { me }' },
      { json: 200, modern: 400, detailed: 422 },
      'OPERATION_RESOLUTION_FAILURE',
    ],
    [
      'variables',
      { query: 'query ($t: String!) { echo(text: $t) }', variables: { t: [1] } },
      { json: 200, modern: 400, detailed: 422 },
      'BAD_USER_INPUT',
    ],
    ['limit', { query: `{ ${'me '.repeat(31)} }` }, { json: 200, modern: 400, detailed: 422 }, 'TOO_MANY_ROOT_FIELDS'],
  ];
  for (const [name, body, expected, code] of cases) {
    const replies = {
      json: await post(body, { accept: JSON_TYPE }),
      modern: await post(body, { accept: MODERN }),
      detailed: await post(body, { accept: MODERN }, detailed.origin),
    };
    for (const [mode, reply] of Object.entries(replies)) {
      assert.equal(reply.status, expected[mode as keyof typeof expected], `${name} ${mode}`);
      assert.equal(codeOf(reply), code, `${name} ${mode}`);
      assert.equal('data' in answerOf(reply), expected.modern === 200, 'no data, and not null, for what was refused');
    }
    assert.equal((await post(body, { accept: JSON_TYPE }, detailed.origin)).status, 200);
    if (expected.detailed === 294) assert.equal(replies.detailed.message, 'Partial Success');
  }
});

test('a page of another origin cannot make a browser execute anything', async () => {
  const simple: Record<string, string>[] = [
    {},
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    { 'content-type': 'multipart/form-data; boundary=x' },
    { 'apollo-require-preflight': '' },
    { 'content-type': '' },
    { accept: 'application/json', 'accept-language': 'de' },
    { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' },
    { origin: 'null' },
    { referer: 'http://localhost:5173/' },
    { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' },
    // Headers that a browser adds by itself after a sign-in, and headers that proxies add.
    { authorization: 'Basic dTpw' },
    { authorization: 'Negotiate abc' },
    { authorization: 'Bearer ' },
    { cookie: 'a=b' },
    { 'x-request-id': 'kong-1', 'x-forwarded-for': '203.0.113.9', 'x-of-some-proxy': '1' },
  ];
  const before = network.rooms.requests.length;
  for (const headers of simple) {
    const reply = await get({ query: '{ echo(text: "x") }' }, headers);
    assert.equal(reply.status, 400, JSON.stringify(headers));
    assert.equal(codeOf(reply), 'CSRF_PREVENTED');
    assert.match(
      answerOf(reply).errors?.[0]?.message ?? '',
      /use POST \(urql: preferGetMethod: false\), or set the header Authorization: Bearer, apollo-require-preflight/,
    );
    const posted = await send(network.origin, { headers, body: '{"query":"mutation { say(text: \\"x\\") }"}' });
    assert.equal(posted.status, 415, JSON.stringify(headers));
  }
  assert.equal(network.rooms.requests.length, before);
  const asked: Record<string, string>[] = [
    { 'apollo-require-preflight': 'x' },
    { 'x-apollo-operation-name': 'Q' },
    { 'graphql-require-preflight': '1' },
    { 'content-type': JSON_TYPE },
    { authorization: 'Bearer x' },
    { authorization: 'bearer x' },
    { 'apollographql-client-name': 'web' },
    { 'x-requested-with': 'XMLHttpRequest' },
    { 'sec-fetch-site': 'same-origin' },
    // A page that may read responses may also send such requests. The browser sets these headers, and no page can.
    { origin: 'http://localhost:5173', 'sec-fetch-site': 'same-site' },
  ];
  for (const headers of asked)
    assert.equal((await get({ query: '{ echo(text: "x") }' }, headers)).status, 200, JSON.stringify(headers));
  const all = await startNetwork({ corsOrigins: ['*'] });
  afterTest(() => all.close());
  assert.equal(
    (await send(all.origin, { method: 'GET', path: '/graphql?query={me}', headers: { origin: 'https://evil.test' } }))
      .status,
    400,
    '* says nothing about a page',
  );
  const open = await startNetwork({ csrfPrevention: false });
  afterTest(() => open.close());
  assert.equal((await send(open.origin, { method: 'GET', path: '/graphql?query={me}' })).status, 200);
  assert.equal(
    (await send(open.origin, { headers: { 'content-type': 'text/plain' }, body: '{"query":"{ me }"}' })).status,
    415,
    'forms are never taken',
  );
});

test('decompresses request bodies up to the limit and no further', async () => {
  const body = Buffer.from(JSON.stringify({ query: '{ echo(text: "pressed") }' }));
  for (const [encoding, bytes] of [
    ['gzip', gzipSync(body)],
    ['x-gzip', gzipSync(body)],
    ['br', brotliCompressSync(body)],
    ['deflate', deflateSync(body)],
    ['GZIP', gzipSync(body)],
    ['identity', body],
  ] as const) {
    assert.deepEqual(
      answerOf(await post(bytes, { 'content-encoding': encoding })),
      { data: { echo: 'pressed' } },
      encoding,
    );
  }
  // 100 MB of blanks, compressed to 100 KB.
  const bomb = Buffer.from(`{"query":"{ me }"${' '.repeat(100_000_000)}}`);
  for (const [encoding, bytes] of [
    ['gzip', gzipSync(bomb, { level: 9 }).subarray(0, 90_000)],
    ['br', brotliCompressSync(bomb)],
  ] as const) {
    const reply = await post(bytes, { 'content-encoding': encoding });
    assert.equal(reply.status, 413, encoding);
    assert.equal(codeOf(reply), 'PAYLOAD_TOO_LARGE');
  }
  const fits = Buffer.from(JSON.stringify({ query: '{ me }' }).padEnd(100_000));
  assert.equal((await post(gzipSync(fits), { 'content-encoding': 'gzip' })).status, 200, 'exactly the limit');
  assert.equal(
    (await post(gzipSync(Buffer.concat([fits, Buffer.from(' ')])), { 'content-encoding': 'gzip' })).status,
    413,
    'a byte more',
  );
  const corrupt = await post(gzipSync(body).subarray(0, 20), { 'content-encoding': 'gzip' });
  assert.equal(corrupt.status, 400);
  assert.equal(codeOf(corrupt), 'BAD_REQUEST');
  for (const encoding of ['zstd-of-old', 'gzip, br', 'constructor']) {
    const reply = await post(body, { 'content-encoding': encoding });
    assert.equal(reply.status, 415, encoding);
    assert.equal(reply.headers['accept-encoding'], 'br, gzip, deflate');
  }
});

test('compresses long responses in the coding that the client prefers, but not short ones or without Accept-Encoding', async () => {
  const long = {
    query: '{ echo(text: $t) }'.replace('{', 'query ($t: String!) {'),
    variables: { t: 'ü'.repeat(5_000) },
  };
  const plain = await post(long);
  const expected = { data: { echo: 'ü'.repeat(5_000) } };
  assert.deepEqual(answerOf(plain), expected);
  const cases: [string | undefined, 'br' | 'gzip' | undefined][] = [
    [undefined, undefined],
    ['identity', undefined],
    ['gzip', 'gzip'],
    ['br', 'br'],
    ['gzip, deflate, br', 'br'],
    ['gzip;q=1, br;q=0.5', 'gzip'],
    ['*', 'br'],
    ['br;q=0, *', 'gzip'],
    ['gzip;q=0', undefined],
    ['identity;q=1, gzip;q=0.5', undefined],
    ['*;q=0', undefined],
    ['deflate, zstd', undefined],
    ['x-gzip', 'gzip'],
    ['gzip;q=nonsense', undefined],
  ];
  for (const [accepted, coding] of cases) {
    const reply = await post(long, accepted === undefined ? {} : { 'accept-encoding': accepted });
    assert.equal(reply.headers['content-encoding'], coding, accepted);
    assert.equal(Number(reply.headers['content-length']), reply.bytes.length);
    const bytes =
      coding === 'br' ? brotliDecompressSync(reply.bytes) : coding === 'gzip' ? gunzipSync(reply.bytes) : reply.bytes;
    assert.deepEqual(JSON.parse(bytes.toString('utf8')), expected);
    if (coding !== undefined) assert.ok(reply.bytes.length < plain.bytes.length / 10);
  }
  const short = await post({ query: '{ me }' }, { 'accept-encoding': 'br, gzip' });
  assert.equal(short.headers['content-encoding'], undefined);
  const never = await startNetwork({ compressFrom: false });
  afterTest(() => never.close());
  assert.equal(
    (await post(long, { 'accept-encoding': 'br, gzip' }, never.origin)).headers['content-encoding'],
    undefined,
  );
});

test('decompresses subgraph responses up to their limit and no further', async () => {
  const bomb = JSON.stringify({ data: { me: 'x'.repeat(50_000_000) } });
  const encodings: [string, (body: string) => Buffer, string | null][] = [
    ['gzip', (body) => gzipSync(body), 'ü'],
    ['br', (body) => brotliCompressSync(body), 'ü'],
    ['deflate', (body) => deflateSync(body), 'ü'],
    ['gzip', () => gzipSync(bomb), null],
    ['gzip', (body) => gzipSync(body).subarray(0, 15), null],
    ['rot13', (body) => Buffer.from(body), null],
  ];
  for (const [as, by, expected] of encodings) {
    const logged: string[] = [];
    const log = {
      warn: (message: string) => void logged.push(message),
      error: (message: string) => void logged.push(message),
    };
    const packed = await startNetwork({ log, limits: { subgraphRetries: 0 } }, { encoded: { as, by } });
    afterTest(() => packed.close());
    const { body } = await packed.query('{ echo(text: "ü") }');
    assert.deepEqual(body.data, { echo: expected }, as);
    assert.equal(packed.rooms.requests[0]?.headers['accept-encoding'], 'br, gzip, deflate');
    if (expected !== null) continue;
    assert.equal(body.errors?.[0]?.extensions['code'], 'UNAVAILABLE');
    assert.match(logged[0] ?? '', /the answer of subgraph rooms cannot be decoded/);
  }
  const plain = await startNetwork({ subgraphCompression: false });
  afterTest(() => plain.close());
  await plain.query('{ echo(text: "ü") }');
  assert.equal(plain.rooms.requests[0]?.headers['accept-encoding'], undefined);
});

test('keeps connections alive, also after refusals and short unread bodies', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  afterTest(() => agent.destroy());
  const query = { headers: { 'content-type': JSON_TYPE }, body: '{"query":"{ me }"}', agent };
  const replies = [
    await send(network.origin, query),
    await send(network.origin, { method: 'GET', path: '/health/live', agent }),
    await send(network.origin, { method: 'GET', path: '/nothing', agent }),
    await send(network.origin, { ...query, headers: { 'content-type': 'text/plain' } }),
    await send(network.origin, { method: 'PUT', body: 'x'.repeat(10_000), agent }),
    await send(network.origin, { method: 'OPTIONS', agent }),
    await send(network.origin, query),
  ];
  assert.deepEqual(
    replies.map(({ status }) => status),
    [200, 200, 404, 415, 405, 204, 200],
  );
  assert.equal(new Set(replies.map(({ socket }) => socket)).size, 1, 'one connection for all');
});

test("masking hides all of a subgraph's error except for allowed codes; subgraphs are named only if configured", async () => {
  const masked = await startNetwork({ maskErrors: true });
  const strict = await startNetwork({ maskErrors: true, allowedErrorCodes: [], exposeSubgraphs: true });
  const developers = await startNetwork({ exposeSubgraphs: true });
  afterTest(() => Promise.all([masked.close(), strict.close(), developers.close()]));
  const errorsOf = async (of: Network, query: string) =>
    (await of.query(query, { headers: { 'x-request-id': 'r' } })).body.errors?.slice(0, 1);
  const flaw = (message: string, extensions: object) => [
    { message, path: ['flaws', 0, 'x'], extensions: { ...extensions, requestId: 'r' } },
  ];
  const broken = (message: string, extensions: object) => [
    { message, path: ['broken'], extensions: { ...extensions, requestId: 'r' } },
  ];
  assert.deepEqual(
    await errorsOf(network, '{ flaws { x } }'),
    flaw('flawed', { code: 'INTERNAL_SERVER_ERROR' }).map((error) => ({
      ...error,
      extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', requestId: 'r' },
    })),
  );
  assert.deepEqual(
    await errorsOf(masked, '{ flaws { x } }'),
    flaw('A service reported an error', { code: 'DOWNSTREAM_SERVICE_ERROR' }),
  );
  assert.deepEqual(await errorsOf(masked, '{ broken }'), broken('no', { code: 'FORBIDDEN' }));
  assert.deepEqual(
    await errorsOf(strict, '{ broken }'),
    broken('A service reported an error', { code: 'DOWNSTREAM_SERVICE_ERROR', service: 'rooms' }),
  );
  assert.deepEqual(await errorsOf(developers, '{ broken }'), broken('no', { code: 'FORBIDDEN', service: 'rooms' }));
  await Promise.all([masked, developers].map(({ rooms }) => rooms.close()));
  const unreachable = (extensions: object) => [
    {
      message: 'A service cannot be reached',
      path: ['broken'],
      extensions: { code: 'UNAVAILABLE', ...extensions, requestId: 'r' },
    },
  ];
  assert.deepEqual(await errorsOf(masked, '{ broken }'), unreachable({}));
  assert.deepEqual(await errorsOf(developers, '{ broken }'), unreachable({ service: 'rooms' }));
});
