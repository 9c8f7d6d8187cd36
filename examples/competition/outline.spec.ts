import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { type Adjustments, NO_ADJUSTMENTS, readAdjustments } from './adjust.ts';
import { readCompetition } from './openfootball.ts';
import { outlineOf } from './outline.ts';
import { hasRealFiles, realFile } from './real-files.fixture.ts';
import { guessRules, yearOf } from './rules.ts';

/** The outline of a file. */
function drawn(file: string, adjustments: Adjustments = NO_ADJUSTMENTS) {
  const { name, matches, pending } = readCompetition(file);
  const all = [...matches, ...pending.map(({ match }) => match)].sort((a, b) => a.kickoffAt.localeCompare(b.kickoffAt));
  return outlineOf(all, guessRules(name, yearOf(name, all[0]!.kickoffAt)), adjustments);
}
const shapeOf = ({ stages }: ReturnType<typeof drawn>): string[] =>
  stages.map(({ input, tables, ties }) =>
    tables.length > 0
      ? `${input.name}: ${input.format.roundRobin!.given!.groups.map(({ name, size, rounds }) => `${name} ${size}/${rounds.reduce((sum, { matches }) => sum + matches.length, 0)}`).join(', ')}`
      : `${input.name}: ${[...Map.groupBy(ties, ({ part, round }) => `${part} ${round}`)].map(([round, own]) => `${round} ${own.length}`).join(', ')}`,
  );
const entrantsOf = (outline: ReturnType<typeof drawn>, stage: number): string[] =>
  outline.stages[stage]!.input.entrants!.map(({ entries, place, best }) =>
    entries
      ? `${entries.from}-${entries.to}`
      : place
        ? `${place.stage}.${place.group}.${place.place}`
        : `best ${best!.place} ${best!.rank} ${best!.groups ?? ''}`,
  );

const row = (team1: string, team2: string, round: string, date: string, more: object = {}) => ({
  ...{ team1, team2, round, date, time: '12:00', ...more },
});

describe('the stages of a file', () => {
  it('that does not know yet who plays later have the places that it names', () => {
    const groups = ['A', 'B'].flatMap((letter) =>
      [
        [1, 2],
        [2, 3],
        [3, 1],
      ].map(([home, away], index) =>
        row(
          `${letter} team ${home}`,
          `${letter} team ${away}`,
          `Matchday ${index + 1}, Group ${letter}`,
          `2026-06-0${index + 1}`,
        ),
      ),
    );
    const file = {
      name: 'Yard Cup',
      matches: [
        ...groups,
        row('1A', '2B', 'Semi-finals', '2026-06-10', { num: 7 }),
        row('Winner Group B', '3A/B', 'Semi-finals', '2026-06-10', { num: 8 }),
        row('L7', 'L8', 'Third place', '2026-06-11', { num: 9 }),
        row('W7', 'Winner Match 8', 'Final', '2026-06-12', { num: 10 }),
      ],
    };
    const outline = drawn(JSON.stringify(file));
    assert.deepEqual(shapeOf(outline), [
      'Group stage: Group A 3/3, Group B 3/3',
      'Knock-out: WINNERS 1 2, THIRD_PLACE 1 1, WINNERS 2 1',
    ]);
    assert.deepEqual(entrantsOf(outline, 1), ['1.1.1', '1.2.2', '1.2.1', 'best 3 1 1,2']);
    const rounds = outline.stages[1]!.input.format.singleElimination!.given!.rounds;
    assert.deepEqual([rounds[1]?.ties[0]?.home, rounds[2]?.ties[0]?.away], [{ loserOf: '7' }, { winnerOf: '8' }]);
  });
});

(hasRealFiles ? describe : describe.skip)('the stages of real competitions', () => {
  const KNOCK_OUT = 'Knock-out: WINNERS 1 8, WINNERS 2 4, WINNERS 3 2, THIRD_PLACE 1 1, WINNERS 4 1';
  const groupsOf = (letters: string, size = '4/6'): string =>
    [...letters].map((name) => `Group ${name} ${size}`).join(', ');

  it('are those that were played', () => {
    const shapes: Record<string, string[]> = {
      'worldcup-1938': [KNOCK_OUT],
      'worldcup-1950': [
        'Group stage: Group 1 4/6, Group 2 4/6, Group 3 3/3, Group 4 2/1',
        'Final Round: Final Round 4/6',
      ],
      'worldcup-1974': [
        `Group stage: ${groupsOf('1234')}`,
        `Second group stage: ${groupsOf('AB')}`,
        'Knock-out: THIRD_PLACE 1 1, WINNERS 1 1',
      ],
      'worldcup-1982': [
        `Group stage: ${groupsOf('123456')}`,
        `Second group stage: ${groupsOf('ABCD', '3/3')}`,
        'Knock-out: WINNERS 1 2, THIRD_PLACE 1 1, WINNERS 2 1',
      ],
      'worldcup-1986': [`Group stage: ${groupsOf('ABCDEF')}`, KNOCK_OUT],
      'worldcup-2010': [`Group stage: ${groupsOf('ABCDEFGH')}`, KNOCK_OUT],
      'euro-2020': [`Group stage: ${groupsOf('ABCDEF')}`, KNOCK_OUT.replace('THIRD_PLACE 1 1, ', '')],
      'england-premier-league-2023-24': ['League: Table 20/380'],
    };
    for (const [file, shape] of Object.entries(shapes))
      assert.deepEqual([file, shapeOf(drawn(realFile(`${file}.json`)))], [file, shape]);
  });

  it('take their entrants from places', () => {
    const of = (file: string, stage: number): string => entrantsOf(drawn(realFile(`${file}.json`)), stage).join(' ');
    assert.equal(of('worldcup-1950', 1), '1.4.1 1.2.1 1.1.1 1.3.1');
    assert.equal(of('worldcup-1974', 2), '2.1.2 2.2.2 2.1.1 2.2.1');
    assert.equal(of('worldcup-1982', 2), '2.1.1 2.3.1 2.2.1 2.4.1');
    assert.match(of('worldcup-1986', 1), /^1\.2\.1 best 3 1 1 1\.3\.1 best 3 2 2 /);
    // In this preset, a stored table says which of the best thirds plays against which group winner.
    assert.match(of('euro-2020', 1), /^1\.1\.2 1\.2\.2 .* best 3 1 {2}1\.2\.1 best 3 2 /);
    assert.equal(
      of('worldcup-2018', 1),
      '1.3.1 1.4.2 1.1.1 1.2.2 1.2.1 1.1.2 1.4.1 1.3.2 1.5.1 1.6.2 1.7.1 1.8.2 1.6.1 1.5.2 1.8.1 1.7.2',
    );
  });
});

