// Threat: somebody guesses passwords, or keeps others from signing in, at the local issuer. (In full mode Keycloak has
// its own rules.) Safe means:
// - failures are limited per network over all names, and per name over all networks: 429 with Retry-After, before any
//   hashing;
// - unknown names are limited, answered and timed like existing ones, locked ones included. So no answer reveals which
//   names exist;
// - one client cannot fill the queue of password hashes for others: clients take turns.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { readConfig } from '../../platform/config/config.ts';
import { type Product, startProduct } from '../../product/product.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { until } from '../network.ts';
import { PASSWORD, uniqueName } from '../network/accounts.ts';

const BY_ADDRESS = 25;
const BY_NAME = 14;

let database: TestDatabase;
let data: string;
let product: Product;
beforeAll(async () => {
  database = await createTestDatabase();
  data = await mkdtemp(path.join(os.tmpdir(), 'prodvor-attack-'));
  const env = {
    DATABASE_URL: database.url,
    PRODVOR_DATA: data,
    LOG_LEVEL: 'error',
    LOG_FORMAT: 'text',
    TRUSTED_PROXIES: '127.0.0.1',
    RATE_LIMITS: `failedSignInByAddress=${BY_ADDRESS}/h,failedSignInByName=${BY_NAME}/h`,
  };
  product = await startProduct({ config: readConfig({ env }), subgraphs: ['users'], router: true, port: 0 });
});
afterAll(async () => {
  await product.shutdown.stop('the test is over');
  await database.drop();
  await rm(data, { recursive: true, force: true });
});

interface Attempt {
  readonly status: number;
  readonly body: { error?: string; error_description?: string };
  readonly retryAfter: string | null;
  readonly ms: number;
}
async function grant(from: string, form: Record<string, string>): Promise<Attempt> {
  const started = performance.now();
  const response = await fetch(`${product.origin}/identity/token`, {
    method: 'POST',
    headers: { 'x-forwarded-for': from },
    body: new URLSearchParams({ client_id: 'prodvor-web', ...form }),
  });
  return {
    status: response.status,
    body: (await response.json()) as Attempt['body'],
    retryAfter: response.headers.get('retry-after'),
    ms: performance.now() - started,
  };
}
const signIn = (from: string, username: string, password = PASSWORD): Promise<Attempt> =>
  grant(from, { grant_type: 'password', username, password });
async function person(): Promise<string> {
  const username = uniqueName('anna');
  const made = await product.platform?.identity.createIdentity({
    username,
    email: `${username}@test.prodvor.example`,
    password: PASSWORD,
  });
  assert.ok(made && 'userId' in made);
  return username;
}
const statuses = (attempts: readonly Attempt[], status: number): number =>
  attempts.filter((attempt) => attempt.status === status).length;

describe('guessing', () => {
  it('one password for 200 names stops after some of them, even for the right name', async () => {
    const victim = await person();
    const attempts: Attempt[] = [];
    for (let n = 0; n < 200; n += 10)
      attempts.push(
        ...(await Promise.all(Array.from({ length: 10 }, (_, more) => signIn('192.0.2.1', `name-${n + more}`)))),
      );
    // Two guesses may be in progress when the limit is reached.
    assert.ok(
      statuses(attempts, 400) >= BY_ADDRESS && statuses(attempts, 400) <= BY_ADDRESS + 2,
      String(statuses(attempts, 400)),
    );
    assert.equal(statuses(attempts, 400) + statuses(attempts, 429), 200);
    const refused = await signIn('192.0.2.1', victim);
    assert.deepEqual([refused.status, refused.body.error], [429, 'rate_limited']);
    assert.ok(Number(refused.retryAfter) > 3_500 && Number(refused.retryAfter) <= 3_600, String(refused.retryAfter));
    assert.equal((await signIn('192.0.2.2', victim)).status, 200, 'others sign in');
    assert.equal(
      (await signIn('198.51.100.1, 192.0.2.1', victim)).status,
      429,
      'what the client wrote into X-Forwarded-For changes nothing',
    );
  });

  it('passwords of one name from many networks stops, for unknown names too', async () => {
    for (const [name, block] of [
      [await person(), '198.51.100'],
      [uniqueName('nobody'), '203.0.113'],
    ] as const) {
      const attempts: Attempt[] = [];
      for (let n = 0; n < 2 * BY_NAME; n++) attempts.push(await signIn(`${block}.${n}`, name, 'wrong password'));
      assert.deepEqual([statuses(attempts, 400), statuses(attempts, 429)], [BY_NAME, BY_NAME], name);
      assert.equal((await signIn(`${block}.200`, name.toUpperCase(), 'wrong password')).status, 429);
    }
  });

  it('refresh tokens stops', async () => {
    const attempts: Attempt[] = [];
    for (let n = 0; n < BY_ADDRESS + 5; n++)
      attempts.push(await grant('192.0.2.3', { grant_type: 'refresh_token', refresh_token: `guess-${n}` }));
    assert.deepEqual([statuses(attempts, 400), statuses(attempts, 429)], [BY_ADDRESS, 5]);
  });

  it('does not reveal who has an account: an unknown name is answered and timed like a wrong password and like a locked account', async () => {
    const [somebody, noone] = [await person(), uniqueName('nobody')];
    const [known, unknown]: [Attempt[], Attempt[]] = [[], []];
    for (let n = 0; n < BY_NAME; n++) {
      known.push(await signIn('192.0.2.4', somebody, 'wrong password'));
      unknown.push(await signIn('192.0.2.5', noone, 'wrong password'));
    }
    assert.deepEqual(
      known.map(({ status, body }) => [status, body]),
      unknown.map(({ status, body }) => [status, body]),
    );
    // The fastest of several attempts shows the cost of the work itself, even on a busy machine. An attempt without a
    // hash costs a fiftieth of it.
    const fastest = (of: readonly Attempt[]): number => Math.min(...of.map(({ ms }) => ms));
    const [wrong, locked, nobody] = [fastest(known.slice(0, 10)), fastest(known.slice(10)), fastest(unknown)];
    assert.ok(
      locked > nobody / 4 && wrong > nobody / 4 && nobody > wrong / 4,
      `wrong ${wrong} ms, locked ${locked} ms, unknown ${nobody} ms`,
    );
  });
});

describe('a client that signs in endlessly', () => {
  it('lets others take turns', async () => {
    const [flooder, other] = [await person(), await person()];
    let answered = 0;
    const flood = Array.from({ length: 60 }, () =>
      signIn('192.0.2.6', flooder).then((attempt) => (answered++, attempt)),
    );
    await until('the flood has begun', () => answered > 0);
    const before = answered;
    assert.equal((await signIn('192.0.2.7', other)).status, 200);
    assert.ok(answered - before < 40, `${answered - before} of the flood were served meanwhile`);
    assert.equal(statuses(await Promise.all(flood), 200), 60);
  });

  it('is refused beyond its share of the queue, and nobody else is', async () => {
    const [flooder, other] = [await person(), await person()];
    const refused: Attempt[] = [];
    const flood = Array.from({ length: 200 }, () =>
      signIn('192.0.2.8', flooder).then((attempt) => (attempt.status === 503 && refused.push(attempt), attempt)),
    );
    const busy = await until('somebody is refused', () => refused[0]);
    assert.deepEqual([busy.body.error, busy.retryAfter], ['temporarily_unavailable', '2']);
    assert.equal((await signIn('192.0.2.9', other)).status, 200);
    const all = await Promise.all(flood);
    assert.equal(statuses(all, 200) + statuses(all, 503), 200);
  });
});
