// Runs a tournament from its announcement to its first matches by the public API, with all services that take part:
// users knows ages, teams knows captains, tournaments plans the matches, and matches creates them.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { parse } from 'graphql';
import { type Network, type Person, startNetwork, until } from '../../network.ts';
import { createTeam, join } from '../play.ts';
import { take } from '../reading.ts';

type Answer = Record<string, { id?: string } | null> & {
  readonly userErrors: readonly { readonly field: readonly string[] | null; readonly code: string }[];
};
type Followed = TypedDocumentNode<
  { tournamentEvents: { __typename: string; seq: number; tournament: { state: string } | null } },
  { id: string; after: number }
>;
const Followed = parse(
  'subscription ($id: ID!, $after: Int) { tournamentEvents(tournamentId: $id, afterSeq: $after) { __typename seq tournament { state } } }',
) as Followed;

describe('a tournament', () => {
  let network: Network;
  let olga: Person, anna: Person, boris: Person, stranger: Person;
  let tournamentId: string;
  const teams: string[] = [];
  const entries: string[] = [];

  beforeAll(async () => {
    network = await startNetwork({ separate: true });
    [olga, anna, boris, stranger] = (await Promise.all(
      ['olga', 'anna', 'boris', 'stranger'].map((name) => network.user(name)),
    )) as [Person, Person, Person, Person];
    teams.push(await createTeam(anna, 'Yard Foxes'), await createTeam(olga, 'Brick Rovers'));
    await join(anna, teams[0] ?? '', boris, { role: 'CAPTAIN' });
  });
  afterAll(() => network?.stop());

  async function send(who: Person, mutation: string, input: object): Promise<Answer> {
    const object = /Entry|enterT|checkIn/.test(mutation) ? 'entry { id } ' : 'tournament { id } ';
    const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
    const { data, errors } = await who.execute<Record<string, Answer>>(
      `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${mutation === 'updateProfile' ? '' : object}userErrors { field code } } }`,
      { input },
    );
    return data?.[mutation] ?? assert.fail(JSON.stringify(errors));
  }
  async function done(who: Person, mutation: string, input: object): Promise<string> {
    const { userErrors, ...answer } = await send(who, mutation, input);
    assert.deepEqual(userErrors, [], mutation);
    return Object.values(answer)[0]?.id ?? '';
  }
  const stateFor = async (who: Pick<Person, 'execute'>): Promise<unknown> =>
    (
      await who.execute<{ tournament: unknown }>('query ($id: ID!) { tournament(id: $id) { state } }', {
        id: tournamentId,
      })
    ).data?.['tournament'];

  it('is a draft that only its organizer sees', async () => {
    tournamentId = await done(olga, 'createTournament', {
      clientId: randomUUID(),
      name: 'Yard Cup',
      sport: 'FOOTBALL',
      timeZone: 'Europe/Berlin',
      startsAt: '2030-06-01T08:00:00.000Z',
      minAge: 18,
    });
    await done(olga, 'setStages', { tournamentId, stages: [{ name: 'Cup', format: { singleElimination: {} } }] });
    assert.deepEqual(await stateFor(olga), { state: 'DRAFT' });
    for (const who of [network.guest, anna]) assert.equal(await stateFor(who), null);
    await done(olga, 'publishTournament', { tournamentId });
    assert.deepEqual(await stateFor(network.guest), { state: 'REGISTRATION' });
  });

  it('takes a team from its captain, once every player is old enough', async () => {
    const enter = { tournamentId, teamId: teams[0] };
    assert.deepEqual((await send(stranger, 'enterTournament', enter)).userErrors, [
      { field: ['teamId'], code: 'FORBIDDEN' },
    ]);
    assert.deepEqual((await send(boris, 'enterTournament', enter)).userErrors, [
      { field: ['teamId'], code: 'INVALID' },
    ]);
    for (const who of [anna, boris, olga]) await done(who, 'updateProfile', { birthDate: '2000-01-31' });
    entries.push(await done(boris, 'enterTournament', enter));
    entries.push(await done(olga, 'enterTournament', { tournamentId, teamId: teams[1] }));
    const own = 'query ($id: ID!) { user(id: $id) { birthDate } }';
    assert.deepEqual((await boris.execute(own, { id: anna.id })).data, { user: { birthDate: null } });
  });

  it('is drawn, and its match is one of matches', async () => {
    await done(olga, 'closeRegistration', { tournamentId });
    await done(anna, 'checkIn', { entryId: entries[0] });
    await done(olga, 'drawTournament', { tournamentId });
    assert.deepEqual((await send(olga, 'drawTournament', { tournamentId })).userErrors, [
      { field: ['tournamentId'], code: 'CONFLICT' },
    ]);
    await done(olga, 'startTournament', { tournamentId });
    const page = `query ($id: ID!) { tournament(id: $id) { state draw { seedHash seed method }
      entries { edges { node { seed team { name } } } }
      stages { bracket { slots { label state match { id tournament { id } } home { team { name } } away { team { name } } } } } } }`;
    interface Page {
      tournament: {
        state: string;
        draw: { seed: string | null };
        entries: { edges: { node: { seed: number; team: { name: string } } }[] };
        stages: { bracket: { slots: { match: { id: string; tournament: { id: string } | null } | null }[] } }[];
      };
    }
    const shown = await until('the match of the final', async () => {
      const { data } = await network.guest.execute<Page>(page, { id: tournamentId });
      return data?.tournament.stages[0]?.bracket.slots[0]?.match?.tournament ? data.tournament : undefined;
    });
    assert.equal(shown.state, 'RUNNING');
    assert.match(shown.draw.seed ?? '', /^[0-9a-f]{64}$/);
    assert.deepEqual(shown.entries.edges.map(({ node }) => node.seed).toSorted(), [1, 2]);
    assert.deepEqual(shown.stages[0]?.bracket.slots[0]?.match?.tournament, { id: tournamentId });
  });

  it('is followed from any point, without a gap', async () => {
    const first = await take(network.guest.subscribe(Followed, { id: tournamentId, after: 0 }), 5);
    const seqs = first.map(({ tournamentEvents }) => tournamentEvents.seq);
    assert.deepEqual(seqs, [1, 2, 3, 4, 5]);
    const [next] = await take(network.guest.subscribe(Followed, { id: tournamentId, after: 3 }), 1);
    assert.deepEqual(next, first[3]);
  });

  it('is cancelled, and tells so', async () => {
    await done(olga, 'cancelTournament', { tournamentId, reason: 'Rain' });
    assert.deepEqual(await stateFor(network.guest), { state: 'CANCELLED' });
    const late = await send(boris, 'withdrawEntry', { entryId: entries[0] });
    assert.deepEqual(late.userErrors, [{ field: ['entryId'], code: 'CONFLICT' }]);
  });
});
