import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { SPORTS } from '../../../schema/sports.ts';
import { PRESETS, RULES_OF_SPORT } from './presets.ts';
import { tableRules } from './rules.ts';
import { changed, inSets, orderOf, played, result, rulesOf, sumsOf, table } from './tables.fixture.ts';

describe('presets', () => {
  it('are JSON, and have a season, a version and a name of their own', () => {
    for (const [name, rules] of PRESETS) {
      assert.equal(rules.name, name);
      assert.deepEqual(tableRules.parse(JSON.parse(JSON.stringify(rules))), rules);
    }
    for (const name of [
      'fifa-2014',
      'fifa-2018',
      'fifa-2022',
      'fifa-2026',
      'uefa-euro-2020',
      'uefa-euro-2024',
      'premier-league',
      'la-liga',
      'serie-a',
      'fivb',
      'fiba-3x3',
    ])
      assert.notEqual(rulesOf(name).season, '', name);
    for (const sport of Object.keys(SPORTS)) assert.ok(rulesOf(RULES_OF_SPORT[sport as keyof typeof SPORTS]));
  });

  it('refuse rules that are none', () => {
    const refused = (change: object): void => assert.throws(() => changed('football', change));
    refused({ criteria: [] });
    refused({ criteria: ['BY_NAME'] });
    refused({ again: 'SOMETIMES' });
    refused({ points: { win: 1000, draw: 1, loss: 0 } });
    refused({ walkover: { won: -1, lost: 0 } });
    refused({ playOffs: [0] });
    refused({ more: true });
  });
});

describe('Euro', () => {
  const LEVEL = 'A-B 1:1, A-C 2:0, A-D 0:0, B-C 2:0, B-D 0:0, C-D 1:0';

  it('lets penalties decide between two that meet at the end, unless a third has the same points', () => {
    const [meeting, ...others] = played(LEVEL);
    const results = [{ ...(meeting ?? assert.fail()), shootout: { home: 3, away: 4 } }, ...others];
    for (const name of ['uefa-euro-2016', 'uefa-euro-2020', 'uefa-euro-2024']) {
      const rows = table(name, results, { fairPlay: new Map([['B', -9]]) });
      assert.deepEqual([orderOf(rows).slice(0, 3), rows[1]?.decidedBy], ['B A', 'SHOOTOUT'], name);
      const without = table(name, LEVEL, { fairPlay: new Map([['A', -9]]) });
      assert.deepEqual([orderOf(without).slice(0, 3), without[1]?.decidedBy], ['B A', 'FAIR_PLAY'], name);
      const third = [...played('A-B 0:0, A-C 0:0, B-C 0:0, A-D 1:0, B-D 1:0'), result('C', 'D', { home: 2, away: 0 })];
      const three = third.map((each) => (each.away === 'B' ? { ...each, shootout: { home: 3, away: 4 } } : each));
      assert.deepEqual(
        table(name, three).map(({ rank }) => rank),
        [1, 2, 2, 4],
        name,
      );
    }
  });

  it('asks wins before conduct in 2020 only', () => {
    // A and B have 4 points, the same goals, and a draw with each other. A has a win, B has four draws.
    const results = 'A-B 0:0, A-C 2:0, D-A 1:0, E-A 1:0, B-C 1:1, B-D 1:1, B-E 0:0, D-E 0:0, D-C 1:0, E-C 1:0';
    const [, , third, fourth] = table('uefa-euro-2020', results);
    assert.deepEqual([third?.entrant, third?.rank], ['A', 3]);
    assert.deepEqual([fourth?.entrant, fourth?.decidedBy], ['B', 'WINS']);
    assert.equal(table('uefa-euro-2024', results)[3]?.rank, 3);
  });
});

describe('other leagues', () => {
  // A and B have 9 points and 5:2 goals. In their meetings, A has an away goal and B has none.
  const results = 'A-B 1:0, B-A 2:1, A-C 2:0, C-A 0:1, B-C 2:0, C-B 0:1';

  it('Germany and France put difference first, and ask away goals of the meetings', () => {
    for (const name of ['bundesliga', 'ligue-1']) {
      const rows = table(name, results);
      assert.deepEqual([orderOf(rows), rows[1]?.decidedBy], ['A B C', 'HEAD_TO_HEAD_AWAY_GOALS'], name);
      const half = table(name, results, {}, { meetings: 3 });
      assert.deepEqual([orderOf(half), half[1]?.decidedBy], ['A B C', 'AWAY_GOALS'], name);
    }
  });

  it('France asks the meetings before the goals of all matches', () => {
    // A and B have 7 points and a difference of +1. In their meetings A has 4 points. Overall B has more goals.
    const more = 'A-B 1:0, B-A 0:0, A-C 1:0, C-A 1:0, B-C 3:2, C-B 1:2';
    const france = table('ligue-1', more);
    assert.deepEqual([orderOf(france), france[1]?.decidedBy], ['A B C', 'HEAD_TO_HEAD_POINTS']);
    const germany = table('bundesliga', more);
    assert.deepEqual([orderOf(germany), germany[1]?.decidedBy], ['B A C', 'GOALS']);
  });
});

