import { withoutValues } from './without-values.ts';

const SECRET_NAME = /pass(word|phrase|wd)|secret|token|authorization|cookie|credential|api[-_]?key|signature/i;
/**
 * The texts that {@link redactText} removes: a JWT, a bearer or basic credential, a password in a URL; the value that
 * PostgreSQL could not read (SQLSTATE class 22); the text that JSON.parse could not read.
 */
const SECRET_TEXT = new RegExp(
  [
    /\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*/,
    /\b(?:Bearer|Basic)\s+[\w.~+/-]{6,}=*/,
    /(?<=:\/\/[^\s:@/]*:)[^\s@/]+(?=@)/,
    /(?<=\b(?:invalid input|malformed|out of range)[^"\n]*)"[^"]*"/,
    /(?<=\bvalue )"[^"]*"(?= is out of range)/,
    /\bUnexpected (?:token|number|string|identifier)[^]*? is not valid JSON/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gi',
);
/** Prisma shows the arguments of an invalid call between the called method and the error. */
const ARGUMENTS = /(?<=^\s*Invalid `[^`]*` invocation[^\n]*:\n)\s*\{\n[^]*\n\}\n/;
const MASK = '[redacted]';
const MAX_TEXT = 8_192;
const MAX_DEPTH = 6;
const MAX_ITEMS = 100;

/** The text without anything that looks like a credential, cut at 8,192 characters. */
export function redactText(text: string): string {
  const short = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}… (${text.length} characters)` : text;
  return short.replace(SECRET_TEXT, MASK);
}

/**
 * A copy that can be printed as JSON. Members with the name of a secret are masked, texts are redacted, and errors
 * become {@link errorFields}. It has at most 6 levels and 100 members each; deeper values are replaced and further
 * members left out.
 */
export function redactFields(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return errorFields(value);
  if (value instanceof Date) return value;
  if (depth >= MAX_DEPTH) return '[deeper]';
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => redactFields(item, depth + 1));
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value).slice(0, MAX_ITEMS)) {
    copy[name] =
      SECRET_NAME.test(name) && member !== undefined && member !== null ? MASK : redactFields(member, depth + 1);
  }
  return copy;
}

export interface ErrorFields {
  readonly name: string;
  readonly message: string;
  readonly code?: string | number;
  readonly stack?: string;
  readonly cause?: ErrorFields;
}

/**
 * Name, message, code, stack and causes of an error. Other members are left out, because a driver's errors contain
 * queries and rows.
 */
export function errorFields(error: Error, depth = 0): ErrorFields {
  const { code } = error as { code?: unknown };
  const message = redactText(withoutValues(error.message.replace(ARGUMENTS, '\n')));
  return {
    name: error.name,
    message,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(typeof error.stack === 'string'
      ? { stack: redactText(error.message === '' ? error.stack : error.stack.replace(error.message, () => message)) }
      : {}),
    ...(error.cause instanceof Error && depth < 4 ? { cause: errorFields(error.cause, depth + 1) } : {}),
  };
}

/** A thrown value for an error tracker: an Error with only its {@link errorFields}. */
export function withoutSecrets(thrown: unknown, depth = 0): Error {
  const error = thrown instanceof Error ? thrown : new Error(`thrown: ${String(thrown)}`);
  const { cause: _cause, ...fields } = errorFields(error);
  const cause = error.cause instanceof Error && depth < 4 ? { cause: withoutSecrets(error.cause, depth + 1) } : {};
  return Object.assign(new Error(fields.message, cause), fields);
}
