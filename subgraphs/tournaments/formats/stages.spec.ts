import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { namesIn } from './names.ts';
import { pairing, seeds } from './formats.testing.ts';
import { PlanRefused, type Slot, type Source, type StagePlan } from './plan.ts';
import { resolve } from './resolve.ts';
import { drawStages, stageSpecs } from './stages.ts';

const entries = (count: number): string[] => seeds(count).map((source) => (source as { entrant: string }).entrant);
const draw = (stages: object[], count: number): StagePlan[] => drawStages(stageSpecs.parse(stages), entries(count));
const groups = (count: number, rest = {}): object => ({
  config: { format: 'ROUND_ROBIN', groups: count, ...rest },
  entrants: [{ kind: 'ENTRIES' }],
});
const playoff = (entrants: object[], rest = {}): object => ({
  config: { format: 'SINGLE_ELIMINATION', ...rest },
  entrants,
});

/** A source as a text: "1A" is the winner of group A, "3BEST1" the best third. */
const short = (source: Source): string => {
  if (source.kind === 'PLACE') return `${source.place}${String.fromCharCode(64 + source.group)}`;
  if (source.kind === 'BEST') return `${source.place}BEST${source.rank}`;
  return source.kind === 'WINNER' ? '?' : source.kind;
};
const first = ({ slots }: StagePlan): string[] =>
  slots.filter(({ round }) => round === 1).map(({ home, away }) => `${short(home)}-${short(away)}`);
/** The half of the bracket that a side of the first round is in: 1 or 2. */
const half = (plan: StagePlan, name: string): number => {
  const slot = plan.slots.find(({ home, away }) => short(home) === name || short(away) === name)!;
  const perHalf = 2 ** (plan.rounds.length - slot.round) / 2;
  return slot.position <= perHalf ? 1 : 2;
};
const refusal = (stages: object[], count = 8): unknown => {
  try {
    draw(stages, count);
  } catch (error) {
    assert.ok(error instanceof PlanRefused, String(error));
    return [error.code, error.field];
  }
  return null;
};

