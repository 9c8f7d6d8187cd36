// Reads files with invented teams, in the forms of openfootball that the real files beside the project do not have.
import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { NO_ADJUSTMENTS } from './adjust.ts';
import { preview } from './import.ts';
import { readCompetition } from './openfootball.ts';
import { NoOutline, type Outline, outlineOf } from './outline.ts';
import { playOut } from './played.fixture.ts';
import { withForfeits } from './recording.ts';
import { guessRules, yearOf } from './rules.ts';

type Row = Record<string, unknown>;

/** Names of teams. They have a word and a letter, because a name such as `A1` would be a placeholder. */
const teams = (count: number, prefix = 'Team'): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix} ${'abcdefghijklmnopqrstuvwxyzäöüßéèêñçåæøðþ'[index]}`);
const day = (offset: number): string => new Date(Date.UTC(2024, 0, 1 + offset)).toISOString().slice(0, 10);

/** Rows in which all teams play each other. The team that is earlier in the list wins by 2:0 at home and 1:0 away. */
function roundRobin(
  names: readonly string[],
  { from = 0, legs = 1, round = (n: number) => `Matchday ${n}`, more = {} as Row } = {},
): Row[] {
  const ring = names.length % 2 === 0 ? [...names] : [...names, ''];
  const rounds = ring.length - 1;
  const rows: Row[] = [];
  for (let leg = 0; leg < legs; leg++)
    for (let at = 0; at < rounds; at++) {
      const [fixed, ...others] = ring;
      const turned = [fixed!, ...others.slice(others.length - at), ...others.slice(0, others.length - at)];
      for (let pair = 0; pair < ring.length / 2; pair++) {
        const sides = [turned[pair]!, turned[ring.length - 1 - pair]!];
        if (sides.includes('')) continue;
        const [home, away] = (at + leg) % 2 === 0 ? sides : sides.toReversed();
        const wins = names.indexOf(home!) < names.indexOf(away!);
        rows.push({
          ...{ round: round(leg * rounds + at + 1), date: day(from + (leg * rounds + at) * 7), time: '15:00' },
          ...{ team1: home, team2: away, score: { ft: wins ? [2, 0] : [0, 1] }, ...more },
        });
      }
    }
  return rows;
}
const tie = (
  round: string,
  team1: string,
  team2: string,
  date: number,
  score: unknown = { ft: [1, 0] },
  more: Row = {},
): Row => ({
  ...{ round, date: day(date), time: '15:00', team1, team2, ...more },
  ...(score === null ? {} : { score }),
});

function outlined(name: string, matches: readonly Row[], preset?: string, left: readonly string[] = []): Outline {
  const competition = readCompetition(JSON.stringify({ name, matches }));
  const all = [...withForfeits(competition.matches), ...competition.pending.map(({ match }) => match)].sort((a, b) =>
    a.kickoffAt.localeCompare(b.kickoffAt),
  );
  const guessed = guessRules(name, yearOf(name, all[0]!.kickoffAt));
  const outline = outlineOf(all, preset === undefined ? guessed : { ...guessed, preset }, NO_ADJUSTMENTS);
  // Every result has its match.
  assert.deepEqual(playOut(outline).left, left);
  return outline;
}
/** A line for each stage: groups with their teams and matches, or rounds of a bracket with their ties and legs. */
const shapeOf = ({ stages }: Outline): string[] =>
  stages.map(({ input, tables, ties }) =>
    tables.length > 0
      ? `${input.name}: ${input.format.roundRobin!.given!.groups.map(({ name, size, rounds }) => `${name} ${size}/${rounds.reduce((sum, { matches }) => sum + matches.length, 0)}`).join(', ')}`
      : `${input.name}: ${input.format.singleElimination!.given!.rounds.map(({ name, thirdPlace, ties: own }) => `${thirdPlace ? '3rd ' : ''}${name} ${own.map((each) => (each.replays ? 'r' : '') + each.legs!.length).join('')}`).join(', ')}${ties.length > 0 && input.format.singleElimination!.awayGoals ? ', away goals' : ''}`,
  );
const entrantsOf = (outline: Outline, stage: number): string =>
  outline.stages[stage]!.input.entrants!.map(({ entries, place, best }) =>
    entries
      ? outline.teams.slice(entries.from! - 1, entries.to!).join(' ')
      : place
        ? `${place.stage}.${place.group}.${place.place}`
        : `best ${best!.place}`,
  ).join(' ');

describe('a league', () => {
  it('is one table, whatever its language counts', () => {
    for (const round of [
      'Matchday 1',
      '1. Spieltag',
      'Jornada 1',
      '1ère journée',
      '1ª giornata',
      'Rodada 1',
      'Speelronde 1',
      'Week 1',
      'Round 1',
      '1. Runde',
      '1. Round',
      'Regular Season, Round 1',
      '1',
    ].map((each) => (n: number) => each.replace('1', String(n))))
      assert.deepEqual(
        [round(1), ...shapeOf(outlined('Yard League', roundRobin(teams(6), { legs: 2, round })))],
        [round(1), 'League: Table 6/30'],
      );
    const bare = roundRobin(teams(6)).map((row) => ({ ...row, round: undefined }));
    assert.deepEqual(shapeOf(outlined('Yard League', bare)), ['League: Table 6/15']);
  });

  it('that has only begun is one, too', () => {
    for (const round of ['Matchday', 'Round'])
      assert.deepEqual(
        shapeOf(outlined('Yard League', roundRobin(teams(6), { round: (n) => `${round} ${n}` }).slice(0, 3))),
        ['League: Table 6/3'],
      );
  });

  it('does without its cancelled matches, and is uneven then', () => {
    const rows = roundRobin(teams(4), { legs: 2 });
    const last = { ...rows.at(-1)!, score: undefined };
    const outline = outlined('Yard League', [...rows.slice(0, -1), { ...last, status: 'CANCELLED' }]);
    assert.deepEqual(shapeOf(outline), ['League: Table 4/11']);
    assert.equal(outline.stages[0]!.input.format.roundRobin!.given!.uneven, true);
  });

  it('with a spring and an autumn, each with its finals, has them in their order', () => {
    const all = teams(4);
    const half = (name: string, from: number): Row[] => [
      ...roundRobin(all, { from, round: (n) => `${name}, Matchday ${n}` }),
      tie(`${name} Liguilla, Semifinals`, all[0]!, all[3]!, from + 40),
      tie(`${name} Liguilla, Semifinals`, all[1]!, all[2]!, from + 40),
      tie(`${name} Liguilla, Final`, all[0]!, all[1]!, from + 50),
    ];
    const outline = outlined('Yard MX', [...half('Apertura', 0), ...half('Clausura', 100)], 'goal-difference');
    assert.deepEqual(shapeOf(outline), [
      'Apertura: Apertura 4/6',
      'Knock-out: Apertura Liguilla, Semifinals 11, Apertura Liguilla, Final 1',
      'Clausura: Clausura 4/6',
      'Knock-out: Clausura Liguilla, Semifinals 11, Clausura Liguilla, Final 1',
    ]);
    assert.equal(entrantsOf(outline, 1), '1.1.1 1.1.4 1.1.2 1.1.3');
    assert.equal(entrantsOf(outline, 3), '3.1.1 3.1.4 3.1.2 3.1.3');
  });

  it('that divides in two continues in groups of places', () => {
    const all = teams(6);
    const outline = outlined('Österreichische Bundesliga 2023/24', [
      ...roundRobin(all, { round: (n) => `Grunddurchgang, ${n}. Runde` }),
      ...roundRobin(all.slice(0, 3), { from: 60, round: (n) => `Finaldurchgang - Meister, ${n + 5}. Runde` }),
      ...roundRobin(all.slice(3), { from: 60, round: (n) => `Finaldurchgang - Qualifikation, ${n + 5}. Runde` }),
      tie('Europa League Play-off, Halbfinale', all[3]!, all[4]!, 90),
      tie('Europa League Play-off, Finale', all[2]!, all[3]!, 95, { ft: [1, 1] }),
      tie('Europa League Play-off, Finale', all[3]!, all[2]!, 99, { ft: [0, 1] }),
    ]);
    assert.deepEqual(shapeOf(outline), [
      'League: Table 6/15',
      'Second group stage: Finaldurchgang - Meister 3/3, Finaldurchgang - Qualifikation 3/3',
      'Knock-out: Europa League Play-off, Halbfinale 1, Europa League Play-off, Finale 2',
    ]);
    assert.equal(entrantsOf(outline, 1).split(' ').sort().join(' '), '1.1.1 1.1.2 1.1.3 1.1.4 1.1.5 1.1.6');
    assert.equal(entrantsOf(outline, 2).split(' ').sort().join(' '), '2.1.3 2.2.1 2.2.2');
  });

  it('that divides has a note about its points, or goes on in one table where they count on', () => {
    const all = teams(8);
    const rows = [
      ...roundRobin(all, { legs: 2 }),
      ...roundRobin(all.slice(0, 4), { from: 200, round: (n) => `Championship, Matchday ${n + 14}` }),
      ...roundRobin(all.slice(4), { from: 200, round: (n) => `Relegation, Matchday ${n + 14}` }),
    ];
    const apart = outlined('Yard League', rows);
    assert.deepEqual(shapeOf(apart), ['League: Table 8/56', 'Second group stage: Championship 4/6, Relegation 4/6']);
    assert.deepEqual(apart.notes, [
      'the tables Championship and Relegation have only their own matches. Some competitions add the points of the league before, or half of them; this program does not',
    ]);
    const together = outlined('Scottish Premiership 2024/25', rows);
    assert.deepEqual(shapeOf(together), ['League: Table 8/68']);
    const [table] = playOut(together).course.stages[0]!.tables;
    assert.deepEqual(
      table!.map(({ entrant, played, points }) => [entrant, played, points]).slice(3, 5),
      [
        [all[3], 17, 24],
        [all[4], 17, 27],
      ].toReversed(),
    );
    assert.deepEqual(together.notes, [
      `the league divides for its last rounds: by points ${all[4]} of the lower part is before ${all[3]} of the upper part in the table; a published table may keep the parts apart`,
    ]);
  });

  it('has the champion of its table, also with play-offs beside the title', () => {
    const all = teams(6);
    const winnerOf = (...more: Row[]): unknown =>
      playOut(outlined('Yard League', [...roundRobin(all), ...more])).course.champion;
    assert.deepEqual(winnerOf(), { entrant: all[0] });
    assert.deepEqual(
      winnerOf(tie('Relegation play-off', all[4]!, all[5]!, 90), tie('Relegation play-off', all[5]!, all[4]!, 97)),
      { entrant: all[0] },
    );
    assert.deepEqual(
      winnerOf(
        tie('Europa League Play-off, Semi-finals', all[2]!, all[3]!, 90),
        tie('Europa League Play-off, Final', all[1]!, all[2]!, 97),
      ),
      { entrant: all[0] },
    );
    // The team that wins the finals of a season has the title.
    assert.deepEqual(winnerOf(tie('Play-offs, Final', all[1]!, all[0]!, 90)), { entrant: all[1] });
  });

  it('of many that do not all meet has places, and two legs after it', () => {
    const all = teams(8);
    const rows = roundRobin(all, { round: (n) => `League, Matchday ${n}` }).slice(0, 16);
    const outline = outlined('UEFA Champions League 2024/25', [
      ...rows,
      tie('Finals, Playoffs', all[4]!, all[3]!, 200),
      tie('Finals, Playoffs', all[3]!, all[4]!, 207, { ft: [1, 0], et: [1, 0], p: [4, 2] }),
      tie('Finals, Round of 16', 'N.N.', 'N.N.', 220, null),
      tie('Finals, Final', all[0]!, all[3]!, 230),
    ]);
    assert.deepEqual(shapeOf(outline), ['League: League 8/16', 'Knock-out: Finals, Playoffs 2, Finals, Final 1']);
    assert.equal(outline.stages[1]!.input.format.singleElimination!.awayGoals, false);
    assert.match(entrantsOf(outline, 1), /^1\.1\.\d 1\.1\.\d/);
  });
});

describe('a cup', () => {
  it('has rounds whose losers are out, whatever they are called', () => {
    const all = teams(16);
    const rounds = (names: readonly string[]): Row[] => {
      const rows: Row[] = [];
      let left = all;
      for (const [at, name] of names.entries()) {
        for (let pair = 0; pair < left.length / 2; pair++)
          rows.push(tie(name, left[pair]!, left[left.length - 1 - pair]!, at * 10 + (pair % 2)));
        left = left.slice(0, left.length / 2);
      }
      return rows;
    };
    for (const names of [
      ['1. Runde', '2. Runde', 'Halbfinale', 'Finale'],
      ['First Round', 'Second Round', 'Semi-finals', 'Final'],
      ['Round 1', 'Round 2', 'Round 3', 'Round 4'],
      ['1st Round', '2nd Round', '3rd Round', 'Final'],
      ['1/8 Finals', '1/4 Finals', '1/2 Finals', 'Final'],
      ['Round of 16', 'Quarterfinals', 'Semifinals', 'Final'],
      ['Octavos de final', 'Cuartos de final', 'Semifinales', 'Final'],
      ['Preliminary round', 'Quarter-finals', 'Semi-finals', 'Final'],
      ['Last 16', 'Last 8', 'Last 4', 'Final'],
      ['Achtelfinale', 'Viertelfinale', 'Halbfinale', 'Endspiel'],
    ])
      assert.deepEqual(shapeOf(outlined('Yard Cup', rounds(names))), [
        `Knock-out: ${names.map((name, at) => `${name} ${'1'.repeat(8 / 2 ** at)}`).join(', ')}`,
      ]);
  });

  it('has legs, by the order of play or by name', () => {
    const [a, b, c, d] = teams(4) as [string, string, string, string];
    const legs = (first: string, second: string): Row[] => [
      tie(`Semi-finals${first}`, a, b, 0),
      tie(`Semi-finals${first}`, c, d, 0),
      tie(`Semi-finals${second}`, b, a, 7, { ft: [2, 2] }),
      tie(`Semi-finals${second}`, d, c, 7, { ft: [1, 0], et: [1, 0], p: [2, 4] }),
      tie('Final', a, c, 20),
    ];
    for (const [first, second] of [
      ['', ''],
      [', 1st Leg', ', 2nd Leg'],
      [' - Leg 1', ' - Leg 2'],
      [' (first leg)', ' (second leg)'],
      [', Hinspiel', ', Rückspiel'],
      [', ida', ', vuelta'],
    ] as const) {
      const outline = outlined('Yard Cup', legs(first, second));
      assert.deepEqual([first, ...shapeOf(outline)], [first, 'Knock-out: Semi-finals 22, Final 1']);
      assert.deepEqual(outline.stages[0]!.input.format.singleElimination!.given!.rounds[1]!.ties[0], {
        ...{ key: 'M3', home: { winnerOf: 'M1' }, away: { winnerOf: 'M2' }, replays: false },
        legs: [{ kickoffAt: `${day(20)}T15:00:00.000Z`, venue: null, matchId: null }],
      });
    }
  });

  it('has away goals as the season had them', () => {
    const [a, b] = teams(2) as [string, string];
    const both = (second: unknown): Row[] => [tie('Final', a, b, 0, { ft: [1, 0] }), tie('Final', b, a, 7, second)];
    const of = (name: string, second: unknown) =>
      outlined(name, both(second)).stages[0]!.input.format.singleElimination!.awayGoals;
    assert.equal(of('UEFA Champions League 2019/20', { ft: [3, 0] }), true);
    assert.equal(of('UEFA Europa League 2021/22', { ft: [3, 0] }), false);
    assert.equal(of('Yard Cup', { ft: [2, 1] }), true, 'the file shows it');
    assert.equal(of('Yard Cup', { ft: [3, 0] }), false);
  });

  it('has replays, also of a final', () => {
    const [a, b, c, d] = teams(4) as [string, string, string, string];
    assert.deepEqual(
      shapeOf(
        outlined('Yard Cup', [
          tie('Semi-finals', a, b, 0, { ft: [1, 1], et: [1, 1] }),
          tie('Semi-finals', c, d, 0),
          tie('Semi-finals, Replays', a, b, 3),
          tie('Final', a, c, 10, { ft: [1, 1] }),
          tie('Final', a, c, 12),
        ]),
      ),
      ['Knock-out: Semi-finals r11, Final r1'],
    );
  });

  it('has two legs, and a note, if a third match decided between them', () => {
    const [a, b, c] = teams(3) as [string, string, string];
    for (const name of ['Semi-finals', 'Semi-finals, Replays']) {
      const rows = [
        tie('Semi-finals', a, b, 0, { ft: [1, 0] }),
        tie('Semi-finals', b, a, 7, { ft: [1, 0] }),
        tie(name, a, b, 9, { ft: [1, 3] }),
        tie('Final', c, b, 20),
      ];
      const left = [`${a} 1:3 ${b}`, `${c} 1:0 ${b}`];
      const outline = outlined('Yard Cup', rows, 'football', left);
      assert.match(shapeOf(outline)[0]!, /^Knock-out: Semi-finals 2, Final 1/);
      assert.deepEqual(outline.notes, [
        `${a} and ${b} met 3 times in Semi-finals; the bracket has two legs, and an organizer has to decide between them if these are level`,
      ]);
    }
  });

  it('has a match for the third place', () => {
    const [a, b, c, d] = teams(4) as [string, string, string, string];
    for (const name of [
      'Third place',
      'Match for third place',
      'Third-place match',
      'Third place play-off',
      '3rd place play-off',
      'Bronze final',
      'Spiel um Platz 3',
      'Spiel um den dritten Platz',
      'Tercer lugar',
      'Finale 3° posto',
      'Small final',
      'Kleines Finale',
    ])
      for (const date of [9, 10]) {
        const outline = outlined('Yard Cup', [
          tie('Semi-finals', a, b, 0),
          tie('Semi-finals', c, d, 1),
          tie(name, b, d, date),
          tie('Final', a, c, 10),
        ]);
        assert.deepEqual(shapeOf(outline), [`Knock-out: Semi-finals 11, 3rd ${name} 1, Final 1`]);
        const [, third, final] = outline.stages[0]!.input.format.singleElimination!.given!.rounds;
        assert.deepEqual(
          [third!.ties[0]!.home, third!.ties[0]!.away, final!.ties[0]!.home],
          [{ loserOf: 'M1' }, { loserOf: 'M2' }, { winnerOf: 'M1' }],
        );
      }
  });

  it('has legs, also if they are called matchdays of a stage', () => {
    const [a, b, c, d] = teams(4) as [string, string, string, string];
    const rows = [
      tie('Playoffs, Matchday 1', a, b, 0),
      tie('Playoffs, Matchday 1', c, d, 0),
      tie('Playoffs, Matchday 2', d, c, 7, { ft: [0, 0] }),
      tie('Playoffs, Matchday 2', b, a, 7, { ft: [0, 0] }),
      tie('Finals, Final', a, c, 20),
    ];
    const shape = 'Knock-out: Playoffs 22, Finals, Final 1';
    assert.deepEqual(shapeOf(outlined('Yard Cup', rows)), [shape]);
    const league = roundRobin(teams(6), { from: -90, round: (n) => `League, Matchday ${n}` });
    assert.deepEqual(shapeOf(outlined('Yard Cup', [...league, ...rows])), ['League: League 6/15', shape]);
  });

  it('has its champion, also if it plays for other places under any name', () => {
    const [a, b, c, d, e, f, g, h] = teams(8) as [string, string, string, string, string, string, string, string];
    const semis = [tie('Semi-finals', a, b, 5), tie('Semi-finals', c, d, 5)];
    const championOf = (rows: readonly Row[]) => playOut(outlined('Yard Cup', rows)).course.champion;
    for (const name of ['Troostfinale', 'Losers', '3/4', 'Матч за 3-е место'])
      for (const date of [8, 10]) {
        const rows = [...semis, tie(name, b, d, date), tie('Final', a, c, 9)];
        assert.deepEqual(championOf(rows), { entrant: a });
        assert.match(shapeOf(outlined('Yard Cup', rows))[0]!, new RegExp(`3rd ${name} 1`));
      }
    assert.deepEqual(
      championOf([
        ...[tie('Quarter-finals', a, e, 0), tie('Quarter-finals', b, f, 0)],
        ...[tie('Quarter-finals', c, g, 0), tie('Quarter-finals', d, h, 0), ...semis],
        ...[tie('Places 5 to 8', e, f, 6), tie('Places 5 to 8', g, h, 6)],
        ...[
          tie('Seventh place', f, h, 8),
          tie('Fifth place', e, g, 8),
          tie('Third place', b, d, 9),
          tie('Final', a, c, 9),
        ],
      ]),
      { entrant: a },
    );
  });

  it('with placeholders that nothing explains is drawn without them', () => {
    const [a, b, c, d] = teams(4) as [string, string, string, string];
    const rows = [tie('Semi-finals', a, b, 0, null, { num: 1 }), tie('Semi-finals', c, d, 0, null, { num: 2 })];
    assert.deepEqual(shapeOf(outlined('Yard Cup', [...rows, tie('Final', 'W1', 'W2', 9, null, { num: 3 })])), [
      'Knock-out: Semi-finals 11, Final 1',
    ]);
    assert.deepEqual(shapeOf(outlined('Yard Cup', [...rows, tie('Final', 'Winner SF 1', 'Winner SF 2', 9, null)])), [
      'Knock-out: Semi-finals 11',
    ]);
    assert.throws(
      () => outlined('Yard Cup', [...rows, tie('Final', 'W7', 'W8', 9, null, { num: 3 })]),
      (error) => error instanceof NoOutline && error.code === 'UNKNOWN_PLACE',
    );
  });
});

describe('groups', () => {
  const groups = (letters: readonly string[], size: number, more: (letter: string) => Row, from = 0): Row[] =>
    letters.flatMap((letter) => roundRobin(teams(size, letter.toLowerCase().repeat(3)), { from, more: more(letter) }));
  const first = (letter: string, place: number): string => teams(place, letter.toLowerCase().repeat(3))[place - 1]!;

  it('may be named in a field, or in the round only', () => {
    for (const more of [
      (letter: string) => ({ group: `Group ${letter}` }),
      (letter: string) => ({ round: `Group ${letter}` }),
      (letter: string) => ({ round: `Matchday 1, Group ${letter}` }),
      (letter: string) => ({ group: `Gruppe ${letter}` }),
      (letter: string) => ({ round: `Group stage, Group ${letter}` }),
    ]) {
      const rows = groups(['A', 'B'], 4, more);
      const outline = outlined(
        'Yard Cup',
        [...rows, tie('Final', first('A', 1), first('B', 1), 60)],
        'goal-difference',
      );
      assert.match(shapeOf(outline)[0]!, /^Group stage: (?:Group|Gruppe) A 4\/6, (?:Group|Gruppe) B 4\/6$/);
      assert.equal(entrantsOf(outline, 1), '1.1.1 1.2.1');
    }
  });

  it('of two stages may have the same names', () => {
    const second = ['A', 'B'].flatMap((letter, at) =>
      roundRobin([first('A', at + 1), first('B', at + 1), first('C', at + 1)], {
        from: 60,
        more: { group: `Group ${letter}` },
        round: (n) => `Second group stage, Matchday ${n}`,
      }),
    );
    const rows = groups(['A', 'B', 'C'], 3, (letter) => ({ group: `Group ${letter}` })).map((row: Row) => ({
      ...row,
      round: `First group stage, ${String(row.round)}`,
    }));
    const outline = outlined('Yard Cup', [...rows, ...second], 'goal-difference');
    assert.deepEqual(shapeOf(outline), [
      'Group stage: Group A 3/3, Group B 3/3, Group C 3/3',
      'Second group stage: Group A 3/3, Group B 3/3',
    ]);
    assert.equal(entrantsOf(outline, 1).split(' ').sort().join(' '), '1.1.1 1.1.2 1.2.1 1.2.2 1.3.1 1.3.2');
  });

  it('send the best of their thirds on', () => {
    const letters = ['A', 'B', 'C'];
    const rows = groups(letters, 4, (letter) => ({ group: `Group ${letter}` }));
    // The third of group C loses higher.
    const changed = rows.map((row: Row) =>
      row.team1 === first('C', 3) && row.score && (row.score as { ft: number[] }).ft[0] === 0
        ? { ...row, score: { ft: [0, 5] } }
        : row,
    );
    const outline = outlined(
      'Yard Cup',
      [
        ...changed,
        tie('Quarter-finals', first('A', 1), first('B', 3), 60),
        tie('Quarter-finals', first('B', 1), first('A', 3), 60),
        tie('Quarter-finals', first('C', 1), first('A', 2), 60),
        tie('Quarter-finals', first('B', 2), first('C', 2), 60),
      ],
      'goal-difference',
    );
    assert.equal(entrantsOf(outline, 1), '1.1.1 best 3 1.2.1 best 3 1.3.1 1.1.2 1.2.2 1.3.2');
  });

  it('in which teams stay level, and both go on, do not stop the bracket', () => {
    const rows = groups(['A', 'B'], 3, (letter) => ({ group: `Group ${letter}` })).map((row: Row) =>
      String(row.group) === 'Group A' ? { ...row, score: { ft: [0, 0] } } : row,
    );
    const all = (letter: string): string[] => teams(3, letter.toLowerCase().repeat(3));
    const outline = outlined(
      'Yard Cup',
      [
        ...rows,
        tie('Semi-finals', all('A')[0]!, all('B')[1]!, 60),
        tie('Semi-finals', all('B')[0]!, all('A')[1]!, 60),
        tie('Semi-finals', all('A')[2]!, all('B')[2]!, 60),
      ],
      'fifa-1970',
    );
    assert.equal(entrantsOf(outline, 1), `${all('A')[0]!} 1.2.2 1.2.1 ${all('A')[1]!} ${all('A')[2]!} 1.2.3`);
    assert.match(
      outline.notes[0] ?? '',
      /^the table of Group A leaves .* level; the bracket has them as the file does$/,
    );
    // The organizer says who advances.
    const one = outlined('Yard Cup', [...rows, tie('Final', all('A')[0]!, all('B')[0]!, 60)], 'fifa-1970', [
      `${all('A')[0]!} 1:0 ${all('B')[0]!}`,
    ]);
    assert.equal(entrantsOf(one, 1), '1.1.1 1.2.1');
  });

  /** Three groups of four. The third of group A loses higher than those of B and C. */
  const three = (): Row[] =>
    groups(['A', 'B', 'C'], 4, (letter) => ({ group: `Group ${letter}` })).map((row: Row) =>
      row.team1 === first('A', 3) && String(row.team2) < first('A', 3) ? { ...row, score: { ft: [0, 5] } } : row,
    );
  const quarters = (...pairs: [string, string][]): Row[] =>
    pairs.map(([home, away]) => tie('Quarter-finals', home, away, 60));

  it('may send a third to the winner of its own group', () => {
    const outline = outlined(
      'Yard Cup',
      [
        ...three(),
        ...quarters(
          [first('A', 1), first('C', 3)],
          [first('B', 1), first('B', 3)],
          [first('C', 1), first('A', 2)],
          [first('B', 2), first('C', 2)],
        ),
      ],
      'goal-difference',
    );
    assert.equal(entrantsOf(outline, 1), '1.1.1 best 3 1.2.1 best 3 1.3.1 1.1.2 1.2.2 1.3.2');
    assert.deepEqual(outline.notes, []);
  });

  it('in which teams stay level, and both go on, do not stop the best thirds of other groups', () => {
    const [, second, third] = [1, 2, 3].map((place) => first('C', place)) as [string, string, string];
    const rows = three().map((row: Row) => {
      const [home, away] = [String(row.team1), String(row.team2)];
      const isBetween = (one: string) => one === second || one === third;
      if (isBetween(home) && isBetween(away)) return { ...row, score: { ft: [1, 1] } };
      return home.startsWith('ccc') ? { ...row, score: { ft: home < away ? [1, 0] : [0, 1] } } : row;
    });
    const outline = outlined(
      'Yard Cup',
      [
        ...rows,
        ...quarters(
          [first('A', 1), third],
          [first('B', 1), first('A', 2)],
          [first('C', 1), first('B', 3)],
          [first('B', 2), second],
        ),
      ],
      'fifa-1970',
    );
    assert.equal(entrantsOf(outline, 1), `1.1.1 ${third} 1.2.1 1.1.2 1.3.1 1.2.3 1.2.2 ${second}`);
    assert.match(outline.notes.join(), /^the table of Group C leaves .* level; the bracket has them as the file does$/);
  });

  it('that the rules order in another way than the file have the teams of the file, and a note', () => {
    const best = outlined(
      'Yard Cup',
      [
        ...three(),
        ...quarters(
          [first('A', 1), first('C', 3)],
          [first('B', 1), first('A', 3)],
          [first('C', 1), first('A', 2)],
          [first('B', 2), first('C', 2)],
        ),
      ],
      'goal-difference',
    );
    assert.equal(entrantsOf(best, 1), '1.1.1 1.3.3 1.2.1 1.1.3 1.3.1 1.1.2 1.2.2 1.3.2');
    assert.deepEqual(best.notes, [
      `by these rules ${first('B', 3)} would be among the best teams on place 3; the bracket has the teams of the file`,
    ]);
    const within = outlined('Yard Cup', [
      ...groups(['A', 'B'], 4, (letter) => ({ group: `Group ${letter}` })),
      tie('Semi-finals', first('A', 1), first('B', 3), 60),
      tie('Semi-finals', first('B', 1), first('A', 2), 60),
    ]);
    assert.equal(entrantsOf(within, 1), '1.1.1 1.2.3 1.2.1 1.1.2');
    assert.deepEqual(within.notes, [
      `by these rules ${first('B', 2)} is before ${first('B', 3)} in Group B, but the file has only the latter in a later match; the rules or the results may be others (--rules, --adjust)`,
    ]);
  });

  it('whose best third does not fit the bracket leave its place open, and nobody walks over', () => {
    const rows = three().map((row: Row) =>
      row.team1 === first('B', 3) && String(row.team2) < first('B', 3) ? { ...row, score: { ft: [0, 5] } } : row,
    );
    const outline = outlined('Yard Cup', [
      ...rows,
      tie('Semi-finals', first('C', 1), '3A/B', 60, null),
      tie('Semi-finals', first('A', 1), first('B', 1), 60, null),
    ]);
    const { stages } = playOut(outline).course;
    assert.deepEqual(
      [...stages[1]!.resolved.values()].map(({ state }) => state),
      ['READY', 'WAITING'],
    );
    assert.deepEqual(
      stages[0]!.undecided.map(({ place, entrants }) => [place, entrants[0]]),
      [[3, first('C', 3)]],
    );
  });

  it('may be decided by play-offs, which the table asks for', () => {
    const [a, b, c, d] = teams(4) as [string, string, string, string];
    const level = [
      tie('Matchday 1', a, b, 0, { ft: [2, 0] }),
      tie('Matchday 1', c, d, 0, { ft: [1, 1] }),
      tie('Matchday 2', a, c, 3, { ft: [2, 0] }),
      tie('Matchday 2', b, d, 3, { ft: [3, 0] }),
      tie('Matchday 3', a, d, 6, { ft: [2, 0] }),
      tie('Matchday 3', c, b, 6, { ft: [1, 0] }),
    ].map((row) => ({ ...row, group: 'Group 1' }));
    const others = groups(['2'], 4, () => ({ group: 'Group 2' }));
    const rows = [
      ...level,
      ...others,
      tie('Group 1 Play-off', b, c, 8, { ft: [1, 1], et: [2, 1] }),
      tie('Semi-finals', a, first('2', 2), 30),
      tie('Semi-finals', first('2', 1), b, 30),
      tie('Final', a, first('2', 1), 40),
    ];
    // c has 3 points, b has 2: no play-off by two points for a win. With b and c level there is one.
    const even = rows.map((row: Row) => (row.team1 === c && row.team2 === d ? { ...row, score: { ft: [0, 1] } } : row));
    const outline = outlined('World Cup 1958', even);
    assert.deepEqual(shapeOf(outline), [
      'Group stage: Group 1 4/6, Group 2 4/6',
      'Play-offs: Play-offs 1',
      'Knock-out: Semi-finals 11, Final 1',
    ]);
    assert.deepEqual(outline.playOffs, [b, c]);
    assert.equal(entrantsOf(outline, 2), '1.1.1 1.2.2 1.2.1 1.1.2');
  });
});

describe('a dry run', () => {
  it('prints the stages, the notes and the rules that it guessed', () => {
    const [a, b, c, d] = teams(4) as [string, string, string, string];
    const shown = (rows: readonly Row[], options = {}): string[] => {
      const competition = readCompetition(JSON.stringify({ name: 'Scottish Premiership 2024/25', matches: rows }));
      return preview(competition, options).slice(competition.matches.length);
    };
    const semis = [tie('Semi-finals', a, b, 60, null, { num: 1 }), tie('Semi-finals', c, d, 60, null, { num: 2 })];
    const final = tie('Final', 'W1', 'W2', 70, null, { num: 3 });
    const league = roundRobin(teams(4));
    assert.deepEqual(
      shown([...league, ...semis, final]).filter((text) => !text.startsWith('note:')),
      [
        'Scottish Premiership 2024/25: 4 teams and 8 matches of 9 would be imported.',
        'stage: League (Table)',
        'stage: Knock-out (Semi-finals, Final)',
        'Rules of its tables: scotland (2023/24, version 1): 3 points for a win; points, difference, goals (guessed from the name and the year 2024)',
      ],
    );
    assert.match(shown(league, { rules: 'la-liga' }).at(-1)!, /^Rules of its tables: la-liga .* \(as given\)$/);
    const many = Array.from({ length: 17 }, (_, at) =>
      roundRobin(teams(3), { from: at * 30, round: (n) => `Part ${'abcdefghijklmnopq'[at]!}, Matchday ${n}` }),
    ).flat();
    assert.match(shown(many).at(-1)!, /^skipped: the tournament, so its matches are friendlies: TOO_MANY_STAGES/);
  });
});

describe('what a tournament cannot have', () => {
  it('is refused with a code', () => {
    const refused = (rows: readonly Row[], code: string): void =>
      assert.throws(
        () => outlined('Yard Cup', rows),
        (error) => error instanceof NoOutline && error.code === code,
      );
    refused(
      Array.from({ length: 17 }, (_, at) =>
        roundRobin(teams(3), { from: at * 30, round: (n) => `Part ${'abcdefghijklmnopq'[at]!}, Matchday ${n}` }),
      ).flat(),
      'TOO_MANY_STAGES',
    );
  });
});