describe('volleyball and basketball', () => {
  it('give points by the sets, and put wins first', () => {
    // B has 2 wins and 4 points. A has 1 win and 5 points.
    const results = [
      inSets('A', 'B', '25:20 25:20 20:25 20:25 10:15'),
      inSets('A', 'C', '25:20 25:20 25:20'),
      inSets('B', 'C', '25:20 25:20 20:25 20:25 15:10'),
      inSets('D', 'A', '25:20 25:20 20:25 20:25 15:10'),
      inSets('D', 'B', '25:10 25:10 25:10'),
      inSets('C', 'D', '25:10 25:10 25:10'),
    ];
    const rows = table('fivb', results);
    assert.deepEqual(sumsOf(rows), ['D 5 6:5', 'B 4 6:7', 'A 5 7:6', 'C 4 5:6']);
    assert.deepEqual(
      rows.map(({ won, decidedBy }) => [won, decidedBy]),
      [
        [2, null],
        [2, null],
        [1, 'WINS'],
        [1, null],
      ],
    );
  });

  it('divide sets, then points', () => {
    const sets = table('fivb', [
      inSets('A', 'X', '25:20 25:20 25:20'),
      inSets('B', 'X', '25:20 25:20 20:25 25:20'),
      inSets('C', 'X', '25:10 25:10 25:10'),
    ]);
    assert.deepEqual(
      sets.map(({ entrant, decidedBy }) => [entrant, decidedBy]),
      [
        ['C', null],
        ['A', 'POINT_QUOTIENT'],
        ['B', 'SET_QUOTIENT'],
        ['X', 'WINS'],
      ],
    );
  });

  it('ask the meeting when both quotients are level', () => {
    const three = '25:20 25:20 25:20';
    const circle = [inSets('A', 'B', three), inSets('B', 'C', three), inSets('C', 'A', three)];
    assert.deepEqual(
      table('fivb', circle).map(({ rank, open }) => [rank, open]),
      [
        [1, 'DECISION'],
        [1, 'DECISION'],
        [1, 'DECISION'],
      ],
    );
    // Four entrants, each with one win against the next: the table among them separates nobody either.
    const square = [...circle.slice(0, 2), inSets('C', 'D', three), inSets('D', 'A', three)];
    assert.equal(table('fivb', square)[0]?.tied, true);
    // A and B have 1 win in 2 matches, and the same sets and points. A has beaten B.
    const pair = [inSets('A', 'B', three), inSets('B', 'C', three), inSets('D', 'A', three)];
    const rows = table('fivb', pair);
    assert.deepEqual([orderOf(rows), rows[2]?.decidedBy], ['D A B C', 'HEAD_TO_HEAD_WINS']);
  });

  it('add the sets of a walkover', () => {
    const rows = table('fivb', [
      result('A', 'X', null, { how: 'WALKOVER', winner: 'HOME' }),
      inSets('B', 'X', '25:0 25:0 25:1'),
    ]);
    assert.deepEqual([orderOf(rows), rows[1]?.decidedBy], ['A B X', 'POINT_QUOTIENT']);
  });

  it('3x3: the ratio of wins, then the meeting, then the average without forfeits', () => {
    const ratio = table('fiba-3x3', 'A-B 21:10, A-C 21:10, A-D 10:21, B-C 21:20');
    assert.deepEqual(
      ratio.map(({ entrant, won, decidedBy }) => [entrant, won, decidedBy]),
      [
        ['D', 1, null],
        ['A', 2, 'WIN_RATIO'],
        ['B', 1, 'WIN_RATIO'],
        ['C', 0, 'WIN_RATIO'],
      ],
    );
    const meeting = table('fiba-3x3', 'A-B 11:10, B-C 21:0, C-D 21:0, D-A 21:20, A-C 12:11, B-D 21:0');
    assert.deepEqual([orderOf(meeting).slice(0, 3), meeting[1]?.decidedBy], ['A B', 'HEAD_TO_HEAD_WINS']);
    const circle = [
      ...played('A-B 15:10, B-C 21:10, C-A 20:10'),
      result('C', 'X', { home: 21, away: 0 }, { how: 'WALKOVER', winner: 'HOME' }),
      ...played('A-X 13:0, B-X 11:0'),
    ];
    // The averages: A 38/3, B 42/3, C 30/2, because the walkover that C won does not count for its average.
    const average = table('fiba-3x3', circle);
    assert.deepEqual([orderOf(average), average[1]?.decidedBy], ['C B A X', 'AVERAGE_SCORE']);
  });

  it('basketball: a forfeit gives no point, a loss gives one', () => {
    const rows = table('basketball', [
      ...played('A-B 80:70'),
      result('A', 'C', null, { how: 'WALKOVER', winner: 'HOME' }),
    ]);
    assert.deepEqual(sumsOf(rows), ['A 4 100:70', 'B 1 70:80', 'C 0 0:20']);
  });

  it('hockey: two points after overtime, and one for its loser', () => {
    const rows = table('hockey', [result('A', 'B', { home: 3, away: 2 }, { overtime: true }), ...played('C-D 1:0')]);
    assert.deepEqual(sumsOf(rows), ['C 3 1:0', 'A 2 3:2', 'B 1 2:3', 'D 0 0:1']);
  });
});

