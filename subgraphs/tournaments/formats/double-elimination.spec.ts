import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { champion } from './champion.ts';
import { named, open, outside, pairing, planOf, playOut, result } from './formats.testing.ts';
import type { StagePlan } from './plan.ts';
import { resolve } from './resolve.ts';

const better = (home: string, away: string): boolean => Number(home) < Number(away);
const keys = (plan: StagePlan, bracket: string): string[] =>
  plan.slots.filter((slot) => slot.bracket === bracket).map(({ key }) => key);

describe('a double elimination', () => {
  it('of seven: 6 matches of winners, 5 of losers, one final, and no second one', () => {
    const plan = planOf('DOUBLE_ELIMINATION', 7);
    assert.deepEqual([keys(plan, 'WINNERS').length, keys(plan, 'LOSERS').length], [6, 5]);
    const results = playOut(plan, better);
    assert.equal(results.length, 12);
    const resolved = resolve(plan, results, outside());
    assert.deepEqual(open(resolved), []);
    assert.equal(resolved.get('F2')!.state, 'NOT_NEEDED');
    assert.deepEqual(champion(plan, resolved, 1, outside()), { entrant: '1' });
  });

  it('of 2 to 64: 2n-2 or 2n-1 matches, none open, all but the champion lose twice', () => {
    const sizes = [7, 9, 12, 13, 15, 33, ...Array.from({ length: 63 }, (_, index) => index + 2)];
    const wins = fc.infiniteStream(fc.boolean());
    let second = 0;
    fc.assert(
      fc.property(fc.constantFrom(...sizes), wins, fc.boolean(), (size, stream, seeded) => {
        const plan = planOf('DOUBLE_ELIMINATION', size);
        assert.equal(plan.slots.length, 2 * size - 1);
        const results = playOut(plan, (home, away) => (seeded ? better(home, away) : stream.next().value!));
        const resolved = resolve(plan, results, outside());
        assert.deepEqual(open(resolved), []);
        assert.ok(![...resolved.values()].some(({ state }) => state === 'EMPTY' || state === 'WALKED_OVER'));
        const again = resolved.get('F2')!.state === 'DECIDED';
        if (again) second++;
        assert.equal(results.length, 2 * size - 2 + (again ? 1 : 0));
        const defeats = new Map<string, number>();
        for (const { loser } of resolved.values()) if (loser) defeats.set(loser, (defeats.get(loser) ?? 0) + 1);
        const best = champion(plan, resolved, 1, outside());
        assert.ok(best && 'entrant' in best);
        for (let seed = 1; seed <= size; seed++)
          assert.equal(defeats.get(String(seed)) ?? 0, String(seed) === best.entrant ? (again ? 1 : 0) : 2);
      }),
      { numRuns: 600 },
    );
    assert.ok(second > 50);
  });

  it('has each number of entrants, with the better seed always the winner', () => {
    for (let size = 2; size <= 64; size++) {
      const plan = planOf('DOUBLE_ELIMINATION', size);
      const results = playOut(plan, better);
      assert.equal(results.length, 2 * size - 2);
      assert.deepEqual(open(resolve(plan, results, outside())), []);
    }
  });

  it('has a second final only if the losers’ side wins the first', () => {
    const plan = planOf('DOUBLE_ELIMINATION', named('A', 'B', 'C', 'D'));
    const played = [
      result('W1-1', 'A-D 1:0'),
      result('W1-2', 'B-C 1:0'),
      result('W2-1', 'A-B 1:0'),
      result('L1-1', 'C-D 1:0'),
      result('L2-1', 'B-C 1:0'),
    ];
    const after = (...finals: ReturnType<typeof result>[]) => resolve(plan, [...played, ...finals], outside());
    assert.equal(pairing(after(), 'F1'), 'A-B');
    assert.equal(after().get('F2')!.state, 'WAITING');
    const straight = after(result('F1', 'A-B 1:0'));
    assert.equal(straight.get('F2')!.state, 'NOT_NEEDED');
    assert.deepEqual(champion(plan, straight, 1, outside()), { entrant: 'A' });
    const reset = after(result('F1', 'A-B 0:1'));
    assert.equal(reset.get('F2')!.state, 'READY');
    assert.equal(pairing(reset, 'F2'), 'A-B');
    assert.equal(champion(plan, reset, 1, outside()), null);
    const end = after(result('F1', 'A-B 0:1'), result('F2', 'A-B 0:2'));
    assert.deepEqual(champion(plan, end, 1, outside()), { entrant: 'B' });
    // After a correction of the first final, the second one is not needed, and its result is stale.
    const corrected = after(result('F1', 'A-B 2:1'), result('F2', 'A-B 0:2'));
    assert.equal(corrected.get('F2')!.state, 'NOT_NEEDED');
    assert.equal(corrected.get('F2')!.stale.length, 1);
    assert.deepEqual(champion(plan, corrected, 1, outside()), { entrant: 'A' });
  });

  it('needs no second final against who left', () => {
    const plan = planOf('DOUBLE_ELIMINATION', named('A', 'B', 'C'));
    const around = outside([['A', 'WITHDRAWN']]);
    const before = playOut(plan, (home) => home === 'A').filter(({ slot }) => slot !== 'F1');
    const resolved = resolve(plan, before, around);
    assert.deepEqual([resolved.get('F1')!.state, resolved.get('F2')!.state], ['WALKED_OVER', 'NOT_NEEDED']);
    assert.deepEqual(champion(plan, resolved, 1, around), { entrant: 'B' });
  });

  it('names rounds of both sides', () => {
    assert.deepEqual(
      planOf('DOUBLE_ELIMINATION', 8).rounds.map(({ name }) => name),
      [
        'Winners quarter-finals',
        'Winners semi-finals',
        'Winners final',
        'Losers round 1',
        'Losers round 2',
        'Losers round 3',
        'Losers final',
        'Final',
        'Second final',
      ],
    );
  });
});

