// Threat: somebody creates accounts, and triggers mails, by the hundred. Safe means:
// - a network can create a limited number of accounts per hour, in any way: one by one, as 30 aliases in one request,
//   over a WebSocket, by POST /register, in sequence or concurrently. Beyond the limit the answer is RATE_LIMITED with
//   the seconds to wait, and creates no account and no mail;
// - the network is the client's own. X-Forwarded-For counts only as far as a trusted proxy wrote it. Headers that only
//   the router may send do not count. All addresses of one IPv6 customer count together;
// - others are not affected;
// - a limit per user holds for any address of the user.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { type Network, startNetwork, until } from '../network.ts';
import { uniqueName } from '../network/accounts.ts';

const LIMIT = 5;

interface Failure {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: string; readonly retryAfter?: number };
}
interface Outcome {
  readonly made: number;
  readonly failures: readonly Failure[];
  readonly retryAfter: string | null;
}

let network: Network;
let url: string;
let routes: string;
beforeAll(async () => {
  // This test calls the product as Kong does, which adds the client's address to each request.
  network = await startNetwork({
    env: {
      TRUSTED_PROXIES: '127.0.0.1',
      LOOPBACK_RATE_FACTOR: '1',
      RATE_LIMITS: `register=${LIMIT}/h,sendMessage=3/h,createTeam=3/h,inviteToTeam=3/h`,
    },
  });
  url = network.routers[0]?.url ?? '';
  routes = network.mode === 'full' ? network.originOf('users') : new URL(url).origin;
});
afterAll(() => network?.stop());

const account = () => {
  const username = uniqueName('mallory');
  return { username, email: `${username}@test.prodvor.example`, password: 'correct horse battery' };
};
const mutation = (accounts: readonly object[]): { query: string; variables: object } => ({
  query: `mutation (${accounts.map((_, n) => `$i${n}: RegisterInput!`).join(' ')}) { ${accounts.map((_, n) => `a${n}: register(input: $i${n}) { user { id } userErrors { code } }`).join(' ')} }`,
  variables: Object.fromEntries(accounts.map((input, n) => [`i${n}`, input])),
});
const count = (data: Record<string, { user: object | null } | null> | null | undefined): number =>
  Object.values(data ?? {}).filter((payload) => payload?.user).length;

async function register(
  from: string,
  accounts: readonly object[],
  headers: Record<string, string> = {},
): Promise<Outcome> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': from, ...headers },
    body: JSON.stringify(mutation(accounts)),
  });
  const { data, errors = [] } = (await response.json()) as {
    data?: Record<string, { user: object | null } | null> | null;
    errors?: Failure[];
  };
  return { made: count(data), failures: errors, retryAfter: response.headers.get('retry-after') };
}
const post = (from: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${routes}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': from, ...headers },
    body: JSON.stringify(account()),
  });
const refusedForAnHour = ({ extensions: { code, retryAfter = 0 } }: Failure): boolean =>
  code === 'RATE_LIMITED' && retryAfter > 3_500 && retryAfter <= 3_600;