describe('groups, then a playoff', () => {
  it('crosses the groups: 1A-2B, and both of a group in different halves', () => {
    const [, two] = draw([groups(2), playoff([{ kind: 'TOP', stage: 1, places: 2 }])], 8);
    assert.deepEqual(first(two!), ['1A-2B', '1B-2A']);
    const [, four] = draw([groups(4), playoff([{ kind: 'TOP', stage: 1, places: 2 }])], 16);
    assert.deepEqual(first(four!), ['1A-2B', '1D-2C', '1B-2A', '1C-2D']);
    const [, eight] = draw([groups(8), playoff([{ kind: 'TOP', stage: 1, places: 2 }])], 32);
    assert.deepEqual(first(eight!).toSorted(), [
      '1A-2B',
      '1B-2A',
      '1C-2D',
      '1D-2C',
      '1E-2F',
      '1F-2E',
      '1G-2H',
      '1H-2G',
    ]);
  });

  it('keeps those of a group apart for any number of groups', () => {
    for (let count = 2; count <= 40; count++) {
      const [, plan] = draw([groups(count), playoff([{ kind: 'TOP', stage: 1, places: 2 }])], count * 3);
      for (let group = 0; group < Math.min(26, count); group++) {
        const letter = String.fromCharCode(65 + group);
        assert.notEqual(half(plan!, `1${letter}`), half(plan!, `2${letter}`), `${letter} of ${count}`);
      }
    }
    // With four places per group, the four entrants of a group are in four different quarters of the bracket.
    const [, plan] = draw([groups(4), playoff([{ kind: 'TOP', stage: 1, places: 4 }])], 16);
    const quarter = (name: string): number =>
      Math.ceil(plan!.slots.find(({ home, away }) => short(home) === name || short(away) === name)!.position / 2);
    for (const letter of ['A', 'B', 'C', 'D'])
      assert.deepEqual([1, 2, 3, 4].map((place) => quarter(`${place}${letter}`)).sort(), [1, 2, 3, 4]);
  });

  it('takes the best thirds, and plays what is known already', () => {
    const [table, plan] = draw(
      [groups(6), playoff([{ kind: 'TOP', stage: 1, places: 2, best: 4 }], { thirdPlace: true })],
      24,
    );
    const thirds = plan!.slots.flatMap(({ home, away }) => [home, away]).filter(({ kind }) => kind === 'BEST');
    assert.deepEqual(thirds.map(short).toSorted(), ['3BEST1', '3BEST2', '3BEST3', '3BEST4']);
    assert.equal(plan!.slots.length, 16);
    const resolved = resolve(plan!, [], {
      out: new Map(),
      placeOf: (source) => {
        if (source.kind === 'BEST') return null;
        return source.group === 1 ? 'TIED' : { entrant: `${source.place}${source.group}` };
      },
    });
    const key = plan!.slots.find(({ home }) => short(home) === '1A')!.key;
    assert.equal(pairing(resolved, key).split('-')[0], 'TIED');
    assert.equal(resolved.get(key)!.state, 'WAITING');
    assert.equal(table!.groups.length, 6);
  });

  it('chains more stages: a second group stage, seeds that wait for a qualifying round', () => {
    const places = (group: number, place: number) => ({ kind: 'PLACE', stage: 1, group, place });
    const second = {
      config: { format: 'ROUND_ROBIN', groups: 2, spread: 'BLOCKS' },
      entrants: [
        places(1, 1),
        places(2, 2),
        places(3, 1),
        places(4, 2),
        places(2, 1),
        places(1, 2),
        places(4, 1),
        places(3, 2),
      ],
    };
    const final = playoff([
      { kind: 'PLACE', stage: 2, group: 1, place: 1 },
      { kind: 'PLACE', stage: 2, group: 2, place: 1 },
    ]);
    const plans = draw([groups(4), second, final], 16);
    assert.deepEqual(
      plans[1]!.groups.map(({ entrants }) => entrants.map(short).join(' ')),
      ['1A 2B 1C 2D', '1B 2A 1D 2C'],
    );
    assert.deepEqual(first(plans[2]!), ['1A-1B']);
    const qualifying = { config: { format: 'SINGLE_ELIMINATION' }, entrants: [{ kind: 'ENTRIES', from: 4 }] };
    const main = playoff([
      { kind: 'ENTRIES', to: 3 },
      { kind: 'PLACE', stage: 1, group: 1, place: 1 },
    ]);
    assert.equal(draw([qualifying, main], 9)[1]!.slots.length, 3);
  });

  it('is refused with a code and the field', () => {
    const entered = [{ kind: 'ENTRIES' }];
    const from = (stage: number, group = 1, place = 1) => ({ kind: 'PLACE', stage, group, place });
    assert.deepEqual(refusal([playoff([from(2), from(2, 1, 2)]), playoff([from(1), from(1, 1, 2)])]), [
      'PROGRESSION_CYCLE',
      'stages.0.entrants.0',
    ]);
    assert.deepEqual(refusal([groups(2), playoff([from(1), from(2)])]), ['PROGRESSION_CYCLE', 'stages.1.entrants.1']);
    assert.deepEqual(refusal([groups(2), playoff([from(3), from(1)]), playoff(entered)]), [
      'STAGE_NOT_EARLIER',
      'stages.1.entrants.0',
    ]);
    assert.deepEqual(refusal([groups(2), playoff([from(3), from(1)])]), ['UNKNOWN_STAGE', 'stages.1.entrants.0']);
    assert.deepEqual(refusal([groups(2), playoff([from(1), from(1, 3)])]), ['UNKNOWN_GROUP', 'stages.1.entrants.1']);
    assert.deepEqual(refusal([groups(2), playoff([from(1), from(1, 2, 5)])]), ['UNKNOWN_PLACE', 'stages.1.entrants.1']);
    assert.deepEqual(refusal([groups(2), playoff([from(1), from(1)])]), ['DUPLICATE_ENTRANT', 'stages.1.entrants.1']);
    assert.deepEqual(refusal([playoff(entered), playoff([from(1), from(1, 1, 3)])]), [
      'UNKNOWN_PLACE',
      'stages.1.entrants.1',
    ]);
    assert.equal(refusal([playoff(entered, { thirdPlace: true }), playoff([from(1), from(1, 1, 3)])]), null);
    const best = (rank: number, of: number[] | null = null) => ({ kind: 'BEST', stage: 1, place: 3, rank, groups: of });
    assert.equal(refusal([groups(2), playoff([best(1), best(2)])]), null);
    assert.deepEqual(refusal([groups(2), playoff([best(1), best(3)])]), ['UNKNOWN_PLACE', 'stages.1.entrants.1']);
    assert.deepEqual(refusal([groups(2), playoff([best(1, [1, 4]), from(1)])]), [
      'UNKNOWN_GROUP',
      'stages.1.entrants.0',
    ]);
    assert.deepEqual(refusal([groups(2), playoff([best(1), from(1, 2, 3)])]), [
      'PLACE_TAKEN_TWICE',
      'stages.1.entrants',
    ]);
    assert.deepEqual(refusal([groups(2), playoff([{ kind: 'TOP', stage: 1, places: 5 }])]), [
      'UNKNOWN_PLACE',
      'stages.1.entrants.0',
    ]);
    assert.deepEqual(refusal([groups(2)], 1), ['TOO_FEW_ENTRANTS', 'stages.0.entrants']);
    assert.deepEqual(refusal([playoff([{ kind: 'ENTRIES', to: 9 }])]), ['UNKNOWN_PLACE', 'stages.0.entrants.0']);
    assert.ok(!stageSpecs.safeParse([groups(0)]).success);
  });
});

