// A report made from the facts of any match has no fault. The same report with one thing changed has one.
import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import type { Questions } from '../../../platform/questions/questions.ts';
import type { MatchAsFacts } from '../../../schema/questions/matches.ts';
import { answerTo } from '../../../test/ai-provider/answers.ts';
import { matchReportFlow } from '../flows/match-report.ts';
import { instructionsOf } from '../flows/prompts.ts';
import type { TextLanguage } from './check.ts';

const PEOPLE = {
  RU: [
    'Анна Белова',
    'Дмитрий Достоевский',
    'Тарас Шевченко',
    'Пётр Седых',
    'Мария Салтыкова-Щедрина',
    'Лев Ким',
    'Лука Модрич',
  ],
  EN: ["Sean O'Brien", 'Ann-Marie Jones', 'Vincent van Dijk', 'José Núñez', 'Peter Miller', 'Zoë Strauß', 'Björn Lund'],
};
const TEAMS = {
  RU: ['Лисы', 'Спартак', 'Красные Зори', 'Маяк', 'Сокол-2', 'Динамо Юг'],
  EN: ['Foxes', 'North Wolves', 'St. Pauls', 'Team 2000', 'Athletic', 'River Pikes'],
};
/** Nobody in {@link PEOPLE} has this name. */
const STRANGER = { RU: 'Козлов', EN: 'Carter' };

const deed = (people: readonly string[]) =>
  fc.record({
    kind: fc.constantFrom(
      'GOAL' as const,
      'GOAL' as const,
      'PENALTY' as const,
      'OWN_GOAL' as const,
      'YELLOW' as const,
      'RED' as const,
    ),
    side: fc.constantFrom('HOME' as const, 'AWAY' as const),
    minute: fc.integer({ min: 1, max: 90 }),
    stoppage: fc.constantFrom(null, null, null, 1, 3),
    player: fc.constantFrom(...people),
    assist: fc.constantFrom(null, ...people),
  });

function matches(language: TextLanguage): fc.Arbitrary<MatchAsFacts> {
  return fc
    .record({
      teams: fc.shuffledSubarray(TEAMS[language], { minLength: 2, maxLength: 2 }),
      deeds: fc.array(deed(PEOPLE[language]), { maxLength: 8 }),
      day: fc.integer({ min: 1, max: 28 }),
    })
    .map(({ teams: [home = '', away = ''], deeds: drawn, day }) => {
      const deeds = drawn
        .toSorted((a, b) => a.minute - b.minute || (a.stoppage ?? 0) - (b.stoppage ?? 0))
        .map((one) => {
          const isGoal = one.kind === 'GOAL' || one.kind === 'PENALTY' || one.kind === 'OWN_GOAL';
          // Nobody passes to themselves, and cards, penalties and own goals have no pass.
          const assist = one.kind === 'GOAL' && one.assist !== one.player ? one.assist : null;
          return { ...one, assist, points: isGoal ? 1 : 0 };
        });
      const goalsOf = (side: string) => deeds.filter((one) => one.side === side && one.points > 0).length;
      return {
        ...{ sport: 'FOOTBALL', state: 'CONFIRMED', competition: null, venue: null, home, away, deeds },
        tournamentId: null,
        kickoffAt: `2026-05-${String(day).padStart(2, '0')}T10:00:00.000Z`,
        ...{ homeScore: goalsOf('HOME'), awayScore: goalsOf('AWAY'), homeShootout: null, awayShootout: null },
      };
    });
}

/** The report that the local provider makes, and the faults that the flow finds in a changed report. */
async function reportOf(match: MatchAsFacts, language: TextLanguage) {
  const questions = { ask: async () => match } as unknown as Questions;
  const input = { clientId: 'x', matchId: 'x', language };
  const prepared = await matchReportFlow.prepare({ roles: [] }, input as never, questions);
  const answer = answerTo(await instructionsOf(matchReportFlow, language), { ...prepared.data });
  assert.ok(answer);
  const text = prepared.render(answer);
  return { text, faultsOf: (changed: string) => [...prepared.check(changed), ...prepared.checkWhole(answer, changed)] };
}

describe.each(['RU', 'EN'] as const)('a report in %s of any match', (language) => {
  it('has no fault when it follows the facts', async () => {
    await fc.assert(
      fc.asyncProperty(matches(language), async (match) => {
        const { text, faultsOf } = await reportOf(match, language);
        assert.deepEqual(faultsOf(text), [], text);
      }),
      { numRuns: 300 },
    );
  });

  it('has a fault with another scorer, minute or score, and without a team', async () => {
    await fc.assert(
      fc.asyncProperty(matches(language), fc.nat(), async (match, which) => {
        const { text, faultsOf } = await reportOf(match, language);
        const isWrong = (what: string, changed: string) =>
          assert.ok(changed === text || faultsOf(changed).length > 0, `${what}: ${changed}`);
        const { homeScore, awayScore, deeds, home } = match;
        isWrong('the score', text.replaceAll(`${homeScore}:${awayScore}`, `${homeScore + 7}:${awayScore}`));
        isWrong('the team', text.replaceAll(home, ''));
        const one = deeds[which % Math.max(1, deeds.length)];
        if (!one) return;
        const player = one.player ?? '';
        isWrong('the scorer', text.replaceAll(player, STRANGER[language]));
        isWrong(
          'the first name',
          text.replaceAll(player, `${language === 'RU' ? 'Фёдор' : 'Walter'} ${player.split(' ').at(-1)}`),
        );
        const unused = Array.from({ length: 90 }, (_, index) => index + 1).find(
          (minute) => !deeds.some((other) => other.minute === minute),
        );
        const own =
          language === 'RU'
            ? [`${one.minute}-й минуте`, `${unused}-й минуте`]
            : [`minute ${one.minute}.`, `minute ${unused}.`];
        isWrong('the minute', text.replaceAll(own[0] ?? '', own[1] ?? ''));
      }),
      { numRuns: 300 },
    );
  });
});
