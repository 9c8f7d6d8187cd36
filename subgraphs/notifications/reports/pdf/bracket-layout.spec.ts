import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { knockout } from '../content.fixture.ts';
import { bracketPages, MOST_COLUMNS, MOST_ROWS } from './bracket-layout.ts';

describe('the pages of a bracket', () => {
  for (const teams of [2, 3, 4, 8, 16, 32, 64, 128, 512, 1024])
    it(`have every tie of ${teams} teams, and no two in the same place`, () => {
      const ties = knockout(teams);
      const pages = bracketPages(ties);
      const shown = new Set(pages.flatMap((page) => page.ties.map(({ tie }) => tie.key)));
      assert.deepEqual([...shown].sort(), ties.map(({ key }) => key).sort());
      for (const { ties: placed, columns, rows } of pages) {
        assert.ok(columns <= MOST_COLUMNS && rows <= MOST_ROWS);
        for (const { column, row } of placed) assert.ok(column >= 0 && column < columns && row >= 0 && row < rows);
        for (const one of placed)
          for (const other of placed)
            assert.ok(one === other || one.column !== other.column || Math.abs(one.row - other.row) >= 1);
      }
    });

  it('begin again with the last round of the pages before', () => {
    const pages = bracketPages(knockout(64)).filter(({ part }) => part === 'WINNERS');
    assert.deepEqual(
      pages.map(({ firstRound, columns, rows }) => [firstRound, columns, rows]),
      [
        [1, 5, 16],
        [1, 5, 16],
        [5, 2, 2],
      ],
    );
  });

  it('put a tie between the two that lead to it, and leave out nothing when there is a bye', () => {
    const ties = knockout(8).filter(({ key }) => key !== '1 2');
    const [page] = bracketPages(ties);
    const rowOf = (key: string) => page?.ties.find(({ tie }) => tie.key === key)?.row;
    assert.equal(rowOf('2 1'), rowOf('1 1'), 'the other side has a bye');
    assert.equal(rowOf('2 2'), ((rowOf('1 3') ?? 0) + (rowOf('1 4') ?? 0)) / 2);
  });

  it('end with links that lead backwards, or to nothing', () => {
    const [tie, ...rest] = knockout(4);
    const wrong = [{ ...tie!, winnerTo: tie!.key }, ...rest.map((one) => ({ ...one, winnerTo: 'nothing' }))];
    const shown = new Set(bracketPages(wrong).flatMap((page) => page.ties.map(({ tie: of }) => of.key)));
    assert.equal(shown.size, wrong.length);
  });
});