describe('Swiss', () => {
  it('asks the strength of the opponents', () => {
    const rows = table('swiss', 'A-D 1:0, B-E 1:0, C-F 1:0, A-B 0:1, C-D 1:0, E-F 1:0, A-C 1:0, B-F 0:1, D-E 0:0');
    const points = new Map(rows.map(({ entrant, points }) => [entrant, points]));
    assert.deepEqual(
      ['A', 'B', 'C'].map((entrant) => points.get(entrant)),
      [6, 6, 6],
    );
    // The points of the opponents: of A 6, 6, 1; of B 6, 4, 3; of C 6, 1, 3. MEDIAN_BUCHHOLZ takes the middle one.
    assert.deepEqual(
      rows.slice(0, 3).map(({ entrant, decidedBy }) => [entrant, decidedBy]),
      [
        ['A', null],
        ['B', 'MEDIAN_BUCHHOLZ'],
        ['C', 'MEDIAN_BUCHHOLZ'],
      ],
    );
    // The opponents of A have 3 points, those of B 0, those of C 3.
    const buchholz = changed('swiss', { criteria: ['POINTS', 'BUCHHOLZ'] });
    assert.deepEqual(
      table(buchholz, 'A-C 1:0, B-D 1:0, C-D 1:0').map(({ entrant, rank, decidedBy }) => [entrant, rank, decidedBy]),
      [
        ['A', 1, null],
        ['C', 1, null],
        ['B', 3, 'BUCHHOLZ'],
        ['D', 4, null],
      ],
    );
    // A has beaten C, which has 3 points. B has beaten D, which has 0.
    const berger = changed('swiss', { criteria: ['POINTS', 'SONNEBORN_BERGER'] });
    assert.equal(orderOf(table(berger, 'A-C 1:0, B-D 1:0, C-D 1:0')), 'A B C D');
    // A has a draw with C, which has 4 points. B has a draw with D, which has 1.
    assert.deepEqual(
      table(berger, 'A-C 0:0, B-D 0:0, C-D 1:0').map(({ entrant, rank }) => [entrant, rank]),
      [
        ['C', 1],
        ['A', 2],
        ['B', 3],
        ['D', 3],
      ],
    );
  });
});

