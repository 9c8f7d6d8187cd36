/**
 * Finds names in texts, in their Russian forms too: "Петрова", "Петровым" and "Петрове" are forms of "Петров". This
 * module knows endings but no dictionary, so a form may also belong to another name: "Петрова" is a woman's name too.
 */

/** Endings of Russian nouns and adjectives in the singular. ANY also has those of the plural, for names of teams. */
const SINGULAR = endings(
  'а я о е ё у ю ы и й ь ой ей ёй ою ею ем ём ом ым им ого его ому ему ую юю ая яя ое ее ий ый ья ье ью ьи ии ию ия ием ьём ьем ьей',
);
const ANY = endings('ых их ые ие ам ям ами ями ах ях ов ев ёв ьми ьев ьям ьями ьях иям иями иях ыми ими', ...SINGULAR);
function endings(text: string, ...more: readonly string[]): ReadonlySet<string> {
  return new Set(['', ...text.split(' '), ...more]);
}
const CYRILLIC = /^\p{Script=Cyrillic}+$/u;
const VOWELS = 'аеёиоуыэюя';

/**
 * A word in the form in which words are compared: lower case, `ё` as `е`, one kind of apostrophe, without the English
 * `'s` and `s'`.
 */
export const plainWord = (word: string): string =>
  word.normalize('NFC').toLowerCase().replace(/[’ʼ‘]/gu, "'").replace(/'s?$/u, '').replaceAll('ё', 'е');

/** A word of Latin letters without accents: "Núñez" as "nunez". */
const withoutAccents = (word: string): string =>
  word
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/ß/gu, 'ss')
    .replace(/[øł]/gu, (letter) => (letter === 'ø' ? 'o' : 'l'));

/**
 * The possible stems of a Russian word: without an allowed ending of 0 to 2 letters, and without a vowel that other
 * forms drop ("орел", "орла").
 */
function stemsOf(word: string, allowed: ReadonlySet<string>): string[] {
  const stems = new Set<string>();
  for (let cut = 0; cut <= Math.min(2, word.length - 2); cut++) {
    const stem = word.slice(0, word.length - cut);
    if (allowed.has(word.slice(stem.length))) stems.add(stem);
  }
  const [before = '', last = ''] = word.slice(-2);
  if (word.length >= 3 && 'ео'.includes(before) && !VOWELS.includes(last)) {
    stems.add(word.slice(0, -2) + last);
    if (word.at(-3) === 'л') stems.add(`${word.slice(0, -2)}ь${last}`);
  }
  return [...stems].filter((stem) => stem.length >= 2);
}

export interface FormOptions {
  /** Whether the name may be in the plural, as those of teams. Otherwise "Иванов" is no form of "Иван". */
  readonly plural: boolean;
}

/** Whether a word of a text can be a form of a name's word. */
export function isFormOf(word: string, name: string, { plural }: FormOptions): boolean {
  const [form, base] = [plainWord(word), plainWord(name)];
  if (form === base) return true;
  if (CYRILLIC.test(form) && CYRILLIC.test(base)) {
    const allowed = plural ? ANY : SINGULAR;
    // Only the plural has forms without an ending ("Зорь" of "Зори"). "Белов" is no form of "Белова".
    const isEnding = (ending: string): boolean => (ending === '' ? plural : allowed.has(ending));
    return stemsOf(base, allowed).some((stem) => form.startsWith(stem) && isEnding(form.slice(stem.length)));
  }
  // A single letter is no name, though "A" has the sound of "Ия".
  if (form.length < 2) return false;
  // A Russian name in an English text, and a name in Latin letters in a Russian text, where it has endings.
  if (CYRILLIC.test(base)) return soundOf(form) === soundOf(inLatin(base));
  if (!CYRILLIC.test(form)) return withoutAccents(form) === withoutAccents(base);
  const sound = soundOf(base);
  return stemsOf(form, SINGULAR).some((stem) => soundOf(inLatin(stem)) === sound);
}

const LATIN: Readonly<Record<string, string>> = Object.fromEntries(
  'а=a б=b в=v г=g д=d е=e ж=zh з=z и=i й=y к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh ц=ts ч=ch ш=sh щ=shch ъ= ы=y ь= э=e ю=yu я=ya'
    .split(' ')
    .map((pair) => pair.split('=') as [string, string]),
);
const inLatin = (word: string): string => [...word].map((letter) => LATIN[letter] ?? letter).join('');

/** A key that the usual ways to write a Russian name in Latin letters share: Alexei and Aleksey, Khan and Han. */
const soundOf = (word: string): string =>
  word
    .normalize('NFD')
    .replace(/[\p{M}'’]/gu, '')
    .replace(/shch|sch/gu, 's')
    .replace(/x/gu, 'ks')
    .replace(/kh/gu, 'h')
    .replace(/ts/gu, 'c')
    .replace(/[jy](?=[aeou])/gu, '')
    .replace(/i(?=[aou])/gu, '')
    .replace(/[jy]/gu, 'i')
    .replace(/i+/gu, 'i')
    .replace(/(?<=[aeou])i$/gu, '')
    .replace(/(?<=e)i/gu, '');

/** The words of a name that a text is searched for. Numbers and single letters are left out. */
export const wordsOf = (name: string): string[] => name.match(/\p{L}[\p{L}\p{M}'’]+/gu) ?? [];

/** Whether the name has a word that begins with this letter, also in the other alphabet. */
export const hasInitial = (name: string, letter: string): boolean =>
  (name.match(/\p{L}+/gu) ?? []).some((word) => {
    const [own, other] = [word.charAt(0).toLowerCase(), letter.toLowerCase()].map((one) => inLatin(one).charAt(0));
    return own === other;
  });
