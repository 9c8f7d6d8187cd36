// Limits on the size of operations and responses.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import { StreamClient } from './http.fixture.ts';
import { RawClient, startNetwork, until } from './server.fixture.ts';
import type { Answer, Network } from './server.fixture.ts';

let network: Network, small: Network;
beforeAll(async () => {
  network = await startNetwork({ limits: { planningMs: 60_000 } });
  small = await startNetwork({ limits: { answerBytes: 20_000, planningMs: 60_000 } });
});
afterAll(() => Promise.all([network.close(), small.close()]));

const codes = ({ errors }: Answer): unknown[] => (errors ?? []).map(({ extensions }) => extensions['code']);
const ask = async (query: string, variables?: object): Promise<Answer> =>
  (await network.query(query, variables === undefined ? {} : { variables })).body;
const ofRooms = (): number => network.rooms.requests.length;

test('refuses triply nested lists before any subgraph request, in a hundred bytes and in fragments that spread each other', async () => {
  const before = ofRooms();
  const doubling = Array.from({ length: 40 }, (_, i) => `fragment F${i + 1} on Query { ...F${i} }`).join(' ');
  for (const query of [
    '{ a: items(first: 100) { b: items(first: 100) { c: items(first: 100) { id } } } }',
    '{ a: items(first: 100) { b: items(first: 100) { c: items { id } } } }',
    '{ items(first: 2000000000) { id } }',
    '{ page(last: 1000) { nodes { items(first: 100) { id } } } }',
    '{ page(first: 1000) { edges { node { items(first: 100) { id } } } } }',
    '{ items(first: 100) { ...A } } fragment A on Item { items(first: 100) { ...B } } fragment B on Item { x: items { id } y: items { id } }',
    `{ ...F40 } fragment F0 on Query { items(first: 400) { items(first: 400) { id } } } ${doubling}`,
    '{ all { grid { grid { grid { id } } } } }',
    '{ all { items { items { items { items { tags } } } } } }',
    'mutation A { say(text: "a") } query B { items(first: 1000) { items(first: 1000) { id } } }',
  ])
    assert.deepEqual(
      codes(await post({ query, ...(query.includes('query B') && { operationName: 'B' }) })),
      ['OPERATION_TOO_LARGE'],
      query,
    );
  assert.equal(ofRooms(), before);
});

