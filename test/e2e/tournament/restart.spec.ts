// When tournaments or matches is down or dies with kill -9, the other service's results and plans are not lost, and are
// not applied twice.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { isFull, type Network, type Person, startNetwork, until } from '../../network.ts';
import { createTeam, perform } from '../play.ts';

const PAGE = `query ($id: ID!) { tournament(id: $id) {
  state
  stages {
    groups { standings { team { name } played scoreFor scoreAgainst points } }
    rounds { matches { id state } }
    bracket { slots { state match { id state } home { team { name } } away { team { name } } } }
  }
} }`;
const MATCHES = `query ($id: ID!) { tournament(id: $id) { id } matches(first: 100) {
  edges { node { id tournament { id } homeTeam { name } awayTeam { name } } }
} }`;

interface Shown {
  readonly state: string;
  readonly stages: readonly {
    readonly groups: readonly { readonly standings: readonly Row[] }[];
    readonly rounds: readonly { readonly matches: readonly { readonly id: string; readonly state: string }[] }[];
    readonly bracket: { readonly slots: readonly Slot[] } | null;
  }[];
}
interface Row {
  readonly team: { readonly name: string };
  readonly played: number;
  readonly scoreFor: number;
  readonly scoreAgainst: number;
  readonly points: number;
}
interface Slot {
  readonly state: string;
  readonly match: { readonly id: string; readonly state: string } | null;
  readonly home: { readonly team: { readonly name: string } | null };
  readonly away: { readonly team: { readonly name: string } | null };
}
interface Match {
  readonly id: string;
  readonly tournament: { readonly id: string } | null;
  readonly homeTeam: { readonly name: string };
  readonly awayTeam: { readonly name: string };
}

/** The spec fails if a service has not handled the missed events this long after a restart. Milliseconds. */
const CAUGHT_UP_MS = 20_000;

