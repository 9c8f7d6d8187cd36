// One slow field does not starve the other fields of its subgraph.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { startNetwork, until } from './server.fixture.ts';
import type { Answer, Network } from './server.fixture.ts';

let network: Network;
const LIMITS = { subgraphConnections: 16, subgraphRequests: 80 };
beforeAll(async () => {
  network = await startNetwork({ limits: LIMITS });
});
afterAll(() => network.close());

const code = (answer: Answer): unknown => answer.errors?.[0]?.extensions['code'];
const ORDINARY = '{ room(id: "r") { id messages { id } } }';
const release = (): void => network.rooms.waiting.splice(0).forEach((go) => go());
type Asked = ReturnType<Network['query']>;
/** Answers the slow requests until all of them have ended. */
async function finish(asked: readonly Asked[]): Promise<Awaited<Asked>[]> {
  let over = false;
  const all = Promise.all(asked).finally(() => (over = true));
  await until(() => {
    release();
    return over;
  });
  return all;
}

test('300 requests for one slow field under different aliases: other fields are answered; the excess is 503 with Retry-After', async () => {
  const queries = (i: number): string => (i % 2 === 0 ? '{ slow }' : `query Q${i} { a${i}: slow }`);
  const slow = Array.from({ length: 300 }, (_, i) => network.query(queries(i)));
  await until(() => network.rooms.waiting.length === 8);
  for (let i = 0; i < 20; i++) {
    const { status, body } = await network.query(ORDINARY);
    assert.deepEqual([status, body.errors], [200, undefined]);
    assert.equal(
      (await network.query(`{ echo(text: "${i}") }`)).body.data?.['echo'],
      String(i),
      'what has never been asked for',
    );
  }
  assert.equal(network.rooms.waiting.length, 8, 'half of the connections');
  const answers = await finish(slow);
  const refused = answers.filter(({ status }) => status === 503);
  // On a busy machine all waiting requests are refused before the eight running ones are answered.
  assert.ok(refused.length >= 100 && refused.length <= 300 - 8, `${refused.length} were refused`);
  for (const { headers, body } of refused)
    assert.deepEqual([headers.get('retry-after'), code(body), 'data' in body], ['1', 'UNAVAILABLE', false]);
  for (const { status, body } of answers)
    if (status !== 503)
      assert.deepEqual([status, body], [200, { data: { [Object.keys(body.data ?? {})[0] ?? '']: 1 } }]);
});

test('a query that needs a busy subgraph is 503; a mutation reports what it did, with UNAVAILABLE for the rest', async () => {
  const own = await startNetwork({ limits: { subgraphConnections: 2, subgraphRequests: 2 } });
  try {
    const slow = Array.from({ length: 2 }, () => own.query('{ user(id: "slow") { name } }'));
    await until(() => own.users.waiting.length === 2);
    for (let time = 0; time < 3; time++) {
      // The first request plans the operation and takes the general path. The later ones use the cached plan and the
      // fast path.
      const query = await own.query('{ room(id: "r") { messages { author { name } } } }');
      assert.deepEqual(
        [query.status, query.body.data, code(query.body), query.headers.get('retry-after')],
        [503, undefined, 'UNAVAILABLE', '1'],
      );
      const mutation = await own.query('mutation { post(text: "x") { id author { name } } }');
      assert.deepEqual(
        [mutation.status, mutation.body.data, code(mutation.body)],
        [200, { post: { id: 'x', author: { name: null } } }, 'UNAVAILABLE'],
      );
    }
    own.users.waiting.splice(0).forEach((go) => go());
    for (const { body } of await Promise.all(slow)) assert.deepEqual(body, { data: { user: { name: 'late' } } });
    assert.equal((await own.query('{ room(id: "r") { messages { author { name } } } }')).status, 200);
  } finally {
    await own.close();
  }
});

test('a field that never answers does not open the circuit for other fields, and requests that wait for it are no failures', async () => {
  const own = await startNetwork({ limits: { subgraphConnections: 40, subgraphMs: 2_000, subgraphRetries: 0 } });
  try {
    const ordinary = async (): Promise<void> =>
      assert.deepEqual((await own.query('{ echo(text: "a") }')).body, { data: { echo: 'a' } });
    await ordinary();
    const slow = Array.from({ length: 100 }, () => own.query('{ slow }'));
    await until(() => own.rooms.waiting.length === 20);
    for (let i = 0; i < 5; i++) await ordinary();
    const answers = await Promise.all(slow);
    for (const { body } of answers) assert.equal(code(body), 'UNAVAILABLE');
    assert.deepEqual(
      [200, 503].map((status) => answers.filter((answer) => answer.status === status).length),
      [20, 80],
      'asked, and not asked',
    );
    assert.equal(own.router.stats().subgraphs.get('rooms')?.circuit, 'closed');
    await ordinary();
  } finally {
    await own.close();
  }
});