/** The slot of the losers' bracket that the loser of each slot drops to. */
const dropsOf = (plan: StagePlan): Map<string, string> =>
  new Map(plan.slots.flatMap(({ key, loserTo }) => (loserTo ? [[key, loserTo.slot] as const] : [])));

/**
 * The expected number of rematches in each round of the losers' bracket, if each match is decided by a coin. For a
 * rematch, one entrant beats the other in the winners' bracket, loses a later match there, and both reach the slot
 * where their ways join.
 */
function rematches(plan: StagePlan, drops: ReadonlyMap<string, string>): number[] {
  const slots = new Map(plan.slots.map((slot) => [slot.key, slot]));
  const wayFrom = (first: string): string[] => {
    const way: string[] = [];
    for (let key: string | undefined = first; key; key = slots.get(key)!.winnerTo?.slot) way.push(key);
    return way;
  };
  const rounds: number[] = [];
  for (const { key, bracket } of plan.slots)
    if (bracket === 'WINNERS')
      for (const [index, later] of wayFrom(key).entries()) {
        if (index === 0 || slots.get(later)!.bracket !== 'WINNERS') continue;
        const [loser, winner] = [wayFrom(drops.get(key)!), wayFrom(drops.get(later)!)];
        const joint = loser.find((slot) => winner.includes(slot))!;
        const chance = 0.5 ** (index + loser.indexOf(joint) + winner.indexOf(joint));
        const { round } = slots.get(joint)!;
        rounds[round - 1] = (rounds[round - 1] ?? 0) + chance;
      }
  return Array.from(rounds, (value) => value ?? 0);
}

function* permutations<T>(items: readonly T[]): Generator<T[]> {
  if (items.length === 0) yield [];
  for (const [index, first] of items.entries())
    for (const rest of permutations(items.toSpliced(index, 1))) yield [first, ...rest];
}

/** All ways to assign the losers of each round after the first to the slots of the losers' bracket that take them. */
function* allDrops(plan: StagePlan): Generator<Map<string, string>> {
  const drops = dropsOf(plan);
  const rounds = [
    ...Map.groupBy(
      plan.slots.filter(({ bracket, round }) => bracket === 'WINNERS' && round > 1),
      ({ round }) => round,
    ).values(),
  ];
  function* from(index: number, chosen: Map<string, string>): Generator<Map<string, string>> {
    const round = rounds[index];
    if (!round) return yield chosen;
    for (const targets of permutations(round.map(({ key }) => drops.get(key)!)))
      yield* from(index + 1, new Map([...chosen, ...round.map(({ key }, at) => [key, targets[at]!] as const)]));
  }
  yield* from(0, drops);
}

describe('losers drop so that rematches come late', () => {
  it('as late as any way to drop them, up to 16 entrants', () => {
    for (const [size, ways] of [
      [4, 1],
      [8, 2],
      [16, 48],
    ] as const) {
      const plan = planOf('DOUBLE_ELIMINATION', size);
      const own = rematches(plan, dropsOf(plan));
      let count = 0;
      for (const drops of allDrops(plan)) {
        count++;
        const other = rematches(plan, drops);
        const at = own.findIndex((value, round) => Math.abs(value - other[round]!) > 1e-9);
        assert.ok(at === -1 || own[at]! < other[at]!, `${size}: ${own.join(' ')} against ${other.join(' ')}`);
      }
      assert.equal(count, ways);
    }
  });

  it('never before a round that grows with the bracket', () => {
    const first = [4, 8, 16, 32, 64, 128, 1_024].map((size) => {
      const plan = planOf('DOUBLE_ELIMINATION', size);
      const rounds = rematches(plan, dropsOf(plan));
      return `${size}: ${1 + rounds.findIndex((value) => value > 0)} of ${rounds.length}`;
    });
    assert.deepEqual(first, [
      '4: 2 of 2',
      '8: 3 of 4',
      '16: 4 of 6',
      '32: 5 of 8',
      '64: 7 of 10',
      '128: 8 of 12',
      '1024: 13 of 18',
    ]);
  });
});