describe('presets of other seasons and competitions', () => {
  /** Which of A and B is ahead in the table of a preset, and by which criterion. */
  const ahead = (name: string, results: string): [string | undefined, string | null | undefined] => {
    const rows = table(name, results);
    const at = rows.findIndex(({ entrant }) => entrant === 'A' || entrant === 'B');
    return rows[at]?.tied ? ['level', null] : [rows[at]?.entrant, rows[at + 1]?.decidedBy];
  };
  const check = (
    results: string,
    cases: Readonly<Record<string, readonly [first: string, by: string | null]>>,
  ): void => {
    for (const [names, expected] of Object.entries(cases))
      for (const name of names.split(' ')) assert.deepEqual([name, ...ahead(name, results)], [name, ...expected]);
  };

  it('put the meeting or the difference first', () => {
    // A and B have 6 points; B won the meeting, A has +7 and B +1.
    check('B-A 1:0, A-C 5:0, A-D 3:0, B-C 1:0, D-B 1:0, C-D 0:0', {
      'uefa-euro-1996 uefa-clubs-2003 uefa-clubs-2021 uefa-nations-league fifa-club-world-cup': [
        'B',
        'HEAD_TO_HEAD_POINTS',
      ],
      'africa-cup asian-cup serie-a-1994 serie-a-2005 portugal portugal-2016 turkey greece russia': [
        'B',
        'HEAD_TO_HEAD_POINTS',
      ],
      'copa-america gold-cup scotland ligue-1-2002 eredivisie uefa-clubs-2024 goal-difference': ['A', 'DIFFERENCE'],
      'belgium brazil mls': ['A', 'DIFFERENCE'],
      'russia-2011': ['B', 'HEAD_TO_HEAD_POINTS'],
    });
  });

  it('put wins before the difference, or behind it', () => {
    // A and B have 4 points and drew. A has a win and 2:3, B four draws and 2:2.
    check('A-B 0:0, A-C 2:0, D-A 2:0, E-A 1:0, B-C 1:1, B-D 1:1, B-E 0:0, D-E 0:0, D-C 1:0, E-C 1:0', {
      'belgium brazil mls russia-2011 russia': ['A', 'WINS'],
      'portugal portugal-2016 turkey greece eredivisie scotland': ['B', 'DIFFERENCE'],
    });
    check('A-B 0:0, A-C 2:0, D-A 1:0, E-A 1:0, B-C 1:1, B-D 1:1, B-E 0:0, D-E 0:0, D-C 1:0, E-C 1:0', {
      'portugal portugal-2016 uefa-clubs-2021': ['A', 'WINS'],
    });
  });

  it('of earlier times count goal average, or goals', () => {
    // Level on points: A has 6:3, B 3:1.
    check('A-B 1:1, A-C 5:2, B-C 2:0', {
      'fifa-1930 fifa-1954 fifa-1962 english-league-1888 bundesliga-1963': ['B', 'GOAL_AVERAGE'],
      'english-league-1992': ['A', 'GOALS'],
      'fifa-1970 fifa-1974': ['A', 'DIFFERENCE'],
    });
    // Group 1 of 1970: A is the Soviet Union with 6:1, B Mexico with 5:0.
    check('B-A 0:0, C-D 3:0, A-C 4:1, B-D 4:0, A-D 2:0, B-C 1:0', {
      'fifa-1970': ['level', null],
      'fifa-1974': ['A', 'GOALS'],
    });
    // A has 5:4, B 3:1.
    check('A-B 1:1, A-C 4:3, B-C 2:0', {
      'english-league-1992': ['A', 'GOALS'],
      'premier-league': ['B', 'DIFFERENCE'],
    });
  });

  it('count away goals of the meetings until they did not any more', () => {
    check('A-B 1:0, B-A 2:1, A-C 1:0, C-A 0:1, B-C 5:0, C-B 0:1', {
      'uefa-clubs-2003 uefa-nations-league-2018 portugal-2016': ['A', 'HEAD_TO_HEAD_AWAY_GOALS'],
      'uefa-clubs-2021 uefa-nations-league portugal turkey': ['B', 'DIFFERENCE'],
    });
  });

  it('leave a place to a play-off where there was one', () => {
    // A has 6 points, B and C 2 with another average, D 2.
    const group = 'A-B 2:0, A-C 1:0, A-D 1:0, B-C 1:1, D-B 0:3, C-D 2:0';
    const open = (name: string): (string | null)[] => table(name, group).map((row) => row.open);
    assert.deepEqual(open('fifa-1954'), [null, 'PLAY_OFF', 'PLAY_OFF', null]);
    assert.deepEqual(open('fifa-1962'), [null, null, null, null]);
    const rows = table('fifa-1954', group, { playOffs: ['C', 'B'] });
    assert.deepEqual([orderOf(rows), rows[2]?.decidedBy], ['A C B D', 'PLAY_OFF']);
  });

  it('compare the opponents where not everybody meets everybody', () => {
    const by = (criterion: string, results: string) => {
      const rows = orderOf(table(changed('football', { criteria: ['POINTS', criterion] }), results));
      return rows.indexOf('A') < rows.indexOf('B') ? 'A' : 'B';
    };
    // A beat C at home and B beat D away; C has beaten E by more, D by more goals.
    const results = 'A-C 1:0, D-B 0:1, C-E 4:0, D-E 7:4';
    assert.deepEqual(
      ['AWAY_WINS', 'OPPONENTS_DIFFERENCE', 'OPPONENTS_GOALS'].map((criterion) => by(criterion, results)),
      ['B', 'A', 'B'],
    );
    // An opponent that was met twice counts twice.
    assert.equal(by('OPPONENTS_GOALS', 'A-C 0:0, C-A 1:0, B-D 0:0, E-B 1:0'), 'A');
  });
});
