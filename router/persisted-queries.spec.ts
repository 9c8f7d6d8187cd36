// Automatic persisted queries, in the protocol of Apollo Client's PersistedQueryLink and urql's persistedExchange.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { raw, type RawAnswer } from '../test/network/raw.ts';
import type { PersistedQueryStore } from './policies/persisted-queries.ts';
import { RawClient, startNetwork, until } from './server.fixture.ts';
import type { Network } from './server.fixture.ts';
import { afterTest } from '../test/after-test.ts';

const MODERN = 'application/graphql-response+json';
let network: Network;
beforeAll(async () => {
  network = await startNetwork();
});
afterAll(() => network.close());

const sha = (query: string): string => createHash('sha256').update(query).digest('hex');
const extensionsOf = (query: string): object => ({ persistedQuery: { version: 1, sha256Hash: sha(query) } });
/** Counts up, so that each test has a query that no other test has sent. */
let made = 0;
const fresh = (): string => `{ echo(text: "q${++made}") }`;

interface Sent {
  readonly status: number;
  readonly data?: Record<string, unknown>;
  readonly message?: string;
  readonly code?: string;
}
const sentOf = ({ status, text }: RawAnswer): Sent => {
  const { data, errors } = JSON.parse(text) as {
    data?: Record<string, unknown>;
    errors?: { message: string; extensions: { code: string } }[];
  };
  return {
    status,
    ...(data && { data }),
    ...(errors?.[0] && { message: errors[0].message, code: errors[0].extensions.code }),
  };
};
const post = async (body: object, to = network, accept = 'application/json'): Promise<Sent> =>
  sentOf(
    await raw(`${to.origin}/graphql`, {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', accept },
    }),
  );
const get = async (parameters: Record<string, string>, to = network): Promise<Sent> =>
  sentOf(
    await raw(`${to.origin}/graphql?${String(new URLSearchParams(parameters))}`, {
      headers: { 'apollo-require-preflight': '1' },
    }),
  );
async function overSocket(payload: object, to = network): Promise<Omit<Sent, 'status'>> {
  const client = await new RawClient(to.origin).open();
  client.send({ id: '1', type: 'subscribe', payload });
  await client.until(() => client.of('1').length > 0 || client.closed);
  const [message] = client.of('1');
  client.end();
  if (message?.type === 'next') return message.payload as { data: Record<string, unknown> };
  const [error] = (message?.payload ?? []) as { message: string; extensions: { code: string } }[];
  return { message: error?.message ?? '', code: error?.extensions.code ?? '' };
}

const NOT_FOUND = { message: 'PersistedQueryNotFound', code: 'PERSISTED_QUERY_NOT_FOUND' };
const NOT_SUPPORTED = { message: 'PersistedQueryNotSupported', code: 'PERSISTED_QUERY_NOT_SUPPORTED' };

test('asks for the text of an unknown hash with status 200 and the known message and code; afterwards the hash is enough', async () => {
  const query = fresh();
  const extensions = extensionsOf(query);
  const asGet = { extensions: JSON.stringify(extensions) };
  const before = network.rooms.requests.length;
  for (const unknown of [
    await post({ extensions }),
    await post({ query: null, extensions }),
    await post({ query: '', extensions }, network, MODERN),
    await get(asGet),
  ])
    assert.deepEqual(unknown, { status: 200, ...NOT_FOUND });
  assert.deepEqual(await overSocket({ extensions }), NOT_FOUND);
  assert.deepEqual(await overSocket({ query: '', extensions }), NOT_FOUND);
  assert.equal(network.rooms.requests.length, before, 'nothing was executed');
  const data = { echo: `q${made}` };
  assert.deepEqual(await post({ query, extensions }), { status: 200, data });
  for (const known of [
    await post({ extensions }),
    await post({ extensions }, network, MODERN),
    await get(asGet),
    await get({ ...asGet, query: '' }),
  ])
    assert.deepEqual(known, { status: 200, data });
  assert.deepEqual(await overSocket({ extensions }), { data });
});

