import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import {
  AcceptInvitation,
  Invitations,
  Invite,
  LeaveTeam,
  RevokeInvitation,
  RoomEvents,
  RoomHistory,
  TeamPage,
} from '../e2e/operations.ts';
import { createTeam, join, kickOff, roomOfTeam, schedule } from '../e2e/play.ts';
import { endOf } from '../e2e/reading.ts';
import { type Network, type Person, startNetwork } from '../network.ts';

/**
 * Threat: people read or change other people's data. Safe means:
 * - an id that does not exist, or is of another type, is NOT_FOUND in `userErrors`, and nothing is written;
 * - a team plays only matches of its own sport;
 * - an invitation becomes void when its sender leaves; the owner sees the invitee and can revoke it; nobody else sees
 *   it;
 * - a stranger sees only the display name of a private profile: no user name, no city, no teams;
 * - a stranger who names a room gets no information about it, and an immediate answer: the query does not wait for a
 *   membership that does not exist;
 * - an administrator reads a team's room, to moderate it, but cannot write in it.
 */

interface UserError {
  readonly field: string[] | null;
  readonly code: string;
}

let network: Network;
beforeAll(async () => {
  network = await startNetwork();
});
afterAll(() => network?.stop());

/** Runs a mutation and returns its payload. Errors of the answer fail the test; `userErrors` do not. */
async function mutate<P = { userErrors: UserError[] }>(
  who: Person,
  field: string,
  type: string,
  selection: string,
  input: object,
): Promise<P & { userErrors: UserError[] }> {
  const answer = await who.execute<Record<string, P & { userErrors: UserError[] }>>(
    `mutation ($input: ${type}!) { ${field}(input: $input) { ${selection} userErrors { field code } } }`,
    { input },
  );
  assert.deepEqual(answer.errors ?? [], [], field);
  return answer.data?.[field] ?? assert.fail(field);
}
const refusals = ({ userErrors }: { userErrors: UserError[] }) =>
  userErrors.map(({ field, code }) => `${code} ${field?.join('.')}`);
const unknownId = (type: string): string => toGlobalId(type, randomUUID());

describe('ids that do not exist', () => {
  let olga: Person, anna: Person;
  beforeAll(async () => {
    [olga, anna] = await Promise.all([network.user('olga', { roles: ['organizer'] }), network.user('anna')]);
  });

  it('cannot be invited', async () => {
    const teamId = await createTeam(anna, 'Yard Foxes');
    for (const userId of [unknownId('User'), teamId, 'x', '']) {
      const answer = await mutate<{ token: string | null; invitation: unknown }>(
        anna,
        'inviteToTeam',
        'InviteToTeamInput',
        'token invitation { id invitee { displayName } }',
        { teamId, userId },
      );
      assert.deepEqual([answer.token, answer.invitation, refusals(answer)], [null, null, ['NOT_FOUND userId']], userId);
    }
  });

  it('cannot play or officiate a match', async () => {
    const teams = { football: await createTeam(olga, 'Foxes'), other: await createTeam(olga, 'Rovers') };
    const competition = randomUUID();
    const facts = {
      sport: 'FOOTBALL',
      homeTeamId: teams.football,
      awayTeamId: teams.other,
      kickoffAt: '2026-05-01T18:30:00Z',
      competition,
    };
    const cases: [object, string[]][] = [
      [{ homeTeamId: unknownId('Team') }, ['NOT_FOUND homeTeamId']],
      [
        { homeTeamId: unknownId('Team'), awayTeamId: unknownId('Team'), refereeId: unknownId('User') },
        ['NOT_FOUND homeTeamId', 'NOT_FOUND awayTeamId', 'NOT_FOUND refereeId'],
      ],
      [{ awayTeamId: olga.id }, ['NOT_FOUND awayTeamId']],
      [{ refereeId: unknownId('User') }, ['NOT_FOUND refereeId']],
      [{ refereeId: teams.other }, ['NOT_FOUND refereeId']],
      [{ sport: 'BASKETBALL' }, ['INVALID homeTeamId', 'INVALID awayTeamId']],
    ];
    for (const [change, expected] of cases) {
      const answer = await mutate<{ match: unknown }>(
        olga,
        'scheduleMatch',
        'ScheduleMatchInput',
        'match { id homeTeam { name } referee { displayName } }',
        { clientId: randomUUID(), ...facts, ...change },
      );
      assert.deepEqual([answer.match, refusals(answer)], [null, expected], JSON.stringify(change));
    }
    const { data } = await network.guest.execute(
      'query ($competition: String) { matches(competition: $competition) { edges { node { id } } } }',
      { competition },
    );
    assert.deepEqual(data, { matches: { edges: [] } });
  });

  it('cannot score goals or get cards', async () => {
    const { matchId } = await schedule(olga);
    await kickOff(olga, matchId);
    for (const [what, more] of [
      ['goal', {}],
      ['card', { card: 'RED' }],
    ] as const) {
      for (const userId of [unknownId('User'), matchId, 'x']) {
        const event = { [what]: { side: 'HOME', ...more, player: { name: 'A', userId } } };
        const answer = await mutate<{ event: unknown }>(
          olga,
          'recordMatchEvent',
          'RecordMatchEventInput',
          'event { seq }',
          { matchId, clientEventId: randomUUID(), ...event },
        );
        assert.deepEqual([answer.event, refusals(answer)], [null, [`NOT_FOUND ${what}.player.userId`]], userId);
      }
    }
    const { data } = await network.guest.execute('query ($id: ID!) { match(id: $id) { lastSeq } }', { id: matchId });
    assert.deepEqual(data, { match: { lastSeq: 3 } });
  });
});

