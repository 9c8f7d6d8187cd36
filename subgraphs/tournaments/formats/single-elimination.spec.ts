import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { champion } from './champion.ts';
import { named, open, outside, pairing, planOf, playOut, result } from './formats.testing.ts';
import type { Source } from './plan.ts';
import { knockoutRanking } from './ranking.ts';
import { resolve, type Result } from './resolve.ts';

const four = planOf('SINGLE_ELIMINATION', named('A', 'B', 'C', 'D'), { thirdPlace: true });
const [semiAD, semiBC, final, third] = ['W1-1', 'W1-2', 'W2-1', 'THIRD'];

describe('a single elimination', () => {
  it('of three: 2-3, then 1 against the winner', () => {
    const plan = planOf('SINGLE_ELIMINATION', 3, { thirdPlace: true });
    assert.equal(plan.slots.length, 2);
    const results = playOut(plan, () => true);
    const resolved = resolve(plan, results, outside());
    assert.deepEqual([pairing(resolved, 'W1-2'), pairing(resolved, 'W2-1')], ['2-3', '1-2']);
    assert.deepEqual(open(resolved), []);
  });

  it('of six: seed 1 waits for the winner of 4 and 5, who is to be decided and no bye', () => {
    const plan = planOf('SINGLE_ELIMINATION', 6);
    const resolved = resolve(plan, [], outside());
    assert.deepEqual(
      plan.slots.map(({ key }) => `${key} ${pairing(resolved, key)}`),
      ['W1-2 4-5', 'W1-4 3-6', 'W2-1 1-?', 'W2-2 2-?', 'W3-1 ?-?'],
    );
    assert.equal(resolved.get('W2-1')!.state, 'WAITING');
    assert.deepEqual(
      plan.rounds.map(({ name }) => name),
      ['Quarter-finals', 'Semi-finals', 'Final'],
    );
  });

  it('of eight: halves 1 8 4 5 and 2 7 3 6', () => {
    const resolved = resolve(planOf('SINGLE_ELIMINATION', 8), [], outside());
    assert.deepEqual(
      [1, 2, 3, 4].map((position) => pairing(resolved, `W1-${position}`)),
      ['1-8', '4-5', '2-7', '3-6'],
    );
  });

  it('of 2 to 64: one match less than entrants, byes for the best, and the best meet last', () => {
    for (let size = 2; size <= 64; size++) {
      const plan = planOf('SINGLE_ELIMINATION', size);
      assert.equal(plan.slots.length, size - 1);
      const results = playOut(plan, (home, away) => Number(home) < Number(away));
      assert.equal(results.length, size - 1);
      const resolved = resolve(plan, results, outside());
      assert.deepEqual(open(resolved), []);
      assert.deepEqual(champion(plan, resolved, 1, outside()), { entrant: '1' });
      const full = 2 ** Math.ceil(Math.log2(size));
      const first = plan.slots.filter(({ round }) => round === 1).flatMap(({ home, away }) => [home, away]);
      const byes = Array.from({ length: size }, (_, index) => String(index + 1)).filter(
        (seed) => !first.some((side) => side.kind === 'ENTRANT' && side.entrant === seed),
      );
      assert.deepEqual(
        byes,
        Array.from({ length: full - size }, (_, index) => String(index + 1)),
      );
      // In all matches of a round the sum of the seeds is the same: the best entrant of the round meets the worst.
      for (const { round, key, home, away } of plan.slots) {
        const seeds = [resolved.get(key)!.home, resolved.get(key)!.away].map((s) =>
          'entrant' in s ? Number(s.entrant) : 0,
        );
        assert.equal(seeds[0]! + seeds[1]!, full / 2 ** (round - 1) + 1, `${key} ${home.kind} ${away.kind}`);
      }
      const places = knockoutRanking(plan, resolved)!.map(({ place }) => place);
      assert.deepEqual(places.slice(0, 5), [1, 2, 3, 3, 5].slice(0, size));
    }
  });

  it('has at most 1,024 entrants, drawn and resolved in milliseconds; 0, 1 and 1,025 are refused with the number', () => {
    for (const format of ['SINGLE_ELIMINATION', 'DOUBLE_ELIMINATION'] as const) {
      const before = process.cpuUsage();
      const plan = planOf(format, 1_024);
      const results = playOut(plan, (home) => Number(home) % 2 === 0);
      assert.deepEqual(open(resolve(plan, results, outside())), []);
      // The double elimination has about 30 rounds. Measured: less than 100 ms of CPU.
      assert.ok(process.cpuUsage(before).user < 2_000_000);
      assert.throws(() => planOf(format, 0), { code: 'TOO_FEW_ENTRANTS', params: { entrants: 0, least: 2 } });
      assert.throws(() => planOf(format, 1), { code: 'TOO_FEW_ENTRANTS', field: 'entrants' });
      assert.throws(() => planOf(format, 1_025), {
        code: 'TOO_MANY_ENTRANTS',
        field: 'entrants',
        params: { entrants: 1_025, most: 1_024 },
      });
    }
  });

  it('takes pairs in the order of the bracket, with byes in it', () => {
    const bye: Source = { kind: 'BYE' };
    const plan = planOf('SINGLE_ELIMINATION', [...named('A', 'B', 'C'), bye, bye, bye, ...named('D', 'E')], {
      order: 'PAIRS',
    });
    const resolved = resolve(plan, [], outside());
    assert.deepEqual(
      plan.slots.map(({ key }) => `${key} ${pairing(resolved, key)}`),
      ['W1-1 A-B', 'W1-4 D-E', 'W2-1 ?-C', 'W3-1 ?-?'],
    );
    assert.throws(() => planOf('SINGLE_ELIMINATION', 6, { order: 'PAIRS' }), {
      code: 'NOT_A_POWER_OF_TWO',
      params: { entrants: 6, places: 8 },
    });
  });

  it('carries a changed result of the first round on, and forgets what the wrong teams played', () => {
    const before = [result(semiAD, 'A-D 1:0'), result(semiBC, 'B-C 1:0')];
    assert.equal(pairing(resolve(four, before, outside()), final), 'A-B');
    const after = [result(semiAD, 'A-D 0:1'), result(semiBC, 'B-C 1:0')];
    assert.equal(pairing(resolve(four, after, outside()), final), 'D-B');
    const played = result(final, 'A-B 2:0');
    const stale = resolve(four, [...after, played], outside()).get(final)!;
    assert.deepEqual([stale.state, stale.winner, stale.result, stale.stale], ['READY', null, null, [played]]);
  });

  it('takes another score with the same winner, and moves nothing', () => {
    const rest = [result(semiBC, 'B-C 1:0'), result(final, 'A-B 1:0')];
    const [one, two] = ['A-D 1:0', 'A-D 2:0'].map((text) => resolve(four, [result(semiAD, text), ...rest], outside()));
    assert.deepEqual(one!.get(final), two!.get(final));
    assert.equal(two!.get(final)!.winner, 'A');
  });

  it('has the winners in the final and the losers in the third-place match, whatever came first', () => {
    const results = [result(semiAD, 'A-D 3:1'), result(semiBC, 'B-C 2:0')];
    for (const order of [results, results.toReversed()]) {
      const resolved = resolve(four, order, outside());
      assert.deepEqual([pairing(resolved, final), pairing(resolved, third)], ['A-B', 'D-C']);
    }
    assert.deepEqual(four.slots.find(({ key }) => key === semiBC)!.winnerTo, { slot: final, side: 'AWAY' });
    assert.deepEqual(four.slots.find(({ key }) => key === semiAD)!.loserTo, { slot: third, side: 'HOME' });
  });

  it('goes on when both sides are disqualified', () => {
    const out = outside([
      ['A', 'DISQUALIFIED'],
      ['D', 'DISQUALIFIED'],
    ]);
    const resolved = resolve(four, [result(semiBC, 'B-C 1:0')], out);
    assert.equal(resolved.get(semiAD)!.state, 'EMPTY');
    assert.deepEqual([resolved.get(final)!.state, resolved.get(final)!.winner], ['WALKED_OVER', 'B']);
    assert.deepEqual([resolved.get(third)!.state, resolved.get(third)!.winner], ['WALKED_OVER', 'C']);
  });

  it('lets an entrant who left lose each match until it is out, and nobody win over nobody', () => {
    const results = [result(semiBC, 'B-C 1:0')];
    const withdrawn = resolve(four, results, outside([['D', 'WITHDRAWN']]));
    assert.deepEqual([withdrawn.get(semiAD)!.winner, withdrawn.get(semiAD)!.loser], ['A', 'D']);
    assert.equal(pairing(withdrawn, third), 'D-C');
    assert.deepEqual([withdrawn.get(third)!.state, withdrawn.get(third)!.winner], ['WALKED_OVER', 'C']);
    const bothLost = result(semiAD, 'A-D 0:0', { winner: 'NONE', how: 'AWARDED' });
    const around = outside([['B', 'DISQUALIFIED']]);
    const nobody = resolve(four, [...results, bothLost], around);
    assert.deepEqual([nobody.get(final)!.state, nobody.get(final)!.winner], ['EMPTY', null]);
    assert.deepEqual(champion(four, nobody, 1, around), { none: 'ALL_OUT' });
  });

  it('is not decided by a draw: a shoot-out or a replay decides', () => {
    const state = (...results: Parameters<typeof resolve>[1]): unknown => {
      const { state, winner } = resolve(four, results, outside()).get(semiAD)!;
      return [state, winner];
    };
    assert.deepEqual(state(result(semiAD, 'A-D 1:1')), ['READY', null]);
    assert.deepEqual(state(result(semiAD, 'A-D 1:1 2:4')), ['DECIDED', 'D']);
    const replay = result(semiAD, 'D-A 2:1', { replay: 1 });
    assert.deepEqual(state(replay, result(semiAD, 'A-D 1:1')), ['DECIDED', 'D']);
    assert.deepEqual(state(result(semiAD, 'A-D 1:0'), replay), ['DECIDED', 'A']);
    assert.deepEqual(state(result(semiAD, 'A-D 1:0', { counts: false })), ['READY', null]);
    assert.deepEqual(state(result(semiAD, 'A-D 0:0', { winner: 'NONE', how: 'AWARDED' })), ['DECIDED', null]);
  });

  it('adds up two legs, then goals away, then the shoot-out', () => {
    const tied = (rest: object, ...texts: string[]): unknown => {
      const plan = planOf('SINGLE_ELIMINATION', named('A', 'B', 'C', 'D'), { legs: 2, ...rest });
      const results = texts.map((text, leg) => result(leg === 0 ? 'W1-1-A' : 'W1-1', text));
      const resolved = resolve(plan, results, outside());
      assert.equal(pairing(resolved, 'W1-1'), 'D-A');
      return [resolved.get('W1-1')!.state, resolved.get('W1-1')!.winner];
    };
    assert.deepEqual(tied({}, 'A-D 2:0'), ['READY', null]);
    assert.deepEqual(tied({}, 'A-D 2:0', 'D-A 1:0'), ['DECIDED', 'A']);
    assert.deepEqual(tied({}, 'A-D 2:1', 'D-A 1:0'), ['READY', null]);
    assert.deepEqual(tied({ awayGoals: true }, 'A-D 2:1', 'D-A 1:0'), ['DECIDED', 'D']);
    assert.deepEqual(tied({}, 'A-D 2:1', 'D-A 1:0 3:4'), ['DECIDED', 'A']);
    assert.deepEqual(tied({}, 'A-D 1:1', 'D-A 1:0'), ['DECIDED', 'D']);
    // A link to a tie of two legs names the first leg.
    const plan = planOf('SINGLE_ELIMINATION', named('A', 'B', 'C', 'D'), { legs: 2, finalLegs: 2 });
    const links = plan.slots.map(({ key, winnerTo }) => [key, winnerTo?.slot, winnerTo?.side].join(' ').trim());
    assert.deepEqual(links, ['W1-1-A', 'W1-1 W2-1-A HOME', 'W1-2-A', 'W1-2 W2-1-A AWAY', 'W2-1-A', 'W2-1']);
    // If both sides lost the first leg, the second one decides. If both sides lost both legs, nobody advances.
    const none = { winner: 'NONE', how: 'AWARDED', score: null } as const;
    const legs = (second: Partial<Result>): unknown => {
      const results = [result('W1-1-A', 'A-D 0:0', none), result('W1-1', 'D-A 1:0', second)];
      const { state, winner } = resolve(plan, results, outside()).get('W1-1')!;
      return [state, winner];
    };
    assert.deepEqual(
      [legs({}), legs(none)],
      [
        ['DECIDED', 'D'],
        ['DECIDED', null],
      ],
    );
  });
});
