/**
 * The line and column, from 1, where a text stops being valid JSON (RFC 8259). Used only for messages, after JSON.parse
 * has refused the text: V8 leaves the position out for short texts.
 * @returns undefined when it finds no error
 */
export function jsonErrorPosition(text: string): { readonly line: number; readonly column: number } | undefined {
  const at = jsonErrorIndex(text);
  if (at === undefined) return undefined;
  const before = text.slice(0, at);
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') };
}

const BLANK = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** The index of the first error. It does not recurse, because the sender chooses how deep the text is nested. */
function jsonErrorIndex(text: string): number | undefined {
  let at = 0;
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  const char = (expected: string): boolean => {
    skip(BLANK);
    if (text[at] !== expected) return false;
    at++;
    return true;
  };
  const key = (): boolean => (skip(BLANK), skip(STRING)) && char(':');
  const closers: ('}' | ']')[] = [];
  for (;;) {
    // The text must have a value here.
    skip(BLANK);
    if (text[at] === '{' || text[at] === '[') {
      const closer = text[at] === '{' ? '}' : ']';
      at++;
      if (!char(closer)) {
        closers.push(closer);
        if (closer === '}' && !key()) return at;
        continue;
      }
    } else if (!skip(STRING) && !skip(SCALAR)) return at;
    // A value has ended here.
    for (;;) {
      const closer = closers.at(-1);
      if (closer === undefined) {
        skip(BLANK);
        return at < text.length ? at : undefined;
      }
      if (char(closer)) closers.pop();
      else if (!char(',')) return at;
      else if (closer === '}' && !key()) return at;
      else break;
    }
  }
}
