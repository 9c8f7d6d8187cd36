import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { standings } from './standings.ts';
import { changed, orderOf, played, rankOf, result, rulesOf, sumsOf, table } from './tables.fixture.ts';

const FIFA_2014_TO_2022 = ['fifa-2014', 'fifa-2018', 'fifa-2022'];
const HEAD_TO_HEAD_FIRST = ['fifa-2026', 'uefa-euro-2016', 'uefa-euro-2020', 'uefa-euro-2024', 'la-liga', 'serie-a'];
const FOOTBALL = [...FIFA_2014_TO_2022, ...HEAD_TO_HEAD_FIRST, 'premier-league', 'football'];

/** A beats B, B beats C, C beats A, and all beat D. */
const CIRCLE = 'A-B 1:0, B-C 1:0, C-A 1:0, A-D 2:0, B-D 2:0, C-D 2:0';
const ALL_DRAWN = 'A-B 0:0, A-C 0:0, A-D 0:0, B-C 0:0, B-D 0:0, C-D 0:0';

describe('a table', () => {
  it('puts head-to-head first, or overall difference, as the rules say', () => {
    const results = 'B-A 1:0, A-C 5:0, A-D 3:0, B-C 1:0, D-B 1:0, C-D 0:0';
    for (const name of [...HEAD_TO_HEAD_FIRST, 'football']) {
      const rows = table(name, results);
      assert.equal(orderOf(rows), 'B A D C', name);
      assert.match(rows[1]?.decidedBy ?? '', /^HEAD_TO_HEAD_(POINTS|DIFFERENCE)$/, name);
    }
    for (const name of [...FIFA_2014_TO_2022, 'premier-league']) {
      const rows = table(name, results);
      assert.equal(orderOf(rows), 'A B D C', name);
      assert.equal(rows[1]?.decidedBy, 'DIFFERENCE', name);
    }
  });

  it('does not stop at points', () => {
    for (const name of FOOTBALL) {
      const rows = table(name, 'A-B 0:0, A-C 1:0, B-C 3:0');
      assert.equal(orderOf(rows), 'B A C', name);
      assert.deepEqual(
        rows.map(({ decidedBy }) => decidedBy),
        [null, 'DIFFERENCE', null],
        name,
      );
    }
  });

  it('does not forget goals after an equal difference', () => {
    for (const name of FOOTBALL) {
      const rows = table(name, 'A-B 2:2, A-C 2:1, A-D 1:1, B-C 1:0, B-D 0:0, C-D 0:0');
      assert.deepEqual(sumsOf(rows), ['A 5 5:4', 'B 5 3:2', 'D 3 1:1', 'C 1 1:3'], name);
      assert.equal(rows[1]?.decidedBy, 'GOALS', name);
    }
  });

  it('counts only what was played', () => {
    const results = [...played('A-B 1:0, C-D 2:0'), result('A', 'C', null), result('B', 'D', null)];
    for (const name of FOOTBALL) {
      const rows = table(name, results);
      assert.equal(orderOf(rows), 'C A B D', name);
      assert.deepEqual(
        rows.map((row) => [row.points, row.played]),
        [
          [3, 1],
          [3, 1],
          [0, 1],
          [0, 1],
        ],
        name,
      );
    }
  });

  it('shows a circle that nothing breaks as a tie, until lots are recorded', () => {
    for (const name of FOOTBALL) {
      const rows = table(name, CIRCLE);
      assert.deepEqual(
        rows.map(({ rank, tied, open, decidedBy }) => [rank, tied, open, decidedBy]),
        [
          [1, true, 'DECISION', null],
          [1, true, 'DECISION', null],
          [1, true, 'DECISION', null],
          [4, false, null, null],
        ],
        name,
      );
      // In Italy, lots decide which two of the three play off for the title.
      const open = name === 'serie-a' ? 'PLAY_OFF' : null;
      assert.deepEqual(
        table(name, CIRCLE, { lots: ['C', 'A', 'B'] }).map((row) => [row.entrant, row.rank, row.decidedBy, row.open]),
        [
          ['C', 1, null, open],
          ['A', 2, 'LOTS', open],
          ['B', 3, 'LOTS', null],
          ['D', 4, null, null],
        ],
        name,
      );
    }
  });

  it('does not break a full tie by name, and takes lots only for all of the tied', () => {
    for (const name of FOOTBALL) {
      const ranks = (rows: ReturnType<typeof table>): number[] => rows.map(({ rank }) => rank);
      assert.deepEqual(ranks(table(name, ALL_DRAWN)), [1, 1, 1, 1], name);
      assert.deepEqual(ranks(table(name, ALL_DRAWN, { lots: ['D', 'A'] })), [1, 1, 1, 1], name);
      assert.equal(orderOf(table(name, ALL_DRAWN, { lots: ['D', 'B', 'A', 'C'] })), 'D B A C', name);
    }
    const conduct = new Map([
      ['A', -3],
      ['C', -1],
    ]);
    const rows = table('fifa-2018', ALL_DRAWN, { fairPlay: conduct });
    assert.deepEqual(
      rows.map(({ entrant, rank, decidedBy }) => [entrant, rank, decidedBy]),
      [
        ['B', 1, null],
        ['D', 1, null],
        ['C', 3, 'FAIR_PLAY'],
        ['A', 4, 'FAIR_PLAY'],
      ],
    );
  });

  it('asks rankings one by one, and only one that names all of the tied', () => {
    const rankings = [
      ['C', 'A', 'B'],
      ['D', 'C', 'B', 'A'],
    ];
    const rows = table('fifa-2026', ALL_DRAWN, { rankings });
    assert.equal(orderOf(rows), 'D C B A');
    assert.equal(rows[3]?.decidedBy, 'RANKING');
    assert.equal(orderOf(table('fifa-2026', CIRCLE, { rankings })), 'C A B D');
    // These regulations have no ranking, so a recorded one changes nothing.
    assert.equal(table('fifa-2018', ALL_DRAWN, { rankings })[0]?.tied, true);
  });

  it('takes deductions off the total, below zero too, and never off head-to-head', () => {
    const deduction = { entrant: 'C', points: -4, reason: 'An ineligible player', at: '2026-05-04' };
    for (const name of FOOTBALL) {
      const rows = table(name, 'A-B 1:0, A-C 1:1, B-C 2:0', { deductions: [deduction] });
      assert.deepEqual(sumsOf(rows), ['A 4 2:1', 'B 3 2:1', 'C -3 1:3'], name);
      assert.deepEqual(
        rows.map(({ deductions }) => deductions),
        [[], [], [deduction]],
      );
    }
    // After the deduction A and B have 6 points. The 3 points of A against B still count in the head-to-head.
    const rows = table('fifa-2026', 'A-B 1:0, A-C 1:0, A-D 1:0, B-C 9:0, B-D 9:0, C-D 0:0', {
      deductions: [{ ...deduction, entrant: 'A', points: -3 }],
    });
    assert.equal(orderOf(rows).slice(0, 3), 'A B');
    assert.equal(rows[1]?.decidedBy, 'HEAD_TO_HEAD_POINTS');
  });

  it('sums several deductions, and points that were given back', () => {
    const deductions = [-10, 4, -2].map((points) => ({ entrant: 'A', points, reason: 'Spending', at: '2024-02-26' }));
    assert.deepEqual(sumsOf(table('premier-league', 'A-B 1:0', { deductions })), ['B 0 0:1', 'A -5 1:0']);
  });

  it('shows that a result is provisional, and does not count it', () => {
    const results = [...played('A-B 2:0'), result('A', 'C', { home: 1, away: 0 }, { counts: false })];
    const rows = table('football', results);
    assert.deepEqual(sumsOf(rows), ['A 3 2:0', 'C 0 0:0', 'B 0 0:2']);
    assert.deepEqual(
      rows.map(({ entrant, played, provisional }) => [entrant, played, provisional]),
      [
        ['A', 1, true],
        ['C', 0, true],
        ['B', 1, false],
      ],
    );
  });

  it('takes the score of a walkover from the rules, whatever is stored', () => {
    const results = [
      ...played('A-B 13:7'),
      result('A', 'C', { home: 1, away: -1 }, { how: 'WALKOVER', winner: 'HOME' }),
    ];
    for (const [won, total] of [
      [3, 16],
      [0, 13],
    ] as const) {
      const [first, , last] = table(changed('football', { walkover: { won, lost: 0 } }), results);
      assert.deepEqual([first?.entrant, first?.won, first?.scoreFor, first?.scoreAgainst], ['A', 2, total, 7]);
      assert.deepEqual([last?.played, last?.lost], [1, 1]);
    }
    const score = (name: string): string | undefined => sumsOf(table(name, results.slice(1)))[0];
    assert.equal(score('football'), 'A 3 3:0');
    assert.equal(score('basketball'), 'A 2 20:0');
    assert.equal(score('fivb'), 'A 3 3:0');
    assert.equal(score('beach-volleyball'), 'A 2 2:0');
  });

  it('gives a walkover to nobody when both sides stayed away', () => {
    const rows = table('basketball', [result('A', 'B', null, { how: 'WALKOVER', winner: 'NONE' })]);
    assert.deepEqual(
      rows.map(({ played, lost, points, rank }) => [played, lost, points, rank]),
      [
        [1, 1, 0, 1],
        [1, 1, 0, 1],
      ],
    );
  });

  it('lets both lose a match that was played, when it is so decided', () => {
    const rows = table('football', [result('A', 'B', { home: 1, away: 0 }, { winner: 'NONE' })]);
    assert.deepEqual(
      rows.map(({ entrant, lost, points, scoreFor }) => [entrant, lost, points, scoreFor]),
      [
        ['A', 1, 0, 1],
        ['B', 1, 0, 0],
      ],
    );
  });

  it('lets a decision of the organizer override the score that was played', () => {
    const awarded = result('A', 'B', { home: 0, away: 0 }, { how: 'AWARDED', winner: 'AWAY' });
    assert.deepEqual(sumsOf(table('football', [awarded])), ['B 3 0:0', 'A 0 0:0']);
    assert.deepEqual(sumsOf(table('football', [{ ...awarded, score: { home: 0, away: 3 }, winner: null }])), [
      'B 3 3:0',
      'A 0 0:3',
    ]);
  });

  it('does not count the kicks of a shoot-out as goals', () => {
    const drawn = result('A', 'B', { home: 3, away: 3 }, { shootout: { home: 4, away: 2 }, winner: 'HOME' });
    const rows = table('football', [drawn]);
    assert.deepEqual(sumsOf(rows), ['A 1 3:3', 'B 1 3:3']);
    assert.deepEqual(
      rows.map((row) => [row.drawn, row.won, row.lost]),
      [
        [1, 0, 0],
        [1, 0, 0],
      ],
    );
    const hockey = table('hockey', [drawn]);
    assert.deepEqual(sumsOf(hockey), ['A 2 3:3', 'B 1 3:3']);
    assert.deepEqual(
      hockey.map((row) => [row.drawn, row.won, row.lost]),
      [
        [0, 1, 0],
        [0, 0, 1],
      ],
    );
  });

  it('turns the result round for the guests', () => {
    for (const name of FOOTBALL) assert.deepEqual(sumsOf(table(name, 'A-B 3:1')), ['A 3 3:1', 'B 0 1:3'], name);
  });

  it('does not count a free round as a match, and gives points for it only where the rules do', () => {
    const five = ['A', 'B', 'C', 'D', 'E'];
    const results = five.flatMap((home, index) =>
      five.slice(index + 1).map((away) => result(home, away, { home: 1, away: 0 })),
    );
    const byes = new Map(five.map((entrant) => [entrant, 1]));
    for (const row of table('football', results, {}, { byes })) assert.equal(row.played, 4);
    assert.equal(table('football', results, {}, { byes })[0]?.points, 12);
    const [first] = table('swiss', results, {}, { byes });
    assert.deepEqual([first?.points, first?.played, first?.won], [15, 4, 4]);
  });

  it('gives two points for a win where the rules do', () => {
    assert.deepEqual(sumsOf(table('fifa-1970', 'A-B 1:0, A-C 0:0')), ['A 3 1:0', 'C 1 0:0', 'B 0 0:1']);
  });

  it('refuses what cannot be a table', () => {
    const rules = rulesOf('football');
    const entrants = ['A', 'B'];
    const refused = (list: string[], ...results: ReturnType<typeof played>): void =>
      assert.throws(() => standings({ entrants: list, results, rules }), RangeError);
    refused(['A', 'A']);
    refused(entrants, ...played('A-C 1:0'));
    refused(entrants, result('A', 'B', { home: -1, away: 0 }));
    refused(entrants, result('A', 'B', { home: 0.5, away: 0 }));
    assert.deepEqual(standings({ entrants: [], results: [], rules }), []);
    assert.deepEqual(
      standings({ entrants, results: [], rules }).map(({ rank, played }) => [rank, played]),
      [
        [1, 0],
        [1, 0],
      ],
    );
  });
});

