import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import fc from 'fast-check';
import { Lexer, Source, TokenKind } from 'graphql';
import { isTextNestedDeeper, isValueNestedDeeper } from './nesting.ts';

/** The nesting as graphql-js counts it, up to the first syntax error. */
function levelsOf(text: string): number {
  const lexer = new Lexer(new Source(text));
  let level = 0,
    most = 0;
  try {
    for (let { kind } = lexer.advance(); kind !== TokenKind.EOF; { kind } = lexer.advance()) {
      if (kind === TokenKind.BRACE_L || kind === TokenKind.BRACKET_L || kind === TokenKind.PAREN_L)
        most = Math.max(most, ++level);
      if (kind === TokenKind.BRACE_R || kind === TokenKind.BRACKET_R || kind === TokenKind.PAREN_R) level--;
    }
  } catch {
    // Text after a syntax error is not read.
  }
  return most;
}

const PIECES = [
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  '"',
  '""',
  '"""',
  '\\',
  '\\"',
  '\\"""',
  '#',
  '\n',
  '\r',
  'a',
  ' ',
  '$',
  ':',
  '...',
  '\u2028',
];

test('counts at least the nesting of any text, and exactly that of a valid one', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => pieces.join('')),
      (text) => {
        const levels = levelsOf(text);
        if (levels > 0) assert.ok(isTextNestedDeeper(text, levels - 1), text);
        const lexer = new Lexer(new Source(text));
        try {
          while (lexer.advance().kind !== TokenKind.EOF);
        } catch {
          return;
        }
        assert.equal(isTextNestedDeeper(text, levels), false, text);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('ignores brackets in strings and comments', () => {
  const text = `{ a(x: "{{{[[[\\"(((", y: """[[[ " "" \\""" {{{""") # ((({{{\n  b }`;
  assert.equal(isTextNestedDeeper(text, 1), true);
  assert.equal(isTextNestedDeeper(text, 2), false);
});

test('counts the nesting of JSON values', () => {
  assert.equal(isValueNestedDeeper({ a: [{ b: 1 }, null, 'x'] }, 3), false);
  assert.equal(isValueNestedDeeper({ a: [{ b: 1 }] }, 2), true);
  assert.equal(isValueNestedDeeper(undefined, 0), false);
  assert.equal(
    isValueNestedDeeper(JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)), 200),
    true,
    'of which no more than that is gone through',
  );
});
