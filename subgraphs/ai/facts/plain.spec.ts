import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { faultsOfLanguage } from './plain.ts';

describe('the language of a text', () => {
  const LATIN = ['Brick Rovers', 'Harbour Lights', 'Max Roth', 'Per Holm'];
  const CYRILLIC = ['Северный ветер', 'Заря', 'Иван Морозов', 'Олег Вьюгин'];
  for (const { says, text, language, names } of [
    {
      says: 'a Russian text with many names in Latin letters',
      text: 'Brick Rovers — Harbour Lights, 0:2. Гол: Max Roth, передача: Per Holm. Ещё гол: Max Roth.',
      language: 'RU',
      names: LATIN,
    },
    {
      says: 'an English text with many names in Russian letters',
      text: 'Северный ветер beat Заря 2:0. Goals: Иван Морозов, Олег Вьюгин, Иван Морозов’s pass.',
      language: 'EN',
      names: CYRILLIC,
    },
  ] as const) {
    it(`is right: ${says}`, () => {
      assert.deepEqual(faultsOfLanguage(text, language, names), []);
      assert.deepEqual(faultsOfLanguage(text, language, ['somebody else']), [{ kind: 'LANGUAGE', words: '' }]);
    });
  }

  it('is wrong when the words beside the names are of another language', () => {
    const wrong = [{ kind: 'LANGUAGE', words: '' }];
    const english = 'Brick Rovers lost against Harbour Lights after goals by Max Roth.';
    assert.deepEqual(faultsOfLanguage(english, 'RU', LATIN), wrong);
    assert.deepEqual(faultsOfLanguage('Заря проиграла, забивал Иван Морозов.', 'EN', CYRILLIC), wrong);
  });
});
