// Stored tables that say which of the best third-placed teams meets which group winner. Often several placements fit
// the slots of a tournament, and its regulations chose one of them, which no algorithm can find.

interface OpponentsTable {
  /** The groups whose winners meet a team in third place, in the order of the letters of a row. */
  readonly winners: string;
  /**
   * A row for each combination of groups whose thirds go through, in alphabetical order. Its letters are those groups,
   * in the order of the winners that they meet.
   */
  readonly rows: readonly string[];
}

const rows = (text: string): string[] => text.trim().split(/\s+/);

/**
 * UEFA Euro 2020, article 21.05, copied from two public copies: hetekspelapp and euro2020. Euro 2024 has the same rows.
 */
const EURO_2020: OpponentsTable = {
  winners: 'BCEF',
  rows: rows(`
  ADBC AEBC AFBC DEAB DFAB EFBA EDCA FDCA EFCA EFDA EDBC FDCB FECB FEDB FEDC
  `),
};

/** UEFA Euro 2016, article 17.03 of the regulations, taken from a public copy. */
const EURO_2016: OpponentsTable = {
  winners: 'ABCD',
  rows: rows(`
  CDAB CABE CABF DABE DABF EABF CDAE CDAF CAFE DAFE CDBE CDBF ECBF EDBF CDFE
  `),
};

