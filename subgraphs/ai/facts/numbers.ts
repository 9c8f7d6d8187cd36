/** Finds numbers in texts: digits, and English and Russian number words up to 130. */

const EN =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const EN_ORDINALS =
  'zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth'.split(
    ' ',
  );
const EN_TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
/** Patterns for the beginnings of Russian numerals, cardinal and ordinal, in all their forms. */
const RU: readonly (readonly [RegExp, number])[] = [
  [/^(?:нол|нул)/u, 0],
  [/^(?:перв|один$|одна$|одно$|одного$|одному$|одним$)/u, 1],
  [/^(?:втор|два$|две$|двух$|двум$|двумя$)/u, 2],
  [/^(?:трет|три$|трех$|трем$|тремя$)/u, 3],
  [/^четверт|^четыр(?:е|ех|ем|ьмя)$/u, 4],
  [/^пят(?:ь|и|ью|ый|ая|ое|ой|ого|ую|ом)$/u, 5],
  [/^шест(?:ь|и|ью|ой|ая|ое|ого|ую|ом)$/u, 6],
  [/^седьм|^сем(?:ь|и|ью)$/u, 7],
  [/^восьм(?:ой|ая|ое|ого|ую|ом)?$|^восем(?:ь|ью)$|^восьми$/u, 8],
  [/^девят(?:ь|и|ью|ый|ая|ое|ой|ого|ую|ом)$/u, 9],
  [/^десят(?:ь|и|ью|ый|ая|ое|ой|ого|ую|ом)$/u, 10],
  [/^одиннадцат/u, 11],
  [/^двенадцат/u, 12],
  [/^тринадцат/u, 13],
  [/^четырнадцат/u, 14],
  [/^пятнадцат/u, 15],
  [/^шестнадцат/u, 16],
  [/^семнадцат/u, 17],
  [/^восемнадцат/u, 18],
  [/^девятнадцат/u, 19],
  [/^двадцат/u, 20],
  [/^тридцат/u, 30],
  [/^сорок/u, 40],
  [/^пятьдесят|^пятидесят/u, 50],
  [/^шестьдесят|^шестидесят/u, 60],
  [/^семьдесят|^семидесят/u, 70],
  [/^восемьдесят|^восьмидесят/u, 80],
  [/^девянос/u, 90],
  [/^сто$|^ста$|^сот/u, 100],
];

/** The value of one word, such as "three", "third", "третьей" or "двадцать". Null when the word is no number. */
function numberOf(word: string): number | null {
  const plain = word.toLowerCase().replaceAll('ё', 'е');
  if (/^\d{1,4}$/.test(plain)) return Number(plain);
  const [digits] = /^\d{1,4}(?=(?:st|nd|rd|th|-?\p{Script=Cyrillic}{1,3})$)/u.exec(plain) ?? [];
  if (digits !== undefined) return Number(digits);
  if (plain === 'nil') return 0;
  const small = Math.max(EN.indexOf(plain), EN_ORDINALS.indexOf(plain));
  if (small !== -1) return small;
  const tens = EN_TENS.findIndex((ten) => plain === ten || plain === `${ten.slice(0, -1)}ieth`);
  if (tens !== -1) return (tens + 2) * 10;
  if (plain === 'hundred' || plain === 'hundredth') return 100;
  if (!/^\p{Script=Cyrillic}+$/u.test(plain)) return null;
  return RU.findLast(([beginning]) => beginning.test(plain))?.[1] ?? null;
}

export interface FoundNumber {
  readonly value: number;
  /** The index of the number's first word. */
  readonly from: number;
  /** The index after the number's last word. */
  readonly to: number;
  /** Whether the number is written with digits. */
  readonly isDigits: boolean;
}

/** The numbers in a list of words. "двадцать" and "третьей" one after the other are 23. */
export function numbersIn(words: readonly string[]): FoundNumber[] {
  const found: FoundNumber[] = [];
  for (let at = 0; at < words.length; at++) {
    const from = at;
    let value = numberOf(words[at] ?? '');
    if (value === null) continue;
    const isDigits = /\d/.test(words[at] ?? '');
    while (!isDigits) {
      const next = numberOf(words[at + 1] ?? '');
      const fits = next !== null && !/\d/.test(words[at + 1] ?? '') && next > 0;
      if (!fits || !((value >= 20 && value < 100 && value % 10 === 0 && next < 10) || (value === 100 && next < 100)))
        break;
      value += next;
      at++;
    }
    found.push({ value, from, to: at + 1, isDigits });
  }
  return found;
}
