// Subscriptions over HTTP as Server-Sent Events and multipart, over real connections.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, test } from '@jest/globals';
import { trustedProxies } from '../platform/http/client-address.ts';
import { DEFAULT_LIMITS } from './config/limits.ts';
import type { OperationInfo } from './config/observers.ts';
import type { Engine, PreparedOperation } from './engine/engine.ts';
import { StreamClient } from './http.fixture.ts';
import { createAdmission } from './policies/admission.ts';
import { RawClient, startIssuer, startNetwork, until } from './server.fixture.ts';
import type { Network } from './server.fixture.ts';
import { parseAccept } from './server/http/accept.ts';
import { multipartWriter } from './server/http/multipart.ts';
import { sseWriter } from './server/http/sse.ts';
import { createHttpSubscriptions } from './server/http/subscriptions.ts';
import type { SubscribeRequest, SubscribeContext, Subscriber, Subscriptions } from './subscriptions/subscriber.ts';
import { afterTest } from '../test/after-test.ts';

const SSE = { accept: 'text/event-stream', 'x-request-id': 'r' };
const MULTIPART = { accept: 'multipart/mixed;subscriptionSpec="1.0", application/json', 'x-request-id': 'r' };
const MESSAGES = 'subscription M { messages(room: "a") { id text author { name } } }';
const COMPLETE = 'event: complete\ndata:\n\n';
const part = (payload: string): string =>
  `\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${payload}\r\n--graphql`;

let network: Network;
const operations: OperationInfo[] = [];
beforeAll(async () => {
  network = await startNetwork({ onOperation: (info) => operations.push(info) });
});
afterAll(() => network.close());

const subscribe = (headers: Record<string, string>, query = MESSAGES, to = network): StreamClient =>
  new StreamClient(to.origin, { headers, body: { query } });
const emit = (to: Network, id: string, text = 'hé'): void => {
  for (const queue of to.rooms.listeners) queue.push({ id, text, author: { id: 'u' } });
};
/** Completes all subscriptions at the subgraph. */
const finish = (to: Network): void => {
  for (const queue of to.rooms.listeners) queue.end();
  to.rooms.listeners.clear();
};
const event = (id: string): string => `{"data":{"messages":{"id":"${id}","text":"hé","author":{"name":"name of u"}}}}`;

test('Server-Sent Events: sends each event when it arrives, then complete', async () => {
  operations.length = 0;
  const client = subscribe(SSE);
  await client.until(() => client.text === ':\n\n');
  assert.equal(client.status, 200);
  assert.equal(client.headers['content-type'], 'text/event-stream; charset=utf-8');
  assert.equal(client.headers['cache-control'], 'no-store');
  await until(() => network.rooms.listeners.size === 1);
  assert.equal(network.router.stats().subscriptions, 1);
  emit(network, '1');
  await client.until(() => client.text === `:\n\nevent: next\ndata: ${event('1')}\n\n`);
  emit(network, '2');
  await client.until(() => client.text.endsWith(`\n\nevent: next\ndata: ${event('2')}\n\n`));
  finish(network);
  await client.until(() => client.ended);
  assert.ok(client.text.endsWith(`${event('2')}\n\n${COMPLETE}`));
  await until(() => network.router.stats().subscriptions === 0);
  assert.deepEqual(
    operations.map(({ durationMs, ...rest }) => (assert.ok(durationMs > 0), rest)),
    [{ kind: 'subscription', name: 'M', errors: 0, requestId: 'r', transport: 'sse' }],
  );
});

test("GET, as a browser's EventSource sends it; a client that leaves is unsubscribed", async () => {
  const path = `/graphql?query=${encodeURIComponent(MESSAGES)}`;
  const foreign = new StreamClient(network.origin, {
    path,
    headers: { accept: 'text/event-stream', 'sec-fetch-site': 'cross-site' },
  });
  await foreign.until(() => foreign.ended);
  assert.equal(foreign.status, 400);
  assert.match(foreign.text, /CSRF_PREVENTED/);
  const client = new StreamClient(network.origin, {
    path,
    headers: { accept: 'text/event-stream', 'sec-fetch-site': 'same-origin' },
  });
  await until(() => network.rooms.listeners.size === 1);
  emit(network, '1');
  await client.until(() => client.text.includes(event('1')));
  client.end();
  await until(() => network.rooms.listeners.size === 0 && network.router.stats().subscriptions === 0);
});