describe('registration', () => {
  it('by 30 aliases in one request creates as many accounts and mails as the limit allows', async () => {
    const accounts = Array.from({ length: 30 }, account);
    const { made, failures, retryAfter } = await register('192.0.2.1', accounts);
    assert.deepEqual([made, failures.length], [LIMIT, 30 - LIMIT]);
    assert.ok(failures.every(refusedForAnHour), JSON.stringify(failures[0]));
    assert.equal(new Set(failures.map(({ path }) => path?.[0])).size, 30 - LIMIT, 'each failure is of its own field');
    assert.equal(Number(retryAfter), Math.max(...failures.map(({ extensions }) => extensions.retryAfter ?? 0)));
    const mails = async (): Promise<number> =>
      (await Promise.all(accounts.map(({ email }) => network.mailsTo(email)))).flat().length;
    await network.settled();
    await until('the mails of those who may', async () => (await mails()) >= LIMIT);
    assert.equal(await mails(), LIMIT);
  });

  it('counts the same client over a WebSocket and at POST /register', async () => {
    const from = '192.0.2.2';
    const socket = createClient({
      url: url.replace(/^http/, 'ws'),
      retryAttempts: 0,
      webSocketImpl: class extends WebSocket {
        constructor(address: string, protocols?: string | string[]) {
          super(address, protocols, { headers: { 'x-forwarded-for': from } });
        }
      },
    });
    const overSocket = async (accounts: readonly object[]): Promise<Outcome> => {
      for await (const { data, errors = [] } of socket.iterate(
        mutation(accounts) as { query: string; variables: Record<string, unknown> },
      )) {
        return {
          made: count(data as Record<string, { user: object | null }>),
          failures: errors as unknown as Failure[],
          retryAfter: null,
        };
      }
      throw new Error('no answer');
    };
    try {
      assert.equal((await register(from, [account(), account()])).made, 2);
      assert.equal((await post(from)).status, 201);
      const { made, failures } = await overSocket(Array.from({ length: 30 }, account));
      assert.deepEqual([made, failures.length, failures.every(refusedForAnHour)], [LIMIT - 3, 30 - (LIMIT - 3), true]);
      const answer = await post(from);
      const { errors: [failure] = [] } = (await answer.json()) as { errors?: Failure[] };
      assert.equal(answer.status, 429);
      assert.ok(failure && refusedForAnHour(failure), JSON.stringify(failure));
      assert.equal(answer.headers.get('retry-after'), String(failure.extensions.retryAfter));
      assert.equal((await register(from, [account()])).made, 0);
    } finally {
      await socket.dispose();
    }
  });

  it('counts concurrent requests like sequential ones', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        n % 2
          ? register('192.0.2.3', [account()]).then(({ made }) => made)
          : post('192.0.2.3').then(({ status }) => Number(status === 201)),
      ),
    );
    assert.equal(
      answers.reduce((sum, made) => sum + made, 0),
      LIMIT,
    );
  });

  it('counts a failed attempt: so a search for taken names is limited too', async () => {
    const taken = account();
    assert.equal((await register('192.0.2.4', [taken])).made, 1);
    const { failures } = await register(
      '192.0.2.4',
      Array.from({ length: 10 }, () => taken),
    );
    assert.equal(failures.length, 10 - (LIMIT - 1));
  });

  it('uses only the part of X-Forwarded-For that the proxy wrote', async () => {
    const attempts = await Promise.all(
      Array.from({ length: 20 }, (_, n) => register(`198.51.100.${n}, 192.0.2.5`, [account()])),
    );
    assert.equal(
      attempts.reduce((sum, { made }) => sum + made, 0),
      LIMIT,
    );
    const routed = await Promise.all(
      Array.from({ length: 3 }, (_, n) => post(`127.0.0.1, 198.51.100.${n}, 192.0.2.5`)),
    );
    assert.deepEqual(
      routed.map(({ status }) => status),
      [429, 429, 429],
    );
  });

  it('ignores headers that only the router may send', async () => {
    const as = (n: number) => ({
      'x-client-address': `203.0.113.${n}`,
      'x-real-ip': `203.0.113.${n}`,
      forwarded: `for=203.0.113.${n}`,
    });
    const attempts = await Promise.all(Array.from({ length: 10 }, (_, n) => register('192.0.2.6', [account()], as(n))));
    assert.equal(
      attempts.reduce((sum, { made }) => sum + made, 0),
      LIMIT,
    );
    for (let n = 0; n < 3; n++) assert.ok([401, 429].includes((await post('192.0.2.6', as(n))).status));
  });

  it('treats the addresses of one IPv6 customer as one', async () => {
    const attempts = await Promise.all(
      Array.from({ length: 10 }, (_, n) => register(`2001:db8:0:7:${n}::${n + 1}`, [account()])),
    );
    assert.equal(
      attempts.reduce((sum, { made }) => sum + made, 0),
      LIMIT,
    );
    assert.equal((await register('2001:db8:0:8::1', [account()])).made, 1);
  });

  it('accepts everybody else', async () => {
    assert.equal((await register('192.0.2.99', [account()])).made, 1);
    assert.equal((await post('192.0.2.98')).status, 201);
  });
});

describe('an action of one user', () => {
  it('is limited per user: teams, invitations, messages', async () => {
    const anna = await network.user('anna');
    const boris = await network.user('boris');
    const ask = (who: typeof anna, query: string, variables: object) =>
      who.execute<Record<string, { team?: { id: string }; userErrors: object[] } | null>>(query, { ...variables });
    const limited = ({ data, errors = [] }: Awaited<ReturnType<typeof ask>>): [number, boolean] => [
      Object.values(data ?? {}).filter((payload) => payload?.userErrors.length === 0).length,
      errors.length > 0 && errors.every((error) => refusedForAnHour(error as unknown as Failure)),
    ];
    const fields = (n: number, field: (n: number) => string): string =>
      `mutation { ${Array.from({ length: n }, (_, at) => `a${at}: ${field(at)}`).join(' ')} }`;

    const create = fields(
      6,
      (n) =>
        `createTeam(input: { clientId: "${n}", name: "Foxes ${n}", sport: FOOTBALL }) { team { id } userErrors { code } }`,
    );
    const teams = await ask(anna, create, {});
    assert.deepEqual(limited(teams), [3, true]);
    assert.deepEqual(
      limited(await ask(anna, create, {})),
      [3, true],
      'what exists is answered again, nothing is added',
    );
    assert.deepEqual(limited(await ask(boris, create, {})), [3, true], 'others have their own');

    const teamId = teams.data?.['a0']?.team?.id ?? '';
    const invited = await ask(
      anna,
      fields(
        6,
        () =>
          `inviteToTeam(input: { teamId: "${teamId}", userId: "${boris.id}", role: PLAYER }) { userErrors { code } }`,
      ),
      {},
    );
    assert.deepEqual(limited(invited), [3, true]);

    await network.settled();
    const { data } = await anna.execute<{ team: { room: { id: string } | null } }>(
      `{ team(id: "${teamId}") { room { id } } }`,
    );
    const roomId = data?.team.room?.id;
    const send = fields(
      6,
      (n) =>
        `sendMessage(input: { roomId: "${roomId}", clientMessageId: "${n}", text: "buy ${n}" }) { userErrors { code } }`,
    );
    assert.deepEqual(limited(await ask(anna, send, {})), [3, true]);
  });
});
