import { readFileSync } from 'node:fs';
import path from 'node:path';

const wordsOf = (file: string): ReadonlySet<string> =>
  new Set(
    readFileSync(path.join(import.meta.dirname, 'words', file), 'utf8')
      .trim()
      .replaceAll('ё', 'е')
      .split(/\s+/u),
  );

/**
 * Words that may begin a sentence although no fact has them, by language. Any other word with a capital letter counts
 * as a name, and a name that is not in the facts is a fault. If a common word is missing here, the answer is refused
 * and the model is asked again. If a name is here, an invented name of that form is not noticed. The words are in lower
 * case, with `е` for `ё`.
 */
export const COMMON_WORDS: Readonly<Record<'EN' | 'RU', ReadonlySet<string>>> = {
  EN: wordsOf('en.txt'),
  RU: wordsOf('ru.txt'),
};

const monthsOf = (text: string): readonly string[] => text.split(' ');
/** The names of months, January first. The Russian names are without their endings, which change with the case. */
export const MONTHS: Readonly<Record<'EN' | 'RU', readonly string[]>> = {
  EN: monthsOf('january february march april may june july august september october november december'),
  RU: monthsOf('январ феврал март апрел ма июн июл август сентябр октябр ноябр декабр'),
};
/** Monday first. */
export const WEEKDAYS: Readonly<Record<'EN' | 'RU', readonly string[]>> = {
  EN: monthsOf('monday tuesday wednesday thursday friday saturday sunday'),
  RU: monthsOf('понедельник вторник сред четверг пятниц суббот воскресень'),
};
