import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { type Competition, CompetitionFileError, readCompetition } from './openfootball.ts';

const ROW = { round: 'Matchday 1', date: '2026-06-01', time: '18:00', team1: 'Foxes', team2: 'Rovers' };
const read = (file: unknown): Competition => readCompetition(JSON.stringify(file), 'fallback');
const cup = (...rows: unknown[]): Competition => read({ name: 'Yard Cup', matches: rows });
const refusal = (file: unknown): string => {
  try {
    readCompetition(typeof file === 'string' ? file : JSON.stringify(file));
  } catch (error) {
    assert.ok(error instanceof CompetitionFileError);
    assert.equal(error.message.includes('\n'), false, error.message);
    return error.message;
  }
  return assert.fail('it was taken');
};

describe('the files of openfootball', () => {
  it('have matches in one list, in rounds, in groups, in both, or in an unnamed list', () => {
    const other = { ...ROW, team1: 'Owls', team2: 'Larks' };
    const { round: _, ...bare } = ROW;
    const files: Record<string, unknown> = {
      matches: { name: 'Yard Cup', matches: [ROW, other] },
      rounds: { name: 'Yard Cup', rounds: [{ name: 'Matchday 1', matches: [bare, { ...other, round: undefined }] }] },
      'teams with codes': {
        name: 'Yard Cup',
        rounds: [
          {
            name: 'Matchday 1',
            matches: [
              {
                ...bare,
                num: 1,
                team1: { name: 'Foxes', code: 'FOX' },
                team2: { key: 'rov', name: 'Rovers', code: 'ROV' },
              },
              other,
            ],
          },
        ],
      },
      'home and away': {
        name: 'Yard Cup',
        matches: [{ ...ROW, team1: undefined, team2: undefined, home: 'Foxes', away: { name: 'Rovers' } }, other],
      },
      'a numbered round': { name: 'Yard Cup', matches: [{ ...ROW, round: 1 }, other] },
    };
    for (const [what, file] of Object.entries(files)) {
      const { teams, matches, rows, leftOut } = read(file);
      assert.deepEqual([what, teams, rows, leftOut], [what, ['Foxes', 'Larks', 'Owls', 'Rovers'], 2, []]);
      // A match has the same client id in each form of the file.
      assert.deepEqual(
        matches.map(({ clientId, round }) => [clientId, round]),
        read(files.matches).matches.map(({ clientId, round }) => [clientId, round]),
        what,
      );
    }
    const { name, matches, notes } = readCompetition(JSON.stringify([{ ...ROW, score: [1, 0] }]), 'yard-cup');
    assert.deepEqual(
      [name, matches.length, notes],
      ['yard-cup', 1, ['$: the competition has no name of at most 100 characters; "yard-cup" is used']],
    );
    const inside = { name: 'Spring', rounds: [{ name: 'Matchday 1', matches: [bare] }] };
    const labels = (file: object) =>
      read({ name: 'Yard Cup', ...file }).matches.map(({ round, group }) => [round, group]);
    assert.deepEqual(labels({ groups: [{ name: 'Group A', matches: [ROW] }] }), [['Matchday 1', 'Group A']]);
    assert.deepEqual(labels({ stages: [inside] }), [['Spring, Matchday 1', null]]);
    assert.deepEqual(labels({ matches: [{ ...ROW, stage: 'Spring' }] }), [['Spring, Matchday 1', null]]);
    assert.deepEqual(labels({ matches: [{ ...bare, matchday: 7 }] }), [['Matchday 7', null]]);
  });

  it('matches in a field that is not known are named, and are not left out silently', () => {
    const final = { ...ROW, round: 'Final' };
    const line = (field: string, count: number): string =>
      `$.${field}: matches (${count}) are in a field that is not known here; put them into "matches"`;
    const { rows, leftOut } = read({
      name: 'Yard Cup',
      matches: [ROW],
      playoffs: [final],
      later: { cup: [final, final] },
    });
    assert.deepEqual([rows, leftOut], [1, [line('playoffs', 1), line('later', 2)]]);
    assert.equal(
      refusal({ name: 'Yard Cup', data: { matches: [ROW] } }),
      `NO_MATCHES at $: there are no matches in this file; ${line('data', 1)}`,
    );
    let deep: object = { matches: [ROW] };
    for (let depth = 0; depth < 5; depth++) deep = { rounds: [deep] };
    assert.match(refusal(deep), /^NO_MATCHES at \$: .*; \$\.rounds\[0\].*: matches \(1\) are in a field/);
  });

  it('a bad row is left out with a line, and the others are accepted', () => {
    const bad: [unknown, string][] = [
      [{ ...ROW, team2: 'Foxes' }, ' Foxes – Foxes: a team cannot play itself'],
      [ROW, ' Foxes – Rovers: the same match as $.matches[0]'],
      [{ ...ROW, team2: undefined }, ' Foxes – ?: the team is missing'],
      [{ ...ROW, team1: null, team2: {} }, ': the team is missing'],
      [{ ...ROW, team2: 'Bye' }, ' Foxes – Bye: a bye is no match'],
      [
        { ...ROW, team1: 'N. N.', team2: 'N. N.' },
        ' N. N. – N. N.: "N. N." is a slot, not a team; import the file again when it says who plays',
      ],
      [
        { ...ROW, team1: '1E', team2: '3A/B/C/D/F' },
        ' 1E – 3A/B/C/D/F: "1E" is a slot, not a team; import the file again when it says who plays',
      ],
      [
        { ...ROW, team1: 'Owls', team2: 'W74' },
        ' Owls – W74: "W74" is a slot, not a team; import the file again when it says who plays',
      ],
      [{ ...ROW, team2: 'x'.repeat(81) }, ` Foxes – ${'x'.repeat(59)}…: the team's name has more than 80 characters`],
      [{ ...ROW, date: undefined }, ' Foxes – Rovers: the date is missing'],
      [{ ...ROW, date: '2026-02-30' }, ' Foxes – Rovers: the date 2026-02-30 is not a day (YYYY-MM-DD)'],
      [{ ...ROW, date: '06/01/2026' }, ' Foxes – Rovers: the date 06/01/2026 is not a day (YYYY-MM-DD)'],
      [{ ...ROW, date: '1066-10-14' }, ' Foxes – Rovers: the date 1066-10-14 is not between 1851 and 2199'],
      [7, ': it is 7, not a match'],
      [null, ': it is null, not a match'],
      [[ROW], `: it is ${JSON.stringify([ROW]).slice(0, 59)}…, not a match`],
      // Characters that control a terminal are replaced.
      [{ ...ROW, team1: 'Fo\u001b[2Jxes', team2: '' }, ' Fo\uFFFD[2Jxes – ?: the team is missing'],
    ];
    const { matches, rows, leftOut } = cup(ROW, ...bad.map(([row]) => row), { ...ROW, team1: 'Owls' });
    assert.deepEqual([matches.length, rows], [2, bad.length + 2]);
    assert.deepEqual(
      leftOut,
      bad.map(([, line], index) => `$.matches[${index + 1}]${line}`),
    );
  });

  it('the same teams may meet again: at home and away, and in a replay', () => {
    const { matches, leftOut } = cup(
      ROW,
      { ...ROW, team1: 'Rovers', team2: 'Foxes' },
      { ...ROW, date: '2026-06-02' },
      { ...ROW, round: 'Matchday 1, Replays' },
    );
    assert.deepEqual([matches.length, new Set(matches.map(({ clientId }) => clientId)).size, leftOut], [4, 4, []]);
  });

  it('the same note about many rows is one line', () => {
    const rows = Array.from({ length: 40 }, (_, index) => ({
      ...ROW,
      team1: `Team ${index}`,
      time: undefined,
      score: [1, 0],
      lineup: [],
    }));
    assert.deepEqual(cup(...rows).notes, [
      '40 matches, the first $.matches[0] Team 0 – Rovers: no kick-off time; noon UTC is used',
      '40 matches, the first $.matches[0] Team 0 – Rovers: the field "lineup" is ignored',
    ]);
  });

  it('a file without a usable match is refused in one line', () => {
    assert.match(refusal('{"name": "Yard Cup",\n\n "matches": ['), /^INVALID_JSON at \$: /);
    const without: [unknown, string][] = [
      [{ name: 'Yard Cup' }, ''],
      [{ name: 'Yard Cup', matches: [] }, ''],
      [null, ''],
      [7, ''],
      [[], ''],
      [{ name: 'Yard Cup', clubs: [{ name: 'Foxes' }] }, 'clubs'],
      [{ name: 'Yard Cup', groups: [{ name: 'Group A', teams: ['Foxes'] }] }, 'groups'],
      [{ name: 'Yard Cup', teams: [{ name: 'Foxes' }] }, 'teams'],
      [{ name: 'Yard Cup', stadiums: [{ name: 'Yard' }] }, 'stadiums'],
      [[{ name: 'Foxes', fifa_code: 'FOX', players: [] }], 'squads'],
      [[{ name: 'Foxes', fifa_code: 'FOX' }], 'teams'],
      [{ name: 'Yard Cup', standings: [{ team: 'Foxes' }] }, 'a table'],
      [{ name: 'Yard Cup', groups: [{ name: 'Group A', standings: [] }] }, 'a table'],
    ];
    for (const [file, what] of without) {
      assert.equal(
        refusal(file),
        `NO_MATCHES at $: there are no matches in this file${what && `: it has ${what}; use the file next to it that has the matches`}`,
      );
    }
    const slots = {
      name: 'Yard Cup',
      matches: [
        { ...ROW, team1: 'A1', team2: 'A2' },
        { ...ROW, team1: 'Winner Group A', team2: '3rd Group A/D/E/F' },
      ],
    };
    assert.equal(
      refusal(slots),
      'NOTHING_TAKEN at $: none of the matches (2) can be imported; $.matches[0] A1 – A2: "A1" is a slot, not a team; import the file again when it says who plays',
    );
  });

  it('matches that an earlier version imported keep their client ids', () => {
    const rows = [
      {
        round: 'Matchday 1',
        date: '2026-06-01',
        time: '18:00 UTC+2',
        team1: 'Foxes',
        team2: 'Rovers',
        score: { ht: [1, 1], ft: [2, 1] },
        goals1: [
          { name: 'A', minute: 88 },
          { name: 'B', minute: '45', offset: 2 },
        ],
        goals2: [{ name: 'C', minute: 12 }],
      },
      { date: '2026-06-02', team1: ' Owls ', team2: 'Larks Ä' },
      {
        round: ' Final ',
        date: '2026-06-03',
        time: '09:30',
        team1: 'Foxes',
        team2: 'Larks Ä',
        group: 'Group A',
        ground: 'Yard, Town',
        score: { ft: [0, 0] },
      },
    ];
    const { matches } = read({ name: ' Yard Cup ', matches: rows });
    // The program computed these ids when it could read only this form. They must stay the same.
    assert.deepEqual(
      matches.map(({ clientId, kickoffAt }) => [clientId, kickoffAt]),
      [
        ['juSyPV5Q3DbTyjKjqq8SvMJuubA5aw4B9nRPXON79sU', '2026-06-01T16:00:00.000Z'],
        ['bEx0rhh6wsQs162EeAUE9V-LOHk7Xaigq1wdMuiXQaE', '2026-06-02T12:00:00.000Z'],
        ['hDJZzVR0q1n16I3x3x38_ph7R0JEZajIhC1GLTQQvS0', '2026-06-03T09:30:00.000Z'],
      ],
    );
  });
});
