// Live streams over real WebSockets. The spec controls a replacement for the subgraph.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import { test } from '@jest/globals';
import { trustedProxies } from '../platform/http/client-address.ts';
import { DEFAULT_LIMITS } from './config/limits.ts';
import type { Limits } from './config/limits.ts';
import type { OperationInfo } from './config/observers.ts';
import { DocumentUsage } from './engine/document-usage.ts';
import type { Serving } from './engine/serving.ts';
import { createAdmission } from './policies/admission.ts';
import type { AuthenticationOptions } from './policies/authentication.ts';
import { createAuthenticator } from './policies/authentication.ts';
import { NO_PERSISTED_QUERIES } from './policies/persisted-queries.ts';
import { RawClient, startIssuer, until } from './server.fixture.ts';
import type { WireMessage } from './server.fixture.ts';
import { createClientSockets } from './server/websocket/sockets.ts';
import { ROOM, startLive, turns } from './subscriptions/live.fixture.ts';
import { afterTest } from '../test/after-test.ts';

const PLAIN = 'subscription { plain(roomId: "r") { seq text } }';

async function start({
  limits = {},
  authentication,
}: { limits?: Partial<Limits>; authentication?: AuthenticationOptions } = {}) {
  const live = startLive(limits);
  const all = { ...DEFAULT_LIMITS, ...limits };
  const ended: OperationInfo[] = [];
  const nothing = (): void => undefined;
  const generation = { serving: { engine: live.engine } as Serving, current: true, retain: nothing, release: nothing };
  const sockets = createClientSockets({
    engines: { acquire: () => generation },
    usage: new DocumentUsage(),
    persistedQueries: NO_PERSISTED_QUERIES,
    incrementalFormat: 'deferSpec=20220824',
    subscriptions: live.subscriptions,
    authenticator: createAuthenticator(authentication),
    admission: createAdmission(all),
    proxies: trustedProxies([]),
    limits: all,
    log: undefined,
    onOperation: (info) => void ended.push(info),
  });
  const server = createServer()
    .on('upgrade', (req, socket, head) => sockets.upgrade(req, socket, head))
    .listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterTest(async () => {
    await sockets.close(100);
    live.subscriptions.close();
    server.close();
  });
  return { ...live, sockets, ended, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const nexts = (client: RawClient, id: string): WireMessage[] => client.of(id).filter(({ type }) => type === 'next');
const seqs = (client: RawClient, id: string): number[] =>
  nexts(client, id).map(({ payload }) => (Object.values((payload as { data: object }).data)[0] as { seq: number }).seq);

test('messages of every length and any id arrive unchanged', async () => {
  const { room, origin } = await start({ limits: { bufferedBytes: 200_000_000 } });
  const client = await new RawClient(origin).open();
  const ids = ['1', ' ', 'é"\\\n\u2028🏐', '__proto__', 'x'.repeat(20_000)];
  for (const id of ids) client.subscribe(id, PLAIN);
  await until(() => room.running.size === 1);
  await turns();
  const texts: string[] = [];
  // The lengths of the texts in the messages. They are near the lengths at which a frame's header grows (RFC 6455,
  // section 5.2). A message has up to 90 other bytes.
  for (const length of [0, 126, 65_536])
    for (let less = 0; less < 90; less += length === 0 ? 90 : 1) texts.push('x'.repeat(Math.max(0, length - less)));
  texts.push('ä🏐\u2028"\\', '€'.repeat(30_000));
  for (const text of texts) {
    room.extra = { text };
    room.emit();
  }
  for (const id of ids) {
    await client.until(() => nexts(client, id).length === texts.length);
    assert.deepEqual(
      nexts(client, id).map(({ payload }) => (payload as { data: { plain: { text: string } } }).data.plain.text),
      texts,
    );
  }
  client.end();
});

test('messages of one socket keep their order: events, the end, responses, pongs, the close', async () => {
  const { room, origin, sockets } = await start();
  const client = await new RawClient(origin).open();
  client.subscribe('s', PLAIN);
  await until(() => room.running.size === 1);
  await turns();
  for (let n = 0; n < 10; n++) room.emit();
  for (const { queue } of room.running) queue.end();
  client.subscribe('q', '{ __typename }');
  await client.until(() => client.of('q').length === 2);
  assert.deepEqual(
    client.of('s').map(({ type }) => type),
    [...Array.from({ length: 10 }, () => 'next'), 'complete'],
  );
  client.subscribe('s', PLAIN);
  await until(() => room.running.size === 1);
  await turns();
  const closed = sockets.close(2_000);
  await client.until(() => client.closed);
  assert.deepEqual([client.closed?.code, client.of('s').length], [1001, 11]);
  await closed;
});

test('a revocation ends that subscription with an error; the socket and other subscriptions continue', async () => {
  const issuer = await startIssuer();
  afterTest(() => issuer.close());
  const { room, origin, ended } = await start({ authentication: issuer.authentication });
  const [anna, boris] = (await Promise.all(
    ['anna', 'boris'].map(async (sub) =>
      new RawClient(origin).open({ authorization: `Bearer ${await issuer.token({ sub })}` }),
    ),
  )) as [RawClient, RawClient];
  for (const client of [anna, boris]) client.subscribe('r', ROOM, {});
  anna.subscribe('p', PLAIN);
  await until(() => room.running.size === 2);
  await turns();
  room.emit();
  await Promise.all([anna, boris].map((client) => client.until(() => client.of('r').length === 1)));
  room.emit(['anna']);
  await boris.until(() => boris.of('r').length === 2);
  await anna.until(() => anna.of('r').length === 2 && anna.of('p').length === 2);
  const [, error] = anna.of('r');
  assert.equal(error?.type, 'error');
  const [first] = error?.payload as { extensions: { code: string; requestId: string } }[];
  assert.equal(first?.extensions.code, 'FORBIDDEN');
  assert.ok(first?.extensions.requestId);
  await until(() => ended.length === 1);
  assert.deepEqual(
    [ended[0]?.kind, ended[0]?.code, ended[0]?.errors, anna.closed],
    ['subscription', 'FORBIDDEN', 1, undefined],
  );
  for (const client of [anna, boris]) client.end();
});

test('a new token on an open socket: subscriptions are authorized again and continue; the token is never sent back', async () => {
  const issuer = await startIssuer();
  afterTest(() => issuer.close());
  const { room, origin } = await start({ authentication: issuer.authentication });
  const now = Math.floor(Date.now() / 1000);
  // The token is valid for two more seconds, because the clock tolerance is five.
  const client = await new RawClient(origin).open({ authorization: `Bearer ${await issuer.token({ exp: now - 3 })}` });
  const reminder = await client.until(() => client.received.find(({ type }) => type === 'ping'));
  const { expiresIn } = reminder.payload as { expiresIn: number };
  assert.ok(expiresIn >= 0 && expiresIn <= 2, String(expiresIn));
  client.send({ type: 'pong' });
  client.subscribe('r', ROOM, {});
  await until(() => room.running.size === 1);
  const token = await issuer.token({ exp: now + 600, jti: 'other' });
  client.send({ type: 'ping', payload: { token } });
  const pong = await client.until(() => client.received.find(({ type }) => type === 'pong'));
  assert.ok((pong.payload as { expiresIn: number }).expiresIn > 500);
  await until(() => room.checks.length === 2);
  await until(() => Date.now() > (now + 2.5) * 1000); // The first token has expired.
  room.emit();
  await client.until(() => nexts(client, 'r').length === 1);
  assert.equal(room.opened.length, 1, 'the same person, the same stream');
  room.members.delete('anna');
  client.send({ type: 'ping', payload: { headers: { Authorization: `Bearer ${token}` } } });
  await client.until(() => client.of('r').some(({ type }) => type === 'error'));
  assert.equal(client.closed, undefined);
  assert.ok(!JSON.stringify(client.received).includes(token));
  client.end();
});

test('an invalid token, a token of somebody else, or a second connection_init closes the socket', async () => {
  const issuer = await startIssuer();
  afterTest(() => issuer.close());
  const { origin } = await start({ authentication: issuer.authentication });
  const cases: [string, object, number][] = [
    ['expired', { type: 'ping', payload: { token: await issuer.token({ exp: 1 }) } }, 4403],
    ['forged', { type: 'ping', payload: { token: await issuer.token({}, { forged: true }) } }, 4403],
    ['of another user', { type: 'ping', payload: { token: await issuer.token({ sub: 'boris' }) } }, 4403],
    ['init again', { type: 'connection_init', payload: { authorization: `Bearer ${await issuer.token()}` } }, 4429],
  ];
  for (const [name, message, code] of cases) {
    const client = await new RawClient(origin).open({ authorization: `Bearer ${await issuer.token()}` });
    client.send(message);
    assert.equal((await client.until(() => client.closed)).code, code, name);
  }
  const anonymous = await new RawClient(origin).open();
  anonymous.send({ type: 'ping', payload: { token: await issuer.token() } });
  assert.equal((await anonymous.until(() => anonymous.closed)).code, 4403, 'a guest does not become a user');
});

test('a client that stops reading for a while later gets all events from those that the stream keeps; others are not slowed', async () => {
  const { room, origin, sockets } = await start({
    limits: { bufferedBytes: 20_000, keptEvents: 2_000, keptBytes: 100_000_000, keptBytesInAll: 100_000_000 },
  });
  const [reader, sleeper] = [await new RawClient(origin).open(), await new RawClient(origin).open()];
  for (const client of [reader, sleeper])
    client.subscribe('1', 'subscription { match(roomId: "r", after: 0) { seq text } }');
  await until(() => sockets.subscriptions === 2 && room.running.size === 1);
  await turns();
  room.extra = { text: 'x'.repeat(40_000) };
  sleeper.ws.pause();
  let sent = 0;
  // This is more than the kernel buffers.
  while (sockets.bufferedBytes < 20_000) {
    room.emit();
    sent++;
    await reader.until(() => nexts(reader, '1').length === sent);
  }
  for (let n = 0; n < 20; n++) room.emit();
  await reader.until(() => nexts(reader, '1').length === sent + 20);
  assert.equal(room.opened.length, 1);
  sleeper.ws.resume();
  await sleeper.until(() => nexts(sleeper, '1').length === sent + 20);
  assert.deepEqual(
    seqs(sleeper, '1'),
    Array.from({ length: sent + 20 }, (_, n) => n + 1),
  );
  assert.equal(room.opened.length, 1);
  for (const client of [reader, sleeper]) client.end();
});

/**
 * The far end of an in-memory connection whose near end the router has. A real network would buffer some megabytes per
 * connection.
 */
async function stalledClient(upgrade: (request: IncomingMessage, raw: Duplex, head: Buffer) => void): Promise<Duplex> {
  const [near, far] = duplexPair();
  let timer: NodeJS.Timeout | undefined;
  // The near end behaves like a socket whose other end never reads.
  Object.assign(near, {
    setTimeout(ms: number) {
      clearTimeout(timer);
      if (ms > 0) timer = setTimeout(() => near.emit('timeout'), ms).unref();
    },
  });
  const headers = {
    upgrade: 'websocket',
    connection: 'upgrade',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-protocol': 'graphql-transport-ws',
  };
  upgrade(
    { method: 'GET', url: '/graphql', headers, socket: { remoteAddress: '127.0.0.1' } } as unknown as IncomingMessage,
    near,
    Buffer.alloc(0),
  );
  far.on('error', () => undefined);
  await once(far, 'data');
  const send = (message: object): void => {
    const text = Buffer.from(JSON.stringify(message));
    far.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length]), Buffer.alloc(4), text])); // Masked with zeros.
  };
  send({ type: 'connection_init' });
  await once(far, 'data');
  far.pause();
  send({ id: '1', type: 'subscribe', payload: { query: PLAIN } });
  return far;
}

