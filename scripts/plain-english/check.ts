import { execFileSync } from 'node:child_process';
import { lstatSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PATTERNS, WIDTH, WORDS } from './patterns.ts';
import { type Prose, proseOfCode, proseOfLines, proseOfMarkdown, proseOfSdl } from './prose.ts';

/** Places where a pattern is found but nothing is wrong. */
const ALLOWED: readonly (readonly [file: string, words: string])[] = [
  ['platform/identity/common-passwords.ts', 'chicken whatever nothing'],
];

const ROOT = path.join(import.meta.dirname, '../..');
const PROSE =
  /\.(?:ts|mts|mjs|cjs|js|graphql|md|yml|prisma|sh|css)$|(?:^|\/)(?:Dockerfile|\.env\.\w+|\.npmrc|\.gitignore|\.dockerignore|run)$/;
/** Generated files, released SDL and migrations, which do not change; and the examples of these patterns. */
const NO_PROSE =
  /(?:^|\/)(?:generated|migrations)\/|^schema\/(?:api|released|supergraph|shared\/sports)\.graphql$|^scripts\/plain-english\/patterns\.ts$/;
const TEST_CODE = /\.(?:spec|fixture|testing|worker|process|broker)\.ts$|(?:^|\/)test\//;

export interface Finding {
  readonly line: number;
  readonly pattern: string;
  readonly words: string;
  readonly instead: string;
}

/** The places of a file that are hard to read. Strings in test code are not checked. */
export function findingsIn(file: string, source: string): Finding[] {
  const name = file.replace(/\.template$/, '');
  if (/\.(?:ts|mts|mjs|cjs|js|css)$/.test(name))
    return proseOfCode(source, !TEST_CODE.test(name)).flatMap((prose) => findings(prose));
  const texts = name.endsWith('.md')
    ? proseOfMarkdown(source)
    : [...(name.endsWith('.graphql') ? proseOfSdl(source) : []), ...proseOfLines(source)];
  return texts.flatMap((prose) => findings(prose));
}

/** Paragraphs, items, tags of JSDoc and indented lines end a sentence even without a full stop. */
const BREAK = /\n(?=[ \t]*\n|[ \t]*(?:[-*@|]|\d+\.) ?|[ \t]{4,}\S)/;
const END = /(?<=[.!?]["')”*]*)\s+(?=[^a-z\s])|\n(?=[ \t]*\n)/;

function findings({ kind, text, line }: Prose): Finding[] {
  const found: Finding[] = [];
  let start = line;
  for (const part of text.split(BREAK)) {
    for (const raw of part.split(new RegExp(`(?:${END.source})`))) {
      const at = start + lineBreaks(part.slice(0, part.indexOf(raw)));
      const sentence = plain(raw);
      for (const { name, regex, instead } of PATTERNS)
        for (const { 0: words, index } of sentence.matchAll(regex))
          found.push({
            line: at,
            pattern: name,
            words: sentence.slice(Math.max(0, index - 20), index + Math.min(words.length, 60) + 20),
            instead,
          });
      const count = sentence.split(' ').filter((word) => /\w/.test(word)).length;
      if (count > WORDS && kind !== 'message')
        found.push({
          line: at,
          pattern: `more than ${WORDS} words`,
          words: sentence.slice(0, 60),
          instead: `${count} words: make several sentences`,
        });
    }
    start += lineBreaks(part) + 1;
  }
  return [...found, ...tooWide({ kind, text, line })];
}

const lineBreaks = (text: string): number => text.split('\n').length - 1;

/**
 * The sentence without the addresses of links and without leading marks. Code becomes one word, white space a space.
 */
const plain = (text: string): string =>
  text
    .replaceAll(/`[^`]*`/g, '`code`')
    .replaceAll(/\]\([^)]*\)/g, ']')
    .replace(/^[\s*-]*(?:@param `?[\w.]+`?|@\w+)?\s*/, '')
    .replaceAll(/\s+/g, ' ')
    .trim();

function tooWide({ kind, text, line }: Prose): Finding[] {
  if (kind === 'message') return [];
  return text
    .split('\n')
    .flatMap((one, index) =>
      one.length > WIDTH && !/https?:\/\/\S{60}/.test(one)
        ? [
            {
              line: line + index,
              pattern: `more than ${WIDTH} characters`,
              words: `${one.trim().slice(0, 60)}…`,
              instead: kind === 'cell' ? 'a shorter cell, or a list instead of the table' : 'break the line',
            },
          ]
        : [],
    );
}

/** Checks the files of the repository for `npm run check`. Returns a line for each finding. */
export function checkPlainEnglish(root = ROOT): string[] {
  return execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter(
      (file) =>
        PROSE.test(file.replace(/\.template$/, '')) &&
        !NO_PROSE.test(file) &&
        lstatSync(path.join(root, file), { throwIfNoEntry: false })?.isFile(),
    )
    .flatMap((file) =>
      findingsIn(file, readFileSync(path.join(root, file), 'utf8'))
        .filter(({ words }) => !ALLOWED.some(([place, allowed]) => place === file && words.includes(allowed)))
        .map(({ line, pattern, words, instead }) => `${file}:${line}: ${pattern}: “${words}”. Write: ${instead}`),
    );
}
