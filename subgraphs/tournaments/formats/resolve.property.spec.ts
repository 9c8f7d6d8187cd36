import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { champion } from './champion.ts';
import { open, outside, planOf, playOut } from './formats.testing.ts';
import type { StagePlan } from './plan.ts';
import { knockoutRanking } from './ranking.ts';
import { type Out, resolve, type Resolved, type Result } from './resolve.ts';

const goals = fc.nat(3);
const score = fc.record({ home: goals, away: goals });
/** Chooses one of the possible slots, results or entrants: an index, modulo their number. */
const which = fc.nat(10_000);
const step = fc.oneof(
  { weight: 10, arbitrary: fc.record({ do: fc.constant('play' as const), which, score, counts: fc.constant(true) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('play' as const), which, score, counts: fc.constant(false) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('correct' as const), which, score }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('both lose' as const), which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('leave' as const),
      which,
      how: fc.constantFrom<Out>('WITHDRAWN', 'DISQUALIFIED'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('return' as const), which }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const stage = fc.oneof(
  fc.record({
    format: fc.constant('SINGLE_ELIMINATION' as const),
    size: fc.integer({ min: 2, max: 20 }),
    thirdPlace: fc.boolean(),
    legs: fc.constantFrom(1, 2),
    finalLegs: fc.constantFrom(1, 2),
    awayGoals: fc.boolean(),
  }),
  fc.record({ format: fc.constant('DOUBLE_ELIMINATION' as const), size: fc.integer({ min: 2, max: 20 }) }),
  fc.record({
    format: fc.constant('ROUND_ROBIN' as const),
    size: fc.integer({ min: 2, max: 8 }),
    legs: fc.constantFrom(1, 2),
  }),
);

/** A stage to which random actions happen: matches, corrections, awards, entrants who leave. */
class Life {
  readonly results: Result[] = [];
  readonly out = new Map<string, Out>();
  constructor(readonly plan: StagePlan) {}

  get around() {
    return outside(this.out);
  }
  get resolved(): Resolved {
    return resolve(this.plan, this.results, this.around);
  }

  matches(slot: string): number {
    return this.results.filter((result) => result.slot === slot).length;
  }

  do(action: Step): void {
    const pick = <T>(items: readonly T[]): T | undefined => items[action.which % items.length];
    switch (action.do) {
      case 'play':
      case 'both lose': {
        const [slot, { home, away }] = pick([...this.resolved].filter(([, { state }]) => state === 'READY')) ?? [
          '',
          { home: null, away: null },
        ];
        if (home?.kind !== 'ENTRANT' || away?.kind !== 'ENTRANT') return;
        // If the slot has a draw, or a result that does not count yet, this adds a replay.
        const again = { slot, home: home.entrant, away: away.entrant, replay: this.matches(slot) };
        this.results.push(
          action.do === 'play'
            ? { ...again, ...played(action.score), counts: action.counts }
            : { ...again, ...played({ home: 0, away: 0 }), winner: 'NONE', how: 'AWARDED' },
        );
        return;
      }
      case 'correct': {
        const index = this.results.length ? action.which % this.results.length : -1;
        if (index >= 0) this.results[index] = { ...this.results[index]!, ...played(action.score) };
        return;
      }
      case 'leave': {
        const name = pick(namesOf(this.plan));
        if (name) this.out.set(name, action.how);
        return;
      }
      case 'return': {
        const name = pick([...this.out.keys()]);
        if (name) this.out.delete(name);
      }
    }
  }
}

const played = (of: { home: number; away: number }): Omit<Result, 'slot' | 'home' | 'away' | 'replay'> => ({
  score: of,
  shootout: null,
  winner: of.home === of.away ? null : of.home > of.away ? 'HOME' : 'AWAY',
  how: 'PLAYED',
  counts: true,
});

const namesOf = ({ slots }: StagePlan): string[] => [
  ...new Set(slots.flatMap(({ home, away }) => [home, away].flatMap((s) => (s.kind === 'ENTRANT' ? [s.entrant] : [])))),
];
const inSlot = ({ home, away }: { home: { kind: string }; away: { kind: string } }): string[] =>
  [home, away].flatMap((side) => ('entrant' in side ? [side.entrant as string] : []));
const withoutStale = (resolved: Resolved): unknown => [...resolved].map(([key, slot]) => [key, { ...slot, stale: [] }]);

function check({ plan, results, out, around, resolved }: Life, limit: number): void {
  const openSlots = new Map<string, number>();
  const losses = new Map<string, number>();
  for (const [key, slot] of resolved) {
    const names = inSlot(slot);
    if (slot.winner !== null) assert.ok(names.includes(slot.winner), key);
    if (slot.loser !== null) assert.ok(names.includes(slot.loser) && slot.loser !== slot.winner, key);
    assert.equal(new Set(names).size, names.length, key);
    if (slot.state === 'READY') assert.ok(names.length === 2 && names.every((name) => !out.has(name)), key);
    if (slot.state === 'WAITING' || slot.state === 'READY')
      for (const name of names) openSlots.set(name, (openSlots.get(name) ?? 0) + 1);
    const isLeg = plan.slots.find((one) => one.key === key)!.leg === 1;
    if (slot.loser !== null && !isLeg) losses.set(slot.loser, (losses.get(slot.loser) ?? 0) + 1);
    for (const stale of slot.stale) assert.ok(!names.includes(stale.home) || !names.includes(stale.away));
  }
  if (limit > 0) {
    // An entrant has at most one open slot, or the two legs of a tie.
    const legs = plan.config.format === 'SINGLE_ELIMINATION' ? Math.max(plan.config.legs, plan.config.finalLegs) : 1;
    for (const count of openSlots.values()) assert.ok(count <= legs);
    // An entrant can lose at most `limit` matches. The loser of a semi-final can also lose the third place.
    for (const count of losses.values()) assert.ok(count <= limit);
  }
  // The order of results does not matter.
  assert.deepEqual(
    resolve(plan, results.toReversed(), around),
    new Map([...resolved].map(([key, slot]) => [key, { ...slot, stale: slot.stale.toReversed() }])),
  );
  // The state is the same if the stage is played again, slot by slot, with only the results of the pairs that meet.
  const fresh: Result[] = [];
  for (const { key } of plan.slots) {
    const names = inSlot(resolve(plan, fresh, around).get(key)!);
    fresh.push(
      ...results.filter(({ slot, home, away }) => slot === key && names.includes(home) && names.includes(away)),
    );
  }
  const again = resolve(plan, fresh, around);
  const notNeeded = [...again].filter(([, { state }]) => state === 'NOT_NEEDED').length;
  assert.deepEqual(withoutStale(again), withoutStale(resolved));
  assert.ok(notNeeded <= 1);
}

describe('a stage, whatever people do', () => {
  it('keeps its invariants, is the same as if it had been so from the start, and ends', () => {
    const counts = { runs: 0, steps: 0, champions: 0, none: {} as Record<string, number>, second: 0 };
    fc.assert(
      fc.property(
        stage,
        fc.array(step, { maxLength: 80, size: 'max' }),
        fc.infiniteStream(fc.boolean()),
        (kind, steps, coin) => {
          const { format, size, ...rest } = kind;
          const plan = planOf(format, size, rest);
          const life = new Life(plan);
          const third = plan.slots.some(({ bracket }) => bracket === 'THIRD_PLACE');
          const limit = format === 'ROUND_ROBIN' ? 0 : format === 'DOUBLE_ELIMINATION' || third ? 2 : 1;
          for (const [index, action] of steps.entries()) {
            life.do(action);
            if (index % 5 === 4) check(life, limit);
          }
          counts.runs++;
          counts.steps += steps.length;
          // Plays the stage to its end. Each match has a winner, and a shoot-out in case that legs are level.
          for (let round = 0; ; round++) {
            const ready = [...life.resolved].filter(([, { state }]) => state === 'READY');
            if (!ready.length) break;
            assert.ok(round < 100, 'ends');
            for (const [slot, { home, away }] of ready)
              if (home.kind === 'ENTRANT' && away.kind === 'ENTRANT')
                life.results.push({
                  ...{ slot, home: home.entrant, away: away.entrant, replay: life.matches(slot) },
                  ...played(coin.next().value! ? { home: 9, away: 1 } : { home: 1, away: 9 }),
                  shootout: { home: 3, away: 1 },
                });
            // All results count from now on. Otherwise a provisional first leg would leave its tie open.
            for (const [index, before] of life.results.entries()) life.results[index] = { ...before, counts: true };
          }
          check(life, limit);
          const { resolved, around } = life;
          assert.deepEqual(open(resolved), []);
          if (format === 'ROUND_ROBIN') return;
          const best = champion(plan, resolved, 1, around);
          assert.ok(best);
          const ranking = knockoutRanking(plan, resolved)!;
          assert.deepEqual(ranking.map(({ entrant }) => entrant).toSorted(), namesOf(plan).toSorted());
          if (resolved.get('F2')?.state === 'DECIDED') counts.second++;
          if ('entrant' in best) {
            counts.champions++;
            assert.notEqual(life.out.get(best.entrant), 'DISQUALIFIED');
            assert.deepEqual(ranking[0], { entrant: best.entrant, place: 1 });
            assert.ok(ranking.length === 1 || ranking[1]!.place === 2);
            const lost = [...resolved.values()].filter(
              ({ loser, state }) => state === 'DECIDED' && loser === best.entrant,
            );
            assert.ok(lost.length < limit || third || plan.config.format === 'SINGLE_ELIMINATION');
          } else {
            counts.none[best.none] = (counts.none[best.none] ?? 0) + 1;
            // If nobody is left to win and no match was awarded to neither, somebody must have left.
            if (best.none === 'ALL_OUT' && life.results.every(({ winner }) => winner !== 'NONE'))
              assert.ok(life.out.size > 0);
          }
        },
      ),
      { numRuns: 1_000 },
    );
    assert.ok(
      counts.champions > 400 &&
        (counts.none.ALL_OUT ?? 0) > 5 &&
        (counts.none.BOTH_LOST ?? 0) > 2 &&
        counts.second > 20,
      JSON.stringify(counts),
    );
  });

  it('has no champion when everybody is out, from the start or at any time', () => {
    fc.assert(
      fc.property(stage, fc.nat(30), (kind, many) => {
        const { format, size, ...rest } = kind;
        const plan = planOf(format, size, rest);
        const results = playOut(plan, (home) => Number(home) % 2 === 0).slice(0, many);
        const around = outside(namesOf(plan).map((name) => [name, 'DISQUALIFIED'] as const));
        const resolved = resolve(plan, results, around);
        assert.deepEqual(open(resolved), []);
        const best = champion(plan, resolved, 1, { ...around, placeOf: () => 'NOBODY' });
        assert.ok(best && 'none' in best && (best.none === 'ALL_OUT' || best.none === 'DISQUALIFIED'));
      }),
      { numRuns: 300 },
    );
  });

  it('gives a title to who is left when all others are out', () => {
    fc.assert(
      fc.property(stage, which, (kind, left) => {
        const { format, size, ...rest } = kind;
        if (format === 'ROUND_ROBIN') return;
        const plan = planOf(format, size, rest);
        const winner = namesOf(plan)[left % size]!;
        const around = outside(
          namesOf(plan)
            .filter((name) => name !== winner)
            .map((name) => [name, 'WITHDRAWN'] as const),
        );
        const resolved = resolve(plan, [], around);
        assert.deepEqual(champion(plan, resolved, 1, around), { entrant: winner });
        assert.deepEqual(open(resolved), []);
      }),
      { numRuns: 300 },
    );
  });
});
