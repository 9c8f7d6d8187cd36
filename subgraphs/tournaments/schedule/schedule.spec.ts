import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { LIMITS, type MatchToPlan, type ScheduleInput, ScheduleRefused } from './input.ts';
import { type Schedule, schedule } from './schedule.ts';
import { at, bracketOf8, groupsThenPlayoff, inputOf, local, match, pitch, roundRobin } from './schedule.fixture.ts';
import { violations } from './violations.ts';

const starts = ({ assignment }: Schedule): Record<string, string> =>
  Object.fromEntries([...assignment].map(([id, { start }]) => [id, local(start)]));
const planned = (rest: Partial<ScheduleInput>, steps = 1_000) => schedule(inputOf(rest), { seed: 1, steps });

describe('a schedule', () => {
  it('plays a knock-out of 8 on one court forwards', async () => {
    const quarters = { Q1: '10:00', Q2: '10:30', Q3: '11:00', Q4: '11:30' };
    const both = await Promise.all([0, 30].map((restMinutes) => planned({ matches: bracketOf8(), restMinutes })));
    const inRounds = ({ assignment }: Schedule) => {
      const times = ['Q', 'S', 'F'].map((round) =>
        [...assignment].filter(([id]) => id.startsWith(round)).map(([, { start }]) => local(start)),
      );
      return times.map((round) => round.toSorted());
    };
    assert.deepEqual(both.map(inRounds), [
      [Object.values(quarters), ['12:00', '12:30'], ['13:00']],
      [Object.values(quarters), ['12:00', '12:30'], ['13:30']],
    ]);
    assert.deepEqual(
      both.map(({ conflicts }) => conflicts),
      [[], []],
    );
    // With 0 steps nothing moves: the first schedule is in the order of the bracket.
    assert.deepEqual(starts(await planned({ matches: bracketOf8() }, 0)), {
      ...quarters,
      S1: '12:00',
      S2: '12:30',
      F: '13:00',
    });
  });

  it('begins the second stage when the first has ended, and everybody has rested', async () => {
    const group = roundRobin(['a', 'b', 'c', 'd']).slice(0, 4);
    const final = match('F', { sequence: 'playoff', home: null, away: null, after: group.map(({ id }) => id) });
    for (const [restMinutes, expected] of [
      [0, '12:00'],
      [20, '12:20'],
    ] as const) {
      const fixed = group.map((one, index) => ({
        ...one,
        fixed: { start: at('10:00') + index * 30 * 60_000, pitch: 'court', referee: null },
      }));
      // The second court is free from 10:00 on.
      const result = await planned({ matches: [final, ...fixed], pitches: [pitch(), pitch('second')], restMinutes });
      assert.equal(starts(result)['F'], expected);
    }
  });

  it('takes turns on two courts, with both semi-finals at once', async () => {
    const { assignment, conflicts } = await planned({
      matches: groupsThenPlayoff(),
      pitches: [pitch('one'), pitch('two')],
      restMinutes: 15,
    });
    assert.deepEqual(conflicts, []);
    const begin = (id: string) => local(assignment.get(id)?.start ?? 0);
    // The 12 matches of the groups take 6 slots of 30 minutes on two courts. Then 15 minutes of rest follow.
    assert.deepEqual([begin('S1'), begin('S2'), begin('F')], ['13:15', '13:15', '14:00']);
  });

  it('lasts over several days, with the same local times when clocks change', async () => {
    const night = ['2026-03-28', '2026-03-29'].map((day) => ({ from: at('10:00', day), to: at('12:00', day) }));
    const result = await planned({
      matches: bracketOf8(),
      pitches: [{ ...pitch(), windows: night }],
      startsAt: at('00:00', '2026-03-01'),
    });
    assert.deepEqual(
      Object.values(starts(result)).toSorted(),
      ['28T10:00', '28T10:30', '28T11:00', '28T11:30', '29T10:00', '29T10:30', '29T11:00'].map(
        (end) => `2026-03-${end}`,
      ),
    );
  });

  it('gives each match a referee whose team neither plays it nor plays then', async () => {
    const referees = ['a', 'b', 'c', 'd', null].map((entry, index) => ({
      id: `referee${index}`,
      entries: entry ? [entry] : [],
      windows: null,
    }));
    const input = inputOf({ matches: groupsThenPlayoff(), pitches: [pitch('one'), pitch('two')], referees });
    const { assignment, conflicts } = await schedule(input, { seed: 2, steps: 500 });
    assert.deepEqual([conflicts, violations(input, assignment)], [[], []]);
    // Each team may reach the semi-finals, so only the referee who belongs to no team may take them.
    assert.deepEqual(
      ['S1', 'S2', 'F'].map((id) => assignment.get(id)?.referee),
      ['referee4', 'referee4', 'referee4'],
    );
  });

  it('is the same for the same seed, and leaves what is fixed', async () => {
    const plan = inputOf({ matches: roundRobin('abcdef'.split('')), pitches: [pitch('one'), pitch('two')] });
    const [one, same] = await Promise.all([1, 1].map((seed) => schedule(plan, { seed, steps: 2_000 })));
    assert.deepEqual(one, same);
    const byHand: MatchToPlan[] = plan.matches.map((one, index) =>
      index === 3 ? { ...one, fixed: { start: at('21:13'), pitch: 'two', referee: null } } : one,
    );
    const result = await schedule({ ...plan, matches: byHand }, { seed: 1, steps: 500 });
    assert.deepEqual(result.assignment.get(byHand[3]?.id ?? ''), byHand[3]?.fixed);
    assert.deepEqual(result.conflicts, []);
  });

  it('tells how far it is, and stops when it is told to', async () => {
    const plan = inputOf({ matches: roundRobin('abcdefgh'.split('')), pitches: [pitch('one'), pitch('two')] });
    const seen: [number, number][] = [];
    await schedule(plan, { seed: 1, steps: 3_000, onProgress: (done, cost) => void seen.push([done, cost]) });
    assert.deepEqual([seen[0]?.[0], seen.at(-1)?.[0]], [0, 1]);
    assert.ok(seen.length >= 7);
    for (const [index, [done, cost]] of seen.slice(1).entries()) {
      const [before = 0, costBefore = 0] = seen[index] ?? [];
      assert.ok(done > before || done === 0, 'forwards');
      assert.ok(cost <= costBefore, 'never worse');
    }
    const controller = new AbortController();
    let calls = 0;
    const stopped = schedule(plan, {
      seed: 1,
      steps: 1_000_000_000,
      signal: controller.signal,
      onProgress: () => {
        if (++calls === 4) controller.abort(new Error('stopped by the organizer'));
      },
    });
    await assert.rejects(stopped, /stopped by the organizer/);
    assert.equal(calls, 4);
  });

  it('has places for 2,000 matches', async () => {
    const groups = Array.from({ length: 72 }, (_, group) =>
      roundRobin(
        Array.from({ length: 8 }, (_, team) => `${group}-${team}`),
        `group${group}`,
      ),
    );
    const days = Array.from({ length: 30 }, (_, day) =>
      new Date(Date.UTC(2026, 5, 6 + day)).toISOString().slice(0, 10),
    );
    const pitches = Array.from({ length: 8 }, (_, index) => ({
      id: `pitch${index}`,
      venue: `venue${index >> 1}`,
      windows: days.map((day) => ({ from: at('09:00', day), to: at('21:00', day) })),
    }));
    const input = inputOf({ matches: groups.flat().slice(0, 2_000), pitches, restMinutes: 30, pauseMinutes: 5 });
    const { assignment, conflicts } = await schedule(input, { seed: 1, steps: 2_000 });
    assert.deepEqual([assignment.size, conflicts], [2_000, []]);
    assert.deepEqual(violations(input, assignment), []);
  });
});

