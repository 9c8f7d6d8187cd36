import { z } from 'zod';
import { type UserError, UserErrors, userError } from './user-errors.ts';

/**
 * A schema for text that people write: trimmed, not empty, at most `max` UTF-16 units, and without control characters
 * and unpaired surrogates, some of which PostgreSQL cannot store. With `lines`, line breaks and tabs are allowed. With
 * `empty`, it may be empty.
 */
export function text(
  max: number,
  { lines = false, empty = false }: { readonly lines?: boolean; readonly empty?: boolean } = {},
): z.ZodString {
  const allowed = lines ? /^(?:[^\p{Cc}\p{Cs}]|[\n\r\t])*$/u : /^[^\p{Cc}\p{Cs}]*$/u;
  return z
    .string()
    .trim()
    .min(empty ? 0 : 1)
    .max(max)
    .refine((value) => allowed.test(value), because(userError('CONTROL_CHARACTERS')));
}

/** The error of a custom rule, in the form that zod expects. */
export function because({ errors: [error] }: UserErrors): {
  message: string;
  params: { because: UserError | undefined };
} {
  return { message: error?.message ?? '', params: { because: error } };
}

/**
 * A schema for the name of a person, a team, a room, a competition or a place. It is stricter than {@link text}:
 * everybody who reads the name in a page, a mail or a push message must see all of it, and find no link. It refuses
 * links, addresses, invisible characters, and characters that change the direction of the following text. Emoji,
 * right-to-left scripts and joiners within words are allowed.
 */
export function name(max: number): z.ZodString {
  return text(max).superRefine((value, context) => {
    const fault = value === '' ? undefined : faultOfName(value);
    if (fault !== undefined) context.addIssue({ code: 'custom', input: value, ...because(userError(fault)) });
  });
}

/** Returns only the first fault: a character that hides a link is a fault itself. */
function faultOfName(
  value: string,
): 'SEVERAL_LINES' | 'DIRECTION_CHARACTERS' | 'INVISIBLE_CHARACTERS' | 'LINK' | undefined {
  if (/\p{Cc}|\p{Cs}/u.test(value)) return undefined; // reported by {@link text}
  if (/[\u2028\u2029]/.test(value)) return 'SEVERAL_LINES';
  if (TURNS.test(value)) return 'DIRECTION_CHARACTERS';
  if (!isVisible(value) || HIDDEN.test(withoutEmojiTags(value))) return 'INVISIBLE_CHARACTERS';
  return hasLink(value) ? 'LINK' : undefined;
}

/** U+202A to U+202E and U+2066 to U+2069 change the direction of text after the name, too. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/u;
/** Letters and symbols without a visible shape: Hangul fillers, the empty Braille pattern, inherent vowels of Khmer. */
const BLANK = '\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0';
/**
 * Formatting characters. Joiners (emoji, Persian, Indic scripts) and direction marks are exempt, because some names
 * need them.
 */
const HIDDEN = new RegExp(`[${BLANK}\u034f]|(?![\u200c-\u200f\u061c\u0600-\u0605])\\p{Cf}`, 'u');
const UNSEEN = new RegExp(`[\\p{White_Space}\\p{Cf}\\p{Cc}\\p{Mn}\\p{Me}${BLANK}]`, 'gu');
/** The flags of England, Scotland and Wales consist of a black flag and invisible letters. */
const EMOJI_TAGS = /(?<=\u{1f3f4})[\u{e0020}-\u{e007e}]+\u{e007f}/gu;
const withoutEmojiTags = (value: string): string => value.replace(EMOJI_TAGS, '');

/** Whether the text has anything visible. */
export const isVisible = (value: string): boolean => value.replace(UNSEEN, '') !== '';

/**
 * Endings that mail programs and messengers turn into a link without being asked. Clubs have names such as "St.Gallen"
 * and "1.FC", which are not links.
 */
