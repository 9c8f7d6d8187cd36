import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import type { Content, Edition } from '../content.ts';
import {
  countMatches,
  edition,
  groupStage,
  knockoutStage,
  line,
  LONG_NAME,
  LONG_WORD,
  match,
  season,
  teamName,
  tournament,
  tournamentOf,
} from '../content.fixture.ts';
import { pdfOf } from './pdf.ts';
import { faultsOf, pagesOf } from './pdf-text.fixture.ts';
import { MARGIN } from './sheet.ts';

const read = async (content: Content, more: Partial<Edition> = {}) => {
  const { body, pages } = await pdfOf(content, edition(more));
  const shown = await pagesOf(body);
  assert.equal(shown.length, pages, 'the number of pages that is stored');
  return { pages: shown, text: shown.map((page) => page.text).join(' '), bytes: body.byteLength };
};
/** Removes white space, because a long name is broken into several lines. */
const joined = (text: string): string => text.replaceAll(/\s/g, '');

const contents: Readonly<Record<string, Content>> = {
  'a match': match(),
  'a match of the longest names': match({
    home: { name: LONG_NAME, lineup: null },
    away: { name: LONG_WORD, lineup: null },
    venue: LONG_WORD.repeat(2),
    referee: LONG_NAME,
    competition: LONG_WORD,
    score: { home: 101, away: 99, shootout: { home: 5, away: 4 }, periods: [] },
    moments: [],
  }),
  'a tournament of groups and a knock-out': tournament(),
  'a tournament of the longest names': tournament({
    name: LONG_WORD,
    organizers: Array.from({ length: 20 }, () => LONG_NAME),
    champion: LONG_WORD,
  }),
  'a knock-out of 64': tournament({ stages: [knockoutStage(64)] }),
  'a knock-out of 256': tournament({ stages: [knockoutStage(256)] }),
  'a knock-out with two legs': tournament({ stages: [knockoutStage(8, 2)] }),
  'a tournament without stages': tournament({ stages: [], scorers: [], assists: [], fairPlay: [] }),
  'the season of a team': season(),
  'the season of a player without matches': season({
    of: 'PLAYER',
    name: LONG_NAME,
    team: LONG_WORD,
    sums: null,
    players: [],
    matches: [],
    isCut: true,
  }),
};

describe('a report as PDF', () => {
  for (const language of ['RU', 'EN'] as const)
    for (const [name, content] of Object.entries(contents))
      it(`of ${name} in ${language} has all text on its pages, and no text over another`, async () => {
        const { pages } = await read(content, { language });
        assert.deepEqual(
          pages.flatMap((page, index) => faultsOf(page, MARGIN).map((fault) => `page ${index + 1}: ${fault}`)),
          [],
        );
        assert.ok(
          pages.every(({ pieces }) => pieces.length > 2),
          'no page is empty',
        );
      });

  it('has names and texts in Cyrillic, as letters', async () => {
    const { text, pages } = await read(match());
    for (const part of [
      'Отчёт о матче',
      'Лисы двора',
      'Ёжики',
      '2:1',
      'Стадион «Труд», поле № 2',
      'Семён Ильич',
      'сб, 6 июн. 2026 г., 11:00',
      'Гол: Пётр Щербаков (передача: Игрок Ёлкин-7)',
      '45+2 Жёлтая карточка: Щукин',
      'Автогол: Защитник гостей',
      'Замена: Сидоров (ушёл: Пётр Щербаков)',
      'Основной состав',
      'Полуфинал 1',
    ])
      assert.ok(text.includes(part), `${part} in: ${text}`);
    assert.equal(pages.length, 2);
  });

  it('has the tables with deductions and what decided, brackets, awards and matches', async () => {
    const { text } = await read(tournament(), { language: 'EN', timeZone: 'UTC' });
    for (const part of [
      'Групповой этап: Group A',
      '2 Ёжики 2 3 2 0 1 9:4 +5 3*',
      'Points −3: Неявка на построение: решение оргкомитета (30 May 2026)',
      'Ahead by: difference head to head',
      'Bracket: Плей-офф',
      'Quarter-finals',
      'Winner of Semi-final 1',
      'Third place',
      'Top scorers',
      'Best player Пётр Щербаков',
      'Sat, 6 Jun 2026, 08:00',
      '(4:3 pen.)',
    ])
      assert.ok(text.includes(part), `${part} in: ${text}`);
  });

  it('leaves nothing of a long name out, in tables and in a bracket of 64', async () => {
    for (const content of [tournament(), tournament({ stages: [knockoutStage(64)], scorers: [], fairPlay: [] })]) {
      const { text, pages } = await read(content);
      assert.ok(joined(text).includes(LONG_WORD), 'the long word');
      for (const { text: of } of pages.filter(({ text: of }) => /^.*Сетка.*1\/(?:8|32) финала/.test(of)))
        assert.ok(joined(of).includes(joined(LONG_NAME)), of);
    }
  });

  it('shows every team of a bracket of 64 on its pages', async () => {
    const { text, pages } = await read(
      tournament({ stages: [knockoutStage(64)], scorers: [], assists: [], fairPlay: [] }),
    );
    for (let team = 0; team < 64; team++) assert.ok(joined(text).includes(joined(teamName(team))), teamName(team));
    assert.equal(pages.filter(({ text: of }) => of.includes('Сетка')).length, 3, 'two halves, and the end');
  });

  it('is the same for the same content, and another one for another time', async () => {
    const bytes = async (more: Partial<Edition> = {}): Promise<string> =>
      Buffer.from((await pdfOf(tournament(), edition(more))).body).toString('base64');
    const first = await bytes();
    // Another report of the same process uses the same letters in another order.
    await pdfOf(season({ name: 'Б\u00a0А–а−а' }), edition());
    assert.equal(await bytes(), first);
    assert.notEqual(await bytes(), await bytes({ madeAt: new Date('2026-06-01T12:01:00.000Z') }));
  });

  it('shows times in the zone of the reader, also across midnight', async () => {
    const content = season({ matches: [line(0, { kickoffAt: '2026-06-06T22:30:00.000Z' })] });
    assert.ok((await read(content, { timeZone: 'Asia/Vladivostok' })).text.includes('вс, 7 июн. 2026 г., 08:30'));
    assert.ok((await read(content, { timeZone: 'America/New_York' })).text.includes('сб, 6 июн. 2026 г., 18:30'));
  });

  it('of a tournament of 1,000 matches has all of them', async () => {
    const content = tournamentOf(1000);
    assert.ok(countMatches(content) >= 1000, String(countMatches(content)));
    const { pages, text, bytes } = await read(content, { language: 'EN' });
    assert.ok(pages.length > 40 && pages.length < 120, String(pages.length));
    assert.equal(text.match(/\d+:\d+ (?:\(4:3 pen\.\) )?/g)!.length >= 1000, true);
    assert.ok(bytes < 1e6, String(bytes));
  });

  it('leaves out the marks that a reader cannot see, and shows others', async () => {
    const { text } = await read(
      tournament({ stages: [groupStage(1, 2)], scorers: [], assists: [], fairPlay: [], name: 'Кубок\u200b «Ё»\t2026' }),
    );
    assert.ok(text.includes('Кубок «Ё» 2026'), text);
  });
});