const post = async (body: object): Promise<Answer> =>
  (await (
    await fetch(`${network.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  ).json()) as Answer;

test('sizes in variables count per request, with their defaults and those of the schema', async () => {
  const query = 'query ($n: Int, $m: Int = 100) { items(first: $n) { items(first: $m) { items(first: $n) { id } } } }';
  for (const n of [100, 99_999, 2_000_000_000])
    assert.deepEqual(codes(await ask(query, { n })), ['OPERATION_TOO_LARGE']);
  for (let time = 0; time < 3; time++) {
    // The first request plans the operation. The later ones use the cached plan.
    const { data, errors } = await ask(query, { n: 2, m: 3 });
    assert.deepEqual([errors, (data?.['items'] as unknown[]).length], [undefined, 2]);
    assert.deepEqual(codes(await ask(query, { n: 1_000 })), ['OPERATION_TOO_LARGE']);
  }
  assert.deepEqual(codes(await ask(query, {})), [], '10 · 100 · 10');
  assert.deepEqual(codes(await ask(query, { n: 60, m: 30 })), ['OPERATION_TOO_LARGE'], '60 · 30 · 60 · 2');
  const page =
    'query ($first: Int, $last: Int) { page(first: $first, last: $last) { nodes { items(first: 100) { id } } } }';
  assert.deepEqual(codes(await ask(page, { last: 1_000 })), ['OPERATION_TOO_LARGE']);
  assert.deepEqual(codes(await ask(page, { first: 5, last: null })), []);
  assert.deepEqual(codes(await ask(page)), [], 'a list of 10');
});

test("ordinary operations pass, including the explorer's", async () => {
  for (const query of [
    '{ items(first: 100) { items(first: 100) { id } } }',
    '{ all { id } }',
    getIntrospectionQuery({ descriptions: true }),
  ]) {
    assert.deepEqual(codes(await ask(query)), [], query.slice(0, 60));
  }
});

test('the limit and the assumed list size are configurable', async () => {
  const strict = await startNetwork({ limits: { values: 31 }, assumedListSize: 15 });
  try {
    assert.deepEqual(codes((await strict.query('{ all { id } }')).body), [], 'the list, 15 items, 15 ids');
    assert.deepEqual(codes((await strict.query('{ all { id } items(first: 0) { id } }')).body), [
      'OPERATION_TOO_LARGE',
    ]);
    assert.deepEqual(codes((await strict.query('{ items(first: 15) { x: id } }')).body), []);
    assert.deepEqual(codes((await strict.query('{ items(first: 16) { x: id } }')).body), ['OPERATION_TOO_LARGE']);
  } finally {
    await strict.close();
  }
});

test('applies over WebSockets to queries and subscriptions', async () => {
  const client = await new RawClient(network.origin).open();
  client.subscribe('q', 'query ($n: Int) { items(first: $n) { items(first: $n) { id } } }', { n: 1_000 });
  const [message] = await client.until(() => client.of('q').length > 0 && client.of('q'));
  assert.deepEqual(
    [message?.type, codes({ errors: message?.payload as NonNullable<Answer['errors']> })],
    ['error', ['OPERATION_TOO_LARGE']],
  );
  client.end();
});

test('a response that is too large is an error without data: subgraph data, and one object in many places', async () => {
  const cases: Readonly<Record<string, string>> = {
    'one value': '{ huge }',
    'a list of which no argument told': '{ all { id } }',
    'an object of another subgraph, a hundred times': `{ twins(of: "${'u'.repeat(300)}") { name } }`,
  };
  for (const [what, query] of Object.entries(cases)) {
    for (let time = 0; time < 3; time++) {
      // The first request takes the general path, and the later ones take the fast path.
      const { status, body } = await small.query(query);
      assert.deepEqual([status, body.data, codes(body)], [200, null, ['ANSWER_TOO_LARGE']], `${what}, time ${time}`);
    }
  }
  assert.deepEqual(codes((await small.query('{ items(first: 100) { id } }')).body), []);
  const client = await new RawClient(small.origin).open();
  client.subscribe('q', '{ huge }');
  const [message] = await client.until(() => client.of('q').some(({ type }) => type === 'complete') && client.of('q'));
  assert.deepEqual(codes(message?.payload as Answer), ['ANSWER_TOO_LARGE']);
  client.end();
});

test('a response in parts: the part that is too large is an error, the others arrive', async () => {
  const headers = { accept: 'multipart/mixed;deferSpec=20220824' };
  const client = new StreamClient(small.origin, {
    headers,
    body: { query: '{ room(id: "r") { id ... @defer { messages { author { name } } } } ... @defer { huge } }' },
  });
  await client.until(() => client.ended);
  assert.match(client.text, /"room":\{"id":"r"/);
  assert.match(client.text, /ANSWER_TOO_LARGE/);
  assert.doesNotMatch(client.text, /xxxx/);
  const whole = new StreamClient(small.origin, {
    headers,
    body: { query: '{ huge ... @defer { room(id: "r") { id } } }' },
  });
  await whole.until(() => whole.ended);
  assert.match(whole.text, /ANSWER_TOO_LARGE/);
  assert.doesNotMatch(whole.text, /xxxx|INTERNAL/);
});

test('an event that is too large is an error, and the next one is delivered', async () => {
  const client = await new RawClient(small.origin).open();
  client.subscribe('s', 'subscription { messages(room: "r") { id author { name } } }');
  await until(() => small.rooms.listeners.size > 0);
  const [listener] = small.rooms.listeners;
  for (const [id, author] of [
    ['m1', 'u'.repeat(30_000)],
    ['m2', 'u'],
  ] as const)
    listener?.push({ id, text: 't', author: { id: author } });
  const [first, second] = await client.until(() => client.of('s').length > 1 && client.of('s'));
  assert.deepEqual(codes(first?.payload as Answer), ['ANSWER_TOO_LARGE']);
  assert.deepEqual(second?.payload, { data: { messages: { id: 'm2', author: { name: 'name of u' } } } });
  client.end();
});