describe('the room of a team', () => {
  let anna: Person, boris: Person, stranger: Person, admin: Person;
  let teamId: string, roomId: string;
  const SEND = ['sendMessage', 'SendMessageInput', 'message { text }'] as const;
  beforeAll(async () => {
    [anna, boris, stranger, admin] = await Promise.all([
      network.user('anna'),
      network.user('boris'),
      network.user('stranger', { roles: ['captain', 'organizer'] }),
      network.user('root', { roles: ['admin'] }),
    ]);
    teamId = await createTeam(anna, 'Yard Foxes');
    roomId = await roomOfTeam(anna, teamId);
    await join(anna, teamId, boris);
    await roomOfTeam(boris, teamId);
  });

  it('does not exist for a stranger, without a delay', async () => {
    for (const id of [roomId, unknownId('Room')]) {
      const began = performance.now();
      assert.equal((await stranger.request(RoomHistory, { id })).room, null);
      const sent = await mutate(stranger, ...SEND, { roomId: id, clientMessageId: 'x', text: 'let me in' });
      assert.deepEqual(refusals(sent), ['NOT_FOUND roomId']);
      assert.equal(await endOf(stranger.subscribe(RoomEvents, { roomId: id })), 'NOT_FOUND');
      const waited = performance.now() - began;
      assert.ok(waited < 1_900 * 3, `${waited} ms for three requests, none of which waits 2 s`);
    }
    assert.equal((await stranger.request(TeamPage, { id: teamId })).team?.room, null);
  });

  it('is readable for an administrator, and writable for its members only', async () => {
    assert.equal((await admin.request(RoomHistory, { id: roomId })).room?.lastSeq, 2);
    const sent = await mutate(admin, ...SEND, { roomId, clientMessageId: 'x', text: 'I am one of you' });
    assert.deepEqual(refusals(sent), ['FORBIDDEN roomId']);
    assert.deepEqual(refusals(await mutate(boris, ...SEND, { roomId, clientMessageId: 'x', text: 'hello' })), []);
    assert.equal((await anna.request(RoomHistory, { id: roomId })).room?.lastSeq, 3);
  });
});

