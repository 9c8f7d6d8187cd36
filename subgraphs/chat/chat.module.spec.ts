import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type ExecutionResult, graphql, parse, subscribe } from 'graphql';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { ANONYMOUS, type Principal } from '../../platform/identity/principal.ts';
import { openSubgraph, person, type TestSubgraph } from '../../platform/testing/service.testing.ts';
import { LIVE_EVENTS, OUTBOX, QUESTIONS, TIMERS } from '../../platform/injection/tokens.ts';
import { openChat } from './chat.fixture.ts';
import { ChatModule } from './chat.module.ts';
import { PrismaClient } from './generated/prisma/client.ts';

let c: Awaited<ReturnType<typeof openChat>>;
let subgraph: TestSubgraph;

beforeAll(async () => {
  c = await openChat();
  const provided = new Map<symbol, unknown>([
    [OUTBOX, c.outbox],
    [LIVE_EVENTS, c.live],
    [QUESTIONS, c.questions],
    [TIMERS, { runner: () => ({ start: () => undefined }), set: c.timers.set.bind(c.timers) }],
  ]);
  subgraph = await openSubgraph('chat', ChatModule, provided, new Map([[PrismaClient, c.prisma]]));
});
afterAll(async () => {
  await subgraph.close();
  await c.close();
});

const MESSAGE = 'id seq text sentAt author { id } room { id kind }';
const EVENT = `__typename id seq occurredAt room { id lastSeq } ... on MessageSent { message { ${MESSAGE} } } ... on MemberJoined { user { id } } ... on MemberLeft { user { id } }`;

async function events(roomId: string, viewer: Principal, afterSeq = 0) {
  const document = parse(
    `subscription ($id: ID!, $afterSeq: Int) { messageEvents(roomId: $id, afterSeq: $afterSeq) { ${EVENT} } }`,
  );
  return subscribe({
    schema: subgraph.schema,
    document,
    variableValues: { id: roomId, afterSeq },
    contextValue: { principal: viewer, requestId: 'test' },
  });
}

