import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join as path } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { buildSchema, isInterfaceType, isObjectType, parse } from 'graphql';
import { toGlobalId } from '../../../platform/graphql/global-id.ts';
import { allCases, type Thing } from '../../cases.ts';
import { type Client, type Network, type Person, startNetwork, until } from '../../network.ts';
import { createTeam, join, kickOff, record, roomOfMatch, roomOfTeam, schedule } from '../play.ts';

const schema = buildSchema(readFileSync(path(import.meta.dirname, '../../../schema/api.graphql'), 'utf8'));

type Followed = TypedDocumentNode<
  { messageEvents: { __typename: string; id: string; seq: number; message?: { id: string } } },
  { id: string }
>;
const Followed = parse(
  'subscription ($id: ID!) { messageEvents(roomId: $id) { __typename id seq ... on MessageSent { message { id } } } }',
) as Followed;

describe('node', () => {
  let network: Network;
  let anna: Person, boris: Person, stranger: Person, olga: Person, admin: Person;
  let viewers: { as: string; who: Pick<Client, 'execute'>; sees: Thing['seenBy'][] }[];
  /** One object of each type, by the type's name. */
  const things = new Map<string, Thing>();

  beforeAll(async () => {
    network = await startNetwork();
    [anna, boris, stranger, olga, admin] = (await Promise.all([
      ...['anna', 'boris', 'stranger'].map((name) => network.user(name)),
      network.user('olga', { roles: ['organizer', 'referee'] }),
      network.user('admin', { roles: ['admin'] }),
    ])) as [Person, Person, Person, Person, Person];
    viewers = [
      { as: 'guest', who: network.guest, sees: ['everybody'] },
      { as: 'stranger', who: stranger, sees: ['everybody'] },
      { as: 'member', who: boris, sees: ['everybody', 'members'] },
      { as: 'owner', who: anna, sees: ['everybody', 'members', 'owner', 'maker'] },
      { as: 'administrator', who: admin, sees: ['everybody', 'members', 'owner'] },
    ];
    const teamId = await createTeam(anna, 'Yard Foxes');
    await join(anna, teamId, boris);
    await join(anna, teamId, olga);
    const teamRoom = await roomOfTeam(boris, teamId);
    await boris.execute('mutation ($i: SendMessageInput!) { sendMessage(input: $i) { message { id } } }', {
      i: { roomId: teamRoom, clientMessageId: 'x', text: 'hello' },
    });
    await olga.execute('mutation ($i: LeaveTeamInput!) { leaveTeam(input: $i) { team { id } } }', { i: { teamId } });
    const invite = 'mutation ($i: InviteToTeamInput!) { inviteToTeam(input: $i) { invitation { id } } }';
    const { data: invited } = await anna.execute<{ inviteToTeam: { invitation: { id: string } } }>(invite, {
      i: { teamId, userId: (await network.user('dina')).id },
    });
    const asks = await network.user('erik');
    const { data: asked } = await asks.execute<{ requestToJoin: { joinRequest: { id: string } } }>(
      'mutation ($i: RequestToJoinInput!) { requestToJoin(input: $i) { joinRequest { id } } }',
      { i: { teamId } },
    );
    const members = await network.guest.execute<{
      team: { members: { edges: { node: { id: string; role: string } }[] } };
    }>('query ($id: ID!) { team(id: $id) { members { edges { node { id role } } } } }', { id: teamId });

    const { matchId } = await schedule(olga);
    await kickOff(olga, matchId);
    const goal = await record(olga, matchId, { goal: { side: 'HOME' } });
    await record(olga, matchId, { card: { side: 'HOME', card: 'RED' } });
    await olga.execute('mutation ($i: VoidMatchEventInput!) { voidMatchEvent(input: $i) { event { id } } }', {
      i: { matchId, clientEventId: 'void', seq: goal },
    });
    type Happened = { match: { events: { __typename: string; id: string; seq: number }[] } };
    const eventsOf = async (id: string): Promise<Happened['match']['events']> => {
      const query = 'query ($id: ID!) { match(id: $id) { events { __typename id seq } } }';
      return (await network.guest.execute<Happened>(query, { id })).data?.match.events ?? [];
    };
    /**
     * A second match has the types of events that the first match does not have. olga may do everything in it, because
     * she has created both teams.
     */
    const { matchId: other } = await schedule(olga);
    const act = async (name: string, input: object = {}, selection = 'match { state }'): Promise<unknown> => {
      const field = `${name[0]?.toLowerCase()}${name.slice(1)}`;
      const { data, errors } = await olga.execute<Record<string, { userErrors: unknown[] }>>(
        `mutation ($input: ${name}Input!) { ${field}(input: $input) { ${selection} userErrors { message } } }`,
        { input: { matchId: other, ...input } },
      );
      assert.deepEqual([errors, data?.[field]?.userErrors], [undefined, []], name);
      return data?.[field];
    };
    const lineup = await act(
      'SetLineup',
      { side: 'HOME', starters: [{ name: 'Ada' }] },
      'match { homeLineup { starters { player { id } } } }',
    );
    await act('RescheduleMatch', { kickoffAt: new Date(Date.now() + 3_600_000).toISOString() });
    await act('StartMatch');
    await record(olga, other, { substitution: { side: 'HOME', player: { name: 'Bea' }, replaced: { name: 'Ada' } } });
    await act('FinishMatch');
    await act('ProtestResult', { reason: 'no referee' });
    await act('DecideProtest', { decision: { replay: true } });
    await act('RescheduleMatch', { kickoffAt: new Date(Date.now() + 7_200_000).toISOString() });
    await act('RecordFinalScore', { score: { home: 1, away: 0 } });
    await act('ConfirmResult');

    const every = (type: string, thing: Omit<Thing, 'seenBy'>, seenBy: Thing['seenBy'] = 'everybody'): unknown =>
      things.set(type, { ...thing, seenBy });
    every('User', { id: boris.id, field: 'displayName', says: 'boris', root: 'user' });
    every('Team', { id: teamId, field: 'name', says: 'Yard Foxes', root: 'team' });
    every('Match', { id: matchId, field: 'lastSeq', says: 6, root: 'match' });
    every('Room', { id: teamRoom, field: 'kind', says: 'TEAM', root: 'room' }, 'members');
    every('Membership', { id: members.data?.team.members.edges[0]?.node.id ?? '', field: 'role', says: 'OWNER' });
    every('Invitation', { id: invited?.inviteToTeam.invitation.id ?? '', field: 'state', says: 'PENDING' }, 'owner');
    every('JoinRequest', { id: asked?.requestToJoin.joinRequest.id ?? '', field: 'state', says: 'PENDING' }, 'owner');
    for (const { __typename: type, id, seq } of [...(await eventsOf(matchId)), ...(await eventsOf(other))])
      every(type, { id, field: 'seq', says: seq });
    const { match: squad } = lineup as { match: { homeLineup: { starters: { player: { id: string } }[] } } };
    every('Player', { id: squad.homeLineup.starters[0]?.player.id ?? '', field: 'name', says: 'Ada' });
    const events = await until('boris reads that olga has left', async () => {
      const stream = boris.subscribe(Followed, { id: teamRoom });
      const seen = [];
      for await (const { messageEvents } of stream) {
        seen.push(messageEvents);
        if (messageEvents.__typename === 'MemberLeft') break;
      }
      return seen;
    });
    for (const { __typename: type, id, seq, message } of events) {
      every(type, { id, field: 'seq', says: seq }, 'members');
      if (message) every('Message', { id: message.id, field: 'text', says: 'hello' }, 'members');
    }
    for (const { nodes } of (await allCases()).values()) {
      for (const [type, thing] of Object.entries((await nodes?.(anna)) ?? {})) things.set(type, thing);
    }
  });
  afterAll(() => network?.stop());

  it('has a case here for every type with an id', () => {
    const node = schema.getType('Node');
    assert.ok(isInterfaceType(node));
    const types = schema
      .getPossibleTypes(node)
      .map(({ name }) => name)
      .sort();
    const identified = Object.values(schema.getTypeMap())
      .filter((type) => isObjectType(type) && String(type.getFields()['id']?.type) === 'ID!')
      .map(({ name }) => name)
      .sort();
    assert.deepEqual(types, identified);
    assert.deepEqual([...things.keys()].sort(), types);
  });

  it("returns to each viewer what the type's own field returns, and null for the rest", async () => {
    for (const { as, who, sees } of viewers) {
      for (const [type, { id, field, says, root, seenBy }] of things) {
        const selection = `__typename ... on ${type} { ${field} }`;
        const query = `query ($id: ID!) { node(id: $id) { id ${selection} } ${root ? `same: ${root}(id: $id) { id ${selection} }` : ''} }`;
        const { data, errors } = await who.execute<Record<string, unknown>>(query, { id });
        const seen = sees.includes(seenBy) ? { id, __typename: type, [field]: says } : null;
        assert.deepEqual([data?.['node'], errors], [seen, undefined], `${type} as ${as}`);
        if (root) assert.deepEqual(data?.['same'], seen, `${root} as ${as}`);
        // The same holds for a query that selects no field of the subgraph that owns the type.
        const { data: bare } = await who.execute('query ($id: ID!) { node(id: $id) { __typename } }', { id });
        assert.deepEqual(bare, { node: seen && { __typename: type } }, `the name of ${type} as ${as}`);
      }
    }
  });

  it('is null for any id that does not exist', async () => {
    const prefixes = [...things.keys(), 'MatchEvent', 'RoomEvent', 'Query', '_Entity', '__proto__', 'constructor'];
    const ids = [...prefixes.map((type) => toGlobalId(type, randomUUID())), '', 'x', '💥', 'x'.repeat(5000)];
    for (const id of ids)
      assert.deepEqual(
        (await admin.execute('query ($id: ID!) { node(id: $id) { id } }', { id })).data,
        { node: null },
        id.slice(0, 80),
      );
    // The id of one type of event is not valid for another, nor is a message's id valid for its event.
    const [room, goal] = [things.get('MessageSent'), things.get('GoalScored')];
    const { data } = await boris.execute(
      'query ($a: ID!, $b: ID!) { a: node(id: $a) { __typename ... on CardShown { seq } } b: node(id: $b) { __typename ... on Message { text } } }',
      { a: goal?.id, b: room?.id },
    );
    assert.deepEqual(data, { a: { __typename: 'GoalScored' }, b: { __typename: 'MessageSent' } });
  });

  it('returns several objects, in the order of their ids, with fields of other subgraphs', async () => {
    const [user, team, room, message, goal] = ['User', 'Team', 'Room', 'Message', 'GoalScored'].map(
      (type) => things.get(type)?.id ?? '',
    );
    const ids = [message, goal, 'x', team, room, user, team];
    const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { __typename
      ... on Message { author { displayName } } ... on MatchEvent { match { homeTeam { name } } } ... on Team { name room { id } } ... on Room { team { name } } ... on User { displayName } } }`;
    const all = [
      { __typename: 'Message', author: { displayName: 'boris' } },
      { __typename: 'GoalScored', match: { homeTeam: { name: 'Yard Foxes' } } },
      null,
      { __typename: 'Team', name: 'Yard Foxes', room: { id: room } },
      { __typename: 'Room', team: { name: 'Yard Foxes' } },
      { __typename: 'User', displayName: 'boris' },
      { __typename: 'Team', name: 'Yard Foxes', room: { id: room } },
    ];
    assert.deepEqual(await boris.execute(query, { ids }).then(({ data, errors }) => [data, errors]), [
      { nodes: all },
      undefined,
    ]);
    const hidden = all.map((one) =>
      one?.__typename === 'Message' || one?.__typename === 'Room'
        ? null
        : one?.__typename === 'Team'
          ? { ...one, room: null }
          : one,
    );
    assert.deepEqual((await stranger.execute(query, { ids })).data, { nodes: hidden });
    const { errors } = await boris.execute(query, { ids: Array(101).fill('x') });
    assert.deepEqual(
      errors?.map(({ extensions }) => extensions?.code),
      ['BAD_USER_INPUT'],
    );
  });

  it('works with @defer, as Relay uses it', async () => {
    const id = await roomOfMatch(boris, things.get('Match')?.id ?? '');
    const { data, errors } = await network.guest.execute(
      'query ($id: ID!) { node(id: $id) { id ... on Room @defer { match { state } } } }',
      { id },
    );
    assert.deepEqual([errors, data], [undefined, { node: { id, match: { state: 'LIVE' } } }]);
  });
});
