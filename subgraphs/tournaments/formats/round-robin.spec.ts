import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { named, planOf } from './formats.testing.ts';
import { PlanRefused, type Slot, type StagePlan } from './plan.ts';

const names = ({ home, away }: Slot): [string, string] => {
  assert.ok(home.kind === 'ENTRANT' && away.kind === 'ENTRANT');
  return [home.entrant, away.entrant];
};
const roundsOf = (plan: StagePlan): string[] =>
  plan.rounds.map(({ number, group }) =>
    plan.slots
      .filter((slot) => slot.round === number && slot.group === group)
      .map((slot) => names(slot).join('-'))
      .join(' '),
  );
const counts = (values: readonly string[]): Map<string, number> =>
  new Map([...Map.groupBy(values, (value) => value)].map(([value, all]) => [value, all.length]));
const homes = (plan: StagePlan): Map<string, number> => counts(plan.slots.map((slot) => names(slot)[0]));

describe('a round robin', () => {
  it('of four, twice: 12 matches in 6 rounds, the return leg in the order of the first', () => {
    const plan = planOf('ROUND_ROBIN', named('A', 'B', 'C', 'D'), { legs: 2 });
    const rounds = roundsOf(plan);
    assert.equal(rounds.length, 6);
    assert.equal(plan.slots.length, 12);
    const swapped = (round: string): string =>
      round
        .split(' ')
        .map((pair) => pair.split('-').reverse().join('-'))
        .join(' ');
    assert.deepEqual(rounds.slice(3), rounds.slice(0, 3).map(swapped));
    assert.equal(new Set(rounds.flatMap((round) => round.split(' '))).size, 12);
    assert.deepEqual([...homes(plan).values()], [3, 3, 3, 3]);
  });

  it('of six: everyone is at home twice or three times, three of them each', () => {
    assert.deepEqual([...homes(planOf('ROUND_ROBIN', 6)).values()].sort(), [2, 2, 2, 3, 3, 3]);
  });

  it('of five: four matches each and one free round each', () => {
    const plan = planOf('ROUND_ROBIN', named('A', 'B', 'C', 'D', 'E'));
    assert.equal(plan.slots.length, 10);
    const rests = roundsOf(plan).map((round) => ['A', 'B', 'C', 'D', 'E'].filter((name) => !round.includes(name)));
    assert.deepEqual(rests.flat().sort(), ['A', 'B', 'C', 'D', 'E']);
    assert.deepEqual([...homes(plan).values()], [2, 2, 2, 2, 2]);
  });

  it('has each pair as often as there are legs, everyone once in a round, homes even, sides alternating', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 1, max: 4 }), (size, legs) => {
        const plan = planOf('ROUND_ROBIN', size, { legs });
        const perLeg = size % 2 === 0 ? size - 1 : size;
        assert.equal(plan.rounds.length, perLeg * legs);
        const pairs = counts(plan.slots.map((slot) => names(slot).sort().join('-')));
        assert.equal(pairs.size, (size * (size - 1)) / 2);
        for (const met of pairs.values()) assert.equal(met, legs);
        for (const inRound of Map.groupBy(plan.slots, ({ round }) => round).values()) {
          assert.equal(inRound.length, Math.floor(size / 2));
          assert.equal(new Set(inRound.flatMap(names)).size, 2 * inRound.length);
        }
        const home = homes(plan);
        for (let seed = 1; seed <= size; seed++) {
          const own = plan.slots.filter((slot) => names(slot).includes(String(seed)));
          const difference = 2 * (home.get(String(seed)) ?? 0) - own.length;
          assert.ok(Math.abs(difference) <= own.length % 2, `${seed}: ${difference}`);
          // Within the first leg, an entrant is at home (or away) twice in a row at most once.
          const sides = own.slice(0, size - 1).map((slot) => names(slot)[0] === String(seed));
          assert.ok(sides.filter((side, index) => side === sides[index - 1]).length <= 1);
        }
        for (const slot of plan.slots.filter(({ round }) => round > perLeg)) {
          const before = plan.slots.find(
            ({ round, position }) => round === slot.round - perLeg && position === slot.position,
          )!;
          assert.deepEqual(names(slot), names(before).reverse());
        }
      }),
      { numRuns: 150 },
    );
  });

  it('spreads 14 over 4 groups by a snake, and in blocks of sizes that differ by one at most', () => {
    const groups = (spread: string): string[] =>
      planOf('ROUND_ROBIN', 14, { groups: 4, spread }).groups.map(({ entrants }) =>
        entrants.map((source) => (source.kind === 'ENTRANT' ? source.entrant : '')).join(' '),
      );
    assert.deepEqual(groups('SNAKE'), ['1 8 9', '2 7 10', '3 6 11 14', '4 5 12 13']);
    assert.deepEqual(groups('BLOCKS'), ['1 2 3 4', '5 6 7 8', '9 10 11', '12 13 14']);
    assert.deepEqual(
      planOf('ROUND_ROBIN', 14, { groups: 4 }).groups.map(({ name }) => name),
      ['Group A', 'Group B', 'Group C', 'Group D'],
    );
  });

  it('is refused with the number of matches it would have', () => {
    const refusal = (entrants: number, rest = {}): unknown => {
      try {
        return planOf('ROUND_ROBIN', entrants, rest);
      } catch (error) {
        assert.ok(error instanceof PlanRefused);
        return [error.code, error.field, error.params.matches ?? error.params.least];
      }
    };
    assert.deepEqual(refusal(1_000), ['TOO_MANY_ENTRANTS', 'entrants', 499_500]);
    assert.deepEqual(refusal(0), ['TOO_FEW_ENTRANTS', 'entrants', 2]);
    assert.deepEqual(refusal(1), ['TOO_FEW_ENTRANTS', 'entrants', 2]);
    assert.deepEqual(refusal(7, { groups: 4 }), ['TOO_FEW_ENTRANTS', 'entrants', 8]);
    assert.deepEqual(refusal(512, { groups: 8 }), ['TOO_MANY_MATCHES', 'entrants', 16_128]);
    assert.throws(() => planOf('ROUND_ROBIN', named('A', 'B', 'A')), {
      code: 'DUPLICATE_ENTRANT',
      field: 'entrants.2',
    });
  });
});
