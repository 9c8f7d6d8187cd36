/**
 * Every secret that is written down in this repository: in .env.development, the realm, test/services and the specs.
 * Whoever reads the source knows them, so only this machine may use them. `secrets.spec.ts` compares the list with
 * those files.
 */
const PUBLISHED = new Set([
  'prodvor',
  'keycloak',
  'admin',
  'guest',
  'postgres',
  'rabbitmq',
  'only-for-development-replace-it-elsewhere',
  '${KEYCLOAK_CLIENT_SECRET}',
  'a secret of enough bytes',
]);
/** So end the passwords that .env.development has for the roles of the subgraphs. */
const DEVELOPMENT = /(?:^|-)development-only$/;
/** What people write where a secret should stand. They count as one character, for a guesser has them in a list. */
const WORDS =
  /change|replace|development|production|example|secret|passw(?:or|0r)d|prodvor|keycloak|postgres|rabbit(?:mq)?|letmein|welcome|default|qwerty|admin|test|demo|your|this|token|key/gi;
/** Rows of a keyboard and of the alphabet: whoever walks along them chooses nothing. */
const ROWS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'йцукенгшщзхъ',
  'фывапролджэ',
  'ячсмитьбю',
];
const STEPS = new Set(
  ROWS.flatMap((row) =>
    [...row].slice(1).flatMap((letter, index) => [row.charAt(index) + letter, letter + row.charAt(index)]),
  ),
);

/**
 * A key that signs. Measured over 20,000 random keys each: 16 bytes as base64url have 42 to 96, as hexadecimal digits
 * 51 to 110.
 */
export const KEY_BITS = 40;
/** A password of a server that not everybody reaches. Measured: 12 random bytes as base64url have 22 to 64. */
export const PASSWORD_BITS = 20;

/**
 * Why this secret is none outside of development; undefined when nothing is known against it.
 * @param bits how many it must have by {@link estimateBits}
 */
export function faultOfSecret(secret: string, bits: number): string | undefined {
  if (PUBLISHED.has(secret) || DEVELOPMENT.test(secret))
    return 'must be one of your own: this one is in the source code';
  if (estimateBits(secret) < bits) return 'must be harder to guess: `openssl rand -base64 32` makes one';
  return undefined;
}

/**
 * At most what a guesser has to try, in bits: repetitions, well-known words and walks along a row count once, and then
 * each character by how rare it is.
 */
export function estimateBits(secret: string): number {
  const period = periodOf(secret);
  const left = [...secret.slice(0, period).replace(WORDS, '\u0000')];
  const chosen = left.filter((letter, index) => {
    const before = (left[index - 1] ?? '').toLowerCase();
    return letter.toLowerCase() !== before && !STEPS.has(before + letter.toLowerCase());
  });
  const counts = new Map<string, number>();
  for (const letter of chosen) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= count * Math.log2(count / chosen.length);
  return bits;
}

/** Length of the shortest piece that gives the whole when it is repeated; the last repetition may be cut. */
function periodOf(text: string): number {
  for (let length = 1; length <= text.length / 2; length++) {
    if (text.slice(length) === text.slice(0, text.length - length)) return length;
  }
  return text.length;
}
