import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { KIND_NAMES, kindOf } from './kinds.ts';
import { counted, LANGUAGES, momentOf, plural } from './languages.ts';

describe('texts', () => {
  it('count as Russian does', () => {
    const messages = (count: number): string => plural(count, 'новое сообщение', 'новых сообщения', 'новых сообщений');
    assert.deepEqual([1, 2, 5, 11, 12, 21, 22, 25, 100, 101, 111].map(messages), [
      '1 новое сообщение',
      '2 новых сообщения',
      '5 новых сообщений',
      '11 новых сообщений',
      '12 новых сообщений',
      '21 новое сообщение',
      '22 новых сообщения',
      '25 новых сообщений',
      '100 новых сообщений',
      '101 новое сообщение',
      '111 новых сообщений',
    ]);
    assert.deepEqual(
      [1, 2, 21].map((count) => counted(count, 'new message', 'new messages')),
      ['1 new message', '2 new messages', '21 new messages'],
    );
  });

  it('name the time in the reader’s zone and language', () => {
    const at = '2026-05-02T18:30:00.000Z';
    assert.equal(momentOf(at, { language: 'EN', timeZone: 'UTC' }), 'Sat 2 May, 18:30 UTC');
    assert.equal(momentOf(at, { language: 'RU', timeZone: 'Europe/Moscow' }), 'сб, 2 мая, 21:30 GMT+3');
  });

  it('exist for every kind and language, also when no name has arrived', () => {
    const facts = {
      kickoffAt: '2026-05-02T18:30:00.000Z',
      score: { home: 1, away: 0 },
      shootout: null,
      city: 'Kazan',
      role: 'PLAYER',
      isAccepted: true,
      count: 12,
      title: '12:30',
      state: 'REJECTED',
      report: 'TOURNAMENT',
      format: 'PDF',
    };
    for (const name of KIND_NAMES)
      for (const language of LANGUAGES) {
        const text = kindOf(name)?.text(facts, { language, timeZone: 'UTC' }) ?? '';
        assert.ok(text.length > 10 && !/null|undefined|  | \./.test(text), `${name} ${language}: ${text}`);
        assert.equal(/[а-яё]/i.test(text), language === 'RU', text);
      }
  });
});