describe('when tournaments or matches dies', () => {
  let network: Network;
  let olga: Person;
  let tournamentId: string;
  let entryIds: string[];

  beforeAll(async () => {
    network = await startNetwork({ killable: true });
    olga = await network.user('olga');
    tournamentId = await perform(olga, 'createTournament', 'tournament', {
      clientId: randomUUID(),
      name: 'Yard Cup',
      sport: 'FOOTBALL',
      timeZone: 'Europe/Berlin',
      startsAt: '2030-06-01T08:00:00.000Z',
      maxTeams: 4,
    });
    await perform(olga, 'setStages', 'tournament', {
      tournamentId,
      stages: [
        { name: 'Groups', format: { roundRobin: { groups: 2 } } },
        { name: 'Final', format: { singleElimination: {} }, entrants: [{ top: { stage: 1, places: 1 } }] },
      ],
    });
    await perform(olga, 'publishTournament', 'tournament', { tournamentId });
    entryIds = [];
    for (const name of ['Alpha', 'Bravo', 'Charlie', 'Delta']) {
      const teamId = await createTeam(olga, name);
      entryIds.push(await perform(olga, 'enterTournament', 'entry', { tournamentId, teamId }));
    }
    await perform(olga, 'closeRegistration', 'tournament', { tournamentId });
  });
  afterAll(() => network?.stop());

  /**
   * In full mode the service is down while the work is done. In embedded mode all services are one process, which is
   * killed when the last answer has arrived.
   */
  async function withoutService(service: string, work: () => Promise<void>): Promise<void> {
    if (isFull) await network.kill(service);
    await work();
    if (!isFull) await network.kill(service);
    await network.restart(service);
  }
  async function shown(): Promise<Shown> {
    const { data, errors } = await network.guest.execute<{ tournament: Shown | null }>(PAGE, { id: tournamentId });
    return data?.tournament ?? assert.fail(JSON.stringify(errors));
  }
  async function matches(): Promise<Match[]> {
    const { data, errors } = await network.guest.execute<{ matches: { edges: { node: Match }[] } | null }>(MATCHES, {
      id: tournamentId,
    });
    const { edges } = data?.matches ?? assert.fail(JSON.stringify(errors));
    return edges.map(({ node }) => node).filter(({ tournament }) => tournament?.id === tournamentId);
  }
  const matchOf = (home: string, away: string): Promise<string> =>
    until('the match exists', async () => (await matches()).find((match) => isOf(match, home, away))?.id, CAUGHT_UP_MS);
  const isOf = ({ homeTeam, awayTeam }: Match, home: string, away: string): boolean =>
    homeTeam.name === home && awayTeam.name === away;
  async function score(matchId: string, home: number, away: number): Promise<void> {
    await perform(olga, 'recordFinalScore', 'match', { matchId, score: { home, away } });
    await perform(olga, 'confirmResult', 'match', { matchId, overrule: true });
  }
  const rowsOf = ({ stages }: Shown): string[] =>
    (stages[0]?.groups ?? []).flatMap(({ standings }) =>
      standings.map(
        ({ team, played, scoreFor, scoreAgainst, points }) =>
          `${team.name} ${played} ${scoreFor}:${scoreAgainst} ${points}`,
      ),
    );
  const finalOf = ({ stages }: Shown): Slot => stages[1]?.bracket?.slots[0] ?? assert.fail('no final');

  it('a plan that is made without matches has its matches afterwards, each once', async () => {
    await withoutService('matches', async () => {
      await perform(olga, 'drawTournament', 'tournament', { tournamentId, method: 'BY_HAND', entryIds });
      await perform(olga, 'startTournament', 'tournament', { tournamentId });
    });
    await matchOf('Alpha', 'Delta');
    await matchOf('Bravo', 'Charlie');
    assert.equal((await matches()).length, 2);
    const planned = (await shown()).stages[0]?.rounds.flatMap((round) => round.matches) ?? [];
    assert.deepEqual(planned.map(({ id }) => id).toSorted(), (await matches()).map(({ id }) => id).toSorted());
  });

  it('a result without tournaments is in the table and moves the bracket afterwards, once', async () => {
    const [one, other] = [await matchOf('Alpha', 'Delta'), await matchOf('Bravo', 'Charlie')];
    await withoutService('tournaments', async () => {
      await score(one, 2, 1);
      await score(other, 0, 3);
    });
    const page = await until(
      'the tables have both results, and the final has its teams',
      async () => {
        const now = await shown();
        // The operation reads the tables before the bracket. So it may see the new table with the old bracket.
        const isMoved = rowsOf(now).length === 4 && rowsOf(now).every((row) => row.includes(' 1 '));
        return isMoved && finalOf(now).home.team && finalOf(now).away.team ? now : undefined;
      },
      CAUGHT_UP_MS,
    );
    assert.deepEqual(rowsOf(page).toSorted(), ['Alpha 1 2:1 3', 'Bravo 1 0:3 0', 'Charlie 1 3:0 3', 'Delta 1 1:2 0']);
    const { home, away } = finalOf(page);
    assert.deepEqual([home.team?.name, away.team?.name], ['Alpha', 'Charlie']);
    await matchOf('Alpha', 'Charlie');
    assert.equal((await matches()).length, 3);
  });

  it('a correction without tournaments gives the right teams another final, once', async () => {
    const wrong = await matchOf('Alpha', 'Charlie');
    const corrected = await matchOf('Bravo', 'Charlie');
    await withoutService('tournaments', async () => {
      await perform(olga, 'correctResult', 'match', {
        matchId: corrected,
        score: { home: 4, away: 3 },
        reason: 'The sheet was of another match.',
      });
    });
    const right = await matchOf('Alpha', 'Bravo');
    await until('the final has the right match', async () => finalOf(await shown()).match?.id === right, CAUGHT_UP_MS);
    await until(
      'the wrong one is cancelled',
      async () => {
        const { data } = await network.guest.execute<{ match: { state: string } | null }>(
          'query ($id: ID!) { match(id: $id) { state } }',
          { id: wrong },
        );
        return data?.match?.state === 'CANCELLED';
      },
      CAUGHT_UP_MS,
    );
    assert.equal((await matches()).length, 4);
    assert.deepEqual(rowsOf(await shown()).toSorted(), [
      'Alpha 1 2:1 3',
      'Bravo 1 4:3 3',
      'Charlie 1 3:4 0',
      'Delta 1 1:2 0',
    ]);
  });
});
