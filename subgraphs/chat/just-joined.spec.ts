import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { graphql } from 'graphql';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { ANONYMOUS, type Principal } from '../../platform/identity/principal.ts';
import { openSubgraph, person, refused, type TestSubgraph } from '../../platform/testing/service.testing.ts';
import { LIVE_EVENTS, OUTBOX, QUESTIONS } from '../../platform/injection/tokens.ts';
import { openChat } from './chat.fixture.ts';
import { ChatModule } from './chat.module.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { roomIdOf, subjectOf } from './rooms.service.ts';

let c: Awaited<ReturnType<typeof openChat>>;
let subgraph: TestSubgraph;
beforeAll(async () => {
  c = await openChat();
  const provided = new Map<symbol, unknown>([
    [OUTBOX, c.outbox],
    [LIVE_EVENTS, c.live],
    [QUESTIONS, c.questions],
  ]);
  subgraph = await openSubgraph('chat', ChatModule, provided, new Map([[PrismaClient, c.prisma]]));
});
beforeEach(() => {
  c.elsewhere.asked.length = 0;
  c.elsewhere.away = false;
});
afterAll(async () => {
  await subgraph.close();
  await c.close();
});

/** A user who has joined a team, while chat has not received the event about that. `comes` delivers the event. */
async function justJoined(isNew = false) {
  const [owner, joiner] = [person(), person()];
  const team = isNew ? c.team() : await c.teamRoom(owner);
  c.elsewhere.members.set(team.teamId, new Set([owner.userId, joiner.userId]));
  const events = isNew
    ? [team.created(), team.joined(owner.userId), team.joined(joiner.userId)]
    : [team.joined(joiner.userId)];
  return {
    ...team,
    joiner,
    comes: async () => {
      for (const event of events) await c.deliver(event);
    },
  };
}

/** Starts `work`, and delivers the event while it waits. @returns the result of `work` */
async function meanwhile<T>(comes: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  const [result] = await Promise.all([work(), sleep(60).then(comes)]);
  return result;
}

const ROOMS =
  'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Team { room { id lastSeq } } ... on Match { room { id kind lastSeq messages { edges { node { id } } } match { id } } } } }';
const teams = (...ids: string[]) => ({ r: ids.map((id) => ({ __typename: 'Team', id: toGlobalId('Team', id) })) });
const unavailable = { code: 'UNAVAILABLE' };

describe('a viewer who has just joined a team', () => {
  it('gets its room through the team, also of a new team, with one question for all teams of a page', async () => {
    const [one, fresh] = [await justJoined(), await justJoined(true)];
    c.elsewhere.members.get(fresh.teamId)?.add(one.joiner.userId);
    const strange = await c.teamRoom(person());
    const comes = async () => {
      await one.comes();
      await fresh.comes();
      await c.deliver(fresh.joined(one.joiner.userId));
    };
    const answer = await meanwhile(comes, () =>
      subgraph.ask(ROOMS, teams(one.teamId, fresh.teamId, strange.teamId, randomUUID()), one.joiner),
    );
    assert.deepEqual(answer, {
      _entities: [
        { room: { id: toGlobalId('Room', one.roomId), lastSeq: 2 } },
        { room: { id: toGlobalId('Room', fresh.roomId), lastSeq: 3 } },
        { room: null },
        { room: null },
      ],
    });
    assert.deepEqual(c.elsewhere.asked, [[one.joiner.userId, 4]]);
  });

  it('can read it, follow it and write in it', async () => {
    const room = await justJoined();
    const id = toGlobalId('Room', room.roomId);
    assert.deepEqual(
      await meanwhile(room.comes, () => subgraph.ask('query ($id: ID!) { room(id: $id) { id } }', { id }, room.joiner)),
      { room: { id } },
    );
    const written = await justJoined();
    assert.equal((await meanwhile(written.comes, () => c.send(written.joiner, written.roomId, 'hello'))).text, 'hello');
    const followed = await justJoined();
    const stream = await meanwhile(followed.comes, () => c.messages.events(followed.joiner, followed.roomId, 0));
    assert.equal((await stream.next()).value?.seq, 1);
    await stream.return?.();
    const checked = await justJoined();
    assert.deepEqual(await meanwhile(checked.comes, () => c.rooms.audience(checked.joiner, checked.roomId)), {
      key: `chat:${checked.roomId}:0`,
      position: '2',
    });
  });

  it('can do so after leaving and returning, too', async () => {
    const [anna, boris] = [person(), person()];
    const team = await c.teamRoom(anna, boris);
    await c.deliver(team.left(boris.userId));
    assert.equal(await c.rooms.findReachable(boris, team.roomId), null);
    c.elsewhere.members.set(team.teamId, new Set([boris.userId]));
    assert.equal(
      (
        await meanwhile(
          () => c.deliver(team.joined(boris.userId)),
          () => c.rooms.findReachable(boris, team.roomId),
        )
      )?.lastSeq,
      4,
    );
  });

  it('gets UNAVAILABLE after two seconds without the event, and at once while teams is away; other rooms of the page are shown', async () => {
    const late = await justJoined();
    const own = await c.teamRoom(late.joiner);
    const ask = () =>
      graphql({
        schema: subgraph.schema,
        source: ROOMS,
        variableValues: teams(own.teamId, late.teamId),
        contextValue: { principal: late.joiner, requestId: 'test' },
      });
    const began = performance.now();
    const [page, ...others] = await Promise.allSettled([
      ask(),
      c.rooms.findReachable(late.joiner, late.roomId),
      c.send(late.joiner, late.roomId, 'x'),
      c.messages.events(late.joiner, late.roomId, 0),
    ]);
    const waited = performance.now() - began;
    assert.ok(waited > 1_500 && waited < 15_000, `${waited} ms`);
    for (const other of others) assert.equal(other.status === 'rejected' && other.reason.code, 'UNAVAILABLE');
    assert.ok(page.status === 'fulfilled');
    const { data, errors } = page.value;
    assert.deepEqual(JSON.parse(JSON.stringify(data)), {
      _entities: [{ room: { id: toGlobalId('Room', own.roomId), lastSeq: 1 } }, { room: null }],
    });
    assert.deepEqual(
      errors?.map(({ path, originalError }) => [path?.join('.'), (originalError as { code?: string }).code]),
      [['_entities.1.room', 'UNAVAILABLE']],
    );
    c.elsewhere.away = true;
    await assert.rejects(c.rooms.findReachable(late.joiner, late.roomId), unavailable);
    assert.equal(
      (await c.rooms.findReachable(late.joiner, own.roomId))?.id,
      own.roomId,
      'who is a member here is not asked about',
    );
  });
});

