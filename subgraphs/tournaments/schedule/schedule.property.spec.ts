import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { Board } from './board.ts';
import { construct, randomOf } from './construct.ts';
import { Improvement } from './improve.ts';
import type { MatchToPlan, Pitch, Referee, ScheduleInput } from './input.ts';
import { windowsOf } from './local-time.ts';
import { occupancyFaults } from './occupancy.fixture.ts';
import { problemOf } from './problem.ts';
import { quality, qualityOf } from './quality.ts';
import { schedule } from './schedule.ts';
import { at, bracketOf8, groupsThenPlayoff, inputOf, roundRobin } from './schedule.fixture.ts';
import { violations } from './violations.ts';

// In Berlin, the hour from 02:00 to 03:00 is missing on 29 March 2026, and comes twice on 25 October.
const DAYS = ['2026-03-28', '2026-03-29', '2026-06-06', '2026-10-24', '2026-10-25'] as const;
const hour = (value: number) => `${String(value % 24).padStart(2, '0')}:00`;

const windows = fc
  .array(
    fc.record({
      day: fc.constantFrom(...DAYS),
      opens: fc.integer({ min: 0, max: 22 }),
      hours: fc.integer({ min: 1, max: 12 }),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((list) =>
    list.flatMap(({ day, opens, hours }) =>
      windowsOf(
        { firstDay: day, lastDay: day, weekdays: null, opens: hour(opens), closes: hour(opens + hours) },
        'Europe/Berlin',
      ),
    ),
  );

const pitches: fc.Arbitrary<Pitch[]> = fc
  .array(fc.record({ venue: fc.constantFrom('north', 'south'), windows }), { minLength: 1, maxLength: 3 })
  .map((list) => list.map((rest, index) => ({ id: `pitch${index}`, ...rest })));

const names = 'abcdefgh'.split('');
const referees: fc.Arbitrary<Referee[]> = fc
  .array(
    fc.record({
      entries: fc.uniqueArray(fc.constantFrom(...names), { maxLength: 2 }),
      windows: fc.option(windows, { freq: 2 }),
    }),
    { maxLength: 4 },
  )
  .map((list) => list.map((rest, index) => ({ id: `referee${index}`, ...rest })));

const matches: fc.Arbitrary<MatchToPlan[]> = fc
  .oneof(
    fc.constant(bracketOf8()),
    fc.constant(groupsThenPlayoff()),
    fc.integer({ min: 2, max: 7 }).map((count) => roundRobin(names.slice(0, count))),
  )
  .chain((list) =>
    fc
      .array(fc.record({ minutes: fc.constantFrom(10, 25, 40), dated: fc.integer({ min: 0, max: 12 }) }), {
        minLength: list.length,
        maxLength: list.length,
      })
      .map((details) =>
        list.map((match, index) => {
          const { minutes = 10, dated = 9 } = details[index] ?? {};
          return {
            ...match,
            minutes,
            notBefore: dated === 0 ? at('00:00', '2026-06-06') : null,
            notAfter: dated === 1 ? at('20:00', '2026-10-24') : null,
          };
        }),
      ),
  );

const input: fc.Arbitrary<ScheduleInput> = fc.record({
  matches,
  pitches,
  referees,
  startsAt: fc.constantFrom(at('00:00', '2026-03-01'), at('11:07', '2026-03-28')),
  pauseMinutes: fc.constantFrom(0, 5, 12),
  restMinutes: fc.constantFrom(0, 7, 30),
  stepMinutes: fc.constantFrom(1, 5, 15),
});

describe('any schedule', () => {
  it('breaks no hard rule, and says so of each match that it leaves out', async () => {
    let [whole, partial] = [0, 0];
    await fc.assert(
      fc.asyncProperty(input, fc.integer(), async (input, seed) => {
        const { assignment, conflicts, quality } = await schedule(input, { seed, steps: 300 });
        assert.deepEqual(occupancyFaults(input, assignment), []);
        assert.deepEqual(violations(input, assignment), []);
        assert.equal(quality.unplaced, input.matches.length - assignment.size);
        assert.equal(conflicts.length === 0, quality.unplaced === 0);
        for (const { message, matches } of conflicts) assert.ok(message.length > 0 && matches.length > 0);
        const named = conflicts.flatMap(({ matches }) => matches);
        for (const { id } of input.matches) if (!assignment.has(id)) assert.ok(named.includes(id), id);
        if (quality.unplaced === 0) whole++;
        else partial++;
      }),
      { numRuns: 300 },
    );
    assert.ok(whole > 30 && partial > 30, `${whole} whole, ${partial} partial`);
  });

  it('keeps fixed matches, and breaks nothing that they do not break among themselves', async () => {
    await fc.assert(
      fc.asyncProperty(
        input,
        fc.array(fc.nat({ max: 40 }), { maxLength: 4 }),
        fc.integer(),
        async (input, hands, seed) => {
          const first = await schedule(input, { seed, steps: 0 });
          const shift = (index: number) => (hands[index % Math.max(1, hands.length)] ?? 0) * 60_000;
          const fixed = new Set(hands.map((hand) => input.matches[hand % input.matches.length]?.id));
          const again = {
            ...input,
            matches: input.matches.map((match, index) => {
              const place = first.assignment.get(match.id);
              return fixed.has(match.id) && place
                ? { ...match, fixed: { ...place, start: place.start + shift(index) } }
                : match;
            }),
          };
          const { assignment, conflicts } = await schedule(again, { seed, steps: 200 });
          for (const match of again.matches) if (match.fixed) assert.deepEqual(assignment.get(match.id), match.fixed);
          const broken = violations(again, assignment);
          for (const { matches } of broken) assert.ok(matches.every((id) => fixed.has(id)));
          assert.equal(conflicts.filter(({ code }) => code === 'FIXED_MATCHES').length, broken.length);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('says that nothing can help only where there is no schedule', async () => {
    // The windows are exactly what a known schedule needs. So a schedule exists, even if the search does not find it.
    await fc.assert(
      fc.asyncProperty(input, fc.integer(), async (input, seed) => {
        const { assignment, quality } = await schedule(input, { seed, steps: 0 });
        fc.pre(quality.unplaced === 0);
        const tight = {
          ...input,
          pitches: input.pitches.map((pitch) => ({
            ...pitch,
            windows: input.matches
              .filter(({ id }) => assignment.get(id)?.pitch === pitch.id)
              .map(({ id, minutes }) => {
                const start = assignment.get(id)?.start ?? 0;
                return { from: start, to: start + minutes * 60_000 };
              }),
          })),
        };
        const { conflicts } = await schedule(tight, { seed: seed + 1, steps: 0 });
        assert.deepEqual(
          conflicts.filter(({ proven }) => proven),
          [],
        );
      }),
      { numRuns: 200 },
    );
  });

  it('has the cost that its parts add up to, step by step', () => {
    fc.assert(
      fc.property(input, fc.integer(), (input, seed) => {
        const random = randomOf(seed);
        const board = construct(problemOf(input), 0, random);
        const improvement = new Improvement(board, random);
        const first = improvement.best;
        for (let step = 0; step < 200; step++) improvement.step();
        assert.ok(Math.abs(improvement.cost - quality(board).cost) < 1e-3);
        improvement.finish();
        assert.ok(Math.abs(improvement.best - quality(board).cost) < 1e-3 && improvement.best <= first);
      }),
      { numRuns: 100 },
    );
  });

  it('has the same quality when it is looked at from outside', async () => {
    const plan = inputOf({ matches: groupsThenPlayoff() });
    const { assignment, quality } = await schedule(plan, { seed: 3, steps: 100 });
    assert.deepEqual(qualityOf(plan, assignment), quality);
    assert.equal(new Board(problemOf(plan)).lastEnd(), -Infinity);
  });
});
