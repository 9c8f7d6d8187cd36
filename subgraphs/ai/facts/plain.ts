import { hasLink } from '../../../platform/graphql/input.ts';
import type { TextLanguage } from './check.ts';
import { plainWord, wordsOf } from './names.ts';

/** A part of a text that no client should have to show. */
export interface PlainFault {
  readonly kind: 'MARKUP' | 'LINK' | 'HIDDEN' | 'LEAK' | 'LANGUAGE' | 'INCOMPLETE';
  /** The words of the text; empty for LEAK, so that they are not repeated. */
  readonly words: string;
}

const MARKUP = [
  /<[\p{L}/!?]/u, // a tag
  /&(?:#\w+|[a-z]+\d*);/iu, // an entity of HTML
  /\][([]|!\[|`|\*\*|__|~~|^\s{0,3}(?:#{1,6}\s|>|={3,}|-{3,})/mu, // Markdown
  /\{\{|\$\{|<%|\\[nurtx]\b/u, // templates and escapes
];
/**
 * Characters that people do not see or that change the direction of text: control, formatting and private characters.
 * Line breaks, tabs and the joiner of emoji are allowed.
 */
const HIDDEN = /(?![\n\t\u200d])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029\u115f\u1160\u3164\uffa0\u2800]/u;

/**
 * The faults of a text that is not plain: markup, links, invisible characters. A client may show plain text as it is.
 */
export function faultsOfPlain(text: string): PlainFault[] {
  const faults: PlainFault[] = [];
  for (const pattern of MARKUP) {
    const [found] = pattern.exec(text) ?? [];
    if (found !== undefined) faults.push({ kind: 'MARKUP', words: found });
  }
  if (HIDDEN.test(text)) faults.push({ kind: 'HIDDEN', words: '' });
  if (hasLink(text)) faults.push({ kind: 'LINK', words: '' });
  return faults;
}

/** A text that has this many words of the instructions in a row repeats the instructions. */
const REPEATED = 7;

/** The fault LEAK if a text has REPEATED or more words of the instructions in a row. */
export function faultsOfLeak(text: string, instructions: string): PlainFault[] {
  const words = (one: string): string[] => one.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const runs = (list: readonly string[]): string[] =>
    list.slice(REPEATED - 1).map((_, index) => list.slice(index, index + REPEATED).join(' '));
  const known = new Set(runs(words(instructions)));
  return runs(words(text)).some((run) => known.has(run)) ? [{ kind: 'LEAK', words: '' }] : [];
}

/** The least share of letters in the language's own alphabet. The rest may be names that are not in the facts. */
const LEAST = 0.6;

/**
 * The fault LANGUAGE if too many letters belong to another alphabet. A text with fewer than 12 letters is not judged.
 * @param names the names in the facts. Their words do not count, because a report about teams and people with names in
 * another alphabet has many of them.
 */
export function faultsOfLanguage(text: string, language: TextLanguage, names: readonly string[] = []): PlainFault[] {
  const known = new Set(names.flatMap(wordsOf).map(plainWord));
  const judged = text.replace(/[\p{L}\p{M}'’]+/gu, (word) => (known.has(plainWord(word)) ? '' : word));
  const cyrillic = judged.match(/\p{Script=Cyrillic}/gu)?.length ?? 0;
  const all = judged.match(/\p{L}/gu)?.length ?? 0;
  if (all < 12) return [];
  const part = (language === 'RU' ? cyrillic : (judged.match(/\p{Script=Latin}/gu)?.length ?? 0)) / all;
  return part >= LEAST ? [] : [{ kind: 'LANGUAGE', words: '' }];
}

/**
 * Removes from a person's text what an answer must not contain (markup, invisible characters), so that a translation
 * can contain everything else. Links become `[link]`.
 */
export const toPlain = (text: string): string =>
  text
    .normalize('NFC')
    .replace(new RegExp(HIDDEN.source, 'gu'), '')
    .replace(/<[^<>]*>/gu, ' ')
    .replace(/&(?:#\w+|[a-z]+\d*);/giu, ' ')
    .replace(/`|\*\*|__|~~/gu, '')
    .replace(/\S+/gu, (word) => (hasLink(word) ? '[link]' : word));
