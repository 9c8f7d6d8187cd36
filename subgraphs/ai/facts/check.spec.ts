import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { type Facts, faultsOf, NO_FACTS, type TextLanguage } from './check.ts';
import { isFormOf } from './names.ts';
import { numbersIn } from './numbers.ts';
import { TEXTS } from './texts.fixture.ts';

const goal = (side: 'HOME' | 'AWAY', minute: number, player: string, more: object = {}) => ({
  ...{ kind: 'GOAL' as const, side, minute, stoppage: null, player, assist: null },
  ...more,
});

/** Лисы 3:1 Волки. */
const RU: Facts = {
  ...NO_FACTS,
  people: ['Иван Петров', 'Лев Соколов', 'Мария Ильина', 'Олег Сидоров'],
  teams: ['Лисы', 'Волки'],
  others: ['Кубок двора'],
  deeds: [
    goal('HOME', 12, 'Иван Петров', { assist: 'Лев Соколов' }),
    goal('AWAY', 40, 'Олег Сидоров', { kind: 'PENALTY' }),
    goal('HOME', 45, 'Иван Петров', { stoppage: 2 }),
    goal('HOME', 78, 'Мария Ильина'),
    { kind: 'YELLOW', side: 'AWAY', minute: 60, stoppage: null, player: 'Олег Сидоров', assist: null },
  ],
  scores: [
    [1, 0],
    [1, 1],
    [2, 1],
    [3, 1],
  ],
  winner: 'HOME',
  days: [[5, 5]],
  numbers: [2026],
};
/** Foxes 1:2 Wolves. */
const EN: Facts = {
  ...NO_FACTS,
  people: ['John Smith', 'Ann Lee', 'Пётр Щукин', 'Ия Снегова'],
  teams: ['Foxes', 'North Wolves'],
  deeds: [
    goal('HOME', 23, 'John Smith'),
    goal('AWAY', 51, 'Ann Lee', { assist: 'Пётр Щукин' }),
    goal('AWAY', 90, 'Ann Lee', { stoppage: 3 }),
    { kind: 'RED', side: 'HOME', minute: 70, stoppage: null, player: 'John Smith', assist: null },
  ],
  scores: [
    [1, 0],
    [1, 1],
    [1, 2],
  ],
  winner: 'AWAY',
};

const RIGHT: Readonly<Record<TextLanguage, readonly string[]>> = {
  RU: [
    'Лисы обыграли Волков со счётом 3:1.',
    'На 12-й минуте Петров открыл счёт после передачи Соколова.',
    'Гол Петрова на двенадцатой минуте вывел Лис вперёд.',
    'Волки сравняли счёт на сороковой минуте: пенальти реализовал Сидоров.',
    'На 45+2-й минуте Иван Петров оформил дубль.',
    'Петров, Ильина и Сидоров забили голы.',
    'На 12-й и 45+2-й минутах отличился Петров.',
    'Победу Лисам принесли голы Петрова и Ильиной.',
    'Третий гол Лис забила Мария Ильина на семьдесят восьмой минуте.',
    'Сидоров получил жёлтую карточку на 60-й минуте.',
    'Волки уступили Лисам — 1:3.',
    'Хозяева победили гостей в матче Кубка двора в пятницу, в мае 2026 года.',
    'С Петровым соперники так и не справились, о Сидорове в обороне Лис вспоминали весь матч.',
    'Счёт три — один.',
  ],
  EN: [
    'North Wolves beat Foxes 2-1.',
    'Foxes lost to North Wolves, 1:2.',
    // "A" is not Ия, who has no card.
    'A red card for Smith in the 70th minute.',
    'Smith scored in the 23rd minute.',
    "Lee's goal in the fifty-first minute made it one-one.",
    'Ann Lee scored twice.',
    "The winner came in the 90+3' minute from Lee.",
    'Smith was sent off with a red card in the 70th minute.',
    'Lee scored after a pass from Shchukin.',
    'Goals by Lee decided the match.',
    'The visitors won two to one.',
  ],
};

