import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type Network, type Person, startNetwork } from '../../test/network.ts';
import type { Adjustments } from './adjust.ts';
import { Api } from './api.ts';
import { importCompetition, type ImportOptions } from './import.ts';
import { readCompetition } from './openfootball.ts';
import { hasRealFiles, realFile } from './real-files.fixture.ts';
import { isFaultless, replayCompetition } from './replay.ts';
import { planOf, tablesOf } from './tournament.ts';

interface Published {
  readonly rank?: number;
  readonly pos?: number;
  readonly team: string | { readonly name: string };
  readonly played: number;
  readonly won: number;
  readonly drawn: number;
  readonly lost: number;
  readonly scoreFor?: number;
  readonly goals_for?: number;
  readonly scoreAgainst?: number;
  readonly goals_against?: number;
  readonly points?: number;
  readonly pts?: number;
}
interface PublishedTables {
  readonly groups?: readonly {
    readonly name?: string;
    readonly group?: string;
    readonly standings: readonly Published[];
  }[];
}

(hasRealFiles ? describe : describe.skip)('a real competition', () => {
  let network: Network;
  let olga: Person;
  let api: Api;
  beforeAll(async () => {
    network = await startNetwork();
    olga = await network.user('olga', { roles: ['organizer'] });
    api = new Api({ url: olga.url, token: olga.token });
  });
  afterAll(async () => {
    await api?.close();
    await network?.stop();
  });

  /** Under another name, so that a file can be imported several times. */
  const competitionOf = (file: string, suffix = '') => {
    const json = JSON.parse(realFile(`${file}.json`)) as { name: string };
    return readCompetition(JSON.stringify({ ...json, name: json.name + suffix }));
  };
  const imported = async (file: string, suffix: string, options: ImportOptions) => {
    const result = await importCompetition(api, competitionOf(file, suffix), () => undefined, options);
    assert.ok(result.tournament, result.leftOut.join('\n'));
    return { ...result, tournament: result.tournament };
  };
  const tables = async (id: string) => {
    await network.settled();
    return (await tablesOf(api, id))[0]!;
  };
  const rowsOf = (group: Awaited<ReturnType<typeof tables>>[number] | undefined): unknown[] =>
    (group?.standings ?? []).map(({ rank, team, played, won, drawn, lost, scoreFor, scoreAgainst, points }) => [
      ...[rank, team?.name, played, won, drawn, lost, scoreFor, scoreAgainst, points],
    ]);
  const published = (rows: readonly Published[]): unknown[] =>
    rows.map((row) => [
      row.rank ?? row.pos,
      typeof row.team === 'string' ? row.team : row.team.name,
      ...[row.played, row.won, row.drawn, row.lost],
      row.scoreFor ?? row.goals_for,
      row.scoreAgainst ?? row.goals_against,
      row.points ?? row.pts,
    ]);
  const publishedTables = (file: string): PublishedTables =>
    JSON.parse(realFile(`${file}.standings.json`)) as PublishedTables;
  const GROUP_H: Adjustments = {
    deductions: [],
    fairPlay: [
      { team: 'Japan', points: -4 },
      { team: 'Senegal', points: -6 },
    ],
  };
  /** `A 4:3 B` by round of the knock-out. */
  const bracket = async (id: string): Promise<string[]> => {
    await network.settled();
    return (await planOf(api, id))
      .at(-1)!
      .rounds.map(
        ({ name, matches }) =>
          `${name}: ${matches.map((match) => `${match?.homeTeam?.name} ${match?.score.home}:${match?.score.away} ${match?.awayTeam?.name}`).join(', ')}`,
      );
  };
  const compareGroups = async (file: string, id: string): Promise<void> => {
    const groups = await tables(id);
    const { groups: expected = [] } = publishedTables(file);
    assert.deepEqual(
      groups.map((group) => [group.name, rowsOf(group)]),
      expected.map(({ name, group, standings }) => [name ?? group, published(standings)]),
    );
  };
  it('the World Cup 2018 has the published tables and its bracket by import', async () => {
    const result = await imported('worldcup-2018', '', { withResults: true, adjustments: GROUP_H });
    assert.deepEqual(result.leftOut, []);
    await compareGroups('worldcup-2018', result.tournament);
    assert.deepEqual((await bracket(result.tournament)).slice(-3), [
      'Semi-finals: France 1:0 Belgium, Croatia 2:1 England',
      'Final: France 4:2 Croatia',
      'Match for third place: Belgium 2:0 England',
    ]);
  });

  it('the World Cup 2022 has them by replay, too', async () => {
    const competition = competitionOf('worldcup-2022');
    const { tournament } = await imported('worldcup-2022', '', {});
    const report = await replayCompetition(api, competition, Infinity, () => undefined);
    assert.deepEqual([report.differences, report.played, isFaultless(report)], [[], 64, true]);
    await compareGroups('worldcup-2022', tournament);
    assert.ok((await bracket(tournament)).includes('Final: Argentina 3:3 France'));
  });

  it('the World Cup 2018 shows Japan and Senegal tied without the fair play, and its bracket waits', async () => {
    const { tournament, leftOut } = await imported('worldcup-2018', ' tied', { withResults: true });
    const h = (await tables(tournament)).at(-1);
    assert.deepEqual(
      // The order of teams that share a place has no meaning.
      h?.standings
        .map(({ team, rank, tied }) => [team?.name, rank, tied] as const)
        .toSorted((a, b) => a[1] - b[1] || String(a[0]).localeCompare(String(b[0]))),
      [
        ['Colombia', 1, false],
        ['Japan', 2, true],
        ['Senegal', 2, true],
        ['Poland', 4, false],
      ],
    );
    assert.match(leftOut[0] ?? '', /^Belgium – Japan: its match waits for a decision/);
  });

  it('of an odd year is played to its final', async () => {
    for (const [file, final] of [
      ['worldcup-1938', 'Final: Hungary 2:4 Italy'],
      ['worldcup-1950', 'Final Round: Uruguay 2:2 Spain, Brazil 7:1 Sweden'],
      ['worldcup-1974', 'Final: Netherlands 1:2 West Germany'],
      ['worldcup-1982', 'Final: Italy 3:1 West Germany'],
      ['worldcup-1986', 'Final: Argentina 3:2 West Germany'],
      ['worldcup-2010', 'Final: Netherlands 0:1 Spain'],
      ['euro-2020', 'Final: Italy 1:1 England'],
    ] as const) {
      const { tournament, leftOut } = await imported(file, '', { withResults: true });
      assert.deepEqual([file, leftOut], [file, []]);
      const rounds = await bracket(tournament);
      assert.ok(
        rounds.some((round) => round.startsWith(final)),
        `${file}: ${rounds.join('\n')}`,
      );
    }
  });
});
