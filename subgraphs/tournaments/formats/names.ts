// English names of rounds.
import type { BracketName, PlannedRound } from './plan.ts';

/** The name of the round that has `fromEnd` rounds after it. */
function winnersRound(fromEnd: number): string {
  const names = ['Final', 'Semi-finals', 'Quarter-finals'];
  return names[fromEnd] ?? `Round of ${2 ** (fromEnd + 1)}`;
}

/** The rounds that have slots, in the order of the slots. `last` is the number of the last round of WINNERS. */
export function knockoutRounds(
  slots: readonly { bracket: BracketName; round: number }[],
  last: number,
  isDouble = false,
): PlannedRound[] {
  const rounds = new Map<string, PlannedRound>();
  const lastOfLosers = Math.max(0, ...slots.map(({ bracket, round }) => (bracket === 'LOSERS' ? round : 0)));
  const nameOf = (bracket: BracketName, number: number): string => {
    if (bracket === 'THIRD_PLACE') return 'Third place';
    if (bracket === 'FINAL') return number === 1 ? 'Final' : 'Second final';
    if (bracket === 'LOSERS') return number === lastOfLosers ? 'Losers final' : `Losers round ${number}`;
    if (isDouble && number === last) return 'Winners final';
    return winnersRound(last - number);
  };
  for (const { bracket, round: number } of slots)
    if (!rounds.has(`${bracket} ${number}`))
      rounds.set(`${bracket} ${number}`, { group: null, bracket, number, name: nameOf(bracket, number) });
  return [...rounds.values()];
}