describe('the subgraph chat', () => {
  it('sends messages, and shows the history of a room that the viewer may read', async () => {
    const anna = person();
    const team = await c.teamRoom(anna);
    const room = toGlobalId('Room', team.roomId);
    const send = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { ${MESSAGE} } userErrors { field code } } }`;
    const { sendMessage } = (await subgraph.ask(
      send,
      { input: { roomId: room, clientMessageId: '1', text: 'hello' } },
      anna,
    )) as { sendMessage: { message: { id: string; sentAt: string } } };
    const { id, sentAt } = sendMessage.message;
    const message = {
      id,
      seq: 2,
      text: 'hello',
      sentAt,
      author: { id: toGlobalId('User', anna.userId) },
      room: { id: room, kind: 'TEAM' },
    };
    assert.deepEqual(sendMessage, { message, userErrors: [] });
    const page = `query ($id: ID!) { room(id: $id) { id kind lastSeq team { id } match { id } messages { edges { node { ${MESSAGE} } } pageInfo { hasNextPage } } } }`;
    assert.deepEqual(await subgraph.ask(page, { id: room }, anna), {
      room: {
        id: room,
        kind: 'TEAM',
        lastSeq: 2,
        team: { id: toGlobalId('Team', team.teamId) },
        match: null,
        messages: { edges: [{ node: message }], pageInfo: { hasNextPage: false } },
      },
    });
    assert.deepEqual(await subgraph.ask(page, { id: room }, person()), { room: null });
    assert.deepEqual(
      await subgraph.ask(send, { input: { roomId: room, clientMessageId: '1', text: 'hello' } }, person()),
      { sendMessage: { message: null, userErrors: [{ field: ['roomId'], code: 'NOT_FOUND' }] } },
    );
  });

  it('needs as many statements for the rooms of ten teams and matches as for two', async () => {
    const anna = person();
    const references: { __typename: string; id: string }[] = [];
    for (let n = 0; n < 10; n++) {
      const { teamId, roomId } = await c.teamRoom(anna);
      for (let m = 0; m < 3; m++) await c.send(anna, roomId, `${m}`);
      references.push({ __typename: 'Team', id: toGlobalId('Team', teamId) });
      const matchId = randomUUID();
      await c.deliver(c.scheduled(matchId));
      references.push({ __typename: 'Match', id: toGlobalId('Match', matchId) });
    }
    const fields = `room { id messages(first: 2) { edges { node { ${MESSAGE} } } } }`;
    const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Team { ${fields} } ... on Match { ${fields} } } }`;
    const counts: number[] = [];
    for (const size of [2, 20]) {
      const earlier = c.statements.length;
      const { _entities } = (await subgraph.ask(query, { r: references.slice(0, size) }, anna)) as {
        _entities: { room: { messages: { edges: unknown[] } } }[];
      };
      counts.push(c.statements.length - earlier);
      assert.deepEqual(
        _entities.map(({ room }) => room.messages.edges.length),
        Array.from({ length: size }, (_, n) => (n % 2 ? 0 : 2)),
      );
    }
    // Four statements: the rooms, the readable rooms, their messages, and the messages' rooms.
    assert.deepEqual(counts, [4, 4]);
  });

  it('resolves references to rooms and messages for viewers who may read them', async () => {
    const anna = person();
    const { roomId } = await c.teamRoom(anna);
    const { id } = await c.send(anna, roomId, 'hello');
    const r = [
      { __typename: 'Room', id: toGlobalId('Room', roomId) },
      { __typename: 'Message', id: toGlobalId('Message', id) },
      { __typename: 'Message', id: 'x' },
    ];
    const query =
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Room { kind } ... on Message { text } } }';
    assert.deepEqual(await subgraph.ask(query, { r }, anna), {
      _entities: [{ kind: 'TEAM' }, { text: 'hello' }, null],
    });
    assert.deepEqual(await subgraph.ask(query, { r }, ANONYMOUS), { _entities: [null, null, null] });
  });

  it('shows an audience its room in as many statements as a member, no other team, and another audience what a guest sees', async () => {
    const anna = person();
    const [team, other] = [await c.teamRoom(anna), await c.teamRoom(anna)];
    const matchId = randomUUID();
    await c.deliver(c.scheduled(matchId));
    const message = await c.send(anna, team.roomId, 'hello');
    const { key } = await c.rooms.audience(anna, team.roomId);
    const r = [
      { __typename: 'Room', id: toGlobalId('Room', team.roomId) },
      { __typename: 'Room', id: toGlobalId('Room', other.roomId) },
      { __typename: 'Message', id: toGlobalId('Message', message.id) },
      { __typename: 'Team', id: toGlobalId('Team', other.teamId) },
      { __typename: 'Match', id: toGlobalId('Match', matchId) },
    ];
    const messages = 'messages { edges { node { text author { id } room { id } } } }';
    const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Room { kind ${messages} } ... on Message { text } ... on Team { room { kind } } ... on Match { room { kind } } } }`;
    const shown = {
      text: 'hello',
      author: { id: toGlobalId('User', anna.userId) },
      room: { id: toGlobalId('Room', team.roomId) },
    };
    const open = [{ room: null }, { room: { kind: 'MATCH' } }];
    const counts: number[] = [];
    const ask = async (principal: Principal) => {
      const earlier = c.statements.length;
      const { _entities } = await subgraph.ask(query, { r }, principal);
      counts.push(c.statements.length - earlier);
      return _entities;
    };
    assert.deepEqual(await ask({ audience: key, roles: [] }), [
      { kind: 'TEAM', messages: { edges: [{ node: shown }] } },
      null,
      { text: 'hello' },
      ...open,
    ]);
    await ask(anna);
    assert.equal(counts[0], counts[1]);
    for (const principal of [ANONYMOUS, { audience: key.replace('chat', 'matches'), roles: [] }])
      assert.deepEqual(await ask(principal), [null, null, null, ...open]);
  });

  it('returns the audience of a stream to the router', async () => {
    const anna = person();
    const { roomId } = await c.teamRoom(anna);
    const query = 'query ($id: ID!) { roomAudience(roomId: $id) { key position } }';
    assert.deepEqual(await subgraph.ask(query, { id: toGlobalId('Room', roomId) }, anna), {
      roomAudience: { key: `chat:${roomId}:0`, position: '1' },
    });
    for (const [id, principal, code] of [
      [toGlobalId('Room', roomId), person(), 'NOT_FOUND'],
      ['x', anna, 'NOT_FOUND'],
      [toGlobalId('Room', roomId), { audience: `chat:${roomId}:0`, roles: [] }, 'AUDIENCE_HAS_NO_VIEWER'],
    ] as const) {
      const { errors } = await graphql({
        schema: subgraph.schema,
        source: query,
        variableValues: { id },
        contextValue: { principal, requestId: 'test' },
      });
      assert.deepEqual(
        errors?.map(({ extensions }) => extensions['code']),
        [code],
      );
    }
  });

  it('streams every kind of event with all fields, and ends with a code', async () => {
    const [anna, boris] = [person(), person()];
    const team = await c.teamRoom(anna, boris);
    const room = toGlobalId('Room', team.roomId);
    const stream = await events(room, boris, 1);
    assert.ok(Symbol.asyncIterator in stream, JSON.stringify(stream));
    const next = async () => (await stream.next()).value as ExecutionResult;
    const joined = JSON.parse(JSON.stringify((await next()).data?.['messageEvents'])) as object;
    const row = await c.prisma.roomEvent.findFirstOrThrow({ where: { roomId: team.roomId, seq: 2 } });
    assert.deepEqual(
      { ...joined, occurredAt: null },
      {
        __typename: 'MemberJoined',
        id: toGlobalId('RoomEvent', row.id),
        seq: 2,
        occurredAt: null,
        room: { id: room, lastSeq: 2 },
        user: { id: toGlobalId('User', boris.userId) },
      },
    );
    const message = await c.send(anna, team.roomId, 'hello');
    await c.relay();
    const sent = (await next()).data?.['messageEvents'] as { id: string; message: { id: string; text: string } };
    assert.equal(sent.message.text, 'hello');
    // The row of a message has two global ids: one as an event, one as a message.
    assert.deepEqual(
      [sent.id, sent.message.id],
      [toGlobalId('RoomEvent', message.id), toGlobalId('Message', message.id)],
    );
    // A member who has left sees no messages any more, not even earlier ones.
    await c.send(anna, team.roomId, 'unread');
    await c.deliver(team.left(boris.userId));
    await c.relay();
    const { data, errors } = await next();
    assert.deepEqual([data, errors?.map(({ extensions }) => extensions['code'])], [null, ['FORBIDDEN']]);
    await assert.rejects(
      stream.next(),
      (error: { extensions?: { code?: string } }) => error.extensions?.code === 'FORBIDDEN',
    );
  });

  it('opens no stream without the right to read, or for an invalid room or cursor', async () => {
    const { roomId } = await c.teamRoom(person());
    for (const [id, afterSeq, code] of [
      [toGlobalId('Room', roomId), 0, 'NOT_FOUND'],
      ['x', 0, 'NOT_FOUND'],
      [toGlobalId('Room', randomUUID()), 0, 'NOT_FOUND'],
      [toGlobalId('Room', roomId), -1, 'BAD_USER_INPUT'],
    ] as const) {
      const answer = await events(id, person(), afterSeq);
      assert.ok('errors' in answer);
      assert.deepEqual(
        answer.errors?.map(({ extensions }) => extensions['code']),
        [code],
      );
    }
  });
});
