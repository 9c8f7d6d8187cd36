import { isCommonPassword } from './common-passwords.ts';
import type { IdentityRefusal, NewIdentity } from './identity-provider.ts';

// The rules of the Keycloak realm in deploy/keycloak, for the local issuer: what passes here passes there. The contract
// suite holds both to it. Two rules are ours alone, and asked before either identity provider is: `checkChoices`.
const USERNAME_LENGTH = { min: 3, max: 32 };
const EMAIL_MAX = 254;
export const PASSWORD_LENGTH = { min: 8, max: 128 };
/** Keycloak's `username-prohibited-characters`. */
const USERNAME_CHARACTERS = /^[^<>&"\s$%!#?§;*~/\\|^=[\]{}()\p{Cc}]+$/u;
/** Keycloak's `up-username-not-idn-homograph`: no letters that merely look Latin. */
const USERNAME_SCRIPTS = /^[\p{Script=Latin}\p{Script=Common}]+$/u;
/**
 * One @, no blanks, a local part of at most 64, host labels as RFC 1123 has them. Stricter forms of RFC 5322 (quotes,
 * comments) are refused.
 */
const EMAIL =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;

/**
 * What is wrong with these inputs, all faults at once, apart from being taken. Lengths are in UTF-16 units, as Keycloak
 * counts.
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

/** Names and addresses are compared, and kept, in this form. */
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
 * Who speaks for the product, its operators or a machine, and what programs say for nobody. They are compared without
 * separators and with digits as the letters that they look like.
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
/** Nobody's name has ours in it. */
const BRAND = skeleton('prodvor');

/**
 * What is left of a name for the eye: without case, accents and separators, digits as letters, `rn` as `m`, `vv` as
 * `w`.
 */
function skeleton(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[l0134578@|]/g, (sign) => LOOKS_LIKE[sign] ?? sign)
    .replace(/[^\p{L}\p{N}]/gu, '');
  return plain.replace(/rn/g, 'm').replace(/vv/g, 'w');
}

/** Whether a user name would be taken for the product's own, or is no name at all (`...`). */
export function isReservedUsername(username: string): boolean {
  const seen = skeleton(username);
  return seen === '' || RESERVED.has(seen) || seen.includes(BRAND);
}

/** What is allowed by form but no good choice of somebody who registers. Faults of form are {@link checkIdentity}'s. */
export function checkChoices({ username, password }: NewIdentity): readonly IdentityRefusal[] {
  const refusals: IdentityRefusal[] = [];
  if (username !== '' && isReservedUsername(username))
    refusals.push({ field: 'username', code: 'INVALID', reason: 'RESERVED' });
  // Others are refused for their length.
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