describe('labels', () => {
  const plans = draw([groups(4), playoff([{ kind: 'TOP', stage: 1, places: 2 }], { thirdPlace: true })], 16);
  const stages = new Map([
    [1, { name: 'Groups', plan: plans[0]! }],
    [2, { name: 'Playoff', plan: plans[1]! }],
  ]);
  const label = (source: Source, own = plans[1]!): string | null => namesIn(own, stages).label(source);

  it('say who will come', () => {
    const sides = (slot: Slot): unknown[] => [label(slot.home), label(slot.away)];
    const bySlot = new Map(plans[1]!.slots.map((slot) => [slot.key, slot]));
    assert.deepEqual(sides(bySlot.get('W1-1')!), ['Winner of Group A', 'Runner-up of Group B']);
    assert.deepEqual(sides(bySlot.get('W2-1')!), ['Winner of Quarter-final 1', 'Winner of Quarter-final 2']);
    assert.deepEqual(sides(bySlot.get('THIRD')!), ['Loser of Semi-final 1', 'Loser of Semi-final 2']);
    assert.equal(label({ kind: 'PLACE', stage: 1, group: 3, place: 3 }), '3rd of Group C');
    assert.equal(label({ kind: 'PLACE', stage: 2, group: 1, place: 1 }), 'Winner of Playoff');
    assert.equal(label({ kind: 'PLACE', stage: 2, group: 1, place: 11 }), '11th of Playoff');
    assert.equal(label({ kind: 'BEST', stage: 1, place: 3, rank: 1, groups: [1, 2, 3, 4] }), '3rd of A/B/C/D');
    assert.equal(label({ kind: 'BEST', stage: 1, place: 3, rank: 1, groups: null }), 'Best 3rd');
    assert.equal(label({ kind: 'BEST', stage: 1, place: 2, rank: 22, groups: null }), '22nd best 2nd');
    assert.equal(label({ kind: 'BYE' }), 'Bye');
    assert.equal(label({ kind: 'ENTRANT', entrant: 'x' }), null);
  });

  it('name slots: without a number where a round has one match, and matches counted where byes left gaps', () => {
    const names = (plan: StagePlan, ...keys: string[]): string[] =>
      keys.map((key) => namesIn(plan, stages).slot(plan.slots.find((slot) => slot.key === key)!));
    assert.deepEqual(names(plans[1]!, 'W1-4', 'W2-2', 'W3-1', 'THIRD'), [
      'Quarter-final 4',
      'Semi-final 2',
      'Final',
      'Third place',
    ]);
    assert.deepEqual(names(plans[0]!, 'G2-R3-M1'), ['Group B, round 3']);
    const [six] = draw([playoff([{ kind: 'ENTRIES' }], { legs: 2 })], 6);
    assert.deepEqual(names(six!, 'W1-2', 'W1-4-A', 'W1-4'), [
      'Quarter-final 1, second leg',
      'Quarter-final 2, first leg',
      'Quarter-final 2, second leg',
    ]);
    assert.equal(label({ kind: 'WINNER', slot: 'W1-4' }, six), 'Winner of Quarter-final 2');
    const [double] = draw([{ config: { format: 'DOUBLE_ELIMINATION' }, entrants: [{ kind: 'ENTRIES' }] }], 16);
    assert.deepEqual(names(double!, 'W1-3', 'L1-2', 'L5-1', 'L6-1', 'F1', 'F2'), [
      'Winners round of 16 match 3',
      'Losers round 1 match 2',
      'Losers round 5',
      'Losers final',
      'Final',
      'Second final',
    ]);
  });
});
