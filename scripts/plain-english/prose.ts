import { parse, visit } from 'graphql';
import ts from 'typescript';

/** A text for people at one place in a file. */
export interface Prose {
  readonly kind: 'comment' | 'Markdown' | 'cell' | 'description' | 'message';
  readonly text: string;
  /** The line of the first character, counted from 1. */
  readonly line: number;
}

const lineAt = (text: string, index: number): number => text.slice(0, index).split('\n').length;

/** Replaces all characters except line breaks by spaces, so that the rest of the file keeps its lines and columns. */
const blank = (part: string): string => part.replaceAll(/[^\n]/g, ' ');

const WORD = /(?<=^|\s)["'(“]?[a-z][a-z’'-]*[,.;:)"'”]?(?=\s|$)/gi;
const LANGUAGE =
  /^\s*(?:select|insert|update|delete|with|create|alter|drop|lock|set|query|mutation|subscription|fragment|begin|type|do|comment|grant|extend|schema|#|truncate|analyze|explain|listen|revoke)\b/i;
/** Whether a string is a text for people: it has four words or more, and is neither SQL nor GraphQL. */
const isMessage = (text: string): boolean => (text.match(WORD)?.length ?? 0) >= 4 && !LANGUAGE.test(text);

/** The comments of the code, with adjacent `//` lines as one. If `messages` is true, also the strings for people. */
export function proseOfCode(source: string, messages: boolean): Prose[] {
  const tree = ts.createSourceFile('a.ts', source, ts.ScriptTarget.Latest, false);
  const found: Prose[] = [];
  const literals: string[] = [];
  let end = 0;
  const message = (node: ts.Node, text: string): void => {
    if (messages && isMessage(text)) found.push({ kind: 'message', text, line: lineAt(source, node.getStart(tree)) });
  };
  const look = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) message(node, node.text);
    if (ts.isTemplateExpression(node))
      message(node, [node.head, ...node.templateSpans.map(({ literal }) => literal)].map(({ text }) => text).join('X'));
    if (ts.isLiteralExpression(node) || ts.isTemplateMiddleOrTemplateTail(node) || ts.isTemplateHead(node)) {
      literals.push(source.slice(end, node.getStart(tree)), blank(node.getText(tree)));
      end = node.end;
    }
    ts.forEachChild(node, look);
  };
  look(tree);
  const withoutLiterals = literals.join('') + source.slice(end);
  for (const { 0: comment, index } of withoutLiterals.matchAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*(?:\n[ \t]*\/\/[^\n]*)*/g)) {
    const text = source
      .slice(index, index + comment.length)
      .replace(/\*\/$/, '')
      .replaceAll(/^[ \t]*(?:\/\/+|\/\*+|\*)/gm, '');
    found.push({ kind: 'comment', text, line: lineAt(source, index) });
  }
  return found;
}

export function proseOfSdl(source: string): Prose[] {
  const found: Prose[] = [];
  visit(parse(source), {
    enter: (node) => {
      if ('description' in node && node.description)
        found.push({
          kind: 'description',
          text: node.description.value,
          line: node.description.loc?.startToken.line ?? 1,
        });
    },
  });
  return found;
}

/** The headings, paragraphs, list items and table cells of a Markdown text, without its code blocks. */
export function proseOfMarkdown(source: string): Prose[] {
  const text = source.replaceAll(/^ *(```+)[^\n]*\n[\s\S]*?\n *\1 *$|<!--[\s\S]*?-->/gm, blank);
  const found: Prose[] = [];
  let open: string[] = [];
  const close = (line: number): void => {
    if (open.length > 0) found.push({ kind: 'Markdown', text: open.join('\n'), line: line - open.length });
    open = [];
  };
  for (const [index, line] of text.split('\n').entries()) {
    const isRow = /^\s*\|/.test(line);
    if (isRow || !line.trim() || /^\s*(?:[-*+]|\d+\.|#+) /.test(line)) close(index + 1);
    if (isRow)
      for (const cell of line.split(/(?<!\\)\|/).filter((part) => /\w/.test(part)))
        found.push({ kind: 'cell', text: cell.trim(), line: index + 1 });
    else if (line.trim()) open.push(line);
  }
  close(text.split('\n').length + 1);
  return found;
}

/** The comments on their own lines in YAML, shell, Prisma and similar files. Comments after code are left out. */
export const proseOfLines = (source: string): Prose[] =>
  [...source.matchAll(/^[ \t]*(?:#(?!!)|\/\/).*(?:\n[ \t]*(?:#|\/\/).*)*/gm)].map(({ 0: comment, index }) => ({
    kind: 'comment',
    text: comment.replaceAll(/^[ \t]*(?:#+|\/\/+)/gm, ''),
    line: lineAt(source, index),
  }));
