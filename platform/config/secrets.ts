/**
 * Every secret that this repository contains: in .env.development, the realm, test/services and the specs. Everybody
 * who reads the source knows them, so only this machine may use them. `secrets.spec.ts` compares the list with those
 * files.
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
/** Matches the passwords in .env.development for the roles of the subgraphs. */
const DEVELOPMENT = /(?:^|-)development-only$/;
/**
 * Words that people write in place of a secret. Each counts as one character, because attackers have them in a list.
 */
const WORDS =
  /change|replace|development|production|example|secret|passw(?:or|0r)d|prodvor|keycloak|postgres|rabbit(?:mq)?|letmein|welcome|default|qwerty|admin|test|demo|your|this|token|key/gi;
/** Rows of a keyboard and of the alphabet. Steps along a row count as no choice. */
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
 * The fewest bits (`estimateBits`) of a signing key. Measured over 20,000 random keys each: 16 bytes as base64url have
 * 42 to 96 bits, as hexadecimal digits 51 to 110.
 */
export const KEY_BITS = 40;
/**
 * The fewest bits of the password of a server that not everybody can reach. Measured: 12 random bytes as base64url have
 * 22 to 64 bits.
 */
export const PASSWORD_BITS = 20;

/**
 * Why this secret must not be used outside of development; undefined when no fault is known.
 * @param bits the minimum by {@link estimateBits}
 */
export function faultOfSecret(secret: string, bits: number): string | undefined {
  if (PUBLISHED.has(secret) || DEVELOPMENT.test(secret))
    return 'must be your own secret: this one is in the source code';
  if (estimateBits(secret) < bits) return 'must be harder to guess: `openssl rand -base64 32` makes one';
  return undefined;
}

/**
 * An upper limit of the guessing effort, in bits. Repetitions, known words and steps along a row count once. Then each
 * character counts by its rarity.
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

/** Length of the shortest piece that gives the text when it is repeated. The last repetition may be cut. */
function periodOf(text: string): number {
  for (let length = 1; length <= text.length / 2; length++) {
    if (text.slice(length) === text.slice(0, text.length - length)) return length;
  }
  return text.length;
}
