import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import type { FileMatch } from './match.ts';
import { type Competition, readCompetition } from './openfootball.ts';

const ROW = { round: 'Matchday 1', date: '2026-06-01', time: '18:00', team1: 'Foxes', team2: 'Rovers' };
const cup = (...rows: unknown[]): Competition => readCompetition(JSON.stringify({ name: 'Yard Cup', matches: rows }));
/** The match of a file with only this row. */
const match = (row: object): FileMatch => {
  const { matches, leftOut } = cup({ ...ROW, ...row });
  assert.deepEqual(leftOut, []);
  return matches[0] ?? assert.fail('no match');
};
const goals = (row: object) =>
  match(row).result?.goals.map(({ side, kind, player, clock, period }) => [
    side,
    kind,
    player,
    clock && `${clock.minute}+${clock.stoppage ?? 0}`,
    period,
  ]);

describe('the rows of openfootball', () => {
  it("give a match's date and place in many ways", () => {
    const at = (row: object): string => match(row).kickoffAt.replace(':00.000Z', 'Z');
    const times: [string | undefined, string][] = [
      ['18:00', '2026-06-01T18:00Z'],
      ['9:05', '2026-06-01T09:05Z'],
      ['18.30', '2026-06-01T18:30Z'],
      ['18h', '2026-06-01T18:00Z'],
      ['20 Uhr', '2026-06-01T20:00Z'],
      ['6:30 pm', '2026-06-01T18:30Z'],
      ['12:15 am', '2026-06-01T00:15Z'],
      ['24:00', '2026-06-02T00:00Z'],
      ['18:00:00', '2026-06-01T18:00Z'],
      ['13:00 UTC-6', '2026-06-01T19:00Z'],
      ['13:00 UTC+1', '2026-06-01T12:00Z'],
      ['21:00 UTC-7', '2026-06-02T04:00Z'],
      ['17:30 UTC+5:30', '2026-06-01T12:00Z'],
      ['19:45 UTC±0', '2026-06-01T19:45Z'],
      ['18:00 UTC', '2026-06-01T18:00Z'],
      ['20:45 CET', '2026-06-01T19:45Z'],
      ['20:45 CEST', '2026-06-01T18:45Z'],
      ['18:00+02:00', '2026-06-01T16:00Z'],
      ['18:00Z', '2026-06-01T18:00Z'],
      ['18:00 (UTC+3)', '2026-06-01T15:00Z'],
      [undefined, '2026-06-01T12:00Z'],
      ['TBD', '2026-06-01T12:00Z'],
      ['?', '2026-06-01T12:00Z'],
      ['25:00', '2026-06-01T12:00Z'],
      ['tea time', '2026-06-01T12:00Z'],
    ];
    for (const [time, expected] of times) assert.deepEqual([time, at({ time })], [time, expected]);
    assert.deepEqual(cup({ ...ROW, time: '18:99', score: [1, 0] }).notes, [
      '$.matches[0] Foxes – Rovers: the kick-off time 18:99 cannot be read; noon UTC is used',
    ]);
    assert.deepEqual(cup({ ...ROW, time: '15:00 BST', score: [1, 0] }).notes, [
      '$.matches[0] Foxes – Rovers: the time zone BST is not known here; the time is read as UTC',
    ]);
    assert.equal(at({ timezone: 'UTC-3' }), '2026-06-01T21:00Z');
    assert.equal(at({ ground: { name: 'Yard', timezone: 'UTC+4' } }), '2026-06-01T14:00Z');
    assert.equal(at({ time: undefined, time_local: '19:45 UTC+1' }), '2026-06-01T18:45Z');
    for (const date of [
      '2026-06-01',
      '2026/06/01',
      '1.6.2026',
      '01.06.2026',
      '2026-06-01T18:00:00Z',
      '2026-06-01T20:00:00+02:00',
    ]) {
      assert.equal(at({ date, time: date.includes('T') ? undefined : '18:00' }), '2026-06-01T18:00Z', date);
    }
    const venues: [object, string | null][] = [
      [{ ground: 'Yard, Town' }, 'Yard, Town'],
      [{ ground: ['Yard', 'Town'] }, 'Yard, Town'],
      [{ ground: { name: 'Yard' } }, 'Yard'],
      [{ stadium: { key: 'yard', name: 'Yard' }, city: 'Town' }, 'Yard, Town'],
      [{ ground: null }, null],
      [{ ground: 'x'.repeat(201) }, null],
    ];
    for (const [row, venue] of venues) assert.equal(match(row).venue, venue);
  });

  it('give the score in many ways', () => {
    const none = null;
    const scores: [object, unknown][] = [
      [{ score: [2, 1] }, [[2, 1], none, 2]],
      [{ score: ['2', '1'] }, [[2, 1], none, 2]],
      [{ score: '2-1' }, [[2, 1], none, 2]],
      [{ score: '2:1 (1:0)' }, [[2, 1], none, 2]],
      [{ score: { ft: [2, 1], ht: [1, 0] } }, [[2, 1], none, 2]],
      [{ score: { ft: '2-1' } }, [[2, 1], none, 2]],
      [{ score: { home: 2, away: 1 } }, [[2, 1], none, 2]],
      [{ score: { ft: [1, 1], et: [2, 2], p: [4, 2] } }, [[2, 2], [4, 2], 4]],
      [{ score: { p: [2, 4], et: [1, 1] } }, [[1, 1], [2, 4], 4]],
      [{ score: { et: [1, 0] } }, [[1, 0], none, 4]],
      [{ score: { ft: [0, 0], pen: [5, 4] } }, [[0, 0], [5, 4], 2]],
      [{ score: '4-2 pen. 2-2 a.e.t. (1-1, 0-1)' }, [[2, 2], [4, 2], 4]],
      [{ score: '3-2 aet (2-2)' }, [[3, 2], none, 4]],
      [{ score1: 2, score2: 1, score1i: null, score2i: null }, [[2, 1], none, 2]],
      [
        { score1: 1, score2: 1, score1i: 0, score2i: 0, score1et: 1, score2et: 1, score1p: 3, score2p: 4 },
        [[1, 1], [3, 4], 4],
      ],
      [
        { score1: 0, score2: 2, score1et: null, score2et: null, score1p: null, score2p: null, knockout: true },
        [[0, 2], none, 2],
      ],
      [{ score: null }, none],
      [{ score: {} }, none],
      [{ score: [] }, none],
      [{ score: [null, null] }, none],
      [{ score: { ft: [null, null] } }, none],
      [{ score: { ht: [1, 0] } }, none],
      [{ score: { p: [4, 2] } }, none],
      [{ score1: null, score2: null }, none],
      [{ score: '-' }, none],
      [{}, none],
    ];
    for (const [row, expected] of scores) {
      const { result } = match(row);
      assert.deepEqual([row, result && [result.score, result.shootout, result.periods]], [row, expected]);
      assert.equal(result?.goals.length ?? 0, result ? result.score[0] + result.score[1] : 0);
    }
    // Without goals, the scores after each period decide each goal's period.
    assert.deepEqual(
      goals({ score: { ht: [1, 0], ft: [1, 1], et: [2, 1] } })?.map(([side, , , , period]) => [side, period]),
      [
        ['HOME', 1],
        ['AWAY', 2],
        ['HOME', 4],
      ],
    );
  });

  it('an invalid score leaves a match that can only be scheduled, with a line', () => {
    for (const [score, why] of [
      ['walked off', 'the score walked off cannot be read'],
      [[2], 'the score is [2], not two whole numbers from 0 to 99'],
      [{ ft: [-1, 3] }, 'score.ft is [-1,3], not two whole numbers from 0 to 99'],
      [{ ft: [1.5, 0] }, 'score.ft is [1.5,0], not two whole numbers from 0 to 99'],
      [true, 'the score is true, not two whole numbers from 0 to 99'],
    ]) {
      const { matches, leftOut, notes } = cup({ ...ROW, score });
      assert.deepEqual(
        [matches[0]?.result, leftOut, notes],
        [null, [], [`$.matches[0] Foxes – Rovers: ${String(why)}: it is scheduled, and cannot be replayed`]],
      );
    }
    assert.match(
      cup({ ...ROW, score: [2, 1], score1: 3, score2: 1 }).notes[0] ?? '',
      /: the score is 2:1 in one field and 3:1 in another: it is scheduled/,
    );
    const lower = cup({ ...ROW, score: { ht: [2, 0], ft: [1, 0] } });
    assert.deepEqual(lower.notes, [
      '$.matches[0] Foxes – Rovers: the score 1:0 is lower than 2:0 before it; the final score is used',
    ]);
    assert.deepEqual(lower.matches[0]?.result?.score, [1, 0]);
  });

  it('an impossible shoot-out is left out, with a line', () => {
    for (const [score, why] of [
      [{ ft: [2, 1], p: [4, 3] }, 'follows 2:1, and no first leg makes that level'],
      [{ ft: [1, 1], p: [3, 3] }, 'has no winner'],
    ] as const) {
      const { matches, notes } = cup({ ...ROW, score });
      assert.deepEqual(
        [matches[0]?.result?.shootout, notes],
        [null, [`$.matches[0] Foxes – Rovers: the shoot-out ${score.p.join(':')} ${why}; it is ignored`]],
      );
    }
  });

  it('give scorers and minutes in many ways', () => {
    const one = (goal: unknown, score: unknown = [1, 0]) => goals({ score, goals1: [goal], goals2: [] })?.[0];
    const forms: [unknown, unknown][] = [
      [{ name: 'Mika', minute: 9 }, ['HOME', 'GOAL', 'Mika', '9+0', 1]],
      [{ name: 'Mika', minute: '9' }, ['HOME', 'GOAL', 'Mika', '9+0', 1]],
      [{ name: 'Mika', minute: 45, offset: 2 }, ['HOME', 'GOAL', 'Mika', '45+2', 1]],
      [{ name: 'Mika', minute: '45', offset: '2' }, ['HOME', 'GOAL', 'Mika', '45+2', 1]],
      [{ name: 'Mika', minute: '90+3' }, ['HOME', 'GOAL', 'Mika', '90+3', 2]],
      [{ name: 'Mika', minute: "90' + 3'" }, ['HOME', 'GOAL', 'Mika', '90+3', 2]],
      [{ name: 'Mika', minute: "52'" }, ['HOME', 'GOAL', 'Mika', '52+0', 2]],
      // Without extra time the 94th minute is the fourth minute of stoppage time.
      [{ name: 'Mika', minute: 94 }, ['HOME', 'GOAL', 'Mika', '90+4', 2]],
      [{ name: 'Mika', minute: 111 }, ['HOME', 'GOAL', 'Mika', '111+0', 4]],
      [{ name: 'Mika', minute: 71, penalty: true }, ['HOME', 'PENALTY', 'Mika', '71+0', 2]],
      [{ name: 'Mika', minute: 71, owngoal: true }, ['HOME', 'OWN_GOAL', 'Mika', '71+0', 2]],
      [{ name: 'Mika', minute: 71, owngoal: false, penalty: null }, ['HOME', 'GOAL', 'Mika', '71+0', 2]],
      [{ name: 'Mika', minute: 71, score1: 1, score2: 0 }, ['HOME', 'GOAL', 'Mika', '71+0', 2]],
      [{ minute: 71 }, ['HOME', 'GOAL', null, '71+0', 2]],
      [{ name: '', minute: 71 }, ['HOME', 'GOAL', null, '71+0', 2]],
      [{ name: null, minute: 71 }, ['HOME', 'GOAL', null, '71+0', 2]],
      [{ name: 'Mika' }, ['HOME', 'GOAL', 'Mika', null, 2]],
      [{}, ['HOME', 'GOAL', null, null, 2]],
      ["Mika 90'+3 (pen)", ['HOME', 'PENALTY', 'Mika', '90+3', 2]],
      ['Mika 12', ['HOME', 'GOAL', 'Mika', '12+0', 1]],
    ];
    for (const [goal, expected] of forms) assert.deepEqual([goal, one(goal)], [goal, expected]);
    assert.deepEqual(one({ name: 'Mika', minute: 121 }, { ft: [0, 0], et: [1, 0] }), [
      'HOME',
      'GOAL',
      'Mika',
      '120+1',
      4,
    ]);
    assert.deepEqual(one({ name: 'Mika', minute: '105+1' }, { ft: [0, 0], et: [1, 0] }), [
      'HOME',
      'GOAL',
      'Mika',
      '105+1',
      3,
    ]);
    assert.deepEqual(one({ name: 'Mika', minute: 94 }, { ft: [0, 0], et: [1, 0] }), [
      'HOME',
      'GOAL',
      'Mika',
      '94+0',
      3,
    ]);
    // A goal without a minute belongs to a period where the scores leave room for it.
    assert.equal(one({ name: 'Mika' }, { ht: [1, 0], ft: [1, 0] })?.[4], 1);
    assert.equal(one({ name: 'Mika' }, { ft: [0, 0], et: [1, 0] })?.[4], 4);
    // Goals are in the order of play. The order of the lists in the file does not matter.
    const mixed = goals({
      score: { ht: [1, 1], ft: [3, 1] },
      goals1: [
        { name: 'B', minute: 72 },
        { name: 'A', minute: 45, offset: 1 },
        { name: 'C', minute: '90+1' },
      ],
      goals2: [{ name: 'D', minute: 45 }],
    });
    assert.deepEqual(
      mixed?.map(([, , name]) => name),
      ['D', 'A', 'B', 'C'],
    );
  });

  it('impossible goals leave the score without scorers, with a line', () => {
    for (const [lists, why] of [
      [{ goals1: [], goals2: [{ minute: 1 }, { minute: 2 }] }, 'the goals make 0:2, the score says 2:0'],
      [{ goals1: [{ name: 'Mika', minute: 130 }] }, 'goals1[0].minute is 130, not a minute from 1 to 129'],
      [{ goals1: [{ name: 'Mika', minute: 0 }] }, 'goals1[0].minute is 0, not a minute from 1 to 129'],
      [{ goals1: [{ name: 'Mika', minute: 'late' }] }, 'goals1[0].minute is late, not a minute from 1 to 129'],
      [
        { goals1: [{ name: 'Mika', minute: '90+3', offset: 4 }] },
        'goals1[0]: 3 is not a stoppage time of at most 30 minutes',
      ],
      [{ goals1: [{ name: 'Mika', minute: 100, offset: 25 }] }, 'a goal is 35 minutes after minute 90'],
      [{ goals1: [null] }, 'goals1[0] is null, not a goal'],
      [{ goals1: 'Mika' }, 'goals1 is not a list of at most 99 goals'],
      [{ goals1: [{ name: 'Mika', minute: 3, penalty: 'maybe' }] }, 'goals1[0].penalty is maybe, not true or false'],
    ] as const) {
      const { matches, leftOut, notes } = cup({ ...ROW, score: { ft: [2, 0] }, ...lists });
      assert.deepEqual(
        [matches[0]?.result?.goals.map(({ side, player }) => [side, player]), leftOut],
        [
          [
            ['HOME', null],
            ['HOME', null],
          ],
          [],
        ],
      );
      assert.deepEqual(notes, [`$.matches[0] Foxes – Rovers: ${why}; the score is imported without scorers`]);
    }
    const some = cup({ ...ROW, score: [2, 1], goals1: [{ name: 'Mika', minute: 5 }] });
    assert.deepEqual(some.notes, [
      '$.matches[0] Foxes – Rovers: the goals are 1 of 3; the others have neither scorer nor minute',
    ]);
    assert.deepEqual(
      some.matches[0]?.result?.goals.map(({ player }) => player),
      ['Mika', null, null],
    );
  });

  it('give the way a match ended', () => {
    const says = (status: unknown, score: unknown = { ft: [3, 0] }) => {
      const { matches, leftOut, notes } = cup({ ...ROW, status, score });
      assert.deepEqual(leftOut, []);
      return [matches[0]?.result?.score ?? null, notes[0]?.replace('$.matches[0] Foxes – Rovers: ', '') ?? null];
    };
    const cannot = 'it is scheduled, and cannot be replayed';
    for (const status of ['canceled', 'CANCELLED', 'can.'])
      assert.deepEqual(says(status), [null, `canceled: ${cannot}`]);
    assert.deepEqual(says('canceled', null), [null, `canceled: ${cannot}`]);
    assert.deepEqual(says('postponed'), [null, `postponed: ${cannot}`]);
    for (const status of ['abandoned', 'ABD']) assert.deepEqual(says(status), [null, `abandoned: ${cannot}`]);
    assert.deepEqual(says('live'), [null, `still being played: ${cannot}`]);
    for (const status of ['awarded', 'AWD.', 'w/o'])
      assert.deepEqual(says(status), [[3, 0], 'awarded at the table; the score is imported without scorers']);
    assert.deepEqual(says('walkover', null), [null, `no result: ${cannot}`]);
    for (const status of ['replay', 'finished', 'FT', null, '']) assert.deepEqual(says(status), [[3, 0], null]);
    assert.deepEqual(says('moonlit'), [
      null,
      `the status moonlit is not known here, so a score may not be the last one: ${cannot}`,
    ]);
  });
});
