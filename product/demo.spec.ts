// The first tab of the explorer against the product with its demo league: does what the page's script does, without the
// page.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { fillIn } from '../router/explorer/answers.js';
import { createSession, type SessionState } from '../router/explorer/session.js';
import { follow, type StreamPicture } from '../router/explorer/stream.js';
import { explorer, startDemo } from './demo.ts';
import { openProduct } from './product.fixture.ts';

let product: Awaited<ReturnType<typeof openProduct>>;
beforeAll(async () => {
  product = await openProduct({ demo: true, explorer });
  await startDemo(product);
});
afterAll(() => product?.close());

const ask = async (query: string, headers: Record<string, string> = {}) =>
  (await product.post(`${product.origin}/graphql`, { query }, headers)).body;
const query = explorer.defaultQuery ?? '';

test('the first tab names no match; pressing play follows the match that is played now', async () => {
  const page = await (await fetch(product.origin)).text();
  assert.match(page, /subscription Live\(\$matchId: ID!/);
  assert.doesNotMatch(page, /TWF0Y2g6/, "the beginning of every match's id");
  const variables = await fillIn(explorer.variables, { query }, ask);
  const { data } = await ask(`{ match(id: ${JSON.stringify(variables.matchId)}) { state competition } }`);
  assert.deepEqual(data, { match: { state: 'LIVE', competition: 'Yard League' } });
  const client = createClient({ url: `${product.origin.replace('http', 'ws')}/graphql` });
  const pictures: StreamPicture[] = [];
  for await (const picture of follow(client, { query, variables })) {
    pictures.push(picture);
    // The earlier events, and one event that happened since.
    if (picture.received >= 4) break;
  }
  await client.dispose();
  const { events = [] } = pictures.at(-1) ?? {};
  assert.deepEqual(
    events.map(({ seq }) => seq),
    events.map((_, index) => index + 1),
  );
  assert.deepEqual(
    events.map(({ errors }) => errors),
    events.map(() => undefined),
  );
});

test('a demo person stays signed in: the page renews the token each time it expires', async () => {
  let later = 0;
  const states: SessionState[] = [];
  const session = createSession({
    fetch: (path, init) => fetch(product.origin + path, init),
    onChange: (state) => states.push(state),
    now: () => Date.now() + later,
    setTimer: () => undefined,
    clearTimer: () => undefined,
  });
  const [person] = explorer.signIn ?? [];
  assert.ok(person);
  await session.signIn(person);
  const tokens = new Set<string>();
  for (let n = 0; n < 3; n++) {
    const token = (await session.token()) ?? '';
    tokens.add(token);
    assert.deepEqual((await ask('{ me { username } }', { authorization: `Bearer ${token}` })).data, {
      me: { username: 'olga' },
    });
    later += 6 * 60_000;
  }
  assert.equal(tokens.size, 3);
  assert.deepEqual(states.at(-1), { is: 'signed in', person });
});