describe('adjustments', () => {
  it('with an unknown name or key are refused', () => {
    const refused = (json: unknown, message: RegExp): void =>
      assert.throws(() => readAdjustments(JSON.stringify(json), ['Foxes', 'Owls']), { message });
    const deduction = { team: 'Foxes', points: -3, date: '2026-01-01', reason: 'Late' };
    refused({ deductions: [{ ...deduction, team: 'Larks' }] }, /no team "Larks" \(\$\.deductions\.0\)/);
    refused({ deductions: [{ ...deduction, point: 1 }] }, /at \$\.deductions\.0/);
    refused({ lots: ['Foxes', 'Larks'] }, /no team "Larks"/);
    refused({ lots: ['Foxes', 'Foxes'] }, /twice/);
    refused({ cards: [] }, /cards/);
    assert.deepEqual(readAdjustments(JSON.stringify({ deductions: [deduction] }), ['Foxes']).deductions, [deduction]);
  });
});

describe('the rules of a competition', () => {
  it('are guessed from its name and year', () => {
    const cases: [name: string, year: number, preset: string, win: number | undefined, file?: string][] = [
      ['World Cup 1966', 1966, 'fifa-1962', undefined],
      ['World Cup 1970', 1970, 'fifa-1970', undefined],
      ['World Cup 1990', 1990, 'fifa-1974', undefined],
      ['UEFA Nations League 2020/21', 2020, 'uefa-nations-league-2018', undefined],
      ['UEFA Nations League 2022/23', 2022, 'uefa-nations-league', undefined],
      ['World Cup 2018', 2018, 'fifa-2018', undefined],
      ['World Cup 2026', 2026, 'fifa-2026', undefined],
      ['Euro 2021', 2021, 'uefa-euro-2020', undefined],
      ['English Premier League 2023/24', 2023, 'premier-league', undefined],
      ['Italian Serie A 2022/23', 2022, 'serie-a', undefined],
      ['Italian Serie A 1990/91', 1990, 'serie-a-1994', 2],
      ['Primera División de España 2022/23', 2022, 'la-liga', undefined],
      ['Deutsche Bundesliga 2020/21', 2020, 'bundesliga', undefined],
      ['Österreichische Bundesliga 2020/21', 2020, 'goal-difference', undefined],
      ['Yard Cup', 2026, 'football', undefined],
      // The groups of 1994/95 still had two points for a win.
      ['UEFA Champions League 1994/95', 1994, 'football', 2],
      ['UEFA Champions League 1995/96', 1995, 'football', undefined],
      ['UEFA Champions League 2008/09', 2008, 'uefa-clubs-2003', undefined],
      // Leagues of several countries have the same name. The code in the name of the file says the country.
      ['Bundesliga 2019/20', 2019, 'bundesliga', undefined],
      ['Bundesliga 2019/20', 2019, 'goal-difference', undefined, 'at.1'],
      ['Premier League 2019/20', 2019, 'russia', undefined, 'ru.1'],
      ['Ligue 1 2024/25', 2024, 'football', undefined, 'dz.1'],
      ['Premier League 2019/20', 2019, 'premier-league', undefined, 'my-league'],
      ['Primera División de Chile 2019', 2019, 'goal-difference', undefined, 'cl.1'],
      ['2019/20', 2019, 'uefa-clubs-2003', undefined, 'uefa.cl'],
      ['Primera División de Honduras 2019', 2019, 'football', undefined],
      ['World Cup 2022 Quali. Europe', 2021, 'football', undefined],
      ['Foster Cup 2022', 2022, 'football', undefined],
    ];
    for (const [name, year, preset, win, file] of cases) {
      const guessed = guessRules(name, year, file);
      assert.deepEqual([name, file, guessed.preset, guessed.points?.win], [name, file, preset, win]);
    }
    assert.match(guessRules('Bundesliga 2019/20', 2019, 'at.1').because, /^guessed from the name of the file and/);
    // Goals away decided between two legs from 1967 on. Before, the two teams met again, or a coin was tossed.
    const away = (year: number): boolean | null => guessRules('European Cup', year).awayGoals;
    assert.deepEqual([1960, 1967, 2020, 2021].map(away), [null, true, true, false]);
  });
});
