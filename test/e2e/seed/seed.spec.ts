// A seeded installation in both modes: its people sign in, and its events are published and not handled again.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { command, type Dump, dump } from '../../../product/seed/seed.fixture.ts';
import { subgraphs } from '../../../subgraphs/registry.ts';
import { type Client, type Network, startNetwork, until } from '../../network.ts';

const PASSWORD = 'a password of ten';
/** The people of the seed who have accounts. */
const PEOPLE = ['olga', 'oleg', 'anna', 'boris', 'viktor', 'sofia', 'dina', 'marat', 'lena', 'nina'];
/** Tables whose rows a running process changes. */
const VOLATILE = ['outbox', 'outbox_lease', 'timers', 'inbox', 'inbox_group', 'announcement'];

describe('a seeded installation', () => {
  let network: Network;
  let url = '';
  let before: Dump;
  const people = new Map<string, Client>();
  const rows = (): Promise<Dump> => {
    const services = Object.keys(subgraphs);
    return dump(
      url,
      services,
      services.flatMap((service) => VOLATILE.map((table) => `${service}.${table}`)),
    );
  };
  beforeAll(async () => {
    network = await startNetwork({
      async prepare(environment) {
        const { code, err } = await command(['--size', 'street', '--password', PASSWORD], environment);
        assert.equal(code, 0, err);
        url = environment['DATABASE_URL'] ?? '';
        before = await rows();
      },
    });
    for (const name of PEOPLE) people.set(name, await network.signIn(name, PASSWORD));
    await network.settled();
  });
  afterAll(() => network?.stop());

  it('lets its ten people sign in, with the roles that they have', async () => {
    const names = [];
    for (const [name, client] of people) {
      const { data } = await client.execute<{ me: { username: string } | null }>('{ me { username } }');
      names.push(data?.me?.username ?? `${name} is unknown`);
    }
    assert.deepEqual(names, PEOPLE);
    // Only a user with the role organizer may schedule a friendly.
    const schedule = async (name: string): Promise<string[]> => {
      const { data } = await people
        .get(name)!
        .execute<{ scheduleMatch: { userErrors: { code: string }[] } }>(
          'mutation ($i: ScheduleMatchInput!) { scheduleMatch(input: $i) { userErrors { code } } }',
          {
            i: {
              clientId: 'x',
              sport: 'FOOTBALL',
              homeTeamId: 'x',
              awayTeamId: 'y',
              kickoffAt: '2040-01-01T00:00:00Z',
            },
          },
        );
      return [...new Set((data?.scheduleMatch.userErrors ?? []).map(({ code }) => code))];
    };
    assert.deepEqual([await schedule('olga'), await schedule('nina')], [['NOT_FOUND'], ['FORBIDDEN']]);
  });

  it('publishes the events of its history, and no consumer handles them again', async () => {
    const now = await rows();
    for (const [table, there] of before) assert.deepEqual(now.get(table)?.length, there.length, table);
  });

  it('continues: a result moves the table of its running tournament', async () => {
    const olga = people.get('olga')!;
    type Running = { tournaments: { edges: { node: { id: string } }[] } };
    const { data } = await olga.execute<Running>('{ tournaments(state: RUNNING) { edges { node { id } } } }');
    const id = data?.tournaments.edges[0]?.node.id;
    assert.ok(id);
    type Table = { tournament: { stages: { groups: { standings: { played: number }[] }[] }[] } };
    const played = async (): Promise<number> => {
      const answer = await olga.execute<Table>(
        'query ($id: ID!) { tournament(id: $id) { stages { groups { standings { played } } } } }',
        { id },
      );
      return (answer.data?.tournament.stages ?? [])
        .flatMap(({ groups }) => groups.flatMap(({ standings }) => standings))
        .reduce((sum, row) => sum + row.played, 0);
    };
    const earlier = await played();
    type Matches = { matches: { edges: { node: { id: string; tournament: { organizers: { id: string }[] } } }[] } };
    const open = await olga.execute<Matches>(
      'query ($id: ID!) { matches(tournamentId: $id, state: SCHEDULED) { edges { node { id tournament { organizers { id } } } } } }',
      { id },
    );
    const matchId = open.data?.matches.edges[0]?.node.id;
    assert.ok(matchId);
    // One of olga and oleg organizes the match.
    const counted: string[] = [];
    for (const name of ['olga', 'oleg']) {
      const result = await people.get(name)!.execute<Record<string, { match: { state: string } | null }>>(
        `mutation ($s: RecordFinalScoreInput!, $c: ConfirmResultInput!) {
          recordFinalScore(input: $s) { match { state } } confirmResult(input: $c) { match { state } } }`,
        { s: { matchId, score: { home: 2, away: 1 } }, c: { matchId, overrule: true } },
      );
      counted.push(...(result.data?.['confirmResult']?.match ? [name] : []));
    }
    assert.ok(counted.length > 0);
    await until('the table has the result', async () => (await played()) === earlier + 2);
  });
});
