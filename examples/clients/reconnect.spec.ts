import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { getGlobalDispatcher } from 'undici';
import { FinishMatch, SendMessage } from '../../test/e2e/operations.ts';
import { createTeam, kickOff, record, roomOfTeam, schedule } from '../../test/e2e/play.ts';
import { upTo } from '../../test/e2e/reading.ts';
import { type Network, type Person, startNetwork, until } from '../../test/network.ts';
import { type Proxy, startProxy } from '../../test/network/proxy.ts';
import type { LiveTransport } from '../typed-client/resumable.ts';
import { createSession, refreshAt } from '../typed-client/session.ts';
import { eventsFrom, type Follow, kits, socketTo } from './kits.ts';

const GOALS = 15;
const TICKER = `subscription Followed($matchId: ID!, $afterSeq: Int) {
  matchEvents(matchId: $matchId, afterSeq: $afterSeq) { __typename id seq ... on MatchStateChanged { state } }
}`;
const ROOM =
  'subscription Followed($roomId: ID!, $afterSeq: Int) { messageEvents(roomId: $roomId, afterSeq: $afterSeq) { __typename id seq } }';

interface Event {
  seq: number;
  state?: string;
}
interface Reader {
  readonly name: string;
  readonly seqs: number[];
  error?: unknown;
  leave(): void;
}

/** One reader for each library, all over the same transport. */
const readers = (
  url: string,
  what: string,
  transport: LiveTransport,
  query: string,
  variables: Record<string, unknown>,
): Reader[] =>
  Object.entries(kits).map(([name, follow]) => read(`${name} over ${what}`, follow, url, transport, query, variables));

function read(
  name: string,
  follow: Follow,
  url: string,
  transport: LiveTransport,
  query: string,
  variables: Record<string, unknown>,
): Reader {
  const reader: Reader = { name, seqs: [], leave: () => undefined };
  reader.leave = follow(url, transport, query, variables, {
    next: (data) => void reader.seqs.push((Object.values(data)[0] as Event).seq),
    error: (error) => (reader.error = error),
  });
  return reader;
}

const haveSeen = (all: readonly Reader[], seq: number) => () =>
  all.every(({ seqs, error }) => error !== undefined || (seqs.at(-1) ?? 0) >= seq);
const outcome = (all: readonly Reader[]) => all.map(({ name, seqs, error }) => [name, seqs, error]);
const whole = (all: readonly Reader[], last: number, first = 1) =>
  all.map(({ name }) => [name, upTo(last).slice(first - 1), undefined]);

