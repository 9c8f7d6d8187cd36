import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { bestOf } from '../../subgraphs/tournaments/standings/across.ts';
import { placeBest } from '../../subgraphs/tournaments/standings/opponents.ts';
import { PRESETS } from '../../subgraphs/tournaments/standings/presets.ts';
import { type Row, standings } from '../../subgraphs/tournaments/standings/standings.ts';
import type { Rulings, Table } from '../../subgraphs/tournaments/standings/table.ts';
import { readCompetition } from './openfootball.ts';
import { publishedRows, publishedTables } from './published.fixture.ts';
import { hasRealFiles, realFile } from './real-files.fixture.ts';

/** The tables of a file, by group. A league is the group `null`. */
function tablesOf(file: string, rules: string, rulings: Rulings = {}): Map<string | null, Table> {
  const tables = new Map<string | null, Table & { results: Table['results'][number][]; entrants: string[] }>();
  const { matches } = readCompetition(realFile(`${file}.json`));
  const isCup = matches.some(({ group }) => group !== null);
  for (const { group, home, away, result } of matches) {
    if (!result || (isCup && group === null)) continue;
    const table = tables.get(group) ?? {
      entrants: [],
      results: [],
      rules: PRESETS.get(rules) ?? assert.fail(rules),
      rulings,
    };
    tables.set(group, table);
    for (const team of [home, away]) if (!table.entrants.includes(team)) table.entrants.push(team);
    const [one, other] = result.score;
    table.results.push({ home, away, score: { home: one, away: other }, winner: null, how: 'PLAYED', counts: true });
  }
  return tables;
}

const sumsOf = (rows: readonly Row[]): unknown[] =>
  rows.map(({ rank, entrant, played, won, drawn, lost, scoreFor, scoreAgainst, points }) => [
    ...[rank, entrant, played, won, drawn, lost, scoreFor, scoreAgainst, points],
  ]);

const deductions = (adjustments: Readonly<Record<string, number>> = {}): Rulings => ({
  deductions: Object.entries(adjustments).map(([entrant, points]) => ({
    entrant,
    points,
    reason: 'As published',
    at: '2024-05-19',
  })),
});

