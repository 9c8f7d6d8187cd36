// Tries the tabs of the explorer on the product with its demo cup. The specs call what the page's script calls.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { fillIn } from '../router/explorer/answers.js';
import { createSession, type SessionState } from '../router/explorer/session.js';
import { follow, type StreamPicture } from '../router/explorer/stream.js';
import { explorer, startDemo } from './demo.ts';
import { until } from '../test/network/until.ts';
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
  const variables = await until('a live match', () => fillIn(explorer.variables, { query }, ask), 60_000);
  const { data } = await ask(`{ match(id: ${JSON.stringify(variables.matchId)}) { state competition } }`);
  assert.deepEqual(data, { match: { state: 'LIVE', competition: 'Yard Cup' } });
  const client = createClient({ url: `${product.origin.replace('http', 'ws')}/graphql` });
  const pictures: StreamPicture[] = [];
  for await (const picture of follow(client, { query, variables })) {
    pictures.push(picture);
    // By then the stream has sent the earlier events, and at least one live event.
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

test('the next tabs have the tables, the bracket and the events of the cup', async () => {
  const [tables, bracket, news, inbox, ...more] = explorer.examples ?? [];
  assert.ok(tables && bracket && news && inbox && more.length === 0);
  const read = async (example: string) => {
    const variables = await fillIn(explorer.variables, { query: example }, ask);
    const { body } = await product.post(`${product.origin}/graphql`, { query: example, variables });
    assert.equal(body.errors, undefined);
    return body.data?.tournament as Cup;
  };
  const cup = await read(tables);
  assert.equal(cup.state, 'RUNNING');
  assert.deepEqual(
    cup.stages[0]?.groups?.map(({ standings }) => standings.length),
    [4, 4],
  );
  const { stages } = await read(bracket);
  assert.deepEqual(
    stages[1]?.bracket?.slots.map(({ label, home }) => [label, home.label]),
    [
      ['Semi-final 1', 'Winner of Group A'],
      ['Semi-final 2', 'Winner of Group B'],
      ['Final', 'Winner of Semi-final 1'],
      ['Third place', 'Loser of Semi-final 1'],
    ],
  );
  const client = createClient({ url: `${product.origin.replace('http', 'ws')}/graphql` });
  const variables = await fillIn(explorer.variables, { query: news }, ask);
  for await (const picture of follow(client, { query: news, variables })) {
    if (picture.received < 20) continue;
    assert.deepEqual(
      picture.events.map(({ errors }) => errors),
      picture.events.map(() => undefined),
    );
    break;
  }
  await client.dispose();
});

interface Cup {
  readonly state: string;
  readonly stages: readonly {
    readonly groups?: readonly { readonly standings: readonly object[] }[];
    readonly bracket?: {
      readonly slots: readonly { readonly label: string; readonly home: { readonly label: string } }[];
    };
  }[];
}

test('the last tab has the notifications of a captain, who gets mails only as a digest', async () => {
  const inbox = explorer.examples?.at(-1) ?? '';
  const session = createSession({
    fetch: (path, init) => fetch(product.origin + path, init),
    onChange: () => undefined,
    now: () => Date.now(),
    setTimer: () => undefined,
    clearTimer: () => undefined,
  });
  const anna = explorer.signIn?.find(({ label }) => label.startsWith('anna'));
  assert.ok(anna);
  await session.signIn(anna);
  const headers = { authorization: `Bearer ${(await session.token()) ?? ''}` };
  const texts = await until('a notification', async () => {
    const { data, errors } = await ask(inbox, headers);
    assert.equal(errors, undefined);
    const { edges } = data?.notifications as { edges: { node: { text: string } }[] };
    return edges.length > 0 && edges.map(({ node }) => node.text);
  });
  assert.ok(
    texts.some((line) => line.includes('Yard Cup')),
    texts.join(),
  );
  assert.deepEqual((await ask('{ notificationPreferences { digest } }', headers)).data, {
    notificationPreferences: { digest: true },
  });
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