describe('an invitation', () => {
  let anna: Person, captain: Person, friend: Person, stranger: Person;
  let teamId: string;
  beforeAll(async () => {
    [anna, captain, friend, stranger] = (await Promise.all(
      ['anna', 'captain', 'friend', 'stranger'].map((name) => network.user(name)),
    )) as [Person, Person, Person, Person];
    teamId = await createTeam(anna, 'Yard Foxes');
    await join(anna, teamId, captain, { role: 'CAPTAIN' });
  });
  const invite = async (inviter: Person, invitee: Person, role: 'CAPTAIN' | 'PLAYER' = 'PLAYER') => {
    const { inviteToTeam } = await inviter.request(Invite, { input: { teamId, userId: invitee.id, role } });
    return { token: inviteToTeam?.token ?? '', id: inviteToTeam?.invitation?.id ?? '' };
  };
  const listed = async (who: Pick<Person, 'request'>) =>
    (await who.request(Invitations, { teamId })).invitations?.edges.map(
      ({ node }) => `${node.inviter?.displayName} ${node.invitee?.displayName} ${node.state}`,
    ) ?? null;

  it('of a captain who has left makes nobody a captain', async () => {
    const { token } = await invite(captain, friend, 'CAPTAIN');
    assert.deepEqual(await listed(captain), ['captain friend PENDING']);
    await captain.request(LeaveTeam, { input: { teamId } });
    const { acceptInvitation } = await friend.request(AcceptInvitation, { input: { token } });
    assert.deepEqual(
      [acceptInvitation?.team, acceptInvitation?.userErrors.map(({ code }) => code)],
      [null, ['CONFLICT']],
    );
    const { team } = await friend.request(TeamPage, { id: teamId });
    assert.deepEqual([team?.room, team?.memberCount], [null, 1]);
    assert.deepEqual(await listed(anna), ['captain friend REVOKED', 'anna captain ACCEPTED']);
  });

  it('is visible to its sender and the owner only, who can revoke it', async () => {
    const { token, id } = await invite(anna, friend);
    for (const who of [captain, friend, stranger, network.guest]) assert.equal(await listed(who), null);
    for (const who of [captain, friend, stranger]) {
      const { revokeInvitation } = await who.request(RevokeInvitation, { input: { invitationId: id } });
      assert.deepEqual(
        revokeInvitation?.userErrors.map(({ field, code }) => [field, code]),
        [[['invitationId'], 'NOT_FOUND']],
      );
    }
    const { revokeInvitation } = await anna.request(RevokeInvitation, { input: { invitationId: id } });
    assert.deepEqual(revokeInvitation, { invitation: { id, state: 'REVOKED' }, userErrors: [] });
    const { acceptInvitation } = await friend.request(AcceptInvitation, { input: { token } });
    assert.deepEqual(
      acceptInvitation?.userErrors.map(({ code }) => code),
      ['CONFLICT'],
    );
  });
});

describe('a private profile', () => {
  it('shows a stranger only the name, on every path to it', async () => {
    const [anna, dina, stranger] = (await Promise.all(
      ['anna', 'dina', 'stranger'].map((name) => network.user(name)),
    )) as [Person, Person, Person];
    const { update } =
      (
        await dina.execute<{ update: { userErrors: unknown[] } }>(
          'mutation { update: updateProfile(input: { city: "Kassel", visibility: PRIVATE }) { userErrors { code } } }',
        )
      ).data ?? {};
    assert.deepEqual(update, { userErrors: [] });
    const teamId = await createTeam(anna, 'Yard Foxes');
    await join(anna, teamId, dina, { squadNumber: 9 });
    const query = `query ($user: ID!, $team: ID!) {
      user(id: $user) { displayName handle username visibleTo city sports createdAt }
      team(id: $team) { memberCount members { edges { node { squadNumber user { id displayName } } } } }
    }`;
    const seen = {
      user: {
        displayName: 'dina',
        handle: null,
        username: '',
        visibleTo: null,
        city: null,
        sports: [],
        createdAt: null,
      },
    };
    const members = {
      edges: [
        { node: { squadNumber: null, user: { id: anna.id, displayName: 'anna' } } },
        { node: { squadNumber: 9, user: null } },
      ],
    };
    for (const who of [stranger, network.guest]) {
      const { data, errors } = await who.execute(query, { user: dina.id, team: teamId });
      assert.deepEqual([data, errors], [{ ...seen, team: { memberCount: 2, members } }, undefined]);
    }
    const own = await dina.execute<{ user: { handle: string } }>(query, { user: dina.id, team: teamId });
    assert.match(own.data?.user.handle ?? '', /^dina/);
  });
});
