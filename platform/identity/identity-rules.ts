import { isCommonPassword } from './common-passwords.ts';
import type { IdentityRefusal, NewIdentity } from './identity-provider.ts';

// The rules of the Keycloak realm in deploy/keycloak, for the local issuer: an input that passes here also passes
// there. The contract suite checks both. The rules of `checkChoices` are only ours, and apply before either identity
// provider is called.
const USERNAME_LENGTH = { min: 3, max: 32 };
const EMAIL_MAX = 254;
export const PASSWORD_LENGTH = { min: 8, max: 128 };
/** Keycloak's `username-prohibited-characters`. */
const USERNAME_CHARACTERS = /^[^<>&"\s$%!#?§;*~/\\|^=[\]{}()\p{Cc}]+$/u;
/**
 * Keycloak's `up-username-not-idn-homograph`: all letters must be Latin, because letters of other scripts can look like
 * Latin ones.
 */
const USERNAME_SCRIPTS = /^[\p{Script=Latin}\p{Script=Common}]+$/u;
/**
 * One @, no blanks, at most 64 characters before the @, and host labels as in RFC 1123. The quotes and comments of RFC
 * 5322 are refused.
 */
const EMAIL =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;

/**
 * The faults in the form of the inputs: at most one for each input. Whether a name or address is taken is checked
 * elsewhere. Lengths are in UTF-16 units, as in Keycloak.
 */
export function checkIdentity({ username, email, password }: NewIdentity): readonly IdentityRefusal[] {
  const refusals = [...checkUsername(username), ...checkEmail(email)];
  if (password === '') refusals.push(PASSWORD_REQUIRED);
  else if (password.length < PASSWORD_LENGTH.min) {
    refusals.push({ field: 'password', code: 'TOO_SHORT', min: PASSWORD_LENGTH.min });
  } else if (password.length > PASSWORD_LENGTH.max) {
    refusals.push({ field: 'password', code: 'TOO_LONG', max: PASSWORD_LENGTH.max });
  } else if (normalize(password) === normalize(username)) {
    refusals.push({ field: 'password', code: 'INVALID', reason: 'SAME_AS_USERNAME' });
  } else if (normalize(password) === normalize(email)) {
    refusals.push({ field: 'password', code: 'INVALID', reason: 'SAME_AS_EMAIL' });
  }
  return refusals;
}

/** The form in which names and addresses are compared and stored. */
export const normalize = (text: string): string => text.toLowerCase();

const LOOKS_LIKE: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  l: 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '@': 'a',
  '|': 'i',
};
/**
 * Names that seem to speak for the product, its operators or a machine, and placeholders of programs. They are compared
 * without separators, and with digits read as the letters that they resemble.
 */
const RESERVED = new Set(
  `
  admin admins administrator administrators administration root superuser superadmin sysadmin system sys sysop operator webmaster hostmaster postmaster
  support supportteam helpdesk help customerservice info security abuse legal privacy billing payments official staff moderator moderators moderation mod mods
  bot robot api www noreply donotreply mailer mailerdaemon daemon anonymous everyone everybody null nil none undefined unknown deleted removed
  login logout signin signup register registration localhost
`
    .trim()
    .split(/\s+/)
    .map(skeleton),
);
/** No user name may contain the product's name. */
const BRAND = skeleton('prodvor');

/**
 * A name reduced to what the eye sees: without case, accents and separators, with digits as letters, `rn` as `m` and
 * `vv` as `w`.
 */
function skeleton(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[l0134578@|]/g, (sign) => LOOKS_LIKE[sign] ?? sign)
    .replace(/[^\p{L}\p{N}]/gu, '');
  return plain.replace(/rn/g, 'm').replace(/vv/g, 'w');
}

/**
 * Whether a user name contains the product's name, is a reserved word (`admin`, `null`), looks like one of these, or
 * has no letters or digits at all (`...`).
 */
export function isReservedUsername(username: string): boolean {
  const seen = skeleton(username);
  return seen === '' || RESERVED.has(seen) || seen.includes(BRAND);
}

/** Checks for valid but bad choices: reserved names and common passwords. {@link checkIdentity} checks the form. */
export function checkChoices({ username, password }: NewIdentity): readonly IdentityRefusal[] {
  const refusals: IdentityRefusal[] = [];
  if (username !== '' && isReservedUsername(username))
    refusals.push({ field: 'username', code: 'INVALID', reason: 'RESERVED' });
  // Checks only passwords of an allowed length, because `checkIdentity` or Keycloak refuses all others.
  if (password.length >= PASSWORD_LENGTH.min && password.length <= PASSWORD_LENGTH.max && isCommonPassword(password)) {
    refusals.push({ field: 'password', code: 'INVALID', reason: 'TOO_COMMON' });
  }
  return refusals;
}

export const PASSWORD_REQUIRED: IdentityRefusal = { field: 'password', code: 'REQUIRED' };
export const USERNAME_TAKEN: IdentityRefusal = { field: 'username', code: 'TAKEN' };
export const EMAIL_TAKEN: IdentityRefusal = { field: 'email', code: 'TAKEN' };

function checkUsername(username: string): IdentityRefusal[] {
  const field = 'username';
  const { min, max } = USERNAME_LENGTH;
  if (username === '') return [{ field, code: 'REQUIRED' }];
  if (username.length < min) return [{ field, code: 'TOO_SHORT', min }];
  if (username.length > max) return [{ field, code: 'TOO_LONG', max }];
  if (!USERNAME_CHARACTERS.test(username) || !USERNAME_SCRIPTS.test(username)) {
    return [{ field, code: 'INVALID', reason: 'CHARACTERS' }];
  }
  return [];
}

function checkEmail(email: string): IdentityRefusal[] {
  const field = 'email';
  if (email === '') return [{ field, code: 'REQUIRED' }];
  if (email.length > EMAIL_MAX) return [{ field, code: 'TOO_LONG', max: EMAIL_MAX }];
  const local = email.slice(0, email.indexOf('@'));
  if (!EMAIL.test(email) || local.startsWith('.') || local.endsWith('.') || local.includes('..')) {
    return [{ field, code: 'INVALID', reason: 'NOT_AN_EMAIL' }];
  }
  return [];
}