describe('head-to-head, applied again', () => {
  const rest = 'A-D 1:0, B-D 1:0, C-D 1:0';

  it('begins again only after all of its criteria were applied', () => {
    // A, B and C have the same points. Among the three: difference B +1, C +1, A -2; goals C 3, B 2. If B and C were
    // compared again after the difference, B would be first, because B has beaten C.
    const results = `A-B 1:0, C-A 3:0, B-C 2:0, ${rest}`;
    for (const name of ['fifa-2026', 'uefa-euro-2020', 'uefa-euro-2024', 'football']) {
      const rows = table(name, results);
      assert.equal(orderOf(rows), 'C B A D', name);
      assert.deepEqual(
        rows.map(({ decidedBy }) => decidedBy),
        [null, 'HEAD_TO_HEAD_GOALS', 'HEAD_TO_HEAD_DIFFERENCE', null],
        name,
      );
    }
    // FIBA begins again after each criterion.
    assert.equal(orderOf(table('basketball', results)), 'B C A D');
  });

  it('compares two of three that are still level only with each other', () => {
    // Among the three, B and C have 3 points, +1 and 3 goals, and A has -2. B has beaten C. Overall C has the better
    // difference.
    const results = 'A-B 2:1, C-A 3:0, B-C 2:0, A-D 1:0, B-D 1:0, C-D 5:0';
    for (const name of ['fifa-2026', 'uefa-euro-2016', 'uefa-euro-2020', 'uefa-euro-2024', 'football', 'la-liga']) {
      const rows = table(name, results);
      assert.equal(orderOf(rows), 'B C A D', name);
      assert.match(rows[1]?.decidedBy ?? '', /^HEAD_TO_HEAD_/, name);
    }
    const once = table('serie-a', results);
    assert.equal(orderOf(once), 'C B A D');
    assert.equal(once[1]?.decidedBy, 'DIFFERENCE');
  });

  it('goes on to the matches of all when it separates nobody', () => {
    const rows = table('fifa-2026', 'A-B 1:0, B-C 1:0, C-A 1:0, A-D 1:0, B-D 3:0, C-D 2:0');
    assert.equal(orderOf(rows), 'B C A D');
    assert.deepEqual(
      rows.map(({ decidedBy }) => decidedBy),
      [null, 'DIFFERENCE', 'DIFFERENCE', null],
    );
  });

  it('waits in Spain until the clubs have met as often as they have to', () => {
    // C and D have 6 points, A and B have 3. C has beaten D, and A has beaten B. D and B have the better differences.
    const results = 'A-B 1:0, B-C 9:0, C-A 1:0, C-D 1:0, D-B 1:0, D-A 1:0';
    const all = table('la-liga', results, {}, { meetings: 1 });
    assert.deepEqual([orderOf(all), all[1]?.decidedBy], ['C D A B', 'HEAD_TO_HEAD_DIFFERENCE']);
    const half = table('la-liga', results, {}, { meetings: 2 });
    assert.deepEqual([orderOf(half), half[1]?.decidedBy], ['D C B A', 'DIFFERENCE']);
  });

  it('asks points before difference in Spain when more than two are level', () => {
    // A, B and C have 4 points. In the matches among them A has 4 points, B has 3, C has 1; B has the best difference.
    const results = 'A-B 1:0, A-C 0:0, B-C 5:0, D-A 1:0, B-D 0:0, C-D 1:0';
    const deductions = [{ entrant: 'D', points: -1, reason: 'Late', at: '2026-05-04' }];
    const rows = table('la-liga', results, { deductions });
    assert.deepEqual([orderOf(rows), rows[1]?.decidedBy], ['A B C D', 'HEAD_TO_HEAD_POINTS']);
  });

  it('counts losses only against entrants that are really level', () => {
    const rules = changed('swiss', { criteria: ['POINTS', 'HEAD_TO_HEAD_LOSSES', 'DIFFERENCE'] });
    // A and B have 7 points. A has lost to X, which left with 2 wins and 6 points, so A and X are not level.
    const results = 'X-A 1:0, X-C 1:0, A-C 9:0, A-D 9:0, A-E 0:0, B-C 1:0, B-D 1:0, B-E 0:0';
    const rows = table(rules, results, { out: new Map([['X', { state: 'WITHDRAWN' }]]) });
    assert.equal(orderOf(rows).slice(0, 5), 'A B X');
    assert.equal(rows[1]?.decidedBy, 'DIFFERENCE');
    // With one more draw X has 7 points too, so the loss of A counts.
    const level = table(rules, `${results}, X-E 0:0`);
    assert.deepEqual([rankOf(level, 'A'), level[2]?.decidedBy], [3, 'HEAD_TO_HEAD_LOSSES']);
  });
});

