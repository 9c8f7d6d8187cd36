// The input of a table, and the sums of its results.
import type { TableRules } from './rules.ts';
import { type TableResult, type Tally, addTally, emptyTally, talliesOf } from './tally.ts';

/** Changes an entrant's total of points. It does not change points in head-to-head comparisons. */
export interface Deduction {
  readonly entrant: string;
  /** The points to add. A negative number takes points away. */
  readonly points: number;
  readonly reason: string;
  /** When the decision was made: a date or a time in RFC 3339. */
  readonly at: string;
}

/** How an entrant left. `results` says whether its results count, and overrides the rule of the table about that. */
export interface Leaving {
  readonly state: 'WITHDRAWN' | 'DISQUALIFIED';
  readonly results?: 'KEEP' | 'ANNUL';
}

/** Decisions of organizers and administrators that change a table. */
export interface Rulings {
  readonly deductions?: readonly Deduction[];
  /** Points for conduct, negative for cards. An entrant that is not in the map has 0. */
  readonly fairPlay?: ReadonlyMap<string, number>;
  /** Rankings, each with the best entrant first. The first one that names all level entrants decides. */
  readonly rankings?: readonly (readonly string[])[];
  /** The lots as drawn, the best first. They also decide between entrants that the rules leave open. */
  readonly lots?: readonly string[];
  /** The order that play-offs gave, the best first. */
  readonly playOffs?: readonly string[];
  readonly out?: ReadonlyMap<string, Leaving>;
}

export interface Table {
  readonly entrants: readonly string[];
  readonly results: readonly TableResult[];
  readonly rules: TableRules;
  readonly rulings?: Rulings;
  /** How often each pair meets. If absent: as often as the pair that met most. */
  readonly meetings?: number;
  /**
   * Whether all matches of the table were played. If absent: they were if each pair has met as often as `meetings`
   * says.
   */
  readonly isComplete?: boolean;
  /** The number of rounds without an opponent, for rules that give points for them. */
  readonly byes?: ReadonlyMap<string, number>;
}

/** For each entrant: its index in a list. Undefined if the list does not name it. */
type Listed = readonly (number | undefined)[];

/** The sums that criteria compare. Entrants are numbers: their indexes in the list of names. */
export interface Field {
  readonly rules: Pick<TableRules, 'again' | 'headToHeadWhenComplete'>;
  /** The sums of each entrant over its matches that count, with the points for byes and deductions. */
  readonly total: readonly Tally[];
  /** The sums of each entrant against each opponent. */
  readonly against: readonly ReadonlyMap<number, Tally>[];
  readonly meetings: number;
  readonly fairPlay: readonly number[];
  readonly rankings: readonly Listed[];
  readonly lots: Listed;
  readonly playOffs: Listed;
  /** For each entrant, the shoot-outs against its opponents: 1 if it won, -1 if it lost. */
  readonly shootouts: readonly ReadonlyMap<number, number>[];
  /** Whether all matches of the table were played. */
  readonly complete: boolean;
  /** Entrants with a result that does not count yet. */
  readonly provisional: ReadonlySet<number>;
  /** Entrants that left and whose results do not count. */
  readonly annulled: ReadonlySet<number>;
}

interface Known {
  readonly result: TableResult;
  readonly home: number;
  readonly away: number;
}

/**
 * Adds the results up.
 * @param names the entrants, each once
 * @throws RangeError for an entrant that is listed twice, a result of an entrant that is not listed, or a score that is
 *   negative or not whole
 */
