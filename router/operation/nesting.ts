/**
 * Whether the brackets of a GraphQL document are nested deeper than that: selections, arguments, values, list types.
 * Parsers call themselves for each level, and so does all that goes through what they have read; this looks at the text
 * alone. Exact up to the first mistake in the text, and a parser reads no further.
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

/** @returns where its last quote is, or what comes in its place */
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
 * The same of a value as JSON gives it: `{}` is one level. V8 reads JSON without recursion; what goes through the value
 * afterwards recurses.
 */
export function isValueNestedDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) return value.some((item) => isValueNestedDeeper(item, levels - 1));
  for (const name in value) if (isValueNestedDeeper((value as Record<string, unknown>)[name], levels - 1)) return true;
  return false;
}