test('sends queries, mutations and deferred parts as events; refusals too', async () => {
  const whole = async (query: string, headers = SSE): Promise<StreamClient> => {
    const client = subscribe(headers, query);
    await client.until(() => client.ended);
    return client;
  };
  assert.equal((await whole('{ me }')).text, `event: next\ndata: {"data":{"me":null}}\n\n${COMPLETE}`);
  assert.equal(
    (await whole('mutation { say(text: "a\\nb") }')).text,
    `event: next\ndata: {"data":{"say":"a\\nb"}}\n\n${COMPLETE}`,
  );
  assert.equal(
    (await whole('{ me ... @defer(label: "e") { echo(text: "x") } }')).text,
    ':\n\n' +
      'event: next\ndata: {"data":{"me":null},"hasNext":true}\n\nevent: next\ndata: {"incremental":[{"data":{"echo":"x"},"path":[],"label":"e"}],"hasNext":false}\n\n' +
      COMPLETE,
  );
  const refused = await whole('{ nothing }');
  assert.equal(refused.status, 200);
  assert.match(
    refused.text,
    /^event: next\ndata: \{"errors":\[\{"message":"Cannot query field[^\n]*"GRAPHQL_VALIDATION_FAILED","requestId":"r"\}\}\]\}\n\nevent: complete\ndata:\n\n$/,
  );
  const failed = await whole('subscription { refused }');
  assert.match(
    failed.text,
    /^:\n\nevent: next\ndata: \{"errors":\[\{"message":"not for you"[^\n]*"FORBIDDEN"[^\n]*\n\nevent: complete\ndata:\n\n$/,
  );
  // A client that also accepts one document gets a query's response as one document.
  assert.equal(
    (await whole('{ me }', { ...SSE, accept: 'text/event-stream, application/json' })).headers['content-type'],
    'application/json; charset=utf-8',
  );
});

test('multipart: each payload has its boundary immediately; errors are outside of the payload', async () => {
  const client = subscribe(MULTIPART);
  await client.until(() => client.text === '\r\n--graphql');
  assert.equal(client.headers['content-type'], 'multipart/mixed; boundary="graphql"; subscriptionSpec=1.0');
  await until(() => network.rooms.listeners.size === 1);
  emit(network, '1');
  await client.until(() => client.text === `\r\n--graphql${part(`{"payload":${event('1')}}`)}`);
  finish(network);
  await client.until(() => client.ended);
  assert.ok(client.text.endsWith(`${part(`{"payload":${event('1')}}`)}--\r\n`));
  const failed = subscribe(MULTIPART, 'subscription { refused }');
  await failed.until(() => failed.ended);
  assert.match(failed.text, /\{"payload":null,"errors":\[\{"message":"not for you"[^\n]*\}\]\}\r\n--graphql--\r\n$/);
  const refused = subscribe(MULTIPART, 'subscription { nothing }');
  await refused.until(() => refused.ended);
  assert.equal(refused.headers['content-type'], 'application/json; charset=utf-8');
  const nowhere = subscribe({ accept: 'application/json' });
  await nowhere.until(() => nowhere.ended);
  assert.equal(nowhere.status, 400);
});

test('deferred parts over WebSocket', async () => {
  const client = await new RawClient(network.origin).open();
  afterTest(() => client.end());
  client.subscribe('1', '{ user(id: "slow") { id ... @defer(label: "n") { name } } }');
  await client.until(() => client.of('1').length === 1);
  assert.deepEqual(client.of('1'), [
    { id: '1', type: 'next', payload: { data: { user: { id: 'slow' } }, hasNext: true } },
  ]);
  await until(() => network.users.waiting.length > 0);
  network.users.waiting.splice(0).forEach((go) => go());
  await client.until(() => client.of('1').some(({ type }) => type === 'complete'));
  assert.deepEqual(client.of('1').slice(1), [
    {
      id: '1',
      type: 'next',
      payload: { incremental: [{ data: { name: 'late' }, path: ['user'], label: 'n' }], hasNext: false },
    },
    { id: '1', type: 'complete' },
  ]);
  const draft = await startNetwork({ incrementalFormat: 'incrementalSpec=v0.2' });
  afterTest(() => draft.close());
  const other = await new RawClient(draft.origin).open();
  afterTest(() => other.end());
  other.subscribe('1', '{ me ... @defer { echo(text: "x") } }');
  await other.until(() => other.of('1').length === 3);
  assert.deepEqual(
    other.of('1').map(({ payload }) => payload),
    [
      { data: { me: null }, pending: [{ id: '0', path: [] }], hasNext: true },
      { incremental: [{ id: '0', data: { echo: 'x' } }], completed: [{ id: '0' }], hasNext: false },
      undefined,
    ],
  );
  // The client is no longer interested.
  client.subscribe('2', '{ user(id: "slow") { id ... @defer { name } } }');
  await client.until(() => client.of('2').length === 1);
  client.send({ id: '2', type: 'complete' });
  client.subscribe('3', '{ me }');
  await client.until(() => client.of('3').length === 2);
  assert.equal(client.of('2').length, 1);
  network.users.waiting.splice(0).forEach((go) => go());
});

test('the last event says why: the subgraph is lost, the token expires, the router closes', async () => {
  const issuer = await startIssuer();
  const fragile = await startNetwork({ authentication: issuer.authentication });
  afterTest(() => issuer.close());
  const lost = subscribe(SSE, MESSAGES, fragile);
  await until(() => fragile.rooms.listeners.size === 1);
  fragile.rooms.cut();
  await lost.until(() => lost.ended);
  assert.match(
    lost.text,
    /^:\n\nevent: next\ndata: \{"errors":\[\{"message":[^\n]*"UNAVAILABLE"[^\n]*\n\nevent: complete\ndata:\n\n$/,
  );

  for (const headers of [SSE, MULTIPART]) {
    // The token expires within the clock tolerance, so it is accepted for more than half a second.
    await until(() => Date.now() % 1_000 < 300);
    const token = await issuer.token({ exp: Math.floor(Date.now() / 1_000) - 4 });
    const expiring = subscribe({ ...headers, authorization: `Bearer ${token}` }, MESSAGES, fragile);
    await expiring.until(() => expiring.ended);
    assert.match(expiring.text, /TOKEN_EXPIRED/);
    assert.ok(expiring.text.endsWith(headers === SSE ? COMPLETE : '\r\n--graphql--\r\n'));
  }

  const going = [subscribe(SSE, MESSAGES, fragile), subscribe(MULTIPART, MESSAGES, fragile)];
  await until(() => fragile.router.stats().subscriptions === 2);
  await Promise.all(going.map((client) => client.until(() => client.status === 200)));
  await fragile.close();
  for (const client of going) {
    await client.until(() => client.ended);
    assert.match(client.text, /"code":"UNAVAILABLE","requestId":"r"/);
  }
  assert.equal(fragile.router.stats().subscriptions, 0);
});

test('a client that reads nothing is bounded and disconnected; other clients are not affected', async () => {
  const small = await startNetwork({ limits: { bufferedBytes: 50_000, slowClientMs: 150, queuedEvents: 20 } });
  afterTest(() => small.close());
  const stalled = subscribe(SSE, MESSAGES, small);
  await stalled.until(() => stalled.response !== undefined);
  stalled.response?.pause();
  const reading = subscribe(SSE, MESSAGES, small);
  await until(() => small.router.stats().subscriptions === 2 && small.rooms.listeners.size === 1);
  let sent = 0;
  let most = 0;
  const text = 'x'.repeat(100_000);
  while (small.router.stats().subscriptions === 2) {
    emit(small, `e${sent++}`, text);
    await reading.until(() => reading.text.includes(`"id":"e${sent - 1}"`) || reading.ended);
    reading.text = '';
    most = Math.max(most, small.router.stats().bufferedBytes);
  }
  assert.equal(reading.ended, false);
  assert.ok(most < 1_000_000, `${most} bytes were buffered`);
  await until(() => small.router.stats().bufferedBytes < 100_000);
  emit(small, 'after');
  await reading.until(() => reading.text.includes('"id":"after"'));
  reading.end();
  stalled.end();
});

test('event streams count towards the limits of sockets', async () => {
  const one = await startNetwork({ limits: { socketsPerAddress: 1 } });
  afterTest(() => one.close());
  const first = subscribe(SSE, MESSAGES, one);
  await first.until(() => first.status === 200);
  const second = subscribe(SSE, MESSAGES, one);
  await second.until(() => second.ended);
  assert.equal(second.status, 503);
  assert.equal(second.headers['retry-after'], '5');
  first.end();
  await until(() => one.router.stats().subscriptions === 0);
  const third = subscribe(SSE, MESSAGES, one);
  await third.until(() => third.status !== 0);
  assert.equal(third.status, 200);
  third.end();
});

/** Starts the transport alone. The test controls the core of subscriptions. */
async function startTransport(beatMs: number) {
  const opened: {
    request: SubscribeRequest;
    context: SubscribeContext;
    subscriber: Subscriber;
    stopped: number;
    resumed: number;
  }[] = [];
  const subscriptions: Subscriptions = {
    open(request, context, subscriber) {
      const entry = { request, context, subscriber, stopped: 0, resumed: 0 };
      opened.push(entry);
      return {
        stop: () => void entry.stopped++,
        resumed: () => void entry.resumed++,
        reauthorize: () => undefined,
        expire: () => undefined,
        cursor: undefined,
      };
    },
    migrate: () => Promise.resolve(),
    stats: () => ({ upstreams: 0, subscribers: 0, keptEvents: 0, keptBytes: 0 }),
    close: () => undefined,
  };
  const limits = { ...DEFAULT_LIMITS, bufferedBytes: 10_000, slowClientMs: 200 };
  const http = createHttpSubscriptions({
    subscriptions,
    admission: createAdmission(limits),
    proxies: trustedProxies([]),
    limits,
    onOperation: undefined,
    beatMs,
  });
  const server = createServer((req, res) =>
    http.open(
      {
        req,
        res,
        accepted: parseAccept(req.headers.accept),
        engine: {} as Engine,
        prepared: { kind: 'subscription', incremental: false } as PreparedOperation,
        params: { query: 's' },
        context: { requestId: 'r', principal: {} },
        expiresAt: 5,
      },
      req.headers.accept === 'text/event-stream' ? sseWriter : multipartWriter,
    ),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    http,
    opened,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      await http.close(100);
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
const answer = (text: string) => ({ text, errors: 0, code: undefined, data: true });

test('event ids are cursors; Last-Event-ID resumes; both transports keep idle connections alive', async () => {
  const transport = await startTransport(20);
  afterTest(() => transport.close());
  const client = new StreamClient(transport.origin, {
    headers: { accept: 'text/event-stream', 'last-event-id': 'c:7' },
  });
  await until(() => transport.opened.length === 1);
  const { request, context, subscriber } = transport.opened[0]!;
  assert.equal(request.lastEventId, 'c:7');
  assert.equal(context.expiresAt, 5);
  const shared = { answer: answer('{"data":\n{"a":1}}'), cursor: 8 };
  assert.equal(subscriber.deliver(shared), true);
  assert.equal(subscriber.deliver({ answer: answer('{"data":{}}'), cursor: 'é' }), true);
  assert.equal(subscriber.deliver({ answer: answer('{"data":{}}'), cursor: 'a\nb' }), true);
  await client.until(() =>
    client.text.includes(
      'event: next\nid: 8\ndata: {"data": {"a":1}}\n\nevent: next\nid: é\ndata: {"data":{}}\n\nevent: next\ndata: {"data":{}}\n\n',
    ),
  );
  client.text = '';
  await client.until(() => client.text === ':\n\n:\n\n');

  const multipart = new StreamClient(transport.origin, {
    headers: { accept: 'multipart/mixed', 'last-event-id': '9' },
  });
  await until(() => transport.opened.length === 2);
  assert.equal(transport.opened[1]?.request.lastEventId, undefined);
  await multipart.until(() => multipart.text.includes(part('{}') + part('{}')));
  transport.opened[1]?.subscriber.deliver(shared);
  await multipart.until(() => multipart.text.includes(part('{"payload":{"data":\n{"a":1}}}')));
  multipart.end();
  await until(() => transport.opened[1]?.stopped === 1);
  client.end();
});

test('offers a full client the event again when it has room; asks one that never has room to reconnect', async () => {
  const transport = await startTransport(60_000);
  afterTest(() => transport.close());
  const client = new StreamClient(transport.origin, { headers: { accept: 'text/event-stream' } });
  await client.until(() => client.response !== undefined);
  const entry = transport.opened[0]!;
  client.response?.pause();
  const big = { answer: answer(`{"data":{"x":"${'x'.repeat(500_000)}"}}`), cursor: 1 };
  let taken = 0;
  while (entry.subscriber.deliver(big)) {
    assert.ok(++taken < 100, 'it must be full some time');
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(entry.resumed, 0);
  client.response?.resume();
  await until(() => entry.resumed === 1);
  assert.equal(entry.subscriber.deliver(big), true);
  client.response?.pause();
  while (entry.stopped === 0) {
    entry.subscriber.deliver(big);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(entry.stopped, 1);
  assert.equal(transport.http.size, 0);
  client.response?.resume();
  await client.until(() => client.ended);
  assert.ok(client.text.endsWith(COMPLETE));
  assert.match(client.text.slice(-400), /"code":"SLOW_CONSUMER","requestId":"r"/);
});
