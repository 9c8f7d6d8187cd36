/**
 * Whether the brackets of a GraphQL document are nested deeper than `levels`: selections, arguments, values, list
 * types. Parsers recurse once per level, and so does all code that walks the parsed document. This function reads only
 * the text and does not recurse. It is exact up to the first syntax error, where a parser stops too.
 */
export function isTextNestedDeeper(text: string, levels: number): boolean {
  let level = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '{':
      case '(':
      case '[':
        if (++level > levels) return true;
        break;
      case '}':
      case ')':
      case ']':
        level--;
        break;
      case '"':
        at = text.startsWith('"""', at) ? endOfBlock(text, at) : endOfString(text, at);
        break;
      case '#':
        while (at + 1 < text.length && !isNewline(text[at + 1])) at++;
    }
  }
  return false;
}

const isNewline = (character: string | undefined): boolean => character === '\n' || character === '\r';

/** The index at which a string ends: of its closing quote, or of the line break or end of text if it has none. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"' && !isNewline(text[at])) at += text[at] === '\\' ? 2 : 1;
  return at;
}

function endOfBlock(text: string, start: number): number {
  let end = text.indexOf('"""', start + 3);
  while (end >= 0 && text[end - 1] === '\\') end = text.indexOf('"""', end + 3);
  return end < 0 ? text.length : end + 2;
}

/**
 * Whether a parsed JSON value is nested deeper than `levels`; `{}` is one level. V8 parses JSON without recursion, but
 * later code recurses through the value.
 */
export function isValueNestedDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) return value.some((item) => isValueNestedDeeper(item, levels - 1));
  for (const name in value) if (isValueNestedDeeper((value as Record<string, unknown>)[name], levels - 1)) return true;
  return false;
}
