import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { bestOf } from './across.ts';
import type { Rulings, Table } from './table.ts';
import { changed, played, rulesOf } from './tables.fixture.ts';

const rules = rulesOf('fifa-2018');
const group = (results: string, more: Partial<Table> = {}): Table => {
  const list = played(results);
  return { entrants: [...new Set(list.flatMap(({ home, away }) => [home, away]))], results: list, rules, ...more };
};
const best = (groups: Table[], place: number, named = rules, rulings: Rulings = {}) => {
  const { rows, open } = bestOf(groups, place, named, rulings);
  return {
    rows: rows.map(({ entrant, group, rank, points, decidedBy }) => [entrant, group, rank, points, decidedBy]),
    open,
  };
};

describe('the best of a place', () => {
  it('are compared by points, difference and goals, and not by who was in which group', () => {
    const groups = [
      group('A-B 1:0, A-C 1:0, B-C 2:0'),
      group('D-E 1:0, D-F 1:0, E-F 3:0'),
      group('G-H 1:0, G-I 1:0, H-I 4:2'),
    ];
    assert.deepEqual(best(groups, 2), {
      rows: [
        ['E', 1, 1, 3, null],
        ['H', 2, 2, 3, 'DIFFERENCE'],
        ['B', 0, 3, 3, 'GOALS'],
      ],
      open: [],
    });
  });

  const three = group('A-B 1:0, A-C 1:0, B-C 1:0');
  it('leave out the results against the last of a larger group, where the rules say so', () => {
    const larger = group('D-E 1:0, D-F 1:0, D-G 1:0, E-F 1:0, E-G 9:0, F-G 1:0');
    const rows = bestOf([three, larger], 2, rules).rows;
    assert.deepEqual(
      rows.map(({ entrant, played, points, scoreFor, rank, tied }) => [entrant, played, points, scoreFor, rank, tied]),
      [
        ['B', 2, 3, 1, 1, true],
        ['E', 2, 3, 1, 1, true],
      ],
    );
    const all = changed('fifa-2018', { across: { ...rules.across, unequal: 'AS_THEY_ARE' } });
    assert.deepEqual(best([three, larger], 2, all).rows, [
      ['E', 1, 1, 6, null],
      ['B', 0, 2, 3, null],
    ]);
  });

  it('count a group as smaller when results of an entrant that left are annulled', () => {
    const smaller = group('D-E 1:0, D-F 1:0, E-F 2:0, X-D 1:0', {
      rulings: { out: new Map([['X', { state: 'WITHDRAWN' }]]) },
    });
    assert.deepEqual(best([three, smaller], 2).rows, [
      ['E', 1, 1, 3, null],
      ['B', 0, 2, 3, 'DIFFERENCE'],
    ]);
    const larger = group('A-B 1:0, A-C 1:0, A-Y 1:0, B-C 1:0, B-Y 9:0, C-Y 1:0');
    assert.deepEqual(best([larger, smaller], 2).rows, [
      ['E', 1, 1, 3, null],
      ['B', 0, 2, 3, 'DIFFERENCE'],
    ]);
  });

  it('keep deductions, and drop no result of the third itself', () => {
    const deductions = [{ entrant: 'C', points: -1, reason: 'Late', at: '2026-06-01' }];
    assert.deepEqual(best([{ ...three, rulings: { deductions } }, group('D-E 1:0, D-F 1:0, E-F 1:0')], 3).rows, [
      ['F', 1, 1, 0, null],
      ['C', 0, 2, -1, null],
    ]);
    assert.deepEqual(bestOf([{ ...three, rulings: { deductions } }], 3, rules).rows[0]?.deductions, deductions);
    const larger = group('D-E 1:0, D-F 1:0, D-G 1:0, E-F 1:0, E-G 1:0, F-G 1:0');
    assert.deepEqual(best([three, larger], 4), { rows: [], open: [0, 1] });
  });

  it('wait for a group in which the place is open', () => {
    const circle = group('D-E 1:0, E-F 1:0, F-D 1:0');
    assert.deepEqual(best([three, circle], 2), { rows: [['B', 0, 1, 3, null]], open: [1] });
    // The group waits for a play-off, or shares the place.
    const playOff = group('D-E 1:0, E-D 2:0, D-F 1:0, F-D 0:1, E-F 1:0, F-E 0:1', { rules: rulesOf('serie-a') });
    assert.deepEqual(best([playOff], 1), { rows: [], open: [0] });
    const shared = group('D-E 1:0, D-F 1:0, E-F 0:0', { rules: rulesOf('premier-league') });
    assert.deepEqual(best([shared], 2), { rows: [], open: [0] });
    // F and G share the last place of the larger group, so it is open which result is left out.
    const open = group('D-E 1:0, D-F 1:0, D-G 1:0, E-F 1:0, E-G 1:0, F-G 0:0');
    assert.deepEqual(best([three, open], 2), { rows: [['B', 0, 1, 3, null]], open: [1] });
  });

  it('are tied until conduct, a ranking or recorded lots separate them', () => {
    const groups = [three, group('D-E 1:0, D-F 1:0, E-F 1:0')];
    const { rows } = bestOf(groups, 2, rules);
    assert.deepEqual(
      rows.map(({ rank, tied, open }) => [rank, tied, open]),
      [
        [1, true, 'DECISION'],
        [1, true, 'DECISION'],
      ],
    );
    assert.deepEqual(best(groups, 2, rules, { fairPlay: new Map([['B', -1]]) }).rows, [
      ['E', 1, 1, 3, null],
      ['B', 0, 2, 3, 'FAIR_PLAY'],
    ]);
    assert.deepEqual(best(groups, 2, rulesOf('fifa-2026'), { rankings: [['E', 'B']] }).rows[1]?.at(-1), 'RANKING');
    // The host of 2024 is not in the ranking of the qualifiers, so lots decide.
    const euro = rulesOf('uefa-euro-2024');
    assert.deepEqual(best(groups, 2, euro, { rankings: [['E']], lots: ['B', 'E'] }).rows[1], ['E', 1, 2, 3, 'LOTS']);
  });

  it('ask wins at the Euro', () => {
    // Both thirds have 3 points and a difference of 0. C has a win, G has three draws.
    const groups = [
      group('A-C 1:0, B-C 1:0, C-D 2:0, A-D 1:0, B-D 1:0, A-B 0:0'),
      group('E-G 1:1, F-G 1:1, G-H 0:0, E-H 1:0, F-H 1:0, E-F 0:0'),
    ];
    assert.deepEqual(best(groups, 3, rulesOf('uefa-euro-2024')).rows, [
      ['C', 0, 1, 3, null],
      ['G', 1, 2, 3, 'WINS'],
    ]);
    assert.equal(bestOf(groups, 3, rules).rows[1]?.rank, 1);
  });
});
