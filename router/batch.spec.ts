// Batches: several operations in one HTTP request, as Apollo Client's BatchHttpLink sends them.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, test } from '@jest/globals';
import { raw, type RawAnswer } from '../test/network/raw.ts';
import type { OperationInfo } from './config/observers.ts';
import { startIssuer, startNetwork, until } from './server.fixture.ts';
import type { Answer, Network } from './server.fixture.ts';
import { afterTest } from '../test/after-test.ts';

let network: Network;
let issuer: Awaited<ReturnType<typeof startIssuer>>;
const operations: OperationInfo[] = [];
beforeAll(async () => {
  issuer = await startIssuer();
  network = await startNetwork({
    authentication: issuer.authentication,
    onOperation: (info) => void operations.push(info),
    limits: { rootFields: 5 },
  });
});
afterAll(() => Promise.all([network.close(), issuer.close()]));

const send = (batch: unknown, headers: Record<string, string> = {}, to = network): Promise<RawAnswer> =>
  raw(`${to.origin}/graphql`, {
    body: JSON.stringify(batch),
    headers: { 'content-type': 'application/json', ...headers },
  });
const answersOf = ({ text }: RawAnswer): Answer[] => JSON.parse(text) as Answer[];
const codesOf = (answer: RawAnswer): unknown[] =>
  answersOf(answer).map(({ errors }) => errors?.[0]?.extensions['code']);
const echo = (text: string): object => ({
  query: 'query Echo($t: String!) { echo(text: $t) }',
  operationName: 'Echo',
  variables: { t: text },
});

test('answers each operation at its index, with the identity of the request; mutations too', async () => {
  operations.length = 0;
  const authorization = `Bearer ${await issuer.token()}`;
  const answer = await send([echo('a'), { query: '{ me }' }, { query: 'mutation { say(text: "x") }' }, echo('ü')], {
    authorization,
  });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8');
  assert.deepEqual(
    answersOf(answer).map(({ data }) => data),
    [{ echo: 'a' }, { me: 'anna' }, { say: 'x' }, { echo: 'ü' }],
  );
  assert.deepEqual(
    operations.map(({ kind }) => kind).sort(),
    ['mutation', 'query', 'query', 'query'],
    'each is reported',
  );
  assert.deepEqual(
    operations.map(({ requestId }) => requestId),
    Array(4).fill(answer.headers['x-request-id']),
  );
});

test('runs the operations in parallel and keeps their order', async () => {
  const answer = send([{ query: '{ slow }' }, echo('quick')]);
  await until(
    () => network.rooms.waiting.length === 1 && network.rooms.requests.some(({ body }) => body.includes('quick')),
  );
  for (const finish of network.rooms.waiting.splice(0)) finish();
  assert.deepEqual(
    answersOf(await answer).map(({ data }) => Object.keys(data ?? {})),
    [['slow'], ['echo']],
  );
});

test('checks and limits each operation by itself; an error in one does not affect the others', async () => {
  const unknown = {
    extensions: {
      persistedQuery: { version: 1, sha256Hash: createHash('sha256').update('{ unheard }').digest('hex') },
    },
  };
  const batch = [
    echo('first'),
    { query: '{ nothing }' },
    7,
    { query: '' },
    { query: 'subscription { refused }' },
    { query: `{ ${'me '.repeat(6)} }` },
    unknown,
    { ...echo(''), variables: { t: [1] } },
    [echo('nested')],
    echo('last'),
  ];
  for (const accept of ['application/json', 'application/graphql-response+json', '*/*']) {
    const answer = await send(batch, { accept });
    assert.equal(answer.status, 200);
    assert.deepEqual(codesOf(answer), [
      undefined,
      'GRAPHQL_VALIDATION_FAILED',
      'BAD_REQUEST',
      'BAD_REQUEST',
      'BAD_REQUEST',
      'TOO_MANY_ROOT_FIELDS',
      'PERSISTED_QUERY_NOT_FOUND',
      'BAD_USER_INPUT',
      'BAD_REQUEST',
      undefined,
    ]);
    assert.deepEqual([answersOf(answer)[0]?.data, answersOf(answer)[9]?.data], [{ echo: 'first' }, { echo: 'last' }]);
    for (const { errors } of answersOf(answer))
      assert.equal(
        errors?.[0]?.extensions['requestId'] ?? answer.headers['x-request-id'],
        answer.headers['x-request-id'],
      );
  }
});

test('learns persisted queries in a batch and uses them', async () => {
  const query = '{ echo(text: "batched") }';
  const extensions = { persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') } };
  assert.deepEqual(codesOf(await send([{ extensions }])), ['PERSISTED_QUERY_NOT_FOUND']);
  assert.deepEqual(answersOf(await send([{ query, extensions }])), [{ data: { echo: 'batched' } }]);
  assert.deepEqual(answersOf(await send([{ extensions }, { extensions }])), [
    { data: { echo: 'batched' } },
    { data: { echo: 'batched' } },
  ]);
});

test('refuses a batch as a whole: too many operations, none, a client that accepts no single document, a bad token, too long', async () => {
  const before = network.rooms.requests.length;
  assert.deepEqual(
    [(await send(Array(11).fill(echo('x')))).status, (await send(Array(11).fill(echo('x')))).code],
    [400, 'TOO_MANY_OPERATIONS'],
  );
  assert.deepEqual([(await send([])).status, (await send([])).code], [400, 'BAD_REQUEST']);
  for (const accept of ['text/event-stream', 'multipart/mixed'])
    assert.equal((await send([echo('x')], { accept })).status, 406, accept);
  assert.equal((await send([echo('x')], { authorization: 'Bearer forged' })).status, 401);
  assert.equal((await send([echo('x'.repeat(60_000)), echo('x'.repeat(60_000))])).status, 413);
  assert.equal(network.rooms.requests.length, before, 'nothing was executed');
  assert.equal((await send(Array(10).fill(echo('x')))).status, 200);
});

test('the limit is configurable; 0 refuses batches', async () => {
  const [two, none] = await Promise.all([
    startNetwork({ limits: { batchedOperations: 2 } }),
    startNetwork({ limits: { batchedOperations: 0 } }),
  ]);
  afterTest(() => Promise.all([two.close(), none.close()]));
  assert.deepEqual(
    [
      (await send([echo('a'), echo('b')], {}, two)).status,
      (await send([echo('a'), echo('b'), echo('c')], {}, two)).code,
    ],
    [200, 'TOO_MANY_OPERATIONS'],
  );
  const refused = await send([echo('a')], {}, none);
  assert.deepEqual([refused.status, refused.code], [400, 'BAD_REQUEST']);
});

test('compresses a long response; sends deferred parts within it', async () => {
  const packed = await send([echo('x'.repeat(5_000))], { 'accept-encoding': 'gzip' });
  assert.equal(packed.headers['content-encoding'], 'gzip');
  const deferred = await send([{ query: '{ user(id: "1") { id ... @defer { name } } }' }], {
    accept: 'multipart/mixed;deferSpec=20220824, application/json',
  });
  assert.deepEqual(answersOf(deferred), [{ data: { user: { id: '1', name: 'name of 1' } } }], 'whole');
});
