import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import type { ScheduleInput } from './input.ts';
import { schedule } from './schedule.ts';
import { at, bracketOf8, inputOf, match, pitch } from './schedule.fixture.ts';

const conflictsOf = async (rest: Partial<ScheduleInput>) =>
  (await schedule(inputOf(rest), { seed: 1, steps: 300 })).conflicts;
const first = async (rest: Partial<ScheduleInput>) => (await conflictsOf(rest))[0];

describe('a schedule that cannot be', () => {
  it('has too few slots: how many there are, and what would help', async () => {
    const conflict = await first({ matches: bracketOf8(), pitches: [pitch('court', '10:00', '12:30')] });
    assert.deepEqual(
      [conflict?.code, conflict?.params, conflict?.matches.length, conflict?.proven],
      ['TOO_FEW_SLOTS', { needs: 7, exist: 5, minutes: 60 }, 7, true],
    );
    assert.match(
      conflict?.message ?? '',
      /^7 matches need 7 slots, and 5 exist in these windows\. Open .* 60 minutes more/,
    );
  });

  it('has too few slots between the dates of a round', async () => {
    const dated = { notBefore: at('10:00'), notAfter: at('11:00') };
    const conflict = await first({ matches: [match('a', dated), match('b', dated), match('c', dated), match('d')] });
    assert.deepEqual([conflict?.code, conflict?.params], ['TOO_FEW_SLOTS', { needs: 3, exist: 2, minutes: 30 }]);
  });

  it('has too few slots because of what is fixed', async () => {
    const fixed = { start: at('10:30'), pitch: 'court', referee: null };
    const conflict = await first({
      matches: [match('set', { fixed }), match('a'), match('b')],
      pitches: [pitch('court', '10:00', '11:45')],
      pauseMinutes: 15,
    });
    // The times from 10:00 to 10:15 and from 11:15 to 11:45 are free.
    assert.deepEqual([conflict?.code, conflict?.params], ['TOO_FEW_SLOTS', { needs: 2, exist: 1, minutes: 45 }]);
  });

  it('has no pitch, or none that is open long enough', async () => {
    assert.equal((await first({ matches: bracketOf8(), pitches: [] }))?.code, 'NO_PITCHES');
    const conflict = await first({
      matches: [match('a', { minutes: 90 })],
      pitches: [pitch('court', '10:00', '11:00')],
    });
    assert.deepEqual([conflict?.code, conflict?.params], ['WINDOWS_TOO_SHORT', { needs: 90, longest: 60 }]);
  });

  it('has too few referees', async () => {
    const conflict = await first({
      matches: [match('a'), match('b'), match('c')],
      pitches: [pitch('one', '10:00', '11:00'), pitch('two', '10:00', '11:00')],
      referees: [{ id: 'r', entries: [], windows: [{ from: at('10:00'), to: at('10:45') }] }],
    });
    assert.deepEqual([conflict?.code, conflict?.params], ['TOO_FEW_REFEREES', { needs: 3, exist: 1 }]);
  });

  it('gives one team too little time to rest', async () => {
    const conflict = await first({
      matches: ['x', 'y', 'z'].map((away) => match(away, { home: 'a', away })),
      pitches: [pitch('court', '10:00', '12:00')],
      restMinutes: 40,
    });
    assert.deepEqual(
      [conflict?.code, conflict?.params],
      ['TEAM_NEEDS_MORE_TIME', { entry: 'a', needs: 3, exist: 2, restMinutes: 40 }],
    );
  });

  it('has matches that wait for each other longer than pitches are open', async () => {
    const conflicts = await conflictsOf({
      matches: bracketOf8(),
      pitches: ['one', 'two', 'three', 'four'].map((id) => pitch(id, '10:00', '12:00')),
      restMinutes: 20,
    });
    assert.deepEqual(
      conflicts.map(({ code, matches, params }) => [code, matches, params]),
      [['CHAIN_NEEDS_MORE_TIME', ['F'], { links: 3, restMinutes: 20 }]],
    );
  });

  it('says what is in the way where counting proves nothing, and who waits for it', async () => {
    // The two windows before 11:30 are ten minutes apart, and team a must rest for 30.
    const conflicts = await conflictsOf({
      matches: [
        match('one', { home: 'a', away: 'b', notAfter: at('11:30') }),
        match('two', { home: 'a', away: 'c', round: 2, notAfter: at('11:30') }),
        match('three', { home: null, away: null, after: ['two'], round: 3 }),
      ],
      pitches: [pitch('left', '10:00', '10:30'), pitch('right', '10:40', '11:10'), pitch('late', '13:00', '13:30')],
      restMinutes: 30,
    });
    assert.deepEqual(
      conflicts.map(({ code, matches, proven }) => [code, matches, proven]),
      [
        ['NO_PLACE_FOUND', ['two'], false],
        ['WAITS_FOR_MATCH', ['three'], false],
      ],
    );
    assert.match(conflicts[0]?.message ?? '', /at \d+ of \d+ times, /);
  });

  it('has fixed matches that are in each other’s way: these stay, and are named', async () => {
    const fixed = (time: string) => ({ start: at(time), pitch: 'court', referee: null });
    const conflicts = await conflictsOf({
      matches: [match('a', { fixed: fixed('12:00') }), match('b', { fixed: fixed('12:20') }), match('c')],
    });
    assert.deepEqual(
      conflicts.map(({ code, matches, params }) => [code, matches, params]),
      [['FIXED_MATCHES', ['a', 'b'], { rule: 'PITCH_TAKEN' }]],
    );
  });

  it('explains at most 50 matches', async () => {
    const matches = Array.from({ length: 300 }, (_, index) => match(`m${index}`));
    const conflicts = await conflictsOf({ matches });
    assert.equal(conflicts.length, 50);
    assert.deepEqual(conflicts[0]?.params, { needs: 300, exist: 24, minutes: 8_280 });
    assert.equal(conflicts[0]?.matches.length, 20);
  });
});
