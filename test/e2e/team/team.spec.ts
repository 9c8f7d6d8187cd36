import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type Network, type Person, startNetwork, until } from '../../network.ts';
import {
  AcceptInvitation,
  Invite,
  LeaveTeam,
  OwnRoomEvents,
  RoomEvents,
  SendMessage,
  TeamPage,
} from '../operations.ts';
import { createTeam, join, roomOfTeam } from '../play.ts';
import { endOf, take } from '../reading.ts';

describe('a team', () => {
  let network: Network;
  let anna: Person, boris: Person, carl: Person, dina: Person;
  let teamId: string;
  beforeAll(async () => {
    network = await startNetwork();
    [anna, boris, carl, dina] = (await Promise.all(
      ['anna', 'boris', 'carl', 'dina'].map((name) => network.user(name)),
    )) as [Person, Person, Person, Person];
    teamId = await createTeam(anna, 'Yard Foxes');
  });
  afterAll(() => network?.stop());

  it('accepts only people whom its owner invited', async () => {
    const { inviteToTeam } = await anna.request(Invite, {
      input: { teamId, userId: boris.id, role: 'CAPTAIN', squadNumber: 10 },
    });
    assert.deepEqual(inviteToTeam.invitation, {
      id: inviteToTeam.invitation?.id,
      state: 'PENDING',
      role: 'CAPTAIN',
      invitee: { displayName: 'boris' },
      team: { name: 'Yard Foxes' },
    });
    const token = inviteToTeam.token ?? '';
    const stolen = await carl.request(AcceptInvitation, { input: { token } });
    assert.deepEqual(
      stolen.acceptInvitation.userErrors.map(({ code }) => code),
      ['NOT_FOUND'],
    );
    for (const attempt of ['first', 'repeated']) {
      const { acceptInvitation } = await boris.request(AcceptInvitation, { input: { token } });
      assert.deepEqual(acceptInvitation, { team: { id: teamId, memberCount: 2 }, userErrors: [] }, attempt);
    }
    const byPlayer = await carl.request(Invite, { input: { teamId, userId: dina.id } });
    assert.deepEqual(
      byPlayer.inviteToTeam.userErrors.map(({ field, code }) => [field, code]),
      [[['teamId'], 'FORBIDDEN']],
    );
  });

  it('shows its members in pages, with names from another subgraph', async () => {
    await join(boris, teamId, carl, { squadNumber: 7 });
    await join(anna, teamId, dina);
    const pages: string[][] = [];
    let cursor: string | null | undefined;
    do {
      const { team } = await network.guest.request(TeamPage, { id: teamId, first: 3, after: cursor });
      assert.equal(team?.memberCount, 4);
      assert.equal(team.room, null, 'a guest sees no room');
      pages.push(
        team.members.edges.map(
          ({ node: { role, squadNumber, user } }) => `${user?.displayName} ${role} ${squadNumber}`,
        ),
      );
      cursor = team.members.pageInfo.hasNextPage ? team.members.pageInfo.endCursor : null;
    } while (cursor);
    assert.deepEqual(pages, [['anna OWNER null', 'boris CAPTAIN 10', 'carl PLAYER 7'], ['dina PLAYER null']]);
  });

  it('has a room for its members; a member who leaves is out of it at once, open streams included', async () => {
    await network.settled();
    const roomId = await roomOfTeam(carl, teamId);
    const stream = carl.subscribe(RoomEvents, { roomId });
    const [joined] = await take(stream, 1);
    assert.deepEqual(joined?.messageEvents, { __typename: 'MemberJoined', seq: 1, user: { displayName: 'anna' } });

    const own = carl.subscribe(OwnRoomEvents, { roomId });
    await take(own, 1);
    const [left, ownLeft] = [endOf(stream), endOf(own)];
    assert.deepEqual((await carl.request(LeaveTeam, { input: { teamId } })).leaveTeam, {
      team: { id: teamId, memberCount: 3 },
      userErrors: [],
    });
    assert.deepEqual([await left, await ownLeft], ['FORBIDDEN', 'FORBIDDEN']);
    assert.equal((await carl.request(TeamPage, { id: teamId })).team?.room, null);
    const { sendMessage } = await carl.request(SendMessage, {
      input: { roomId, clientMessageId: 'after', text: 'still here?' },
    });
    assert.deepEqual(
      sendMessage.userErrors.map(({ field, code }) => [field, code]),
      [[['roomId'], 'NOT_FOUND']],
    );
    assert.equal(await endOf(carl.subscribe(RoomEvents, { roomId })), 'NOT_FOUND');
    assert.equal(await endOf(network.guest.subscribe(RoomEvents, { roomId })), 'NOT_FOUND');
  });

  it('keeps its owner', async () => {
    const { leaveTeam } = await anna.request(LeaveTeam, { input: { teamId } });
    assert.deepEqual(
      leaveTeam.userErrors.map(({ code }) => code),
      ['CONFLICT'],
    );
  });

  it('shows private profiles to team mates', async () => {
    const { data } = await dina.execute(
      'mutation { updateProfile(input: {city: "Kassel", visibility: PRIVATE}) { user { city } userErrors { code } } }',
    );
    assert.deepEqual(data, { updateProfile: { user: { city: 'Kassel' }, userErrors: [] } });
    const dinaFor = async (reader: { request: Person['request'] }) => {
      const { team } = await reader.request(TeamPage, { id: teamId });
      return team?.members.edges
        .map(({ node }) => node.user)
        .find((user) => user === null || user.displayName === 'dina');
    };
    const whole = await until('boris sees it', async () =>
      (await dinaFor(boris))?.city ? await dinaFor(boris) : null,
    );
    assert.deepEqual([whole.displayName, whole.city, whole.handle?.startsWith('dina')], ['dina', 'Kassel', true]);
    assert.equal(await dinaFor(network.guest), null, 'that she plays in the team is hers to show');
    assert.equal(await until('carl, who left, does not', async () => (await dinaFor(carl)) === null), true);
    const profile = await network.guest.execute(
      'query ($id: ID!) { user(id: $id) { displayName handle username visibleTo city } }',
      { id: dina.id },
    );
    assert.deepEqual(
      [profile.data, profile.errors],
      [{ user: { displayName: 'dina', handle: null, username: '', visibleTo: null, city: null } }, undefined],
    );
  });
});