test('a text sent by GET or over a WebSocket is stored too, with any variables and operation name', async () => {
  const query = 'query A($t: String!) { echo(text: $t) } query B { me }';
  const extensions = extensionsOf(query);
  assert.deepEqual(
    await get({ query, extensions: JSON.stringify(extensions), operationName: 'A', variables: '{"t":"x"}' }),
    { status: 200, data: { echo: 'x' } },
  );
  assert.deepEqual(await post({ extensions, operationName: 'A', variables: { t: 'y' } }), {
    status: 200,
    data: { echo: 'y' },
  });
  const other = fresh();
  assert.deepEqual(await overSocket({ query: other, extensions: extensionsOf(other) }), { data: { echo: `q${made}` } });
  assert.equal((await post({ extensions: extensionsOf(other) })).data?.['echo'], `q${made}`);
});

test('a subscription and a mutation by hash', async () => {
  const messages = 'subscription { messages(room: "apq") { id } }';
  const event = { id: '1', text: 't', author: { id: 'u' } };
  const taught = overSocket({ query: messages, extensions: extensionsOf(messages) });
  await until(() => network.rooms.listeners.size === 1);
  for (const queue of network.rooms.listeners) queue.push(event);
  await taught;
  await until(() => network.rooms.listeners.size === 0);
  const first = overSocket({ extensions: extensionsOf(messages) });
  await until(() => network.rooms.listeners.size === 1);
  for (const queue of network.rooms.listeners) queue.push(event);
  assert.deepEqual(await first, { data: { messages: { id: '1' } } });
  const say = 'mutation { say(text: "apq") }';
  assert.equal((await post({ query: say, extensions: extensionsOf(say) })).status, 200);
  assert.deepEqual(Object.keys((await post({ extensions: extensionsOf(say) })).data ?? {}), ['say']);
  assert.equal((await get({ extensions: JSON.stringify(extensionsOf(say)) })).status, 405, 'not by GET');
});

test('a text with another hash is 400, and nothing is stored', async () => {
  const [query, other] = [fresh(), fresh()];
  const mixed = { query, extensions: extensionsOf(other) };
  for (const accept of ['application/json', MODERN])
    assert.deepEqual(await post(mixed, network, accept), {
      status: 400,
      message: 'provided sha does not match query',
      code: 'BAD_REQUEST',
    });
  assert.equal((await get({ query, extensions: JSON.stringify(mixed.extensions) })).status, 400);
  assert.equal((await overSocket(mixed)).code, 'BAD_REQUEST');
  for (const each of [query, other])
    assert.equal((await post({ extensions: extensionsOf(each) })).code, NOT_FOUND.code);
});

test('anything but a persisted query of version 1 is 400', async () => {
  const query = fresh();
  const wrong = [
    { version: 2, sha256Hash: sha(query) },
    { sha256Hash: sha(query) },
    { version: 1 },
    { version: 1, sha256Hash: 'abc' },
    { version: 1, sha256Hash: sha(query).toUpperCase() },
    { version: 1, sha256Hash: 7 },
    'x',
    [],
  ];
  for (const persistedQuery of wrong) {
    for (const body of [{ extensions: { persistedQuery } }, { query, extensions: { persistedQuery } }]) {
      const { status, code } = await post(body);
      assert.deepEqual([status, code], [400, 'BAD_REQUEST'], JSON.stringify(body));
      assert.equal((await overSocket(body)).code, 'BAD_REQUEST', JSON.stringify(body));
    }
  }
  for (const body of [
    {},
    { query: '' },
    { extensions: {} },
    { extensions: { persistedQuery: null } },
    { query: 7, extensions: extensionsOf(query) },
  ])
    assert.equal((await post(body)).status, 400, JSON.stringify(body));
});

test('other naming schemes, and all hashes if turned off, are not supported; sending the text still works', async () => {
  const off = await startNetwork({ persistedQueries: false });
  afterTest(() => off.close());
  const query = fresh();
  for (const unsupported of [
    await post({ documentId: 'abc' }),
    await get({ documentId: 'abc' }),
    await post({ documentId: 'abc', query: '' }),
    await post({ extensions: extensionsOf(query) }, off),
    await post({ query, extensions: extensionsOf(query) }, off),
  ]) {
    assert.deepEqual(unsupported, { status: 200, ...NOT_SUPPORTED });
  }
  assert.deepEqual(await overSocket({ documentId: 'abc' }), NOT_SUPPORTED);
  assert.deepEqual(await overSocket({ extensions: extensionsOf(query) }, off), NOT_SUPPORTED);
  for (const to of [network, off])
    assert.deepEqual(await post({ query, documentId: 'abc' }, to), { status: 200, data: { echo: `q${made}` } });
});