describe('entrants that leave', () => {
  it('do not count when they played less than half of their matches', () => {
    const results = 'A-B 1:0, A-C 1:1, B-C 2:0, X-A 5:0';
    for (const name of FOOTBALL) {
      const rows = table(name, results, { out: new Map([['X', { state: 'WITHDRAWN' }]]) });
      assert.deepEqual(sumsOf(rows), ['A 4 2:1', 'B 3 2:1', 'C 1 1:3', 'X 0 0:0'], name);
      assert.deepEqual(
        rows.map(({ played, state, decidedBy }) => [played, state, decidedBy]),
        [
          [2, 'IN', null],
          [2, 'IN', null],
          [2, 'IN', null],
          [0, 'WITHDRAWN', 'WITHDRAWN'],
        ],
        name,
      );
    }
  });

  it('after three of seven rounds: annulled or kept, by rule', () => {
    const eight = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'X'];
    const others = eight
      .slice(0, 7)
      .flatMap((home, index) => eight.slice(index + 1, 7).map((away) => result(home, away, { home: 1, away: 0 })));
    const three = played('X-A 5:0, X-B 0:0, C-X 2:1');
    const walkovers = ['D', 'E', 'F', 'G'].map((home) => result(home, 'X', null, { how: 'WALKOVER', winner: 'HOME' }));
    const results = [...others, ...three, ...walkovers];
    const out = new Map([['X', { state: 'WITHDRAWN' as const }]]);
    const annulled = table('football', results, { out });
    for (const row of annulled) assert.equal(row.played, row.entrant === 'X' ? 0 : 6);
    assert.equal(orderOf(annulled), 'A B C D E F G X');

    const kept = table(changed('football', { withdrawn: { results: 'KEEP', place: 'LAST' } }), results, { out });
    for (const row of kept) assert.equal(row.played, 7);
    assert.deepEqual(sumsOf(kept).at(-1), 'X 4 6:14');
    assert.deepEqual(sumsOf(kept)[0], 'A 18 6:5');
    // With a fourth match X has played half of its matches, so the results stay by the rule.
    const four = [...others, ...three, ...played('D-X 3:0'), ...walkovers.slice(1)];
    assert.equal(table('football', four, { out })[0]?.played, 7);
    // One of two matches is half.
    const half = table('football', 'A-B 1:0, X-A 1:0', { out }, { meetings: 1 });
    assert.equal(half.find(({ entrant }) => entrant === 'A')?.played, 2);
    // The organizer can overrule the rule and keep the results.
    const ruled = new Map([['X', { state: 'DISQUALIFIED' as const, results: 'KEEP' as const }]]);
    assert.equal(table('football', results, { out: ruled })[0]?.played, 7);
  });

  it('are last, or keep their place', () => {
    const out = new Map([['A', { state: 'DISQUALIFIED' as const }]]);
    const results = 'A-B 1:0, A-C 1:0, B-C 1:0';
    const rows = table('football', results, { out });
    assert.equal(orderOf(rows), 'B C A');
    assert.equal(rows[2]?.decidedBy, 'WITHDRAWN');
    assert.equal(rows[2]?.points, 6);
    assert.equal(orderOf(table('swiss', results, { out })), 'A B C');
  });

  it('show no provisional result once they are annulled', () => {
    const results = [...played('A-B 1:0'), result('X', 'A', { home: 1, away: 0 }, { counts: false })];
    const out = new Map([['X', { state: 'WITHDRAWN' as const }]]);
    for (const row of table('football', results, { out })) assert.equal(row.provisional, false);
  });
});

