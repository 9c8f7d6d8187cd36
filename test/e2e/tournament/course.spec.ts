// Plays a tournament from its draw to its champion by the public API: results of matches change tables and brackets.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type Network, type Person, startNetwork, until } from '../../network.ts';
import { createTeam, perform } from '../play.ts';

const PAGE = `query ($id: ID!) { tournament(id: $id) {
  state
  stages {
    name state
    groups { name standings { rank team { name } played won points decidedBy provisional } }
    rounds { name matches { id } }
    bracket { slots { label state match { id state } home { team { name } label } away { team { name } label } } }
  }
  topScorers { rank player { name } team { name } goals }
} }`;

interface Row {
  readonly rank: number;
  readonly team: { readonly name: string };
  readonly points: number;
  readonly provisional: boolean;
}
interface Side {
  readonly team: { readonly name: string } | null;
  readonly label: string | null;
}
interface Shown {
  readonly state: string;
  readonly stages: readonly {
    readonly state: string;
    readonly groups: readonly { readonly name: string; readonly standings: readonly Row[] }[];
    readonly bracket: {
      readonly slots: readonly {
        readonly label: string;
        readonly match: { readonly id: string; readonly state: string } | null;
        readonly home: Side;
        readonly away: Side;
      }[];
    } | null;
  }[];
  readonly topScorers: readonly { readonly player: { readonly name: string }; readonly goals: number }[];
}

/** An operation with the fields of a tournament that clients use. */
const PUBLIC = `query ($id: ID!) { tournament(id: $id) {
  id name sport state rules timeZone
  stages {
    id name format state
    groups { id name standings { rank team { id name } played won drawn lost scoreFor scoreAgainst points decidedBy } }
    rounds { number name matches { id } }
    bracket { slots {
      id round position label
      home { team { id name } label } away { team { id name } label }
      match { id } winnerTo loserTo
    } }
  }
  entries(first: 100) { edges { node { id team { id name } seed state } } pageInfo { hasNextPage endCursor } }
  topScorers(first: 20) { player { name } team { name } goals }
} }`;

