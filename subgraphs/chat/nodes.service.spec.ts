import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { NoAnswer, type Reference } from '../../platform/questions/definition.ts';
import { questionsTo } from '../../platform/testing/questions.testing.ts';
import { person } from '../../platform/testing/service.testing.ts';
import { openChat } from './chat.fixture.ts';
import { NodesService } from './nodes.service.ts';

let c: Awaited<ReturnType<typeof openChat>>;
beforeAll(async () => {
  c = await openChat();
});
afterAll(() => c.close());

/** Owners that have everything except `missing`. */
function openNodes() {
  const elsewhere = {
    missing: new Set<string>(),
    away: new Set<string>(),
    asked: [] as [subgraph: string, viewer: string | undefined, of: number][],
  };
  const questions = questionsTo(({ to }, items, viewer) => {
    const of = items as readonly Reference[];
    elsewhere.asked.push([to, viewer?.userId, of.length]);
    if (elsewhere.away.has(to)) throw new NoAnswer(`${to} is away`);
    // Only one kind is right for an event.
    return of.map(
      ({ __typename, id }) => !elsewhere.missing.has(id) && !/Shown|Voided|Changed|Started/.test(__typename),
    );
  });
  const events = ['MatchStateChanged', 'PeriodStarted', 'GoalScored', 'CardShown', 'MatchEventVoided'];
  const of = (subgraph: string, ...kinds: string[]) =>
    kinds.map((kind) => [kind, { subgraph, types: kind === 'MatchEvent' ? events : [kind] }] as const);
  const owners = new Map([
    ...of('users', 'User'),
    ...of('teams', 'Team', 'Membership', 'Invitation'),
    ...of('matches', 'Match', 'MatchEvent'),
    ...of('chat', 'Room', 'Message'),
  ]);
  const nodes = new NodesService(c.rooms, c.messages, questions, owners);
  const byIds = async (viewer: ReturnType<typeof person>, ids: readonly string[]) => {
    const found = await nodes.byIds(viewer, ids);
    return ids.map((id) => found.get(id) ?? null);
  };
  return { elsewhere, nodes: { byIds }, bounded: nodes.checkLimit.bind(nodes) };
}

describe('nodes', () => {
  it('ask each owner once, as the viewer, for any number of ids', async () => {
    const { elsewhere, nodes } = openNodes();
    const anna = person();
    const ids = ['Team', 'User', 'Membership', 'MatchEvent', 'Team', 'Match', 'Invitation'].map((type) =>
      toGlobalId(type, randomUUID()),
    );
    elsewhere.missing.add(ids[4] ?? '');
    const found = await nodes.byIds(anna, [...ids, 'x', ids[0] ?? '']);
    assert.deepEqual(found, [
      ...['Team', 'User', 'Membership', 'GoalScored', null, 'Match', 'Invitation'].map((type, index) =>
        type === null ? null : { __typename: type, id: ids[index] },
      ),
      null,
      { __typename: 'Team', id: ids[0] },
    ]);
    assert.deepEqual(elsewhere.asked.sort(), [
      ['matches', anna.userId, 6],
      ['teams', anna.userId, 4],
      ['users', anna.userId, 1],
    ]);
  });

  it('are not null while their owner is away, and others are returned', async () => {
    const { elsewhere, nodes } = openNodes();
    elsewhere.away.add('teams');
    const anna = person();
    const { roomId } = await c.teamRoom(anna);
    const ids = [toGlobalId('Team', randomUUID()), toGlobalId('User', randomUUID()), toGlobalId('Room', roomId)];
    const [team, user, room] = await nodes.byIds(anna, ids);
    assert.ok(team instanceof NoAnswer);
    assert.deepEqual(user, { __typename: 'User', id: ids[1] });
    assert.ok(room && '__typename' in room && room.__typename === 'Room');
  });

  it('of this subgraph are those that the viewer may read, without another subgraph', async () => {
    const { elsewhere, nodes } = openNodes();
    const anna = person();
    const { roomId } = await c.teamRoom(anna);
    const { id } = await c.send(anna, roomId, 'hello');
    const joined = await c.prisma.roomEvent.findFirstOrThrow({ where: { roomId, kind: 'JOINED' } });
    const ids = [
      toGlobalId('Room', roomId),
      toGlobalId('Message', id),
      toGlobalId('RoomEvent', id),
      toGlobalId('RoomEvent', joined.id),
      toGlobalId('Message', joined.id),
    ];
    const types = async (viewer: ReturnType<typeof person>) =>
      (await nodes.byIds(viewer, ids)).map((node) => (node && '__typename' in node ? node.__typename : null));
    assert.deepEqual(await types(anna), ['Room', 'Message', 'MessageSent', 'MemberJoined', null]);
    assert.deepEqual(await types(person()), [null, null, null, null, null]);
    assert.deepEqual(elsewhere.asked, []);
  });

  it('are limited for all fields of an operation together', () => {
    const { bounded } = openNodes();
    const [operation, other] = [{}, {}];
    const ids = (count: number): string[] => Array<string>(count).fill('x');
    assert.equal(bounded(operation, ids(60)).length, 60);
    assert.equal(bounded(operation, ids(40)).length, 40);
    assert.throws(() => bounded(operation, ids(1)), /^ids must be at most 100/);
    assert.equal(bounded(other, ids(100)).length, 100);
    assert.throws(() => bounded({}, ids(101)), /^ids must be at most 100/);
  });
});