describe('input that means nothing', () => {
  it.each([
    ['TOO_MANY', 'matches', { matches: Array.from({ length: LIMITS.matches + 1 }, (_, index) => match(`m${index}`)) }],
    ['REPEATED', 'matches', { matches: [match('a'), match('a')] }],
    ['REPEATED', 'pitches', { pitches: [pitch(), pitch()] }],
    ['UNKNOWN', 'matches.after', { matches: [match('a', { after: ['b'] })] }],
    ['SAME_TEAM', 'matches', { matches: [match('a', { home: 'x', away: 'x' })] }],
    ['CYCLE', 'matches.after', { matches: [match('a', { after: ['b'] }), match('b', { after: ['a'] })] }],
    ['OUT_OF_RANGE', 'matches.minutes', { matches: [match('a', { minutes: 0 })] }],
    ['OUT_OF_RANGE', 'restMinutes', { restMinutes: -1 }],
    ['OUT_OF_RANGE', 'windows', { pitches: [pitch('court', '12:00', '10:00')] }],
    [
      'UNKNOWN',
      'matches.fixed.pitch',
      { matches: [match('a', { fixed: { start: 0, pitch: 'moon', referee: null } })] },
    ],
  ] as const)('is refused: %s in %s', async (code, field, rest) => {
    await assert.rejects(planned(rest), (error) => {
      assert.ok(error instanceof ScheduleRefused);
      assert.deepEqual([error.code, error.field], [code, field]);
      return true;
    });
  });

  it('is not an empty tournament', async () => {
    const { assignment, conflicts, quality } = await planned({});
    assert.deepEqual([assignment.size, conflicts, quality.cost], [0, [], 0]);
  });
});
