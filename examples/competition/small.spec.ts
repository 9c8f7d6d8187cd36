// A small cup through the API, with what the real files beside the project do not have.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type Network, startNetwork, until } from '../../test/network.ts';
import { Api, accepted } from './api.ts';
import { calendar } from './calendar.ts';
import { importCompetition } from './import.ts';
import { readCompetition } from './openfootball.ts';
import { CreateTeam, ScheduleMatch } from './operations.ts';
import { isFaultless, replayCompetition } from './replay.ts';
import { planOf, tablesOf } from './tournament.ts';

const row = (round: string, team1: string, team2: string, day: number, score: object, more: object = {}) => ({
  ...{ round, team1, team2, date: `2024-03-${String(day).padStart(2, '0')}`, time: '15:00', score, ...more },
});
/** Two legs with a shoot-out after a lost second leg, and a final that was decided at the table by 2:0. */
const CUP = [
  row('Matchday 1', 'Foxes', 'Owls', 1, { ft: [1, 0] }),
  row('Matchday 2', 'Owls', 'Foxes', 2, { ft: [2, 2] }),
  row('Semi-finals', 'Foxes', 'Larks', 10, { ft: [2, 1] }),
  row('Semi-finals', 'Owls', 'Wrens', 10, { ft: [1, 0] }),
  row('Semi-finals', 'Larks', 'Foxes', 17, { ft: [1, 0], et: [1, 0], p: [4, 2] }),
  row('Semi-finals', 'Wrens', 'Owls', 17, { ft: [0, 0] }),
  row('Final', 'Larks', 'Owls', 24, { ft: [2, 0] }, { status: 'awarded' }),
];
const competition = (name: string, rows: readonly object[]) => readCompetition(JSON.stringify({ name, matches: rows }));

describe('a small cup', () => {
  let network: Network;
  let api: Api;
  beforeAll(async () => {
    network = await startNetwork();
    const olga = await network.user('olga', { roles: ['organizer'] });
    api = new Api({ url: olga.url, token: olga.token });
  });
  afterAll(async () => {
    await api?.close();
    await network?.stop();
  });
  const results = async (id: string): Promise<string[]> => {
    await network.settled();
    return (await planOf(api, id))
      .at(-1)!
      .rounds.flatMap(({ matches }) =>
        matches.map(
          (match) =>
            `${match!.homeTeam!.name} ${match!.score.home}:${match!.score.away} ${match!.awayTeam!.name} ${match!.state}`,
        ),
      );
  };
  const EXPECTED = [
    'Foxes 2:1 Larks CONFIRMED',
    'Larks 1:0 Foxes CONFIRMED',
    'Owls 1:0 Wrens CONFIRMED',
    'Wrens 0:0 Owls CONFIRMED',
    'Larks 2:0 Owls CONFIRMED',
  ];

  it('has a shoot-out after two legs, and an awarded score, by import', async () => {
    const imported = await importCompetition(api, competition('Yard Cup', CUP), () => undefined, { withResults: true });
    assert.deepEqual(imported.leftOut, []);
    assert.deepEqual(await results(imported.tournament!), EXPECTED);
    assert.match(imported.rulesInWords, /^football .*rules of this competition are not known here/);
  });

  it('has them by replay', async () => {
    const cup = competition('Yard Cup 2', CUP);
    const imported = await importCompetition(api, cup, () => undefined, {});
    const report = await replayCompetition(api, cup, Infinity, () => undefined);
    assert.deepEqual([report.differences, isFaultless(report)], [[], true]);
    assert.deepEqual(await results(imported.tournament!), EXPECTED);
  });

  it('takes over the friendlies that an older version imported, and adjusts its table once', async () => {
    const league = competition('Yard League', CUP.slice(0, 2));
    const ids = new Map<string, string>();
    for (const name of league.teams) {
      const clientId = createHash('sha256')
        .update(JSON.stringify(['team', 'Yard League', name]))
        .digest('base64url');
      const input = { clientId, name, sport: 'FOOTBALL' as const };
      ids.set(name, accepted(name, (await api.request(CreateTeam, { input })).createTeam).team!.id);
    }
    for (const { clientId, home, away, kickoffAt, round } of league.matches) {
      const input = {
        ...{ clientId, sport: 'FOOTBALL' as const, kickoffAt, round, competition: 'Yard League' },
        ...{ homeTeamId: ids.get(home)!, awayTeamId: ids.get(away)! },
      };
      accepted(home, (await api.request(ScheduleMatch, { input })).scheduleMatch);
    }
    const before = (await calendar(api, 'Yard League')).map(({ id }) => id).toSorted();
    const lots = {
      deductions: [{ team: 'Foxes', points: -3, date: '2024-03-01', reason: 'Late' }],
      fairPlay: [],
      lots: ['Owls', 'Foxes'],
    };
    for (let time = 0; time < 2; time++) {
      const { tournament, leftOut } = await importCompetition(api, league, () => undefined, {
        withResults: true,
        adjustments: lots,
      });
      assert.deepEqual(leftOut, []);
      // Tables show results a moment after they were entered.
      const table = await until('the table', async () => {
        const [group] = (await tablesOf(api, tournament!))[0]!;
        return group!.standings.every(({ played }) => played === 2) ? group : undefined;
      });
      assert.deepEqual(
        table!.standings.map(({ team, points, deductions }) => [team!.name, points, deductions.length]),
        [
          ['Foxes', 1, 1],
          ['Owls', 1, 0],
        ],
      );
      const after = await calendar(api, 'Yard League');
      assert.deepEqual(
        after.map(({ id, tournament: of }) => [id, of?.id]).toSorted(),
        before.map((id) => [id, tournament]),
      );
    }
  });
});