describe('client libraries on an unstable connection', () => {
  let network: Network;
  let proxy: Proxy;
  let olga: Person;
  beforeAll(async () => {
    network = await startNetwork();
    proxy = await startProxy(network.routers[0]?.url ?? '');
    olga = await network.user('olga', { roles: ['organizer'] });
  });
  afterAll(async () => {
    await proxy?.close();
    // If a call is aborted while `fetch` opens a connection, `fetch` keeps that connection. The next line closes such
    // connections.
    await getGlobalDispatcher().destroy();
    await network?.stop();
  });

  it('receive every event once and in order, however often the connection is cut', async () => {
    const { matchId } = await schedule(olga);
    const socket = socketTo(proxy.url);
    const events = eventsFrom(proxy.url);
    const before = proxy.connections();
    const all = [
      ...readers(proxy.url, 'WebSocket', socket, TICKER, { matchId }),
      ...readers(proxy.url, 'SSE', events, TICKER, { matchId }),
      // A page has the first event already; the stream begins after it.
      read('behind a page', kits['Apollo Client 4'] as Follow, proxy.url, socket, TICKER, { matchId, afterSeq: 1 }),
    ];
    await until('all have begun', () => haveSeen(all.slice(0, -1), 1)(), 30_000);
    let playing = true;
    let cuts = 0;
    const cutting = (async () => {
      while (playing) {
        await sleep(20 + Math.random() * 150);
        proxy.cut();
        cuts++;
      }
    })();
    try {
      await kickOff(olga, matchId);
      for (const n of upTo(GOALS)) {
        await until('the line is cut again', () => cuts >= n);
        await record(olga, matchId, { goal: { side: 'HOME', player: { name: `Player ${n}` }, clock: { minute: 1 } } });
      }
    } finally {
      playing = false;
      await cutting;
    }
    await olga.request(FinishMatch, { input: { matchId } });
    await until('all have seen the end', () => haveSeen(all, GOALS + 4)(), 60_000);
    for (const { leave } of all) leave();
    await socket.dispose();
    events.dispose();
    assert.deepEqual(outcome(all), [...whole(all.slice(0, -1), GOALS + 4), ...whole(all.slice(-1), GOALS + 4, 2)]);
    assert.ok(proxy.connections() - before > 12, `only ${proxy.connections() - before} connections`);
  });

  const SHORT_SECONDS = 3;
  /** The router accepts a token until 5 s after its expiry. */
  const TOLERANCE_MS = 5_000;
  const tokenFor = async (seconds: number): Promise<string> =>
    (await network.badTokens?.signed?.(olga.token ?? '', {
      exp: Math.floor(Date.now() / 1000) + seconds,
      jti: String(Math.random()),
    })) ?? '';
  let sent = 0;
  const say = (roomId: string) =>
    olga.request(SendMessage, { input: { clientMessageId: `m${++sent}`, roomId, text: 'well played' } });

  it('continue when the token expires: renewed in place on the WebSocket, requested again with SSE', async () => {
    const roomId = await roomOfTeam(olga, await createTeam(olga, 'Yard Foxes'));
    await say(roomId);
    const url = network.routers[0]?.url ?? '';
    let asked = 0;
    const socket = socketTo(url, { token: () => tokenFor(asked++ === 0 ? SHORT_SECONDS : 120) });
    const connected: boolean[] = [];
    socket.on('connected', (_socket, _payload, wasRetry) => void connected.push(wasRetry));
    // The token expires earlier than `expires_in` says, so the API refuses calls with 401.
    let renewals = 0;
    const session = createSession({ access_token: await tokenFor(SHORT_SECONDS), expires_in: 300 }, async () => ({
      access_token: await tokenFor((renewals++, 120)),
      expires_in: 120,
    }));
    let requests = 0;
    const events = eventsFrom(url, { fetch: (input, init) => session.fetch(input, (requests++, init)) });
    const all = [
      ...readers(url, 'WebSocket', socket, ROOM, { roomId }),
      ...readers(url, 'SSE', events, ROOM, { roomId }),
    ];
    const last = async (): Promise<number> => (await say(roomId)).sendMessage.message?.seq ?? 0;
    const begun = await last();
    await until('all have begun', () => haveSeen(all, begun)(), 30_000);
    const over = Date.now() + SHORT_SECONDS * 1000 + TOLERANCE_MS;
    await until(
      'the first token is good for nothing, and SSE has come back',
      () => Date.now() > over + 500 && requests >= 10,
      60_000,
    );
    const end = await last();
    await until('all have seen the end', () => haveSeen(all, end)(), 30_000);
    for (const { leave } of all) leave();
    await socket.dispose();
    events.dispose();
    assert.deepEqual(outcome(all), whole(all, end));
    assert.deepEqual({ connected, asked, renewals }, { connected: [false], asked: 2, renewals: 1 });
  });

  it('continue after `4403 Token expired`, from their last event', async () => {
    const roomId = await roomOfTeam(olga, await createTeam(olga, 'Yard Foxes'));
    await say(roomId);
    let asked = 0;
    const token = async (): Promise<string> => {
      // The renewal in place fails, and the next connection gets no token: the identity provider is unavailable.
      if (++asked === 2 || asked === 3) throw new Error('away');
      return tokenFor(SHORT_SECONDS);
    };
    const url = network.routers[0]?.url ?? '';
    const socket = socketTo(url, { token });
    const closed: unknown[] = [];
    socket.on('closed', (event) => void closed.push((event as CloseEvent).reason));
    const all = readers(url, 'WebSocket', socket, ROOM, { roomId });
    await until('the token has expired', () => closed.length > 0, 30_000);
    const end = (await say(roomId)).sendMessage.message?.seq ?? 0;
    await until('all have seen the end', () => haveSeen(all, end)(), 30_000);
    for (const { leave } of all) leave();
    await socket.dispose();
    assert.deepEqual(outcome(all), whole(all, end));
    assert.equal(closed[0], 'Token expired');
    assert.ok(asked >= 4, `asked ${asked} times`);
  });

  it('receive an error when nobody is signed in any more', async () => {
    const roomId = await roomOfTeam(olga, await createTeam(olga, 'Yard Foxes'));
    const url = network.routers[0]?.url ?? '';
    const session = createSession(
      { access_token: 'gone', refresh_token: 'used', expires_in: 0 },
      refreshAt(url.replace('/graphql', '/identity/token')),
    );
    const socket = socketTo(url, session);
    const events = eventsFrom(url, session);
    const all = [
      ...readers(url, 'WebSocket', socket, ROOM, { roomId }),
      ...readers(url, 'SSE', events, ROOM, { roomId }),
    ];
    await until('all have ended', () => all.every(({ error }) => error !== undefined), 30_000);
    await socket.dispose();
    events.dispose();
    for (const { name, error } of all)
      assert.match(String(error), /UNAUTHENTICATED: sign in again: the refresh token is not accepted/, name);
  });

  it('receive the reason why a stream ends, and what they need to continue', async () => {
    const socket = socketTo(proxy.url);
    const stranger = readers(proxy.url, 'WebSocket', socket, ROOM, {
      roomId: await roomOfTeam(olga, await createTeam(olga, 'Yard Foxes')),
    });
    const deaf = readers(
      proxy.url,
      'WebSocket',
      socket,
      'subscription Followed($matchId: ID!) { matchEvents(matchId: $matchId) { seq } }',
      { matchId: 'm' },
    );
    await until('all have ended', () => [...stranger, ...deaf].every(({ error }) => error !== undefined));
    await socket.dispose();
    for (const { name, error } of stranger)
      assert.equal((error as { code?: string }).code, 'NOT_FOUND', `${name}: ${String(error)}`);
    for (const { name, error } of deaf) assert.match(String(error), /\$afterSeq/, name);
  });
});