describe('a viewer who has not joined', () => {
  it('does not wait', async () => {
    const { teamId, roomId } = await justJoined();
    const fresh = await justJoined(true);
    const began = performance.now();
    for (const viewer of [
      person(),
      person('captain'),
      ANONYMOUS,
      { audience: `chat:${randomUUID()}:0`, roles: [] },
    ] as Principal[]) {
      assert.equal(await c.rooms.findReachable(viewer, roomId), null);
      assert.equal(await c.rooms.findReachable(viewer, fresh.roomId), null);
      assert.deepEqual(await subgraph.ask(ROOMS, teams(teamId, fresh.teamId), viewer), {
        _entities: [{ room: null }, { room: null }],
      });
    }
    await refused(c.send(person(), roomId, 'hello'), 'NOT_FOUND', 'roomId');
    await refused(c.send(person(), randomUUID(), 'hello'), 'NOT_FOUND', 'roomId');
    assert.ok(performance.now() - began < 1_500, 'no pause at all');
    assert.ok(
      c.elsewhere.asked.every(([userId]) => userId !== undefined),
      'guests are not asked about',
    );
  });

  it('is asked about once for all rooms of a request', async () => {
    const viewer = person();
    const rooms = await Promise.all(Array.from({ length: 20 }, () => c.teamRoom(person())));
    const earlier = c.statements.length;
    const query = `{ ${rooms.map(({ roomId }, n) => `r${n}: room(id: "${toGlobalId('Room', roomId)}") { id }`).join(' ')} }`;
    assert.deepEqual(new Set(Object.values(await subgraph.ask(query, {}, viewer))), new Set([null]));
    assert.deepEqual([c.elsewhere.asked, c.statements.length - earlier], [[[viewer.userId, 20]], 2]);
  });

  it('is asked about; so is an administrator, who needs only the own copy to read', async () => {
    const { roomId, teamId } = await justJoined();
    assert.equal((await c.rooms.findReachable(person('admin'), roomId))?.id, roomId);
    assert.equal((await c.rooms.forSubjects(person('admin'), [subjectOf('TEAM', teamId)])).size, 1);
    assert.deepEqual(c.elsewhere.asked, []);
  });
});

describe('the room of a match', () => {
  it('exists with the match, before its event arrives, for everybody, and accepts messages', async () => {
    const matchId = randomUUID();
    const id = toGlobalId('Match', matchId);
    const room = {
      id: toGlobalId('Room', roomIdOf('MATCH', matchId)),
      kind: 'MATCH',
      lastSeq: 0,
      messages: { edges: [] },
      match: { id },
    };
    const asked = { r: [{ __typename: 'Match', id }] };
    for (const answer of await Promise.all(
      [person(), ANONYMOUS, person()].map((viewer) => subgraph.ask(ROOMS, asked, viewer)),
    ))
      assert.deepEqual(answer, { _entities: [{ room }] });
    assert.equal((await c.send(person(), roomIdOf('MATCH', matchId), 'hello')).seq, 1);
    await c.deliver(c.scheduled(matchId));
    assert.equal((await c.send(person(), roomIdOf('MATCH', matchId), 'again')).seq, 2);
    const {
      _entities: [found],
    } = (await subgraph.ask(ROOMS, asked)) as {
      _entities: [{ room: { lastSeq: number; messages: { edges: unknown[] } } }];
    };
    assert.deepEqual([found.room.lastSeq, found.room.messages.edges.length], [2, 2]);
    assert.deepEqual(c.elsewhere.asked, []);
  });
});