describe('the course of a tournament', () => {
  let network: Network;
  let olga: Person;
  let tournamentId: string;
  const NAMES = ['Alpha', 'Bravo', 'Charlie', 'Delta'];

  beforeAll(async () => {
    network = await startNetwork();
    olga = await network.user('olga');
    tournamentId = await done('createTournament', 'tournament', {
      clientId: randomUUID(),
      name: 'Yard Cup',
      sport: 'FOOTBALL',
      timeZone: 'Europe/Berlin',
      startsAt: '2030-06-01T08:00:00.000Z',
      maxTeams: 4,
    });
    await done('setStages', 'tournament', {
      tournamentId,
      stages: [
        { name: 'Groups', format: { roundRobin: { groups: 2 } } },
        { name: 'Final', format: { singleElimination: {} }, entrants: [{ top: { stage: 1, places: 1 } }] },
      ],
    });
    await done('publishTournament', 'tournament', { tournamentId });
    const entryIds: string[] = [];
    for (const name of NAMES)
      entryIds.push(await done('enterTournament', 'entry', { tournamentId, teamId: await createTeam(olga, name) }));
    await done('closeRegistration', 'tournament', { tournamentId });
    for (const entryId of entryIds) await done('checkIn', 'entry', { entryId });
    await done('drawTournament', 'tournament', { tournamentId, method: 'BY_HAND', entryIds });
    await done('startTournament', 'tournament', { tournamentId });
  });
  afterAll(() => network?.stop());

  const done = (mutation: string, object: string, input: object): Promise<string> =>
    perform(olga, mutation, object, input);
  async function shown(): Promise<Shown> {
    const { data, errors } = await network.guest.execute<{ tournament: Shown }>(PAGE, { id: tournamentId });
    return data?.tournament ?? assert.fail(JSON.stringify(errors));
  }
  const until1 = <T>(what: string, find: (page: Shown) => T | undefined): Promise<T> =>
    until(what, async () => find(await shown()));
  /** Waits until the subgraph matches has the match of these two teams. Resolves to the match's id. */
  const matchOf = (home: string, away: string): Promise<string> =>
    until('the match exists', async () => {
      const { data } = await network.guest.execute<{
        matches: { edges: { node: { id: string; homeTeam: { name: string }; awayTeam: { name: string } } }[] };
      }>('{ matches(first: 50) { edges { node { id homeTeam { name } awayTeam { name } } } } }');
      return data?.matches.edges.find(({ node }) => node.homeTeam?.name === home && node.awayTeam?.name === away)?.node
        .id;
    });
  async function score(home: string, away: string, goals: readonly [number, number], confirm = true): Promise<string> {
    const matchId = await matchOf(home, away);
    await done('recordFinalScore', 'match', { matchId, score: { home: goals[0], away: goals[1] } });
    if (confirm) await done('confirmResult', 'match', { matchId, overrule: true });
    return matchId;
  }
  const tableOf = ({ stages }: Shown, group: number): string[] =>
    (stages[0]?.groups[group]?.standings ?? []).map(
      ({ rank, team, points, provisional }) => `${rank} ${team.name} ${points}${provisional ? ' provisional' : ''}`,
    );

  it('shows a result as provisional until it is confirmed; then table and bracket follow', async () => {
    const page = await shown();
    assert.deepEqual(
      page.stages[1]?.bracket?.slots.map(({ home, away }) => [home.label, away.label]),
      [['Winner of Group A', 'Winner of Group B']],
    );
    const matchId = await score('Alpha', 'Delta', [2, 1], false);
    await until1('the result is provisional', (now) =>
      tableOf(now, 0).every((row) => row.endsWith(' 0 provisional')) ? true : undefined,
    );
    await done('confirmResult', 'match', { matchId, overrule: true });
    const rows = await until1('the table follows', (now) =>
      tableOf(now, 0).some((row) => row.endsWith(' 3')) ? tableOf(now, 0) : undefined,
    );
    assert.deepEqual(rows, ['1 Alpha 3', '2 Delta 0']);
  });

  it('is read whole in one operation', async () => {
    const { data, errors } = await network.guest.execute<{ tournament: Shown }>(PUBLIC, { id: tournamentId });
    assert.equal(errors, undefined);
    assert.equal(data?.tournament.stages.length, 2);
  });

  it('has its final once both groups are over, and its champion', async () => {
    await score('Bravo', 'Charlie', [0, 1]);
    const final = await until1(
      'the final has its match',
      ({ stages }) => stages[1]?.bracket?.slots[0]?.match ?? undefined,
    );
    assert.equal(final.state, 'SCHEDULED');
    await score('Alpha', 'Charlie', [3, 0]);
    const page = await until1('the tournament is over', (now) => (now.state === 'COMPLETED' ? now : undefined));
    assert.deepEqual(
      page.stages.map(({ state }) => state),
      ['COMPLETED', 'COMPLETED'],
    );
  });

  it('a correction takes the wrong team out of the final', async () => {
    const matchId = await matchOf('Bravo', 'Charlie');
    await done('correctResult', 'match', {
      matchId,
      score: { home: 2, away: 1 },
      reason: 'Read from the wrong sheet.',
    });
    const slot = await until1('the final has the right teams', ({ stages }) => {
      const [one] = stages[1]?.bracket?.slots ?? [];
      return one?.away.team?.name === 'Bravo' || one?.home.team?.name === 'Bravo' ? one : undefined;
    });
    assert.deepEqual([slot.home.team?.name, slot.away.team?.name].toSorted(), ['Alpha', 'Bravo']);
    assert.equal((await shown()).state, 'RUNNING');
    const wrong = await matchOf('Alpha', 'Charlie');
    const stateOf = async (): Promise<string | undefined> =>
      (
        await network.guest.execute<{ match: { state: string } }>('query ($id: ID!) { match(id: $id) { state } }', {
          id: wrong,
        })
      ).data?.match.state;
    await until('the match of the wrong teams is cancelled', async () =>
      (await stateOf()) === 'CANCELLED' ? true : undefined,
    );
    await score('Alpha', 'Bravo', [1, 2]);
    await until1('the tournament is over again', (now) => (now.state === 'COMPLETED' ? true : undefined));
  });
});