export function fieldOf(table: Table, names: readonly string[]): Field {
  const { rules, rulings = {}, byes } = table;
  const places = new Map(names.map((name, entrant) => [name, entrant]));
  if (places.size !== names.length) throw new RangeError('an entrant is listed twice');
  const placeOf = (name: string): number => {
    const entrant = places.get(name);
    if (entrant === undefined) throw new RangeError(`${name} has a result and is not listed`);
    return entrant;
  };
  const known = table.results.flatMap((result) => {
    const tallies = talliesOf(result, rules);
    return tallies ? [{ result, tallies, home: placeOf(result.home), away: placeOf(result.away) }] : [];
  });
  const counting = known.filter(({ result }) => result.counts);
  const meetings = table.meetings ?? mostMeetings(counting);
  const annulled = annulledOf(table, names, counting, meetings);
  const isKept = ({ home, away }: Known): boolean => !annulled.has(home) && !annulled.has(away);

  const total = names.map(emptyTally);
  const against = names.map(() => new Map<number, Tally>());
  const shootouts = names.map(() => new Map<number, number>());
  const add = (one: number, other: number, tally: Tally): void => {
    addTally(at(total, one), tally);
    const pair = at(against, one).get(other);
    if (pair) addTally(pair, tally);
    else at(against, one).set(other, { ...tally });
  };
  for (const { result, tallies, home, away } of counting.filter(isKept)) {
    add(home, away, tallies.home);
    add(away, home, tallies.away);
    const { shootout } = result;
    if (!shootout || shootout.home === shootout.away) continue;
    at(shootouts, home).set(away, shootout.home > shootout.away ? 1 : -1);
    at(shootouts, away).set(home, shootout.home > shootout.away ? -1 : 1);
  }
  for (const [name, rounds] of byes ?? []) at(total, placeOf(name)).points += rules.points.bye * rounds;
  for (const { entrant, points } of rulings.deductions ?? []) at(total, placeOf(entrant)).points += points;
  return {
    rules,
    total,
    against,
    shootouts,
    meetings,
    fairPlay: names.map((name) => rulings.fairPlay?.get(name) ?? 0),
    rankings: (rulings.rankings ?? []).map((ranking) => listed(ranking, names)),
    lots: listed(rulings.lots, names),
    playOffs: listed(rulings.playOffs, names),
    complete:
      table.isComplete ??
      (meetings > 0 &&
        haveMet(
          { against, meetings },
          [...names.keys()].filter((each) => !annulled.has(each)),
        )),
    provisional: new Set(
      known.filter((each) => !each.result.counts && isKept(each)).flatMap(({ home, away }) => [home, away]),
    ),
    annulled,
  };
}

/** The element at an index. @throws RangeError if the list is shorter */
export function at<T>(list: readonly T[], place: number): T {
  const value = list[place];
  if (value === undefined) throw new RangeError(`there is no place ${place}`);
  return value;
}

/** Whether all matches between these entrants were played. */
export const haveMet = (
  { against, meetings }: Pick<Field, 'against' | 'meetings'>,
  among: readonly number[],
): boolean =>
  among.every((one) => among.every((other) => one === other || (against[one]?.get(other)?.played ?? 0) >= meetings));

function listed(list: readonly string[] | undefined, names: readonly string[]): Listed {
  const places = new Map(list?.map((name, place) => [name, place]));
  return names.map((name) => places.get(name));
}

function mostMeetings(results: readonly Known[]): number {
  const pairs = new Map<string, number>();
  for (const { home, away } of results) {
    const pair = `${Math.min(home, away)} ${Math.max(home, away)}`;
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  return Math.max(0, ...pairs.values());
}

function annulledOf(table: Table, names: readonly string[], results: readonly Known[], meetings: number): Set<number> {
  const planned = (names.length - 1) * meetings;
  const isAnnulled = (name: string, entrant: number): boolean => {
    const out = table.rulings?.out?.get(name);
    if (!out) return false;
    const rule = out.results ?? table.rules.withdrawn.results;
    if (rule !== 'ANNUL_UNDER_HALF') return rule === 'ANNUL';
    // A walkover does not count as played, because usually a team that left causes it.
    const isPlayed = ({ result, home, away }: Known): boolean =>
      result.how !== 'WALKOVER' && (home === entrant || away === entrant);
    return results.filter(isPlayed).length * 2 < planned;
  };
  return new Set(names.flatMap((name, entrant) => (isAnnulled(name, entrant) ? [entrant] : [])));
}