test('an invalid document is not stored', async () => {
  for (const query of ['{ nothing }', '{ me', `{ ${'me '.repeat(31)} }`]) {
    assert.ok((await post({ query, extensions: extensionsOf(query) })).code);
    assert.equal((await post({ extensions: extensionsOf(query) })).code, NOT_FOUND.code, query);
  }
});

test('memory is bounded by texts and bytes; the least recently used are evicted', async () => {
  const small = await startNetwork({ limits: { persistedQueries: 2, persistedBytes: 1_000 } });
  afterTest(() => small.close());
  const teach = (query: string): Promise<Sent> => post({ query, extensions: extensionsOf(query) }, small);
  const knows = async (query: string): Promise<boolean> =>
    (await post({ extensions: extensionsOf(query) }, small)).data !== undefined;
  const [a, b, c, long, longer] = [
    fresh(),
    fresh(),
    fresh(),
    `${fresh()} # ${'x'.repeat(800)}`,
    `${fresh()} # ${'x'.repeat(2_000)}`,
  ];
  for (const query of [a, b]) await teach(query);
  assert.ok(await knows(a));
  await teach(c);
  assert.deepEqual([await knows(b), await knows(a), await knows(c)], [false, true, true]);
  await teach(long);
  assert.deepEqual([await knows(a), await knows(long)], [false, true], 'bytes');
  assert.equal((await teach(longer)).status, 200);
  assert.deepEqual(
    [await knows(longer), await knows(long)],
    [false, true],
    'too long to be kept, and pushes nothing out',
  );
});

test('routers with one store learn from each other; texts from the store are checked', async () => {
  const texts = new Map<string, string>();
  const store: PersistedQueryStore = {
    get: async (hash) => texts.get(hash),
    set: async (hash, query) => void texts.set(hash, query),
  };
  const [one, other] = await Promise.all([
    startNetwork({ persistedQueries: store }),
    startNetwork({ persistedQueries: store }),
  ]);
  afterTest(() => Promise.all([one.close(), other.close()]));
  const query = fresh();
  await post({ query, extensions: extensionsOf(query) }, one);
  await until(() => texts.size === 1);
  assert.equal((await post({ extensions: extensionsOf(query) }, other)).data?.['echo'], `q${made}`);
  const forged = fresh();
  texts.set(sha(forged), 'mutation { say(text: "planted") }');
  assert.deepEqual(await post({ extensions: extensionsOf(forged) }, other), { status: 200, ...NOT_FOUND });
});

test('a store that fails or hangs costs a client one more request, and logs one line', async () => {
  const warnings: unknown[] = [];
  const log = {
    warn: (message: string, fields?: object) => void warnings.push({ message, ...fields }),
    error: () => undefined,
  };
  const away: PersistedQueryStore = {
    get: () => Promise.reject(new Error('away')),
    set: () => Promise.reject(new Error('away')),
  };
  const silent: PersistedQueryStore = {
    get: () => new Promise(() => undefined),
    set: () => new Promise(() => undefined),
  };
  for (const persistedQueries of [away, silent]) {
    warnings.length = 0;
    const own = await startNetwork({ persistedQueries, log });
    afterTest(() => own.close());
    const query = fresh();
    const outcome = await Promise.race([
      post({ extensions: extensionsOf(query) }, own),
      sleep(20_000, undefined, { ref: false }),
    ]);
    assert.deepEqual(outcome, { status: 200, ...NOT_FOUND });
    assert.equal((await post({ query, extensions: extensionsOf(query) }, own)).status, 200);
    assert.equal((await post({ extensions: extensionsOf(query) }, own)).data?.['echo'], `q${made}`, 'from memory');
    assert.equal(warnings.length, 1);
  }
});
