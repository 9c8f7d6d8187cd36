import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { fromGlobalId, toGlobalId } from '../../../platform/graphql/global-id.ts';
import type { Principal } from '../../../platform/identity/principal.ts';
import { NoAnswer } from '../../../platform/questions/definition.ts';
import { Questions, type QuestionsOptions } from '../../../platform/questions/questions.ts';
import { SubgraphCalls } from '../../../platform/questions/subgraph-calls.ts';
import { TeamExists, ViewerIsMember } from '../../../schema/questions/teams.ts';
import { ProfileHidden, UserExists } from '../../../schema/questions/users.ts';
import { signingKey } from '../../../signature/signature.ts';
import { type Network, type Person, startNetwork, until } from '../../network.ts';
import { Invite } from '../operations.ts';
import { createTeam, join } from '../play.ts';

const SECRET = randomBytes(32).toString('base64url');
const NOWHERE = '00000000-0000-4000-8000-000000000000';

/** The test asks the real subgraphs in the way in which one of them asks another. */
describe('questions between subgraphs', () => {
  let network: Network;
  let calls: SubgraphCalls;
  let anna: Person, boris: Person;
  let teamId: string;
  beforeAll(async () => {
    network = await startNetwork({ separate: true, env: { SIGNING_KEYS: `test:${SECRET}` } });
    calls = new SubgraphCalls({
      key: signingKey('test', SECRET),
      urls: ['users', 'teams'].map((name) => [name, `${network.originOf(name)}/graphql`]),
    });
    [anna, boris] = [await network.user('anna'), await network.user('boris')];
    teamId = await createTeam(anna, 'Yard Foxes');
  });
  afterAll(async () => {
    await calls?.close();
    await network?.stop();
  });
  const as = (service: string, options: Partial<QuestionsOptions> = {}): Questions =>
    new Questions({ service, asks: ['users', 'teams'], calls, ...options });
  const viewer = ({ id }: Person): Principal => ({ userId: fromGlobalId('User', id) ?? '', roles: [] });
  const noAnswer =
    (reason: RegExp) =>
    (error: unknown): boolean =>
      error instanceof NoAnswer && reason.test(error.message);

  it('are answered with the rights of the person they are asked for, newest first', async () => {
    const other = toGlobalId('Team', NOWHERE);
    const mine = (person?: Person) => as('chat').askAll(ViewerIsMember, [teamId, other, 'x'], person && viewer(person));
    assert.deepEqual(await Promise.all([mine(anna), mine(boris), mine()]), [
      [true, false, false],
      [false, false, false],
      [false, false, false],
    ]);
    assert.deepEqual(await as('matches').askAll(TeamExists, [other, teamId]), [false, true]);
    assert.deepEqual(await as('teams').askAll(UserExists, [anna.id, toGlobalId('User', NOWHERE)]), [true, false]);
    assert.deepEqual(await as('teams').askAll(ProfileHidden, [anna.id, boris.id], viewer(anna)), [false, false]);
    await join(anna, teamId, boris);
    assert.deepEqual(await mine(boris), [true, false, false], 'at once');
  });

  it('by the subgraphs themselves: a person who does not exist cannot be invited', async () => {
    const { inviteToTeam } = await anna.request(Invite, {
      input: { teamId, userId: toGlobalId('User', NOWHERE), role: 'PLAYER' },
    });
    assert.deepEqual(
      inviteToTeam.userErrors.map(({ field, code }) => [field, code]),
      [[['userId'], 'NOT_FOUND']],
    );
  });

  it('are refused from a subgraph that has not declared them, in a cycle, without a signature, and from a router', async () => {
    await assert.rejects(as('users').ask(ViewerIsMember, teamId, viewer(anna)), noAnswer(/HTTP 403/));
    await assert.rejects(as('strangers').ask(UserExists, anna.id), noAnswer(/HTTP 403/));
    const body = { query: ViewerIsMember.query, variables: { of: [teamId] } };
    const call = (extensions?: object, path = calls) =>
      path.call('teams', {
        body: { ...body, ...(extensions && { extensions }) },
        principal: {},
        requestId: 'r-1',
        ms: 5_000,
      });
    assert.deepEqual((await call({ question: { path: ['chat'], ms: 1_000 } })).data, { teamsOfViewer: [] });
    await assert.rejects(call({ question: { path: ['teams', 'chat'], ms: 1_000 } }), noAnswer(/HTTP 403/));
    await assert.rejects(call({ question: { path: 'chat', ms: 1_000 } }), noAnswer(/HTTP 403/));
    const { data, errors } = await call();
    assert.deepEqual(
      [data, errors?.map(({ extensions }) => extensions?.code)],
      [null, ['FORBIDDEN']],
      'as a router calls',
    );
    const foreign = new SubgraphCalls({
      key: signingKey('test', 'another secret altogether'),
      urls: [['teams', `${network.originOf('teams')}/graphql`]],
    });
    await assert.rejects(call({ question: { path: ['chat'], ms: 1_000 } }, foreign), noAnswer(/HTTP 401/));
    await foreign.close();
    const unsigned = await fetch(`${network.originOf('teams')}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...body, extensions: { question: { path: ['chat'], ms: 1_000 } } }),
    });
    assert.equal(unsigned.status, 401);
    // A client cannot pretend to be a subgraph: the extensions of its request have no effect.
    const answer = await fetch(network.routers[0]?.url ?? '', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query: '{ teams(first: 1) { edges { node { id } } } }',
        extensions: { question: { path: ['strangers'], ms: 0 } },
      }),
    });
    const { data: page, errors: problems } = (await answer.json()) as {
      data: { teams: { edges: unknown[] } };
      errors?: unknown;
    };
    assert.deepEqual([page.teams.edges.length, problems], [1, undefined]);
  });

  it('have a deadline; a question past its deadline is not processed', async () => {
    const table = 'teams.memberships';
    const unlock = await network.lockTable(table);
    try {
      const began = performance.now();
      await assert.rejects(
        as('chat', { timeoutMs: 300 }).ask(ViewerIsMember, teamId, viewer(anna)),
        noAnswer(/timeout/),
      );
      assert.ok(performance.now() - began < 1_900);
      const late = await calls.call('teams', {
        body: {
          query: TeamExists.query,
          variables: { of: [{ __typename: 'Team', id: teamId }] },
          extensions: { question: { path: ['chat'], ms: 0 } },
        },
        principal: {},
        requestId: 'r-2',
        ms: 5_000,
      });
      assert.deepEqual(
        late.errors?.map(({ extensions }) => extensions?.code),
        ['UNAVAILABLE'],
      );
    } finally {
      await unlock();
    }
    assert.ok(await until('it is answered again', () => as('chat').ask(ViewerIsMember, teamId, viewer(anna))));
  });
});