/** FIFA World Cup 2026, Annex C of the regulations, taken from a public copy. */
const FIFA_2026: OpponentsTable = {
  winners: 'ABDEGIKL',
  rows: rows(`
  HGBCAFDE CGBDAFEI CGBDAFEJ CGBDAFEK CGBDAFLE HEBCAFDI HJBCAFDE HEBCAFDK HFBCADLE CJBDAFEI CEBDAFIK CEBDAFLI CJBDAFEK
  CJBDAFLE CEBDAFLK HGBCADEI HGBCADEJ HGBCADEK HGBCADLE EGBCADIJ EGBCADIK EGBCADLI EGBCADJK EGBCADLJ EGBCADLK HJBCADEI
  HEBCADIK HEBCADLI HJBCADEK HJBCADLE HEBCADLK EJBCADIK EJBCADLI EIBCADLK EJBCADLK HGBCAFDI HGBCAFDJ HGBCAFDK CGBDAFLH
  CGBDAFIJ CGBDAFIK CGBDAFLI CGBDAFJK CGBDAFLJ CGBDAFLK HJBCAFDI HFBCADIK HFBCADLI HJBCAFDK CJBDAFLH HFBCADLK CJBDAFIK
  CJBDAFLI CIBDAFLK CJBDAFLK HGBCADIJ HGBCADIK HGBCADLI HGBCADJK HGBCADLJ HGBCADLK CJBDAGIK CJBDAGLI IGBCADLK CJBDAGLK
  HJBCADIK HJBCADLI HIBCADLK HJBCADLK IJBCADLK HGBCAFEI HGBCAFEJ HGBCAFEK HGBCAFLE EGBCAFIJ EGBCAFIK EGBCAFLI EGBCAFJK
  EGBCAFLJ EGBCAFLK HJBCAFEI HEBCAFIK HEBCAFLI HJBCAFEK HJBCAFLE HEBCAFLK EJBCAFIK EJBCAFLI EIBCAFLK EJBCAFLK HJBCAGEI
  EGBCAHIK EGBCAHLI HJBCAGEK HJBCAGLE EGBCAHLK EJBCAGIK EJBCAGLI EGBAICLK EJBCAGLK EJBCAHIK EJBCAHLI EIBCAHLK EJBCAHLK
  EJBAICLK HGBCAFIJ HGBCAFIK HGBCAFLI HGBCAFJK HGBCAFLJ HGBCAFLK CJBFAGIK CJBFAGLI IGBCAFLK CJBFAGLK HJBCAFIK HJBCAFLI
  HIBCAFLK HJBCAFLK IJBCAFLK HJBCAGIK HJBCAGLI IGBCAHLK HJBCAGLK IJBCAGLK IJBCAHLK HGBDAFEI HGBDAFEJ HGBDAFEK HGBDAFLE
  EGBDAFIJ EGBDAFIK EGBDAFLI EGBDAFJK EGBDAFLJ EGBDAFLK HJBDAFEI HEBDAFIK HEBDAFLI HJBDAFEK HJBDAFLE HEBDAFLK EJBDAFIK
  EJBDAFLI EIBDAFLK EJBDAFLK HJBDAGEI EGBDAHIK EGBDAHLI HJBDAGEK HJBDAGLE EGBDAHLK EJBDAGIK EJBDAGLI EGBAIDLK EJBDAGLK
  EJBDAHIK EJBDAHLI EIBDAHLK EJBDAHLK EJBAIDLK HGBDAFIJ HGBDAFIK HGBDAFLI HGBDAFJK HGBDAFLJ HGBDAFLK FJBDAGIK FJBDAGLI
  IGBDAFLK FJBDAGLK HJBDAFIK HJBDAFLI HIBDAFLK HJBDAFLK IJBDAFLK HJBDAGIK HJBDAGLI IGBDAHLK HJBDAGLK IJBDAGLK IJBDAHLK
  HJBFAGEI EGBFAHIK EGBFAHLI HJBFAGEK HJBFAGLE EGBFAHLK EJBFAGIK EJBFAGLI EGBAIFLK EJBFAGLK EJBFAHIK EJBFAHLI EIBFAHLK
  EJBFAHLK EJBAIFLK EJBAHGIK EJBAHGLI EGBAIHLK EJBAHGLK EJBAIGLK EJBAIHLK HJBFAGIK HJBFAGLI HGBAIFLK HJBFAGLK IJBFAGLK
  HJBAIFLK HJBAIGLK HGECAFDI HGJCAFDE HGECAFDK HGFCADLE CGJDAFEI CGEDAFIK CGEDAFLI CGJDAFEK CGJDAFLE CGEDAFLK HJECAFDI
  HEFCADIK HEFCADLI HJECAFDK HJFCADLE HEFCADLK CJEDAFIK CJEDAFLI CEIDAFLK CJEDAFLK HGJCADEI HGECADIK HGECADLI HGJCADEK
  HGJCADLE HGECADLK EGJCADIK EGJCADLI EGICADLK EGJCADLK HJECADIK HJECADLI HEICADLK HJECADLK EJICADLK HGJCAFDI HGFCADIK
  HGFCADLI HGJCAFDK CGJDAFLH HGFCADLK CGJDAFIK CGJDAFLI CGIDAFLK CGJDAFLK HJFCADIK HJFCADLI HFICADLK HJFCADLK CJIDAFLK
  HGJCADIK HGJCADLI HGICADLK HGJCADLK IGJCADLK HJICADLK HGJCAFEI HGECAFIK HGECAFLI HGJCAFEK HGJCAFLE HGECAFLK EGJCAFIK
  EGJCAFLI EGICAFLK EGJCAFLK HJECAFIK HJECAFLI HEICAFLK HJECAFLK EJICAFLK EGJCAHIK EGJCAHLI EGICAHLK EGJCAHLK EJICAGLK
  EJICAHLK HGJCAFIK HGJCAFLI HGICAFLK HGJCAFLK IGJCAFLK HJICAFLK HJICAGLK HGJDAFEI HGEDAFIK HGEDAFLI HGJDAFEK HGJDAFLE
  HGEDAFLK EGJDAFIK EGJDAFLI EGIDAFLK EGJDAFLK HJEDAFIK HJEDAFLI HEIDAFLK HJEDAFLK EJIDAFLK EGJDAHIK EGJDAHLI EGIDAHLK
  EGJDAHLK EJIDAGLK EJIDAHLK HGJDAFIK HGJDAFLI HGIDAFLK HGJDAFLK IGJDAFLK HJIDAFLK HJIDAGLK EGJFAHIK EGJFAHLI EGIFAHLK
  EGJFAHLK EJIFAGLK EJIFAHLK EJIAHGLK HJIFAGLK CGBDHFEI HGBCJFDE CGBDHFEK CGBDHFLE CGBDJFEI CGBDEFIK CGBDEFLI CGBDJFEK
  CGBDJFLE CGBDEFLK CJBDHFEI CEBDHFIK CEBDHFLI CJBDHFEK CJBDHFLE CEBDHFLK CJBDEFIK CJBDEFLI CEBDIFLK CJBDEFLK HGBCJDEI
  EGBCHDIK EGBCHDLI HGBCJDEK HGBCJDLE EGBCHDLK EGBCJDIK EGBCJDLI EGBCIDLK EGBCJDLK EJBCHDIK EJBCHDLI EIBCHDLK EJBCHDLK
  EJBCIDLK HGBCJFDI CGBDHFIK CGBDHFLI HGBCJFDK CGBDHFLJ CGBDHFLK CGBDJFIK CGBDJFLI CGBDIFLK CGBDJFLK CJBDHFIK CJBDHFLI
  CIBDHFLK CJBDHFLK CJBDIFLK HGBCJDIK HGBCJDLI HGBCIDLK HGBCJDLK IGBCJDLK HJBCIDLK HGBCJFEI EGBCHFIK EGBCHFLI HGBCJFEK
  HGBCJFLE EGBCHFLK EGBCJFIK EGBCJFLI EGBCIFLK EGBCJFLK EJBCHFIK EJBCHFLI EIBCHFLK EJBCHFLK EJBCIFLK EJBCHGIK EJBCHGLI
  EGBCIHLK EJBCHGLK EJBCIGLK EJBCIHLK HGBCJFIK HGBCJFLI HGBCIFLK HGBCJFLK IGBCJFLK HJBCIFLK HJBCIGLK HGBDJFEI EGBDHFIK
  EGBDHFLI HGBDJFEK HGBDJFLE EGBDHFLK EGBDJFIK EGBDJFLI EGBDIFLK EGBDJFLK EJBDHFIK EJBDHFLI EIBDHFLK EJBDHFLK EJBDIFLK
  EJBDHGIK EJBDHGLI EGBDIHLK EJBDHGLK EJBDIGLK EJBDIHLK HGBDJFIK HGBDJFLI HGBDIFLK HGBDJFLK IGBDJFLK HJBDIFLK HJBDIGLK
  EJBFHGIK EJBFHGLI EGBFIHLK EJBFHGLK EJBFIGLK EJBFIHLK EJIBHGLK HJBFIGLK CGJDHFEI CGEDHFIK CGEDHFLI CGJDHFEK CGJDHFLE
  CGEDHFLK CGEDJFIK CGEDJFLI CGEDIFLK CGEDJFLK CJEDHFIK CJEDHFLI CEIDHFLK CJEDHFLK CJEDIFLK EGJCHDIK EGJCHDLI EGICHDLK
  EGJCHDLK EGICJDLK EJICHDLK CGJDHFIK CGJDHFLI CGIDHFLK CGJDHFLK CGIDJFLK CJIDHFLK HGICJDLK EGJCHFIK EGJCHFLI EGICHFLK
  EGJCHFLK EGICJFLK EJICHFLK EJICHGLK HGICJFLK EGJDHFIK EGJDHFLI EGIDHFLK EGJDHFLK EGIDJFLK EJIDHFLK EJIDHGLK HGIDJFLK
  EJIFHGLK
  `),
};

