const either = (...words: readonly string[]): string => `(?:${words.join('|')})`;
const ORDINAL = either(String.raw`[1-9]\d?(?:st|nd|rd|th|\.|°|º|ª)?`, 'first', 'second', 'third', 'fourth', 'best');
const OUTCOME = either(
  ...['winners?', 'losers?', 'runners?[- ]?up', 'sieger', 'gewinner', 'verlierer', 'zweiter', 'dritter'],
  ...['ganador', 'perdedor', 'vencedor', 'vainqueur', 'perdant'],
);
const STAGE = either(
  ...['group', 'gruppe', 'grupo', 'groupe', 'pool', 'match', 'game', 'spiel', 'partido', 'tie', 'path', 'pathway'],
  ...['play-?offs?', '(?:semi|quarter|halb|viertel|achtel)-?finals?e?', 'round', '[sqhva]f'],
);
/**
 * The part of a name that says which group, match or path: ` A`, ` A/D/E/F`, `39`, ` A1`. A letter must be a word of
 * its own, because "Matcha" is not "match A".
 */
const WHICH = String.raw`(?:\s*[-#]?\s*\d{1,3}|\s+[A-Z]\d?)?(?:\s?\/\s?[A-Z]\d?)*`;

/** The forms of placeholders. Patterns with words ignore the case; short codes must be in capitals, as in the files. */
const SLOTS: readonly RegExp[] = [
  // 2A, 1E; A1 … L9
  /^[1-9]\d?[A-Z]$/,
  /^[A-L][1-9]$/,
  // 3A/B/C/D/F, 3rd A/B/C
  /^[1-9](?:st|nd|rd|th)?\s?[A-Z](?:\s?\/\s?[A-Z])+$/,
  // W74, L101, RU 12, W-SF1, QF3
  /^(?:W|L|RU)[\s.-]?\d{1,3}$/,
  /^(?:[WL][\s.-]?)?(?:[SQHVA]F|R16|R32)[\s-]?\d{1,2}$/,
  // Winner Group A, Runner-up Group C, 3rd Group A/D/E/F, Loser of Match 101, Sieger Gruppe A, 1. Gruppe B
  new RegExp(
    String.raw`^(?:${OUTCOME}|${ORDINAL})(?:\s+(?:of|the|der|des|del|du))*\s+(?:[\p{L}-]+\s+){0,3}${STAGE}${WHICH}$`,
    'iu',
  ),
  // Winner A, Winner 39, Loser B1
  new RegExp(String.raw`^${OUTCOME}\s+(?:of\s+)?(?:#?\d{1,3}|[A-Z]\d?)$`, 'iu'),
  // Group A winner, UEFA Path A winner, IC Path 1 winner, Match 39 loser, Group B 2nd
  new RegExp(String.raw`^(?:[\p{L}-]+\s+){0,3}${STAGE}${WHICH}\s+(?:${OUTCOME}|[1-9](?:st|nd|rd|th))$`, 'iu'),
  // UEFA play-off A
  /^(?:[\p{L}-]+\s+){0,3}play-?offs?\s+(?:path\s+)?[A-Z0-9]$/iu,
  // Best third-placed team
  /^(?:[1-9](?:st|nd|rd|th)?\s+)?best\s+(?:third|3rd|runners?[- ]?up|second|2nd)\b/iu,
  // TBD, N. N., to be announced, ?, –
  /^(?:team\s+)?(?:tb[adc]|n\s?\.?\s?n\s?\.?|n\/a|unknown|[?–—_.-]+)$/iu,
  /^to be (?:announced|confirmed|decided|defined|determined)$/iu,
];

/**
 * Whether a file's "team" is a placeholder for a team that is not known yet: `2A`, `W74`, `3A/B/C/D/F`,
 * `Winner Group A`.
 */
export function isSlot(name: string): boolean {
  return (
    SLOTS.some((pattern) => pattern.test(name)) || (/^[1-9]([A-L]{2,8})$/.test(name) && isAscending(name.slice(1)))
  );
}

/** Letters must ascend: `3ABCDF` is a slot, `1FC` is not. */
const isAscending = (letters: string): boolean =>
  [...letters].every((letter, index) => index === 0 || letter > (letters[index - 1] ?? ''));

/** Whether the name means that a team has no opponent. */
export const isBye = (name: string): boolean => /^(?:bye|freilos|spielfrei)$/i.test(name);
