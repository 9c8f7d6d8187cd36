import type { FileMatch } from './match.ts';

/**
 * The meaning of a placeholder: a place in a group, a place among the best of a place, or the outcome of a match.
 * `group` is the letter of a group, `num` the number of a match in the file.
 */
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

/** Reads `2A`, `A2`, `3A/B/C`, `W74`, `L101`, `Winner Group A`, `Loser of Match 61`; null for any other text. */
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

const REPLAY = /[\s,(–-]*re-?plays?\)?$/i;
const LEG =
  /[\s,(–-]+(?:(?:1st|2nd|first|second|return) legs?|legs? \d|hinspiele?|rückspiele?|ida|vuelta|andata|ritorno|aller|retour)\)?$/i;
/** The name of a round without the words that say which leg it is, or that its matches are replays. */
export const baseRound = (round: string): string => round.replace(REPLAY, '').replace(LEG, '').trim() || round;
export const isReplay = ({ round }: FileMatch): boolean => round !== null && REPLAY.test(round);
export const isThirdPlace = (round: string): boolean =>
  /third(?! round)|3rd(?! round)|bron[sz]|pla(?:tz|ce)\s*3|spiel um (?:den )?(?:platz|dritte)|tercer|terceir|troisi|terzo|3[.°º]|(?:small|kleines|petite|little) final|consolation/i.test(
    round,
  );

/**
 * The group whose level teams a play-off decides between: `Group 2` for the round `Group 2 Play-off`. Null for other
 * rounds.
 */
export const decidedGroup = (round: string): string | null =>
  /^(.*\S)[\s,:-]+(?:play-?offs?|decider|tie-?break(?:er)?)$/i.exec(baseRound(round))?.[1]?.match(GROUP)?.[1] ?? null;

const GROUP = /\b((?:group|gruppe|grupo|groupe|pool|girone|poule)\s+[A-Z0-9]{1,2})\b/i;
/** The group that the name of a round contains: `Group A` for `Matchday 1, Group A`. Null when it contains none. */
const groupIn = (round: string | null): string | null =>
  round === null || decidedGroup(round) !== null ? null : (GROUP.exec(round)?.[1] ?? null);

/** Whether a round is a play-off that does not decide the title, but relegation, promotion or another competition. */
export const isBesideTitle = (round: string): boolean =>
  /relegat|promot|abstieg|aufstieg|spareggio|barrage|play-?outs?\b|descenso|permanencia|europa|europe\b|conference|champions league|uefa|qualifi[ck]ation/i.test(
    round,
  );

/** Matches the names of rounds in which every team plays. */
const TABLE_ROUND =
  /match ?day|spieltag|jornada|journ[ée]e|giornata|rodada|speelronde|speeldag|omg[åa]ng|\bweek\b|regular season|grunddurchgang|hauptrunde|league (?:phase|stage)|ligaphase|fase de (?:liga|grupos)|group stage/i;
/** Matches the names of rounds after which the loser is out. */
const KNOCKOUT_ROUND =
  /\b(?:semi|quarter|eighth|sixteenth)|\b(?:round|last) (?:of )?(?:the )?(?:last )?(?:16|32|64|128|256)\b|\b1\/\d+|\bfinal(?:s|e|es)?$|achtel|viertel|halb-?finale|octavos|cuartos|dieciseisavos|ottavi|quarti|oitavas|quartas|huiti[eè]me|quarts? de|demi-?finale/i;
/** A number or an ordinal, which counts rounds: `Round 3`, `3. Runde`, `3rd Round`, `Third Round`. */
const COUNTS = /\d+(?:st|nd|rd|th|\.|ª|º|ème|e)?|\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth)\b/i;

/** Matches the name of a round that may be the only one so far of a league that has begun. */
const ONE_ROUND = /^(?:round|runde|ronda|tour|ko[lł]o|kolejka)\s*\d+$/i;

/** The stage of a round, and the round in it: `Apertura` and `Matchday 1` of `Apertura, Matchday 1`. */
function partsOf(round: string): { readonly stage: string; readonly own: string } {
  const found = /^(.*\S)\s*,\s*([^,]+)$/.exec(round);
  return found ? { stage: found[1]!, own: found[2]! } : { stage: '', own: round };
}

/** The stage in the name of a round, such as `Apertura` in `Apertura, Matchday 1`; otherwise ''. */
export const stageOf = (round: string): string => partsOf(round).stage;

/** The name of the table of a stage. A regular season has the main table, whose name is ''. */
const tableName = (stage: string): string => (TABLE_ROUND.test(stage) ? '' : stage);