export const OPPONENT_TABLES = { 'fifa-2026': FIFA_2026, 'uefa-euro-2016': EURO_2016, 'uefa-euro-2020': EURO_2020 };

/** A slot of a bracket that takes one of the best entrants on a place, such as the best thirds. */
export interface BestSlot {
  readonly key: string;
  /** The group whose winner is the opponent, from 1; null when the opponent is not the winner of a group. */
  readonly winnerOf: number | null;
  /** The groups that the entrant may come from; null: any. */
  readonly from: readonly number[] | null;
}

/**
 * The group of the entrant in each slot, by the slot's key. A stored table decides if it has these groups and slots.
 * Otherwise an algorithm finds a placement that fits. An entrant meets the winner of its own group only if nothing else
 * fits.
 * @param qualified the groups of the best, the best first, numbered from 1. If they are fewer than the slots, some slots
 *   stay empty.
 * @returns null when no placement fits the slots
 */
export function placeBest(
  table: keyof typeof OPPONENT_TABLES | undefined,
  qualified: readonly number[],
  slots: readonly BestSlot[],
): ReadonlyMap<string, number> | null {
  return (
    (table && stored(OPPONENT_TABLES[table], qualified, slots)) ??
    fitted(qualified, slots, { ownWinner: false }) ??
    fitted(qualified, slots, { ownWinner: true })
  );
}

const letterOf = (group: number): string => String.fromCodePoint(64 + group);

function stored(
  table: OpponentsTable,
  qualified: readonly number[],
  slots: readonly BestSlot[],
): Map<string, number> | null {
  const letters = qualified.map(letterOf).sort().join('');
  const row = table.rows.find((each) => [...each].sort().join('') === letters);
  if (row === undefined) return null;
  const placed = new Map<string, number>();
  for (const { key, winnerOf } of slots) {
    const letter = winnerOf === null ? undefined : row[table.winners.indexOf(letterOf(winnerOf))];
    if (letter !== undefined) placed.set(key, (letter.codePointAt(0) ?? 0) - 64);
  }
  return new Set(placed.values()).size === slots.length ? placed : null;
}

/**
 * A bipartite matching by augmenting paths, the best group first: at most n³ steps for n slots.
 * @param ownWinner whether an entrant may meet the winner of its own group
 */
function fitted(
  qualified: readonly number[],
  slots: readonly BestSlot[],
  { ownWinner }: { readonly ownWinner: boolean },
): Map<string, number> | null {
  const groupOf = new Map<BestSlot, number>();
  const fits = (group: number, { winnerOf, from }: BestSlot): boolean =>
    (ownWinner || group !== winnerOf) && (from === null || from.includes(group));
  const place = (group: number, seen: Set<BestSlot>): boolean =>
    slots.some((slot) => {
      if (seen.has(slot) || !fits(group, slot)) return false;
      seen.add(slot);
      const other = groupOf.get(slot);
      if (other !== undefined && !place(other, seen)) return false;
      groupOf.set(slot, group);
      return true;
    });
  if (!qualified.every((group) => place(group, new Set()))) return null;
  return new Map([...groupOf].map(([slot, group]) => [slot.key, group]));
}
