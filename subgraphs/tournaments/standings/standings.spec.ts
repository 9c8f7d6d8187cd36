import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { preset } from './presets.ts';
import { standings } from './standings.ts';
import type { Rulings } from './table.ts';
import type { TableResult } from './tally.ts';

const rulesOf = (name: string) => preset(name) ?? assert.fail(`no preset ${name}`);
/** "A-B 1:0, B-C 2:2" */
const played = (text: string): TableResult[] =>
  text.split(', ').map((match) => {
    const [, home, away, one, two] = /^(\w+)-(\w+) (\d+):(\d+)$/.exec(match) ?? assert.fail(match);
    return {
      home: home ?? '',
      away: away ?? '',
      score: { home: Number(one), away: Number(two) },
      winner: null,
      how: 'PLAYED',
      counts: true,
    };
  });
const table = (name: string, text: string, rulings: Rulings = {}) => {
  const results = played(text);
  const entrants = [...new Set(results.flatMap(({ home, away }) => [home, away]))];
  return standings({ entrants, results, rules: rulesOf(name), rulings });
};
const order = (rows: ReturnType<typeof standings>): string => rows.map(({ entrant }) => entrant).join(' ');

describe('a table', () => {
  it('orders by points, then difference, then goals', () => {
    assert.equal(order(table('fifa-2018', 'A-B 0:0, A-C 1:0, B-C 3:0')), 'B A C');
  });

  it('shows a circle that nothing breaks as a tie, until lots are recorded', () => {
    const circle = 'A-B 1:0, B-C 1:0, C-A 1:0, A-D 2:0, B-D 2:0, C-D 2:0';
    const rows = table('fifa-2018', circle);
    assert.deepEqual(
      rows.map(({ rank, tied, open }) => [rank, tied, open]),
      [
        [1, true, 'DECISION'],
        [1, true, 'DECISION'],
        [1, true, 'DECISION'],
        [4, false, null],
      ],
    );
    const drawn = table('fifa-2018', circle, { lots: ['C', 'A', 'B'] });
    assert.deepEqual(
      drawn.map(({ entrant, rank, decidedBy, open }) => [entrant, rank, decidedBy, open]),
      [
        ['C', 1, null, null],
        ['A', 2, 'LOTS', null],
        ['B', 3, 'LOTS', null],
        ['D', 4, null, null],
      ],
    );
  });
});