const ENDS = [
  'com|net|org|info|biz|edu|gov|mil|int|xyz|top|site|online|shop|store|club|live|life|link|click|app|dev|page|web|cloud|icu|vip|pro|mobi|name|news|blog|tech|space|fun|win|bet|casino|world|today|team|games?|email|support|help|zip|mov|example|test|onion',
  'ac|ae|ai|am|at|au|az|be|bg|br|by|ca|cc|ch|cl|cn|co|cz|de|dk|ee|es|eu|fi|fm|fr|ge|gg|gl|gr|hk|hr|hu|id|ie|il|im|in|io|ir|is|it|jp|ke|kr|kz|la|li|lt|lv|ly|ma|md|me|mn|mx|my|ng|nl|no|nu|nz|pe|ph|pk|pl|pt|ro|rs|ru|sa|se|sg|sh|si|sk|so|su|tk|to|tr|tv|tw|ua|uk|us|uz|vn|ws|za',
  'рф|рус|онлайн|сайт|москва|орг|ком|дети|бел|укр|срб|қаз|xn--[a-z0-9-]+',
].join('|');
const LINKS = [
  /[\p{L}][\p{L}\p{N}+.-]*:\/\//iu, // a scheme
  /\b(?:mailto|javascript|data|tel|sms|vbscript):\S/iu,
  /(?<![\p{L}\p{N}])www\d?\.[\p{L}\p{N}]/iu,
  new RegExp(`[\\p{L}\\p{N}-]\\.(?:${ENDS})(?![\\p{L}\\p{N}-])`, 'iu'),
  /[\p{L}\p{N}-]\.[\p{L}]{2,}(?:\/|:\d|\?|#)/iu, // with a path, for any ending
  /(?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?!\d)/, // IPv4
  /[^\s@]@[^\s@]+\.[^\s@]/u, // an e-mail address
];
/**
 * Whether a program would turn part of the text into a link. Such programs read wide and circled letters as letters,
 * and the full stops of other scripts as dots; so does this function.
 */
export function hasLink(value: string): boolean {
  const plain = value
    .normalize('NFKC')
    .replace(/[\u3002\uff0e\uff61\u2024]/gu, '.')
    .replace(/[\p{Cf}]/gu, '');
  return LINKS.some((link) => link.test(plain));
}

/**
 * Validates a mutation's input once, at the border. The errors contain neither the texts of the library nor any value
 * of the client.
 * @throws UserErrors with one error for each of the first 20 faults. Its code is INVALID, and its `field` is the path
 * of the fault in the input.
 */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new UserErrors(
    result.error.issues.slice(0, 20).flatMap((issue) => {
      const field = issue.path.length > 0 ? issue.path.map(String) : null;
      return complaintOf(issue, hasValueAt(input, issue.path)).errors.map((error) => ({ ...error, field }));
    }),
  );
}

type Issue = z.core.$ZodIssue;

function complaintOf(issue: Issue, given: boolean): UserErrors {
  switch (issue.code) {
    case 'custom': {
      const error = issue.params?.['because'] as UserError | undefined;
      return error ? new UserErrors([error]) : userError('MALFORMED');
    }
    case 'invalid_type':
      return given
        ? userError('WRONG_TYPE', { expected: TYPES[issue.expected] ?? issue.expected })
        : userError('REQUIRED');
    case 'invalid_value':
      return given ? userError('NOT_ONE_OF', { allowed: issue.values.map(String).join(', ') }) : userError('REQUIRED');
    case 'invalid_format':
      return issue.format === 'email' ? userError('NOT_AN_EMAIL') : userError('MALFORMED');
    case 'too_small':
      return tooSmall(issue.origin, issue.minimum);
    case 'too_big':
      return tooBig(issue.origin, issue.maximum);
    default:
      return userError('MALFORMED');
  }
}

function tooSmall(origin: string, minimum: number | bigint): UserErrors {
  const min = Number(minimum);
  if (origin === 'string') return min === 1 ? userError('EMPTY') : userError('TOO_SHORT', { min });
  if (origin === 'array') return userError('TOO_FEW', { min });
  return origin === 'date'
    ? userError('TOO_EARLY', { min: new Date(min).toISOString() })
    : userError('TOO_SMALL', { min });
}

function tooBig(origin: string, maximum: number | bigint): UserErrors {
  const max = Number(maximum);
  if (origin === 'string') return userError('TOO_LONG', { max });
  if (origin === 'array') return userError('TOO_MANY', { max });
  return origin === 'date'
    ? userError('TOO_LATE', { max: new Date(max).toISOString() })
    : userError('TOO_LARGE', { max });
}

/** The names of the types in the schema. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'String',
  int: 'Int',
  number: 'Float',
  boolean: 'Boolean',
  date: 'DateTime',
  array: 'list',
  object: 'object',
};

/** Whether the input has a value at this path. */
function hasValueAt(input: unknown, path: readonly PropertyKey[]): boolean {
  const value = path.reduce(
    (at: unknown, key) =>
      typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined,
    input,
  );
  return value !== undefined && value !== null;
}
