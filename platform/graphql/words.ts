import { badUserInput } from './errors.ts';

/** The largest number of words of a search. */
const MAX_WORDS = 10;
const MAX_LENGTH = 200;

/**
 * A search by the beginnings of words, as the text of a `tsquery` of the configuration `simple`. A row matches when each
 * word of the search begins a word of the row, in any order and letter case. A migration of the service makes the
 * function `words_of` and an index on it.
 * @param argument the name of the argument, for the error
 * @throws BAD_USER_INPUT when the text has no word, more than 10 words, or more than 200 characters
 */
export function wordsQuery(search: string, argument: string): string {
  // Letters, digits and marks only, so no word can contain a quotation mark or an operator.
  const words = search.length > MAX_LENGTH ? [] : (search.normalize('NFC').match(/[\p{L}\p{N}\p{M}]+/gu) ?? []);
  if (words.length === 0 || words.length > MAX_WORDS)
    throw badUserInput(`${argument} must have 1 to ${MAX_WORDS} words, and at most ${MAX_LENGTH} characters`);
  return words.map((word) => `'${word}':*`).join(' & ');
}
