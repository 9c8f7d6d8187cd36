import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { CompetitionFileError, readCompetition } from './openfootball.ts';
import { isSlot } from './slots.ts';

describe('for arbitrary files', () => {
  const name = fc.oneof(
    fc.constantFrom('Foxes', 'Rovers', 'Owls', '2A', 'W7', 'bye', '', '__proto__', 'toString'),
    fc.string({ maxLength: 90 }),
    fc.constant(null),
    fc.integer(),
  );
  const team = fc.oneof(name, fc.record({ name, code: name }), fc.jsonValue({ maxDepth: 2 }));
  const count = fc.oneof(fc.integer({ min: -1, max: 8 }), fc.constantFrom('2', '', null, 1.5, 100));
  const pair = fc.oneof(
    fc.array(count, { maxLength: 3 }),
    fc.record({ home: count, away: count }),
    fc.constantFrom('2-1', '2-1 (1-0)', 'x', null, {}),
  );
  const score = fc.oneof(
    pair,
    fc.record({ ht: pair, ft: pair, et: pair, p: pair }, { requiredKeys: [] }),
    fc.jsonValue({ maxDepth: 2 }),
  );
  const minute = fc.oneof(
    fc.integer({ min: -1, max: 140 }),
    fc.constantFrom('90+3', "45'", '120+31', 'x', null, 1.5, '121'),
  );
  const goal = fc.oneof(
    fc.record({ name, minute, offset: minute, owngoal: fc.boolean(), penalty: fc.boolean() }, { requiredKeys: [] }),
    fc.string(),
    fc.jsonValue({ maxDepth: 1 }),
  );
  const list = fc.oneof(fc.array(goal, { maxLength: 4 }), fc.jsonValue({ maxDepth: 1 }));
  // Most of a plausible row is correct, because scores and goals are read only when the rest of the row is readable.
  const upTo = (most: number) => fc.tuple(fc.nat(most), fc.nat(most));
  const scored = fc.array(
    fc.record({ name, minute: fc.integer({ min: 1, max: 131 }), offset: fc.nat(30) }, { requiredKeys: [] }),
    { maxLength: 3 },
  );
  const plausible = fc.record(
    {
      date: fc.constant('2026-06-01'),
      team1: fc.constantFrom('Foxes', 'Rovers', 'Owls'),
      team2: fc.constantFrom('Larks', 'Swifts'),
      score: fc.oneof(upTo(4), fc.record({ ht: upTo(1), ft: upTo(3), et: upTo(5), p: upTo(5) }, { requiredKeys: [] })),
      goals1: scored,
      goals2: scored,
    },
    { requiredKeys: ['date', 'team1', 'team2'] },
  );
  const row = fc.oneof(
    { weight: 5, arbitrary: plausible },
    {
      weight: 5,
      arbitrary: fc.record(
        {
          round: fc.oneof(name, fc.integer()),
          group: name,
          date: fc.oneof(fc.constantFrom('2026-06-01', '2026-06-02', '1.6.2026', '2026-13-01', '', null), fc.string()),
          time: fc.oneof(fc.constantFrom('18:00', '20:45 CET', '13:00 UTC-6', null, 7), fc.string()),
          team1: team,
          team2: team,
          score,
          score1: count,
          score2: count,
          goals1: list,
          goals2: list,
          status: fc.oneof(fc.constantFrom('canceled', 'awarded', null), fc.jsonValue({ maxDepth: 1 })),
          ground: fc.jsonValue({ maxDepth: 2 }),
        },
        { requiredKeys: [] },
      ),
    },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  );
  const file = fc.oneof(
    fc.record({ name, matches: fc.array(row, { maxLength: 8 }) }),
    fc.record({
      name,
      rounds: fc.array(fc.record({ name, matches: fc.array(row, { maxLength: 4 }) }), { maxLength: 3 }),
    }),
    fc.array(row, { maxLength: 4 }),
    fc.jsonValue(),
  );

  it('each row is accepted or has a line, and only CompetitionFileError is thrown', () => {
    fc.assert(
      fc.property(file, (json) => {
        try {
          const {
            name: called,
            teams,
            matches,
            rows,
            leftOut,
            notes,
          } = readCompetition(JSON.stringify(json), 'fallback');
          assert.equal(matches.length + leftOut.length, rows);
          for (const line of [...leftOut, ...notes]) assert.doesNotMatch(line, /[\p{Cc}\p{Zl}\p{Zp}]/u);
          assert.ok(called.length > 0 && called.length <= 100);
          for (const { home, away, kickoffAt, clientId, result, round, group, venue } of matches) {
            assert.ok(home !== away && teams.includes(home) && teams.includes(away) && !isSlot(home) && !isSlot(away));
            assert.ok(home.length <= 80 && clientId.length === 43 && new Date(kickoffAt).toISOString() === kickoffAt);
            for (const text of [round, group, venue])
              assert.ok(text === null || (text.trim() === text && text.length > 0 && text.length <= 200));
            if (!result) continue;
            const made = (side: string): number => result.goals.filter((scored) => scored.side === side).length;
            assert.deepEqual([made('HOME'), made('AWAY')], result.score);
            for (const { clock, period } of result.goals) {
              assert.ok(period >= 1 && period <= result.periods);
              // The API allows minutes up to the period's last one, plus at most thirty minutes of stoppage time.
              assert.ok(
                clock === null ||
                  (clock.minute >= 1 &&
                    clock.minute <= ([45, 90, 105, 120][period - 1] ?? 0) &&
                    (clock.stoppage ?? 0) <= 30),
              );
            }
          }
        } catch (error) {
          if (!(error instanceof CompetitionFileError)) throw error;
          assert.doesNotMatch(error.message, /[\p{Cc}\p{Zl}\p{Zp}]/u);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('a text that is not JSON is refused', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          readCompetition(text);
        } catch (error) {
          assert.ok(error instanceof CompetitionFileError);
          assert.doesNotMatch(error.message, /[\p{Cc}\p{Zl}\p{Zp}]/u);
        }
      }),
    );
  });
});
