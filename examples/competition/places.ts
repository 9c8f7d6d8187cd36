import type { FileMatch } from './match.ts';

/** Whom a placeholder of a file means. Groups are named as in `Group A`, matches by their number in the file. */
export type Place =
  | { readonly kind: 'PLACE'; readonly group: string; readonly place: number }
  | { readonly kind: 'BEST'; readonly groups: readonly string[]; readonly place: number }
  | { readonly kind: 'WINNER' | 'LOSER'; readonly num: number };

const WORDS: Readonly<Record<string, number>> = {
  winner: 1,
  first: 1,
  'runner-up': 2,
  'runners-up': 2,
  second: 2,
  third: 3,
};
const ORDINAL = String.raw`([1-9])(?:st|nd|rd|th)?`;

/** Reads `2A`, `A2`, `3A/B/C`, `W74`, `L101`, `Winner Group A`, `Loser of Match 61`; null for what means less. */
export function placeOf(name: string): Place | null {
  const text = name.trim();
  const place = (number: string | number, group: string): Place => ({ kind: 'PLACE', group, place: Number(number) });
  const short = /^([1-9])([A-Z])$/.exec(text);
  if (short) return place(short[1]!, short[2]!);
  // L7 is the loser of match 7, not the seventh of group L.
  const turned = /^([A-K])([1-9])$/.exec(text);
  if (turned) return place(turned[2]!, turned[1]!);
  const best = new RegExp(String.raw`^${ORDINAL}\s?(?:group\s)?([A-Z](?:\s?\/?\s?[A-Z])+)$`, 'i').exec(text);
  if (best)
    return { kind: 'BEST', place: Number(best[1]), groups: [...best[2]!.toUpperCase().replaceAll(/[^A-Z]/g, '')] };
  const outcome = /^(W|L|winner|loser)[\s.-]*(?:of\s+)?(?:match\s+|game\s+)?(\d{1,3})$/i.exec(text);
  if (outcome) return { kind: /^w/i.test(outcome[1]!) ? 'WINNER' : 'LOSER', num: Number(outcome[2]) };
  const named = /^(winner|first|runners?-up|second|third)\s+(?:of\s+)?(?:group\s+)?([A-Z])$/i.exec(text);
  if (named) return place(WORDS[named[1]!.toLowerCase()]!, named[2]!.toUpperCase());
  const numbered = new RegExp(String.raw`^${ORDINAL}\s+group\s+([A-Z])$`, 'i').exec(text);
  return numbered ? place(numbered[1]!, numbered[2]!.toUpperCase()) : null;
}

/** The letter or number of a group's name: `A` of `Group A`. */
export const letterOf = (group: string): string => /(\S+)$/.exec(group)?.[1]?.toUpperCase() ?? group;

const REPLAY = /[\s,(]*re-?plays?\)?$/i;
/** A round without what says that its matches are played again. */
export const baseRound = (round: string): string => round.replace(REPLAY, '').trim() || round;
export const isReplay = ({ round }: FileMatch): boolean => round !== null && REPLAY.test(round);
export const isThirdPlace = (round: string): boolean =>
  /third|3rd|bronze|platz\s*3|spiel um (?:den )?(?:platz|dritte)|tercer|troisi|3\.\s*platz/i.test(round);

const TABLE_ROUND =
  /match ?day|spieltag|jornada|journ[ée]e|giornata|rodada|speelronde|\bweek\b|^round \d+$|regular season|league (?:phase|stage)|group/i;
/** The name of the table that a round without a group belongs to; null for a round of a knock-out. */
export function tableOf(round: string | null, matches: readonly FileMatch[]): string | null {
  if (round === null || /^\d+$/.test(round)) return '';
  if (/\b(?:semi|quarter)|\bround of \d|\bfinals?$/i.test(round) && !/final round/i.test(round)) return null;
  if (TABLE_ROUND.test(round)) {
    const prefix = /^(.*?),\s*[^,]*$/.exec(round)?.[1];
    return prefix !== undefined && !TABLE_ROUND.test(prefix) ? prefix : '';
  }
  const opponents = new Map<string, Set<string>>();
  for (const { home, away } of matches)
    for (const [team, other] of [[home, away] as const, [away, home] as const])
      opponents.set(team, (opponents.get(team) ?? new Set()).add(other));
  // Who meets several in one round plays for points.
  return [...opponents.values()].some((met) => met.size > 1) ? round : null;
}

/** `Group A` of `Matchday 1, Group A`. */
export const groupIn = (round: string | null): string | null =>
  /\b((?:group|gruppe|grupo|groupe|pool)\s+[A-Z0-9]{1,2})\b/i.exec(round ?? '')?.[1] ?? null;
