import { z } from 'zod';
import { UserErrors } from './user-errors.ts';

/** Text of people: trimmed, neither empty nor longer than `max` UTF-16 units, nothing in it that PostgreSQL cannot store; `lines`: may have several lines. */
export function text(max: number, { lines = false }: { readonly lines?: boolean } = {}): z.ZodString {
  return z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(max, `must have at most ${max} characters`)
    .regex(lines ? /^(?:[^\p{Cc}\p{Cs}]|[\n\r\t])*$/u : /^[^\p{Cc}\p{Cs}]*$/u, 'must not contain control characters');
}

/**
 * What people call themselves, a team, a room, a competition, a place: like {@link text}, and such that whoever reads it, in a page, a mail or a push
 * message, sees all of it and nothing to click on. Refuses links and addresses, characters that nobody sees, and those that turn the direction
 * of what follows. Emoji, scripts from right to left and joiners within words are names like others.
 */
export function name(max: number): z.ZodString {
  return text(max).superRefine((value, context) => {
    const fault = value === '' ? undefined : faultOfName(value);
    if (fault !== undefined) context.addIssue(fault);
  });
}

/** One is enough: what hides a link is a fault of its own. */
function faultOfName(value: string): string | undefined {
  if (/\p{Cc}|\p{Cs}/u.test(value)) return undefined; // said already
  if (/[\u2028\u2029]/.test(value)) return 'must be one line';
  if (TURNS.test(value)) return 'must not contain characters that change the direction of text';
  if (!isVisible(value) || HIDDEN.test(withoutEmojiTags(value))) return 'must not contain invisible characters';
  return hasLink(value) ? 'must not contain a link or an address' : undefined;
}

/** U+202A to U+202E and U+2066 to U+2069: they reach beyond the name, into the text around it. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/u;
/** Letters and signs without a shape of their own (Hangul fillers, the empty Braille pattern, inherent vowels of Khmer). */
const BLANK = '\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0';
/** Formatting characters but for the joiners (emoji, Persian, Indic scripts) and direction marks, which some names need. */
const HIDDEN = new RegExp(`[${BLANK}\u034f]|(?![\u200c-\u200f\u061c\u0600-\u0605])\\p{Cf}`, 'u');
const UNSEEN = new RegExp(`[\\p{White_Space}\\p{Cf}\\p{Cc}\\p{Mn}\\p{Me}${BLANK}]`, 'gu');
/** The flags of England, Scotland and Wales are a black flag and letters that nobody sees. */
const EMOJI_TAGS = /(?<=\u{1f3f4})[\u{e0020}-\u{e007e}]+\u{e007f}/gu;
const withoutEmojiTags = (value: string): string => value.replace(EMOJI_TAGS, '');

/** Whether there is something to see: an empty line that only looks like text is none. */
export const isVisible = (value: string): boolean => value.replace(UNSEEN, '') !== '';

/** Ends of names that mail programs and messengers make a link of without being asked. Clubs are called "St.Gallen" and "1.FC", which are none. */
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
  /[\p{L}\p{N}-]\.[\p{L}]{2,}(?:\/|:\d|\?|#)/iu, // with a path, whatever its end
  /(?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?!\d)/, // IPv4
  /[^\s@]@[^\s@]+\.[^\s@]/u, // an e-mail address
];
/** As a program that makes links reads it: wide and circled letters are letters, and so are the full stops of other scripts. */
export function hasLink(value: string): boolean {
  const plain = value.normalize('NFKC').replace(/[\u3002\uff0e\uff61\u2024]/gu, '.').replace(/[\p{Cf}]/gu, '');
  return LINKS.some((link) => link.test(plain));
}

/**
 * A mutation's input, checked once at the border.
 * @throws UserErrors with one INVALID per complaint, each with its path into the input
 */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new UserErrors(
    result.error.issues.slice(0, 20).map((issue) => ({
      field: issue.path.length ? issue.path.map(String) : null,
      code: 'INVALID' as const,
      message: issue.message,
    })),
  );
}
