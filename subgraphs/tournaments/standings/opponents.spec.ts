import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { type BestSlot, OPPONENT_TABLES, placeBest } from './opponents.ts';

const groupOf = (letter: string): number => (letter.codePointAt(0) ?? 0) - 64;
const groups = (letters: string): number[] => [...letters].map(groupOf);
/** Slots from texts such as `3D/E/F against 1C`: the third of D, E or F meets the winner of C. */
const slots = (...texts: string[]): BestSlot[] =>
  texts.map((text) => {
    const { from, winner } = /^3(?<from>[A-L/]+) against 1(?<winner>[A-L])$/.exec(text)?.groups ?? assert.fail(text);
    return { key: `1${winner}`, winnerOf: groupOf(winner ?? ''), from: groups((from ?? '').replaceAll('/', '')) };
  });
const EURO_2020 = slots('3A/D/E/F against 1B', '3D/E/F against 1C', '3A/B/C/D against 1E', '3A/B/C against 1F');
const EURO_2016 = slots('3C/D/E against 1A', '3A/C/D against 1B', '3A/B/F against 1C', '3B/E/F against 1D');
const FIFA_2026 = slots(
  '3A/B/C/D/F against 1E',
  '3C/D/F/G/H against 1I',
  '3C/E/F/H/I against 1A',
  '3E/H/I/J/K against 1L',
  '3B/E/F/I/J against 1D',
  '3A/E/H/I/J against 1G',
  '3E/F/G/I/J against 1B',
  '3D/E/I/J/L against 1K',
);
const placed = (
  table: keyof typeof OPPONENT_TABLES | undefined,
  letters: string,
  list: readonly BestSlot[],
): string[] | undefined => {
  const found = placeBest(table, groups(letters), list);
  return found ? [...found].sort().map(([key, group]) => `${key} ${String.fromCodePoint(64 + group)}`) : undefined;
};

describe('the opponents of the best third', () => {
  it('are in the stored tables for each combination, and fit the slots', () => {
    for (const [name, list, combinations] of [
      ['uefa-euro-2016', EURO_2016, 15],
      ['uefa-euro-2020', EURO_2020, 15],
      ['fifa-2026', FIFA_2026, 495],
    ] as const) {
      const { rows, winners } = OPPONENT_TABLES[name];
      assert.equal(new Set(rows.map((row) => [...row].sort().join(''))).size, combinations, name);
      for (const row of rows) {
        const found = placeBest(name, groups([...row].sort().join('')), list) ?? assert.fail(row);
        for (const { key, winnerOf, from } of list) {
          const group = found.get(key) ?? 0;
          assert.equal(group, groupOf(row[winners.indexOf(String.fromCodePoint(64 + (winnerOf ?? 0)))] ?? ''));
          assert.ok(from?.includes(group) && group !== winnerOf, `${name} ${row} ${key}`);
        }
      }
    }
  });

  it('are those of the tournaments that were played', () => {
    assert.deepEqual(placed('uefa-euro-2016', 'BCEF', EURO_2016), ['1A E', '1B C', '1C B', '1D F']);
    assert.deepEqual(placed('uefa-euro-2020', 'FDAC', EURO_2020), ['1B F', '1C D', '1E C', '1F A']);
    // The four teams in third place that advanced at Euro 2024: the Netherlands of group D, Georgia of F, Slovenia of C,
    // Slovakia of E.
    assert.deepEqual(placed('uefa-euro-2020', 'DFCE', EURO_2020), ['1B F', '1C E', '1E D', '1F C']);
  });

  it('fit without a stored table, and nobody meets the winner of the own group', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(groups('ABCDEFGHIJKL'), { minLength: 8, maxLength: 8 }), (qualified) => {
        const found = placeBest(undefined, qualified, FIFA_2026) ?? assert.fail();
        assert.deepEqual([...found.values()].sort(), [...qualified].sort());
        for (const { key, from, winnerOf } of FIFA_2026) {
          assert.ok(from?.includes(found.get(key) ?? 0));
          assert.notEqual(found.get(key), winnerOf);
        }
      }),
    );
  });

  it('meet the winner of the own group only where nothing else fits', () => {
    // Copa América 2011: the best thirds were those of B and C, and the third of B met the winner of B.
    assert.deepEqual(placed(undefined, 'CB', slots('3C against 1A', '3B against 1B')), ['1A C', '1B B']);
    assert.deepEqual(placed(undefined, 'CB', slots('3B/C against 1B', '3B/C against 1C')), ['1B C', '1C B']);
  });

  it('leave slots empty where they are fewer', () => {
    assert.deepEqual(placed(undefined, 'B', slots('3A/B against 1C', '3A against 1D')), ['1C B']);
    assert.equal(placed('uefa-euro-2016', 'ABC', EURO_2016)?.length, 3);
  });

  it('are not placed by a table of other slots, nor where nothing fits', () => {
    assert.deepEqual(placed(undefined, 'AC', slots('3A against 1B', '3B against 1C')), undefined);
    assert.deepEqual(placed('uefa-euro-2016', 'ABCD', slots('3A/B against 1E', '3A/B against 1F')), undefined);
    const other = slots('3A/B/C/D against 1E', '3A/B/C/D against 1F', '3A/B/C/D against 1G', '3A/B/C/D against 1H');
    assert.deepEqual(
      placed('uefa-euro-2016', 'ABCD', other)?.map((each) => each.slice(0, 2)),
      ['1E', '1F', '1G', '1H'],
    );
    assert.deepEqual(placed(undefined, 'AB', slots('3A/B against 1A', '3A against 1C')), ['1A B', '1C A']);
    const open = [
      { key: 'one', winnerOf: null, from: null },
      { key: 'two', winnerOf: 1, from: null },
    ];
    assert.deepEqual([...(placeBest(undefined, [1, 2], open) ?? [])].sort(), [
      ['one', 1],
      ['two', 2],
    ]);
  });
});