(hasRealFiles ? describe : describe.skip)('the tables of real competitions', () => {
  const cup = (file: string, rules: string, rulings: Rulings = {}): void => {
    const tables = tablesOf(file, rules, rulings);
    const groups = publishedTables(file).tables;
    assert.equal(groups.length, tables.size);
    for (const { name, rows } of groups) {
      const table = tables.get(name) ?? assert.fail(`${file} ${name}`);
      assert.deepEqual(sumsOf(standings(table)), publishedRows(rows), `${file} ${name}`);
    }
  };
  const league = (file: string, rules: string): Row[] => {
    const { tables, adjustments } = publishedTables(file);
    const rows = tables[0]?.rows ?? [];
    const table = tablesOf(file, rules, deductions(adjustments)).get(null) ?? assert.fail(file);
    const computed = standings(table);
    assert.equal(computed.length, 20);
    assert.deepEqual(sumsOf(computed), publishedRows(rows), file);
    return computed;
  };

  it("equal the World Cup 2018's, with the fair-play points of group H", () => {
    const fairPlay = new Map([
      ['Japan', -4],
      ['Senegal', -6],
    ]);
    cup('worldcup-2018', 'fifa-2018', { fairPlay });
    const h = standings(tablesOf('worldcup-2018', 'fifa-2018', { fairPlay }).get('Group H') ?? assert.fail());
    assert.deepEqual([h[2]?.entrant, h[2]?.decidedBy], ['Senegal', 'FAIR_PLAY']);
  });

  it('show Japan and Senegal tied without fair-play points', () => {
    const h = standings(tablesOf('worldcup-2018', 'fifa-2018').get('Group H') ?? assert.fail());
    assert.deepEqual(
      h.map(({ entrant, rank, tied, open }) => [entrant, rank, tied, open]),
      [
        ['Colombia', 1, false, null],
        ['Japan', 2, true, 'DECISION'],
        ['Senegal', 2, true, 'DECISION'],
        ['Poland', 4, false, null],
      ],
    );
  });

  it("equal the World Cup 2022's", () => cup('worldcup-2022', 'fifa-2022'));

  it("equal the Premier League's of 2023/24, with the deductions", () => {
    const rows = league('england-premier-league-2023-24', 'premier-league');
    assert.deepEqual(rows.find(({ entrant }) => entrant === 'Everton FC')?.deductions[0]?.points, -8);
    assert.equal(rows.find(({ entrant }) => entrant === 'Manchester United FC')?.decidedBy, 'DIFFERENCE');
  });

  it("equal La Liga's of 2022/23, by head-to-head", () => {
    const rows = league('spain-primera-division-2022-23', 'la-liga');
    // Girona, Rayo and Sevilla had 49 points, Cádiz, Getafe and Valencia 42.
    for (const place of [11, 12, 15, 16]) assert.match(rows[place - 1]?.decidedBy ?? '', /^HEAD_TO_HEAD_/);
  });

  it("equal Serie A's of 2022/23, with the deduction, and leave the play-off open", () => {
    const rows = league('italy-serie-a-2022-23', 'serie-a');
    assert.deepEqual(
      rows.filter(({ open }) => open !== null).map(({ entrant, rank, tied, open }) => [entrant, rank, tied, open]),
      [
        ['Spezia Calcio', 17, false, 'PLAY_OFF'],
        ['Hellas Verona FC', 18, false, 'PLAY_OFF'],
      ],
    );
    const { adjustments } = publishedTables('italy-serie-a-2022-23');
    const rulings = { ...deductions(adjustments), playOffs: ['Hellas Verona FC', 'Spezia Calcio'] };
    const after = standings(tablesOf('italy-serie-a-2022-23', 'serie-a', rulings).get(null) ?? assert.fail());
    assert.deepEqual(
      after.slice(16, 18).map(({ entrant, rank, open, decidedBy }) => [entrant, rank, open, decidedBy]),
      [
        ['Hellas Verona FC', 17, null, null],
        ['Spezia Calcio', 18, null, 'PLAY_OFF'],
      ],
    );
  });

  it('equal those of cups of other years', () => {
    const orders = (file: string, rules: string): Record<string, string> =>
      Object.fromEntries(
        [...tablesOf(file, rules)].map(([name, table]) => [
          name?.replace('Group ', '') ?? '',
          standings(table)
            .map(({ entrant, rank, tied }) => `${tied ? rank : ''}${entrant}`)
            .join(', '),
        ]),
      );
    // Goals decide after points and goal difference: Italy and Cameroon both had three draws, Italy two goals, Cameroon
    // one.
    const in1982 = orders('worldcup-1982', 'fifa-1974');
    assert.equal(in1982['1'], 'Poland, Italy, Cameroon, Peru');
    assert.equal(in1982['2'], 'West Germany, Austria, Algeria, Chile');
    assert.equal(in1982.A, 'Poland, Soviet Union, Belgium');
    const in2010 = orders('worldcup-2010', 'fifa-2014');
    assert.equal(in2010.C, 'USA, England, Slovenia, Algeria');
    assert.equal(in2010.D, 'Germany, Ghana, Australia, Serbia');
    // Three teams with 3 points in group B, two with 4 points in D and in F.
    assert.deepEqual(orders('euro-2020', 'uefa-euro-2020'), {
      A: 'Italy, Wales, Switzerland, Turkey',
      B: 'Belgium, Denmark, Finland, Russia',
      C: 'Netherlands, Austria, Ukraine, North Macedonia',
      D: 'England, Croatia, Czech Republic, Scotland',
      E: 'Sweden, Spain, Slovakia, Poland',
      F: 'France, Germany, Portugal, Hungary',
    });
    const in1986 = tablesOf('worldcup-1986', 'fifa-1974');
    const groups = [...in1986.keys()].sort().map((name) => in1986.get(name) ?? assert.fail());
    assert.deepEqual(
      bestOf(groups, 3, groups[0]?.rules ?? assert.fail()).rows.map(({ entrant }) => entrant),
      ['Belgium', 'Poland', 'Bulgaria', 'Uruguay', 'Hungary', 'Northern Ireland'],
    );
  });

  it('bring the best third-placed teams of Euro 2020 into the round of the last 16', () => {
    const tables = tablesOf('euro-2020', 'uefa-euro-2020');
    const groups = [...tables.keys()].sort().map((name) => tables.get(name) ?? assert.fail());
    assert.equal(groups.length, 6);
    const { rows, open } = bestOf(groups, 3, groups[0]?.rules ?? assert.fail());
    assert.deepEqual(open, []);
    assert.deepEqual(
      rows.map(({ entrant }) => entrant),
      ['Portugal', 'Czech Republic', 'Switzerland', 'Ukraine', 'Finland', 'Slovakia'],
    );
    const qualified = rows.slice(0, 4).map(({ group }) => group + 1);
    const slots = [2, 3, 5, 6].map((winnerOf) => ({ key: String(winnerOf), winnerOf, from: null }));
    const placed = placeBest('uefa-euro-2020', qualified, slots) ?? assert.fail();
    const meets = ([key, group]: readonly [string, number]): (string | undefined)[] => [
      standings(groups[Number(key) - 1] ?? assert.fail())[0]?.entrant,
      rows.find((row) => row.group === group - 1)?.entrant,
    ];
    assert.deepEqual([...placed].map(meets), [
      ['Belgium', 'Portugal'],
      ['Netherlands', 'Czech Republic'],
      ['Sweden', 'Ukraine'],
      ['France', 'Switzerland'],
    ]);
  });
});
