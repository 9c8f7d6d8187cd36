import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import WebSocket from 'ws';
import { Client, type Network, type Person, startNetwork, until } from '../../network.ts';
import { forged, signedByAStranger } from '../../network/bad-tokens.ts';
import type { Answer } from '../../network/client.ts';
import { subgraphs } from '../../../subgraphs/registry.ts';
import { MatchEvents, RecordEvent } from '../operations.ts';
import { schedule } from '../play.ts';
import { endOf } from '../reading.ts';

const ME = '{ me { username } }';

describe('bad input', () => {
  let network: Network;
  let olga: Person;
  let matchId: string, home: string;
  beforeAll(async () => {
    network = await startNetwork({ separate: true });
    olga = await network.user('olga', { roles: ['organizer'] });
    ({ matchId, home } = await schedule(olga));
  });
  afterAll(() => network?.stop());

  /** Asserts that the answer has one error with a code and a request id, and without internal details. */
  const refusal = ({ status, data, errors }: Answer<unknown>, place?: RegExp): [status: number, code: unknown] => {
    assert.equal(errors?.length, 1, JSON.stringify(errors));
    const [error] = errors ?? [];
    assert.ok(!data || Object.values(data).every((value) => value === null), 'nothing beside the error');
    assert.doesNotMatch(JSON.stringify(errors), /stack|node_modules|\.ts:|SELECT|INSERT|prisma|ECONN/i);
    if (place) assert.match(`${error?.message} ${JSON.stringify(error?.locations ?? '')}`, place);
    return [status, error?.extensions?.code];
  };

  it('in documents: the field and its position', async () => {
    assert.deepEqual(
      refusal(
        await network.guest.execute('{ match(id: "x") { goals } }'),
        /"goals" on type "Match".*"line":1,"column":20/,
      ),
      [200, 'GRAPHQL_VALIDATION_FAILED'],
    );
    assert.deepEqual(refusal(await network.guest.execute('{ match(id: "x") { '), /"line":1/), [
      200,
      'GRAPHQL_PARSE_FAILED',
    ]);
    const deep = `{ match(id: "${matchId}") { room ${'{ match { room '.repeat(15)} { id } ${'} }'.repeat(15)} } }`;
    assert.deepEqual(refusal(await network.guest.execute(deep)), [200, 'OPERATION_TOO_DEEP']);
  });

  it('in variables: the path', async () => {
    const query =
      'mutation ($input: RecordMatchEventInput!) { recordMatchEvent(input: $input) { event { seq } userErrors { code } } }';
    const wrong = { matchId, clientEventId: 'x', goal: { side: 'MIDDLE' } };
    assert.deepEqual(refusal(await olga.execute(query, { input: wrong }), /input\.goal\.side/), [
      200,
      'BAD_USER_INPUT',
    ]);
    assert.deepEqual(refusal(await olga.execute(query), /input/), [200, 'BAD_USER_INPUT']);
    const minute = { matchId, clientEventId: 'x', goal: { side: 'HOME', clock: { minute: '45' } } };
    assert.deepEqual(refusal(await olga.execute(query, { input: minute }), /input\.goal\.clock\.minute/), [
      200,
      'BAD_USER_INPUT',
    ]);
  });

  it('in one mutation: the others of the request, before and after it, are executed', async () => {
    const username = `gleb.${randomUUID().slice(0, 8)}`;
    const input = `{ username: "${username}", email: "${username}@test.prodvor.example", password: "correct horse battery", displayName: "Gleb" }`;
    const { data, errors } = await network.guest.execute(`mutation {
      before: sendMessage(input: { roomId: "x", clientMessageId: "x", text: "x" }) { message { id } }
      register(input: ${input}) { user { displayName } userErrors { code } }
      after: createTeam(input: { clientId: "x", name: "x", sport: FOOTBALL }) { team { id } }
    }`);
    assert.deepEqual(
      errors?.map(({ path, extensions }) => [path, extensions?.code]),
      [
        [['before'], 'UNAUTHENTICATED'],
        [['after'], 'UNAUTHENTICATED'],
      ],
    );
    assert.deepEqual(data, { before: null, register: { user: { displayName: 'Gleb' }, userErrors: [] }, after: null });
  });

  it('in ids: an id of another type, an unknown id and noise are all treated as not found', async () => {
    for (const id of [home, 'TWF0Y2g6', '', '💥', 'x'.repeat(5000)]) {
      const { data, errors } = await network.guest.execute<{ match: unknown }>(
        'query ($id: ID!) { match(id: $id) { id } }',
        { id },
      );
      assert.deepEqual([data, errors], [{ match: null }, undefined]);
      assert.equal(await endOf(network.guest.subscribe(MatchEvents, { matchId: id })), 'NOT_FOUND');
    }
    const { recordMatchEvent } = await olga.request(RecordEvent, {
      input: { matchId: home, clientEventId: 'x', goal: { side: 'HOME' } },
    });
    assert.deepEqual(recordMatchEvent, {
      event: null,
      userErrors: [{ field: ['matchId'], code: 'NOT_FOUND', message: recordMatchEvent.userErrors[0]?.message }],
    });
    assert.equal(await endOf(network.guest.subscribe(MatchEvents, { matchId, afterSeq: -1 })), 'BAD_USER_INPUT');
  });

  it('in bodies: the position where the JSON is wrong', async () => {
    assert.deepEqual(refusal(await network.guest.post('{"query": "{ me { id } }",\n oops}'), /line 2/), [
      400,
      'BAD_REQUEST',
    ]);
    assert.deepEqual(refusal(await network.guest.post('[]')), [400, 'BAD_REQUEST']);
    assert.deepEqual(refusal(await network.guest.post(`{"query": "${'x'.repeat(200_000)}"}`)), [
      413,
      'PAYLOAD_TOO_LARGE',
    ]);
    assert.deepEqual(
      refusal(await network.guest.post('query=x', { 'content-type': 'application/x-www-form-urlencoded' })),
      [415, 'UNSUPPORTED_MEDIA_TYPE'],
    );
  });

  it('in tokens: the reason, over HTTP and over the socket', async () => {
    const { token = '', url } = olga;
    const bad = network.badTokens;
    assert.ok(bad);
    const tokens: [string, string, RegExp][] = [
      ['forged', forged(token), /signature/],
      ["a stranger's", await signedByAStranger(token), /signature/],
      ["another issuer's", await bad.ofAnotherIssuer(token), /issuer|unknown key/],
      ['for another audience', await bad.forAnotherAudience(token), /audience|"aud"/],
      ['expired', await bad.expired(token), /expired/],
      ['no token', 'x.y.z', /malformed/],
    ];
    for (const [what, given, reason] of tokens) {
      const client = new Client(url, given);
      const answer = await until(what, async () => {
        const asked = await client.execute(ME);
        // Keycloak's shortest token is valid for a second, and the API accepts its time for five seconds more. Until
        // then the API refuses the token for another reason: its client.
        return reason.test(asked.errors?.[0]?.message ?? '') && asked;
      });
      assert.deepEqual(refusal(answer, reason), [401, 'UNAUTHENTICATED'], what);
      assert.equal((await closed(url, given)).code, 4403, what);
    }
    assert.deepEqual((await olga.execute(ME)).errors, undefined);
  });

  it('in mutations without a token', async () => {
    const query =
      'mutation { createTeam(input: {clientId: "x", name: "x", sport: FOOTBALL}) { team { id } userErrors { code } } }';
    assert.deepEqual(refusal(await network.guest.execute(query)), [200, 'UNAUTHENTICATED']);
  });

  it("at a subgraph's own port: a subgraph accepts only the router", async () => {
    for (const subgraph of Object.keys(subgraphs)) {
      const client = new Client(`${network.originOf(subgraph)}/graphql`, olga.token);
      const [status, code] = refusal(
        await client.post(JSON.stringify({ query: '{ __typename }' }), { 'x-authenticated-userid': 'somebody' }),
      );
      assert.deepEqual([status, code], [401, 'UNSIGNED_REQUEST'], subgraph);
    }
    const chat = new Client(`${network.originOf('chat')}/graphql`);
    assert.equal(await endOf(chat.subscribe(MatchEvents, { matchId })), 'UNSIGNED_REQUEST');
    await chat.close();
  });

  it('changes nothing', async () => {
    const { data } = await network.guest.execute<{ match: { lastSeq: number } }>(
      'query ($id: ID!) { match(id: $id) { lastSeq } }',
      { id: matchId },
    );
    assert.equal(data?.match.lastSeq, 1);
  });
});

/** The close code of a socket that was opened with this token. */
function closed(url: string, token: string): Promise<{ code: number }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace(/^http/, 'ws'), 'graphql-transport-ws');
    socket.on('error', reject);
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })),
    );
    socket.on('close', (code) => resolve({ code }));
  });
}