const WRONG: Readonly<Record<TextLanguage, readonly (readonly [text: string, kind: string])[]>> = {
  RU: [
    ['Козлов забил на 12-й минуте.', 'NAME'],
    ['Счёт открыл Козлов.', 'NAME'],
    ['Победу Лисам принёс Петровский.', 'NAME'],
    ['Лисы обыграли Медведей.', 'NAME'],
    ['Пётр Петров забил на 12-й минуте.', 'NAME'],
    ['Мария Петров забила гол.', 'NAME'],
    ['Петров забил на 13-й минуте.', 'MINUTE'],
    ['Петров забил на тринадцатой минуте.', 'MINUTE'],
    ['Гол на 3-й минуте.', 'MINUTE'],
    ['Гол на 12-й и 44-й минутах.', 'MINUTE'],
    ['На 45+4-й минуте был гол.', 'MINUTE'],
    ['Лисы победили со счётом 4:1.', 'SCORE'],
    ['Лисы победили, четыре — один.', 'SCORE'],
    ['Счёт два-ноль.', 'SCORE'],
    ['За матчем следили 500 зрителей.', 'NUMBER'],
    ['Соколов забил гол.', 'DEED'],
    ['Петров забил на 78-й минуте.', 'DEED'],
    ['На 40-й минуте, после ошибки защиты, отличился Петров.', 'DEED'],
    ['Ильина оформила дубль.', 'DEED'],
    ['Петров сделал хет-трик.', 'DEED'],
    ['Петров получил жёлтую карточку.', 'DEED'],
    ['Сидорова удалили на 12-й минуте.', 'DEED'],
    ['На 78-й минуте гол забили Волки.', 'DEED'],
    ['Волки обыграли Лис.', 'WINNER'],
    ['Лисы проиграли Волкам.', 'WINNER'],
    ['Матч закончился вничью.', 'WINNER'],
    ['Матч прошёл в июне.', 'DATE'],
    ['Матч прошёл в субботу.', 'DATE'],
  ],
  EN: [
    ['Jones scored in the 23rd minute.', 'NAME'],
    ['The opener came from Jones.', 'NAME'],
    ['John Lee scored.', 'NAME'],
    ['Smith scored in the 24th minute.', 'MINUTE'],
    ['Smith scored in the twenty-fourth minute.', 'MINUTE'],
    ["Smith scored (24').", 'MINUTE'],
    ['North Wolves beat Foxes 3-1.', 'SCORE'],
    ['North Wolves won three-one.', 'SCORE'],
    ['A crowd of 300 watched.', 'NUMBER'],
    ['Smith scored in the 51st minute.', 'DEED'],
    ['Shchukin scored.', 'DEED'],
    ['Smith scored twice.', 'DEED'],
    ['Lee was booked.', 'DEED'],
    ['Foxes beat North Wolves.', 'WINNER'],
    ['North Wolves lost to Foxes.', 'WINNER'],
    ['The match was drawn.', 'WINNER'],
    ['It happened on Monday.', 'DATE'],
    ['It happened in July.', 'DATE'],
  ],
};

describe('facts in a text', () => {
  for (const language of ['RU', 'EN'] as const) {
    const facts = language === 'RU' ? RU : EN;
    for (const text of RIGHT[language])
      it(`are right: ${text}`, () => assert.deepEqual(faultsOf(text, facts, language), []));
    for (const [text, kind] of WRONG[language])
      it(`are wrong: ${text}`, () => {
        const kinds = faultsOf(text, facts, language).map((fault) => fault.kind);
        assert.ok(kinds.includes(kind as never), `${kind} is missing in ${kinds.join(', ')}`);
      });
  }
});

for (const [match, { facts, language, right, wrong }] of Object.entries(TEXTS))
  describe(`texts about ${match}`, () => {
    it.each(right)('are right: %s', (text) => assert.deepEqual(faultsOf(text, facts, language), []));
    it.each(wrong)('are wrong: %s', (text) => assert.notDeepEqual(faultsOf(text, facts, language), []));
  });

describe('forms of names', () => {
  const forms = (name: string, plural: boolean, ...words: string[]) =>
    words.filter((word) => !isFormOf(word, name, { plural }));
  it('are those of all cases', () => {
    assert.deepEqual(forms('Петров', false, 'Петрова', 'Петрову', 'Петровым', 'Петрове', 'Петров', 'ПЕТРОВ'), []);
    assert.deepEqual(forms('Ильина', false, 'Ильиной', 'Ильину', 'Ильина'), []);
    assert.deepEqual(forms('Толстой', false, 'Толстого', 'Толстому', 'Толстым', 'Толстом'), []);
    assert.deepEqual(forms('Лев', false, 'Льва', 'Льву', 'Львом', 'Льве'), []);
    assert.deepEqual(forms('Павел', false, 'Павла', 'Павлу', 'Павлом'), []);
    assert.deepEqual(forms('Юрий', false, 'Юрия', 'Юрию', 'Юрием', 'Юрии', 'Yury', 'Yuri', 'Iurii'), []);
    assert.deepEqual(forms('Орёл', true, 'Орла', 'Орлом', 'Орел'), []);
    assert.deepEqual(forms('Волки', true, 'Волков', 'Волкам', 'Волками', 'Волках'), []);
    assert.deepEqual(forms('Щукин', false, 'Shchukin', 'Щукиным'), []);
    assert.deepEqual(forms('Smith', false, "Smith's", 'Smith’s'), []);
    assert.deepEqual(forms('Berlin', true, 'Берлин', 'Берлине', 'Берлина', 'Берлином'), []);
    assert.deepEqual(forms('Novak', false, 'Новак', 'Новака', 'Новаку'), []);
  });
  it('are no forms of similar names', () => {
    const words = ['Петровский', 'Петровна', 'Петренко', 'Петр', 'Сидоров', 'Петро', 'Petrenko'];
    assert.deepEqual(forms('Петров', false, ...words), words);
    assert.deepEqual(forms('Иван', false, 'Иванов', 'Иванова'), ['Иванов', 'Иванова']);
    assert.deepEqual(forms('Smith', false, 'Smithson', 'Smit'), ['Smithson', 'Smit']);
    assert.deepEqual(forms('Белова', false, 'Белов', 'Белым'), ['Белов', 'Белым']);
    assert.deepEqual(forms('Berlin', true, 'Берн', 'Берлинский', 'Мерлин'), ['Берн', 'Берлинский', 'Мерлин']);
  });
});

describe('numbers', () => {
  it('are read from digits and words', () => {
    const values = (text: string) => numbersIn(text.split(' ')).map(({ value }) => value);
    assert.deepEqual(values('на двадцать третьей и сорок пятой минуте'), [23, 45]);
    assert.deepEqual(values('in the twenty third minute and 45'), [23, 45]);
    assert.deepEqual(values('девяностой сто двенадцатой двенадцать 7-й 21st'), [90, 112, 12, 7, 21]);
    assert.deepEqual(values('семьсот столько двор пятно'), []);
  });
});