/**
 * The table that each round belongs to, by its name: '' is the main table, which also has the matches without a round;
 * null is a round of a knock-out. Where the name does not tell, the pairings do: rounds are a table if most teams play
 * in more than half of them, or if a team meets several opponents in one round.
 * @param rounds without groups, in the order of play; the key null has the matches without a round
 */
function tablesOf(rounds: ReadonlyMap<string | null, readonly FileMatch[]>): ReadonlyMap<string | null, string | null> {
  const tables = new Map<string | null, string | null>();
  const counted = new Map<string, string[]>();
  const byStage = Map.groupBy(
    [...rounds].filter(([round]) => round !== null),
    ([round]) => stageOf(round!),
  );
  /** Whether the stage has two rounds in which each team meets the same opponent: two legs. */
  const isTwoLegs = (stage: string): boolean => {
    const own = stage === '' ? [] : byStage.get(stage)!;
    return own.length === 2 && mostOpponents(own.flatMap(([, matches]) => matches)) === 1;
  };
  for (const [round, matches] of rounds) {
    if (round === null) {
      tables.set(round, '');
      continue;
    }
    const { stage, own } = partsOf(round);
    if (decidedGroup(round) !== null || isTwoLegs(stage)) tables.set(round, null);
    else if (KNOCKOUT_ROUND.test(own) && !/final (?:round|phase|stage|group)/i.test(own)) tables.set(round, null);
    else if (TABLE_ROUND.test(own) || /^\d+$/.test(own)) tables.set(round, tableName(stage));
    else if (COUNTS.test(own)) {
      const family = `${stage}, ${own.replace(COUNTS, '#')}`;
      counted.set(family, [...(counted.get(family) ?? []), round]);
    } else if (TABLE_ROUND.test(stage)) tables.set(round, '');
    // If a team meets several opponents in one round, the round belongs to a table and not to a knock-out.
    else tables.set(round, mostOpponents(matches) > 1 ? round : null);
  }
  for (const family of counted.values()) {
    const matches = family.map((round) => rounds.get(round) ?? []);
    const { stage } = partsOf(family[0]!);
    const isTable = matches.length > 1 ? goOn(matches) : mostOpponents(matches[0]!) > 1 || ONE_ROUND.test(family[0]!);
    for (const round of family) tables.set(round, isTable ? tableName(stage) : null);
  }
  return tables;
}

/**
 * Whether most teams play in more than half of the rounds. In a knock-out, half of the teams play in one round only.
 */
function goOn(rounds: readonly (readonly FileMatch[])[]): boolean {
  const played = new Map<string, number>();
  for (const matches of rounds)
    for (const team of new Set(matches.flatMap(({ home, away }) => [home, away])))
      played.set(team, 1 + (played.get(team) ?? 0));
  const counts = [...played.values()].sort((a, b) => a - b);
  return counts[Math.floor((counts.length - 1) / 2)]! > rounds.length / 2;
}

function mostOpponents(matches: readonly FileMatch[]): number {
  const opponents = new Map<string, Set<string>>();
  for (const { home, away } of matches)
    for (const [team, other] of [[home, away] as const, [away, home] as const])
      opponents.set(team, (opponents.get(team) ?? new Set()).add(other));
  return Math.max(...[...opponents.values()].map((met) => met.size));
}

/**
 * Returns a function that gives the group or table of a match: its name, and a key that differs between groups of the
 * same name. Null for a match of a knock-out.
 */
export function tablesIn(
  matches: readonly FileMatch[],
): (match: FileMatch) => { readonly key: string; readonly name: string } | null {
  const groupOf = ({ group, round }: FileMatch): string | null =>
    round !== null && decidedGroup(round) !== null ? null : (group ?? groupIn(round));
  const roundOf = ({ round }: FileMatch): string | null => round && baseRound(round);
  const tables = tablesOf(
    Map.groupBy(
      matches.filter((match) => groupOf(match) === null),
      roundOf,
    ),
  );
  return (match) => {
    const group = groupOf(match);
    if (group !== null) {
      const { stage } = partsOf(match.round ?? '');
      // Two stages may each have a group A.
      const isStage = stage !== '' && !GROUP.test(stage) && !/\d|spieltag|jornada|giornata|rodada/i.test(stage);
      return { key: isStage ? `${stage}, ${group}` : group, name: group };
    }
    const name = tables.get(roundOf(match)) ?? null;
    return name === null ? null : { key: name, name };
  };
}