describe('places that rules share or leave to a play-off', () => {
  it('shares a place of the Premier League on which nothing depends', () => {
    const rows = table('premier-league', 'A-B 1:0, A-C 1:0, A-D 1:0, B-C 1:0, C-D 1:0, D-B 1:0');
    assert.deepEqual(
      rows.map(({ rank, tied, open }) => [rank, tied, open]),
      [
        [1, false, null],
        [2, true, null],
        [2, true, null],
        [2, true, null],
      ],
    );
  });

  it('decides the title of the Premier League by the meetings', () => {
    const rows = table('premier-league', 'A-B 0:0, B-A 0:1, A-C 1:0, C-A 1:0, B-C 1:0, C-B 0:1');
    assert.deepEqual(sumsOf(rows).slice(0, 2), ['A 7 2:1', 'B 7 2:1']);
    assert.deepEqual([orderOf(rows), rows[1]?.decidedBy], ['A B C', 'HEAD_TO_HEAD_POINTS']);
    // While a match is missing nothing is decided, and both share the place.
    const before = table('premier-league', 'A-B 0:0, B-A 0:1, A-C 1:0, C-A 1:0, B-C 1:0, C-B 0:1', {}, { meetings: 3 });
    assert.deepEqual([before[1]?.rank, before[1]?.tied, before[1]?.open], [1, true, null]);
  });

  it('decides the title of the Premier League by away goals in the meetings, then by a play-off', () => {
    const rows = table('premier-league', 'A-B 1:0, B-A 2:1, A-C 2:0, C-A 0:1, B-C 2:0, C-B 0:1');
    assert.deepEqual(sumsOf(rows).slice(0, 2), ['A 9 5:2', 'B 9 5:2']);
    assert.deepEqual([orderOf(rows), rows[1]?.decidedBy], ['A B C', 'HEAD_TO_HEAD_AWAY_GOALS']);
    const level = 'A-B 1:0, B-A 1:0, A-C 2:0, C-A 0:1, B-C 2:0, C-B 0:1';
    const open = table('premier-league', level);
    assert.deepEqual(
      open.map(({ rank, tied, open }) => [rank, tied, open]),
      [
        [1, true, 'PLAY_OFF'],
        [1, true, 'PLAY_OFF'],
        [3, false, null],
      ],
    );
    const playedOff = table('premier-league', level, { playOffs: ['B', 'A'] });
    assert.deepEqual(
      playedOff.map(({ entrant, rank, decidedBy, open }) => [entrant, rank, decidedBy, open]),
      [
        ['B', 1, null, null],
        ['A', 2, 'PLAY_OFF', null],
        ['C', 3, null, null],
      ],
    );
  });

  it('keeps the head-to-head order of Serie A until the play-off was played', () => {
    // A and B have 9 points. In their meetings B has the better difference.
    const results = 'A-B 1:0, B-A 2:0, A-C 5:0, C-A 0:1, B-C 1:0, C-B 0:1';
    const rows = table('serie-a', results);
    assert.deepEqual(
      rows.map(({ entrant, rank, tied, open, decidedBy }) => [entrant, rank, tied, open, decidedBy]),
      [
        ['B', 1, false, 'PLAY_OFF', null],
        ['A', 2, false, 'PLAY_OFF', 'HEAD_TO_HEAD_DIFFERENCE'],
        ['C', 3, false, null, null],
      ],
    );
    assert.deepEqual(
      table('serie-a', results, { playOffs: ['A', 'B'] }).map(({ entrant, rank, open, decidedBy }) => [
        entrant,
        rank,
        open,
        decidedBy,
      ]),
      [
        ['A', 1, null, null],
        ['B', 2, null, 'PLAY_OFF'],
        ['C', 3, null, null],
      ],
    );
    assert.equal(table('serie-a', results, {}, { meetings: 3 })[0]?.open, null);
    assert.equal(table('serie-a', 'A-B 1:0')[0]?.open, null);
  });
});
