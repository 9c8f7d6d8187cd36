import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import type { Content } from './content.ts';
import { edition, line, match, season, tournament, tournamentOf } from './content.fixture.ts';
import { cellOf, csvOf } from './csv.ts';

/** Reads CSV by RFC 4180, without code of the writer: a quoted cell may have commas, quotes and line breaks. */
function parse(text: string): string[][] {
  const rows: string[][] = [[]];
  let [cell, isQuoted] = ['', false];
  const end = (): void => void (rows.at(-1)!.push(cell), (cell = ''));
  for (let at = 0; at < text.length; at++) {
    const [letter, next] = [text[at], text[at + 1]];
    if (isQuoted) {
      if (letter !== '"') cell += letter;
      else if (next === '"') cell += text[++at];
      else isQuoted = false;
    } else if (letter === '"') isQuoted = true;
    else if (letter === ',') end();
    else if (letter === '\r' && next === '\n') {
      end();
      at++;
      if (at + 1 < text.length) rows.push([]);
    } else cell += letter;
  }
  return rows;
}

const read = (content: Content, more = {}) => {
  const body = Buffer.from(csvOf(content, edition(more)));
  assert.deepEqual([...body.subarray(0, 3)], [0xef, 0xbb, 0xbf], 'the mark that Excel needs');
  return parse(body.subarray(3).toString('utf8'));
};

describe('a report as CSV', () => {
  for (const [value, cell] of [
    ['=1+1', "'=1+1"],
    ['+7 900', "'+7 900"],
    ['-Динамо', "'-Динамо"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\rx', `"'\rx"`],
    ['  =1', "'  =1"],
    ['＝1', "'＝1"],
    ['Лисы, двор', '"Лисы, двор"'],
    ['«Ёж»', '«Ёж»'],
    ['a "b"', '"a ""b"""'],
    ['a\nb', '"a\nb"'],
    ['=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
    ["'", "'"],
    [-3, '-3'],
    [0, '0'],
    [null, ''],
    ['', ''],
  ] as const)
    it(`writes ${JSON.stringify(value)} as ${JSON.stringify(cell)}`, () => {
      assert.equal(cellOf(value), cell);
    });

  it('has lines of the same length, and titles and rows of each table', () => {
    for (const content of [match(), tournament(), season()]) {
      const rows = read(content);
      assert.equal(new Set(rows.map((row) => row.length)).size, 1);
      assert.ok(rows.every(([table]) => table !== ''));
    }
    const rows = read(tournament(), { language: 'EN', timeZone: 'UTC' });
    assert.deepEqual(rows.filter(([table]) => table === 'Table').slice(0, 3), [
      [
        'Table',
        'Stage',
        'Group',
        '#',
        'Team',
        'P',
        'W',
        'D',
        'L',
        'Scored',
        'Conceded',
        '±',
        'Points',
        'Ahead by',
        'Changes of points',
      ],
      ['Table', 'Групповой этап', 'Group A', '1', 'Лисы двора 1', '3', '3', '0', '0', '10', '3', '7', '9', '', ''],
      [
        ...['Table', 'Групповой этап', 'Group A', '2', 'Ёжики 2', '3', '2', '0', '1', '9', '4', '5', '3', ''],
        "'-3: Неявка на построение: решение оргкомитета",
      ],
    ]);
  });

  it('keeps negative numbers as numbers, and quotes names that are formulas', () => {
    const rows = read(
      season({
        sums: { played: 1, won: 0, drawn: 0, lost: 1, scored: 0, conceded: 3 },
        matches: [line(0, { home: '=cmd|x' })],
      }),
      { language: 'EN' },
    );
    assert.deepEqual(rows.find(([table, first]) => table === 'Statistics' && first === '1')?.slice(0, 8), [
      ...['Statistics', '1', '0', '0', '1', '0', '3', '-3'],
    ]);
    assert.ok(rows.some((row) => row.includes("'=cmd|x")));
    assert.ok(!rows.some((row) => row.some((cell) => /^[=+@]/.test(cell))));
  });

  it('has a score in two cells, because spreadsheets read "2:1" as a time', () => {
    const shootout = { home: 4, away: 5 };
    const score = { home: 2, away: 2, shootout };
    const facts = read(match({ how: 'PLAYED', score: { ...score, periods: [] } }), { language: 'EN' });
    for (const [name, ...cells] of [
      ['Score', '2', '2'],
      ['Shoot-out', '4', '5'],
    ])
      assert.deepEqual(facts.find(([, title]) => title === name)?.slice(2, 4), cells);
    const [titles = [], row = []] = read(season({ matches: [line(0, { score })] }), { language: 'EN' }).filter(
      ([table]) => table === 'Matches',
    );
    assert.equal(new Set(titles.filter((title) => title !== '')).size, titles.filter((title) => title !== '').length);
    const cellsOf = Object.fromEntries(titles.map((title, index) => [title, row[index]]));
    assert.deepEqual(
      ['Score: Home', 'Score: Away', 'Shoot-out: Home', 'Shoot-out: Away'].map((title) => cellsOf[title]),
      ['2', '2', '4', '5'],
    );
    for (const content of [
      match({ how: 'PLAYED', score: { ...score, periods: [] } }),
      tournament(),
      season({ matches: [line(0, { score })] }),
    ])
      assert.ok(!read(content).some((cells) => cells.some((cell) => /^\d+:\d+$/.test(cell))));
  });

  it('has every match of a tournament of 1,000', () => {
    assert.ok(read(tournamentOf(1000), { language: 'EN' }).filter(([table]) => table === 'Matches').length > 1000);
  });
});
