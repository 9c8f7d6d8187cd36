import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type Network, type Person, startNetwork } from '../../test/network.ts';
import type { Adjustments } from './adjust.ts';
import { Api } from './api.ts';
import { importCompetition, type ImportOptions } from './import.ts';
import { readCompetition } from './openfootball.ts';
import { publishedTables } from './published.fixture.ts';
import { compareTables } from './published.ts';
import { hasRealFiles, realFile } from './real-files.fixture.ts';
import { isFaultless, replayCompetition } from './replay.ts';
import { planOf, tablesOf } from './tournament.ts';

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

  /** Reads a file's competition under another name, so that several tests can import the file. */
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
  const GROUP_H: Adjustments = {
    deductions: [],
    fairPlay: [
      { team: 'Japan', points: -4 },
      { team: 'Senegal', points: -6 },
    ],
  };
  /** The results of the last stage, a line for each round: `Final: A 4:3 B`. */
  const bracket = async (id: string): Promise<string[]> => {
    await network.settled();
    return (await planOf(api, id))
      .at(-1)!
      .rounds.map(
        ({ name, matches }) =>
          `${name}: ${matches.map((match) => `${match?.homeTeam?.name} ${match?.score.home}:${match?.score.away} ${match?.awayTeam?.name}`).join(', ')}`,
      );
  };
  const compare = async (file: string, id: string): Promise<void> => {
    const published = publishedTables(file);
    const rows = published.tables.reduce((sum, table) => sum + table.rows.length, 0);
    assert.deepEqual(compareTables(await tables(id), published), { equal: rows, rows, differences: [] });
  };

  it('the World Cup 2018 shows Japan and Senegal tied, and its bracket waits, until the fair play is known', async () => {
    const { tournament, leftOut } = await imported('worldcup-2018', '', { withResults: true });
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
    // A second import adopts the tournament, and continues where the first one stopped.
    const again = await imported('worldcup-2018', '', { withResults: true, adjustments: GROUP_H });
    assert.deepEqual([again.tournament, again.leftOut], [tournament, []]);
    await compare('worldcup-2018', tournament);
    assert.deepEqual((await bracket(tournament)).slice(-3), [
      'Semi-finals: France 1:0 Belgium, Croatia 2:1 England',
      'Final: France 4:2 Croatia',
      'Match for third place: Belgium 2:0 England',
    ]);
  });

  it('the World Cup 2022 has the published tables and its bracket by replay', async () => {
    const competition = competitionOf('worldcup-2022');
    const { tournament } = await imported('worldcup-2022', '', {});
    const report = await replayCompetition(api, competition, Infinity, () => undefined);
    assert.deepEqual([report.differences, report.played, isFaultless(report)], [[], 64, true]);
    await compare('worldcup-2022', tournament);
    assert.ok((await bracket(tournament)).includes('Final: Argentina 3:3 France'));
  });

  it('the World Cup 1938, with replays and a cancelled match, is played to its final', async () => {
    const { tournament, leftOut } = await imported('worldcup-1938', '', { withResults: true });
    assert.deepEqual(leftOut, []);
    assert.ok((await bracket(tournament)).some((round) => round.startsWith('Final: Hungary 2:4 Italy')));
  });
});
