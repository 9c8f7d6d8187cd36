/**
 * Functions that skip a JSON value (RFC 8259) in text without whitespace, as common serialisers write it. Each returns
 * the index after the value that starts at `at`, or 0 when the text is something else. They do not inspect the contents
 * of strings.
 */

/**
 * Finds the end of a string when the next quotation mark may be an escaped one.
 * @param quote the index of that mark, which follows a backslash
 * @returns the index after the closing quotation mark, or 0 when the string has no end
 */
export function closing(text: string, quote: number): number {
  let at = quote;
  while (at > 0) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === 92) backslashes++;
    if (backslashes % 2 === 0) return at + 1;
    at = text.indexOf('"', at + 1);
  }
  return 0;
}

export function string(text: string, at: number): number {
  if (text.charCodeAt(at) !== 34) return 0;
  const quote = text.indexOf('"', at + 1);
  if (quote < 0) return 0;
  return text.charCodeAt(quote - 1) === 92 ? closing(text, quote) : quote + 1;
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/**
 * Skips an integer of at most nine digits, and returns 0 for a longer one. That may not fit into 32 bits, so the
 * general path checks it.
 */
export function integer(text: string, at: number): number {
  let end = at;
  if (text.charCodeAt(end) === 45) end++;
  const first = end;
  while (isDigit(text.charCodeAt(end))) end++;
  if (end === first || end - first > 9 || (end - first > 1 && text.charCodeAt(first) === 48)) return 0;
  const next = text.charCodeAt(end);
  return next === 46 || next === 101 || next === 69 ? 0 : end;
}

export function number(text: string, at: number): number {
  let end = at;
  if (text.charCodeAt(end) === 45) end++;
  const first = end;
  while (isDigit(text.charCodeAt(end))) end++;
  if (end === first || (end - first > 1 && text.charCodeAt(first) === 48)) return 0;
  if (text.charCodeAt(end) === 46) {
    const fraction = ++end;
    while (isDigit(text.charCodeAt(end))) end++;
    if (end === fraction) return 0;
  }
  if (text.charCodeAt(end) === 101 || text.charCodeAt(end) === 69) {
    end++;
    if (text.charCodeAt(end) === 43 || text.charCodeAt(end) === 45) end++;
    const exponent = end;
    while (isDigit(text.charCodeAt(end))) end++;
    // JSON.parse may read a number with an exponent of three or more digits as Infinity, so the general path checks it.
    if (end === exponent || end - exponent > 2) return 0;
  }
  return end;
}

export function boolean(text: string, at: number): number {
  return text.startsWith('true', at) ? at + 4 : text.startsWith('false', at) ? at + 5 : 0;
}

const MAX_DEPTH = 100;

/** Skips a value of any type. */
export function any(text: string, at: number, depth = 0): number {
  switch (text.charCodeAt(at)) {
    case 34:
      return string(text, at);
    case 110:
      return text.startsWith('null', at) ? at + 4 : 0;
    case 116:
    case 102:
      return boolean(text, at);
    case 91: {
      if (depth > MAX_DEPTH) return 0;
      let end = at + 1;
      if (text.charCodeAt(end) === 93) return end + 1;
      for (;;) {
        end = any(text, end, depth + 1);
        if (end === 0) return 0;
        const next = text.charCodeAt(end++);
        if (next === 93) return end;
        if (next !== 44) return 0;
      }
    }
    case 123: {
      if (depth > MAX_DEPTH) return 0;
      let end = at + 1;
      if (text.charCodeAt(end) === 125) return end + 1;
      for (;;) {
        end = string(text, end);
        if (end === 0 || text.charCodeAt(end) !== 58) return 0;
        end = any(text, end + 1, depth + 1);
        if (end === 0) return 0;
        const next = text.charCodeAt(end++);
        if (next === 125) return end;
        if (next !== 44) return 0;
      }
    }
    default:
      return number(text, at);
  }
}
