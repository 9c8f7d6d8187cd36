import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { NO_ADJUSTMENTS } from './adjust.ts';
import { readCompetition } from './openfootball.ts';
import { type Outline, outlineOf } from './outline.ts';
import { playOut } from './played.fixture.ts';
import { hasRealFiles, realFile } from './real-files.fixture.ts';
import { publishedRows, publishedTables } from './published.fixture.ts';
import { withForfeits } from './recording.ts';
import { guessRules, yearOf } from './rules.ts';

function outlineOfFile(text: string): Outline {
  const { name, matches } = readCompetition(text);
  return outlineOf(withForfeits(matches), guessRules(name, yearOf(name, matches[0]!.kickoffAt)), NO_ADJUSTMENTS);
}

(hasRealFiles ? describe : describe.skip)('a real competition, played out', () => {
  const championOf = (file: string, rulings = {}): string => {
    const { course, left } = playOut(outlineOfFile(realFile(`${file}.json`)), rulings);
    assert.deepEqual([file, left], [file, []]);
    return JSON.stringify(course.champion);
  };

  it('has its champion, and every result has its match', () => {
    for (const [file, champion, rulings] of [
      ['worldcup-1938', 'Italy'],
      ['worldcup-1950', 'Uruguay'],
      ['worldcup-1974', 'West Germany'],
      ['worldcup-1982', 'Italy'],
      ['worldcup-1986', 'Argentina'],
      ['worldcup-2010', 'Spain'],
      [
        'worldcup-2018',
        'France',
        {
          fairPlay: new Map([
            ['Japan', -4],
            ['Senegal', -6],
          ]),
        },
      ],
      ['worldcup-2022', 'Argentina'],
      ['euro-2020', 'Italy'],
      ['england-premier-league-2023-24', 'Manchester City FC'],
      ['spain-primera-division-2022-23', 'FC Barcelona'],
      ['italy-serie-a-2022-23', 'SSC Napoli'],
    ] as const)
      assert.equal(championOf(file, rulings), JSON.stringify({ entrant: champion }), file);
  });

  it('has the published tables, row by row', () => {
    let [rows, equal] = [0, 0];
    for (const file of [
      'worldcup-2018',
      'worldcup-2022',
      'england-premier-league-2023-24',
      'spain-primera-division-2022-23',
      'italy-serie-a-2022-23',
    ]) {
      const { tables, adjustments = {} } = publishedTables(file);
      const deductions = Object.entries(adjustments).map(([entrant, points]) => ({
        entrant,
        points,
        reason: 'As published',
        at: '2024-05-01',
      }));
      const fairPlay =
        file === 'worldcup-2018'
          ? new Map([
              ['Japan', -4],
              ['Senegal', -6],
            ])
          : new Map<string, number>();
      const { course } = playOut(outlineOfFile(realFile(`${file}.json`)), { deductions, fairPlay });
      const expected = tables.map(({ rows }) => publishedRows(rows));
      const computed = course.stages[0]!.tables.map((table) =>
        table.map(({ rank, entrant, played, won, drawn, lost, scoreFor, scoreAgainst, points }) => [
          rank,
          entrant,
          played,
          won,
          drawn,
          lost,
          scoreFor,
          scoreAgainst,
          points,
        ]),
      );
      assert.deepEqual(computed, expected, file);
      rows += expected.flat().length;
      equal += computed.flat().length;
    }
    assert.deepEqual([rows, equal], [124, 124]);
  });
});
