import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { isFull, type Network, type Person, startNetwork, until } from '../../network.ts';
import { Everything, MatchRoom, SendMessage } from '../operations.ts';
import { roomOfMatch, schedule } from '../play.ts';

describe('one page from four subgraphs', () => {
  let network: Network;
  let olga: Person;
  let ids: { user: string; team: string; match: string; room: string };
  beforeAll(async () => {
    network = await startNetwork({ separate: true });
    olga = await network.user('olga', { roles: ['organizer'] });
    const { matchId, home } = await schedule(olga);
    const room = await roomOfMatch(olga, matchId);
    await olga.request(SendMessage, { input: { roomId: room, clientMessageId: 'hello', text: 'Good luck!' } });
    ids = { user: olga.id, team: home, match: matchId, room };
    await until("the team's room", async () => (await olga.request(Everything, ids)).team?.room?.lastSeq);
  });
  afterAll(() => network?.stop());

  const messages = { edges: [{ node: { text: 'Good luck!', author: { displayName: 'olga' } } }] };
  const whole = {
    user: { displayName: 'olga' },
    team: {
      name: 'Yard Foxes',
      members: { edges: [{ node: { user: { displayName: 'olga' } } }] },
      room: { lastSeq: 1 },
    },
    match: {
      state: 'SCHEDULED',
      homeTeam: { name: 'Yard Foxes' },
      organizer: { displayName: 'olga' },
      room: { lastSeq: 1, messages },
    },
    room: { kind: 'MATCH', match: { state: 'SCHEDULED', awayTeam: { name: 'Brick Rovers' } }, messages },
  };

  it('is complete, in one answer', async () => {
    assert.deepEqual(await olga.request(Everything, ids), whole);
  });

  (isFull ? it : it.skip)('lacks only what a dead subgraph has, and has it again when that is back', async () => {
    const nobody = { edges: [{ node: { text: 'Good luck!', author: null } }] };
    await network.kill('users');
    const { data, errors = [] } = await olga.execute(Everything, ids);
    assert.deepEqual(JSON.parse(JSON.stringify(data)), {
      user: null,
      team: { ...whole.team, members: { edges: [{ node: { user: null } }] } },
      match: { ...whole.match, organizer: null, room: { lastSeq: 1, messages: nobody } },
      room: { ...whole.room, messages: nobody },
    });
    assert.deepEqual(new Set(errors.map(({ extensions }) => extensions?.code)), new Set(['UNAVAILABLE']));
    assert.deepEqual(errors.map(({ path = [] }) => path.join('.')).sort(), [
      'match.organizer',
      'match.room.messages.edges.0.node.author',
      'room.messages.edges.0.node.author',
      'team.members.edges.0.node.user',
      'user',
    ]);
    await network.restart('users');
    assert.deepEqual(await olga.request(Everything, ids), whole);

    await network.kill('chat');
    const withoutChat = await olga.execute(Everything, ids);
    assert.deepEqual(JSON.parse(JSON.stringify(withoutChat.data)), {
      ...whole,
      team: { ...whole.team, room: null },
      match: { ...whole.match, room: null },
      room: null,
    });
    assert.deepEqual(new Set(withoutChat.errors?.map(({ extensions }) => extensions?.code)), new Set(['UNAVAILABLE']));
    await network.restart('chat');
    assert.deepEqual((await olga.request(MatchRoom, { id: ids.match })).match?.room?.lastSeq, 1);
  });
});
