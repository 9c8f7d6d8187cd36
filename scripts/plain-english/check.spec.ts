import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkPlainEnglish, findingsIn } from './check.ts';

const found = (file: string, source: string): string[] =>
  findingsIn(file, source).map(({ line, pattern }) => `${line} ${pattern}`);
/** The patterns that are found when the text is a comment of code. */
const patterns = (text: string): string[] => findingsIn('a.ts', `// ${text}\n`).map(({ pattern }) => pattern);

const sentence = (words: number): string => `It${' is'.repeat(words - 1)}.`;

describe('plain English', () => {
  it.each([
    ['The client is told the cursor.', 'told'],
    ['Who wears no number stands behind them.', 'stands'],
    ['This comes to 2 ms.', 'comes'],
    ['A node that is to be removed.', 'is to'],
    ['While no keys can be had.', 'be had'],
    ['Those who wait for one who left.', 'who … who'],
    ['It keeps what was asked beside what was answered.', 'what … what'],
    ['Drops those that were handled.', 'those that'],
    ['Answers whoever asks.', 'whoever'],
    ['It knows nothing of the product.', 'nothing of'],
    ['Locks it so that none writes so that none waits.', 'so that … so that'],
    ['Of an event its topic.', 'Of …'],
    ['What the program sent before it ended is not lost, as it was stored.', 'What … in a long sentence'],
    ['Events go on meanwhile.', 'goes on'],
    ['The stream is taken up later.', 'takes up'],
    ['It passes over the rest.', 'passes over'],
    ['A socket that was not heard of.', 'hears of'],
    ['It is planned anew.', 'anew'],
    ['All but for the last.', 'but for'],
    ['The client can mend it.', 'mend'],
    ['The header is believed.', 'believed'],
    ['Imports in a circle.', 'circle'],
    ['It ends of its own accord.', 'old words'],
    [sentence(36), 'more than 35 words'],
  ])('refuses “%s”', (text, pattern) => {
    expect(patterns(text)).toContain(pattern);
  });

  it.each([
    'The router tells the client its cursor.',
    'HMR stands for hot module replacement.',
    'Takes up to 20 rows.',
    'What happens to the personal data of a user.',
    'See `those that` and `anew`.',
    'It is sent again. It comes from the outbox.',
    `${sentence(20)} ${sentence(19)}`,
  ])('accepts “%s”', (text) => {
    expect(patterns(text)).toEqual([]);
  });

  it('reads comments of code, with their lines, and no code', () => {
    const source = [
      'const anew = 1; // planned anew',
      "const text = '// anew'; const regex = /anew/;",
      '/**',
      ' * Plain.',
      ' * Made anew. Those',
      ' * that wait.',
      ' * @returns whoever asked',
      ' */',
      'const both = `// anew ${anew} // anew`;',
      '  // It is told',
      '  // to whoever',
    ].join('\n');
    expect(found('a.spec.ts', source)).toEqual([
      '1 anew',
      '5 anew',
      '5 those that',
      '7 whoever',
      '10 told',
      '10 whoever',
    ]);
  });

  it('reads messages of programs, and neither SQL nor strings of specs', () => {
    const source =
      "throw new Error(`${name}: it could not be read anew`); query('SELECT anew FROM a WHERE b ORDER BY c'); f('anew');";
    expect(found('a.ts', source)).toEqual(['1 anew']);
    expect(found('a.spec.ts', source)).toEqual([]);
    expect(found('test/a.ts', source)).toEqual([]);
  });

  it('reads descriptions of SDL', () => {
    const source = '"Made anew."\ntype Query {\n  "Plain."\n  anew("Whoever asks." anew: Int): Int # anew\n}\n';
    expect(found('a.graphql', source)).toEqual(['1 anew', '4 whoever']);
  });

  it('reads Markdown, and no code in it', () => {
    const source = [
      '# Made anew',
      '',
      '```sh',
      'anew',
      '```',
      'It is `anew`. It is planned',
      'anew.',
      '- whoever',
      '',
      `| a | ${'word '.repeat(30)} |`,
      `| those that wait | ${'word '.repeat(20)} |`,
    ].join('\n');
    expect(found('a.md', source)).toEqual([
      '1 anew',
      '6 anew',
      '8 whoever',
      '10 more than 120 characters',
      '11 those that',
    ]);
  });

  it('reads comments of other files', () => {
    expect(found('a.yml', 'a: 1\n# planned\n# anew\nb: anew\n')).toEqual(['2 anew']);
    expect(found('a.prisma', '/// Planned anew.\nmodel Anew {}\n')).toEqual(['1 anew']);
  });

  it('refuses lines over 120 columns in comments and Markdown', () => {
    const wide = 'word '.repeat(25);
    expect(found('a.ts', `// ${wide}\n`)).toEqual(['1 more than 120 characters']);
    expect(found('a.md', `Plain\n${wide}\n`)).toEqual(['2 more than 120 characters']);
    expect(found('a.ts', `const text = '${wide}';\n`)).toEqual([]);
  });
});

describe('the check', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'plain-english-'));
    mkdirSync(path.join(root, 'code'));
    execFileSync('git', ['init', '--quiet', root]);
    writeFileSync(path.join(root, 'code/a.ts'), '// Planned anew.\n');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('names the place, the words and what to write', () => {
    expect(checkPlainEnglish(root)).toEqual(['code/a.ts:1: anew: “Planned anew.”. Write: again, from scratch']);
  });
});