test('1,000 clients that never read: their memory is bounded, each is closed and can resume, and a reader loses nothing', async () => {
  const limits = { bufferedBytes: 8_000, keptEvents: 40, keptBytes: 1_000_000, slowClientMs: 60_000 };
  const { room, origin, sockets, subscriptions, ended } = await start({ limits });
  const reader = await new RawClient(origin).open();
  reader.subscribe('1', PLAIN);
  const stalled = await Promise.all(Array.from({ length: 1_000 }, () => stalledClient(sockets.upgrade)));
  await until(() => subscriptions.stats().subscribers === 1_001);
  await turns();
  room.extra = { text: 'x'.repeat(2_000) };
  let [most, kept, sent] = [0, 0, 0];
  while (sockets.subscriptions > 1 && sent < 200) {
    room.emit();
    sent++;
    await reader.until(() => nexts(reader, '1').length === sent);
    most = Math.max(most, sockets.bufferedBytes);
    kept = Math.max(kept, subscriptions.stats().keptEvents);
  }
  assert.ok(sent < 200, 'they are closed');
  assert.ok(most > 1_000 * 8_000 && most <= 1_000 * (8_000 + 2_200), `${most} bytes were buffered`);
  assert.ok(kept <= 41, `${kept} events were kept`);
  assert.equal(room.opened.length, 1);
  assert.equal(ended.filter(({ code }) => code === 'SLOW_CONSUMER').length, 1_000);
  // The last frame that each stalled client can read is a close frame with the code 4413.
  const [far] = stalled as [Duplex];
  const chunks: Buffer[] = [];
  far.on('data', (chunk: Buffer) => chunks.push(chunk)).resume();
  await until(() => Buffer.concat(chunks).includes(Buffer.from([4413 >> 8, 4413 & 255])));
  await until(() => sockets.size === 1); // Clients that do not even read that are disconnected.
  assert.equal(subscriptions.stats().keptEvents, 0);
  reader.end();
}, 60_000);
