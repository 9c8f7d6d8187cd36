// Documents and values that are nested so deep that recursive functions would overflow the stack.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterAll, beforeAll, test } from '@jest/globals';
import { RawClient, startNetwork } from './server.fixture.ts';
import type { Answer, Network } from './server.fixture.ts';

let network: Network;
const told: string[] = [];
beforeAll(async () => {
  const tell = (message: string) => void told.push(message);
  network = await startNetwork({ log: { warn: tell, error: tell } });
});
afterAll(() => network.close());

const code = (answer: Answer) => answer.errors?.[0]?.extensions['code'];
const within = (opening: string, inner: string, closing: string, levels: number): string =>
  opening.repeat(levels) + inner + closing.repeat(levels);

const DOCUMENTS: Readonly<Record<string, string>> = {
  'an argument, never closed': `{ echo(text: ${'{a:'.repeat(20_000)}`,
  'an argument of objects': `{ echo(text: ${within('{a:', '1', '}', 1_500)}) }`,
  'an argument of lists': `{ echo(text: ${within('[', '1', ']', 2_000)}) }`,
  'lists, never closed': `{ echo(text: ${'['.repeat(90_000)}`,
  'a directive': `{ me @include(if: ${'['.repeat(40_000)}`,
  'the default of a variable': `query ($x: Int = ${within('[', '1', ']', 2_400)}) { me }`,
  'the type of a variable': `query ($x: ${within('[', 'Int', ']', 2_400)}) { me }`,
  'inline fragments': `{ ${within('...{', 'me', '}', 5_000)} }`,
  'a selection, never closed': '{a'.repeat(40_000),
  'a fragment of a fragment': `{ ...F0 } ${Array.from({ length: 600 }, (_, i) => `fragment F${i} on Query { ...F${i + 1} }`).join(' ')} fragment F600 on Query { me }`,
  'fragments that nothing spreads': `{ me } ${Array.from({ length: 600 }, (_, i) => `fragment F${i} on Query { ...F${i + 1} }`).join(' ')} fragment F600 on Query { me }`,
  fields: within('{ user(id: 1) { friend', '{ id }', '} }', 500),
};

test('a document that is nested too deep is a client error, by POST and by GET, for every Accept header', async () => {
  for (const [what, query] of Object.entries(DOCUMENTS)) {
    for (const accept of ['application/json', 'application/graphql-response+json', '*/*']) {
      const { status, body } = await network.query(query, { headers: { accept } });
      assert.deepEqual([status, code(body), 'data' in body], [400, 'NESTED_TOO_DEEP', false], `${what}, ${accept}`);
    }
    if (query.length > 4_000) continue; // Node accepts URLs of up to 16 KB, encoded.
    const response = await fetch(`${network.origin}/graphql?query=${encodeURIComponent(query)}`, {
      headers: { 'apollo-require-preflight': '1' },
    });
    assert.deepEqual([response.status, code((await response.json()) as Answer)], [400, 'NESTED_TOO_DEEP'], what);
  }
  assert.deepEqual(told, [], 'nothing of it is a fault of the router');
});

test('variables that are nested too deep are a client error, even undeclared ones', async () => {
  for (const [name, value] of Object.entries({
    lists: within('[', '1', ']', 40_000),
    objects: within('{"a":', '1', '}', 15_000),
  })) {
    for (const query of ['query ($more: [Int!]) { echo(text: "a", more: $more) }', '{ me }']) {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${network.origin}/graphql`, {
        method: 'POST',
        headers,
        body: `{"query":${JSON.stringify(query)},"variables":{"more":${value}}}`,
      });
      assert.deepEqual(
        [response.status, code((await response.json()) as Answer)],
        [400, 'NESTED_TOO_DEEP'],
        `${name} ${query}`,
      );
    }
  }
  const variables = encodeURIComponent(`{"more":${within('[', '1', ']', 300)}}`);
  const response = await fetch(`${network.origin}/graphql?query={me}&variables=${variables}`, {
    headers: { 'apollo-require-preflight': '1' },
  });
  assert.deepEqual([response.status, code((await response.json()) as Answer)], [400, 'NESTED_TOO_DEEP']);
});

test('over a WebSocket only the operation fails', async () => {
  const client = await new RawClient(network.origin).open();
  for (const [what, query] of Object.entries(DOCUMENTS)) {
    client.subscribe(what, query);
    const [message] = await client.until(() => client.of(what).length > 0 && client.of(what));
    assert.equal(message?.type, 'error', what);
    assert.equal(code({ errors: message.payload as NonNullable<Answer['errors']> }), 'NESTED_TOO_DEEP', what);
  }
  client.ws.send(
    `{"id":"v","type":"subscribe","payload":{"query":"{ me }","variables":{"more":${within('[', '1', ']', 40_000)}}}}`,
  );
  const [message] = await client.until(() => client.of('v').length > 0 && client.of('v'));
  assert.equal(code({ errors: message?.payload as NonNullable<Answer['errors']> }), 'NESTED_TOO_DEEP');
  client.subscribe('q', '{ echo(text: "{{{{") }');
  await client.until(() => client.of('q').some(({ type }) => type === 'complete'));
  assert.deepEqual(client.of('q')[0]?.payload, { data: { echo: '{{{{' } });
  client.end();
});

test('a ping or connection_init that is nested too deep closes the socket with 4400', async () => {
  const payload = `{"a":${within('[', '1', ']', 45_000)}}`;
  for (const type of ['ping', 'pong', 'connection_init']) {
    const client = new RawClient(network.origin);
    if (type === 'connection_init') await once(client.ws, 'open');
    else await client.open();
    client.ws.send(`{"type":"${type}","payload":${payload}}`);
    assert.deepEqual(await client.until(() => client.closed), { code: 4400, reason: 'Invalid message received' }, type);
  }
  assert.equal((await network.query('{ me }')).status, 200);
});

test('ordinary documents pass', async () => {
  const values = `{ echo(text: "${'{'.repeat(1_000)}") ${within('... {', 'me', '}', 150)} } # ${'['.repeat(1_000)}`;
  assert.deepEqual((await network.query(values)).body, { data: { echo: '{'.repeat(1_000), me: null } });
});

test('the limit is configurable', async () => {
  const tight = await startNetwork({ limits: { nesting: 3 } });
  assert.deepEqual((await tight.query('{ echo(text: "a", more: [1]) }')).body, { data: { echo: 'a' } });
  assert.equal(code((await tight.query('{ ... { ... { echo(text: "a") } } }')).body), 'NESTED_TOO_DEEP');
  assert.equal(
    code((await tight.query('{ ...F } fragment F on Query { ... { ... { me } } }')).body),
    'NESTED_TOO_DEEP',
    'fragments count where they are spread',
  );
  await tight.close();
});
