// Derives the stages of a competition from the matches of its file: the groups, the rounds, the brackets, and the
// earlier results that decide which teams play in a later match.
import { bestOf } from '../../subgraphs/tournaments/standings/across.ts';
import { PRESETS } from '../../subgraphs/tournaments/standings/presets.ts';
import { type Row, standings } from '../../subgraphs/tournaments/standings/standings.ts';
import type { Table } from '../../subgraphs/tournaments/standings/table.ts';
import type { Adjustments } from './adjust.ts';
import type { GivenSideInput, StageEntrantsInput, StageInput } from './generated/graphql.ts';
import type { FileMatch } from './match.ts';
import {
  baseRound,
  decidedGroup,
  isBesideTitle,
  isReplay,
  isThirdPlace,
  letterOf,
  placeOf,
  stageOf,
  tablesIn,
} from './places.ts';
import type { GuessedRules } from './rules.ts';
import { printable } from './reading.ts';
import { isSlot } from './slots.ts';

export interface Tie {
  readonly key: string;
  /** The number of its round within its part of the bracket. */
  readonly round: number;
  readonly part: 'WINNERS' | 'THIRD_PLACE';
  /** Legs and replays, in the order of play. */
  readonly matches: readonly FileMatch[];
}

interface DrawnTie extends Tie {
  /** Null when the tie has no result or is level. */
  readonly winner: string | null;
  /** Whether a side has lost an earlier tie. */
  readonly hasBeaten: boolean;
}

export interface OutlinedStage {
  readonly input: StageInput;
  /** The matches by group and round. Empty for a bracket. */
  readonly tables: readonly { readonly name: string; readonly rounds: readonly (readonly FileMatch[])[] }[];
  readonly ties: readonly Tie[];
}

export interface Outline {
  /** The names, in the order of the seeds. */
  readonly teams: readonly string[];
  readonly stages: readonly OutlinedStage[];
  /** Winner and loser of each play-off that decides between two places of a table, one pair after the other. */
  readonly playOffs: readonly string[];
  /** What a reader of the tournament should know. */
  readonly notes: readonly string[];
}

/** The error for a file that shows no tournament, or a tournament that the API cannot have. */
export class NoOutline extends Error {
  constructor(
    readonly code: 'NO_STAGES' | 'TOO_MANY_STAGES' | 'UNKNOWN_PLACE',
    message: string,
  ) {
    super(`${code}: ${message}`);
  }
}

interface TableStage {
  readonly kind: 'TABLE';
  readonly start: string;
  readonly groups: { name: string; teams: string[]; matches: FileMatch[] }[];
}
interface Bracket {
  readonly kind: 'BRACKET';
  readonly start: string;
  /** Whether the ties of this bracket decide between teams that are level in a group. */
  readonly decides: boolean;
  readonly rounds: { name: string; ties: FileMatch[][] }[];
}

type Matches = readonly FileMatch[];
/** The largest number of stages that the API accepts. */
const MOST_STAGES = 16;

/**
 * Derives the outline of a tournament from its matches.
 * @param matches the matches, with placeholders for teams that are not known yet; a placeholder that nothing explains
 * is no team
 * @param matchIdOf the id of a friendly that becomes this match
 * @throws NoOutline
 */
export function outlineOf(
  matches: Matches,
  rules: GuessedRules,
  adjustments: Adjustments,
  matchIdOf: (match: FileMatch) => string | undefined = () => undefined,
): Outline {
  const parts = partsOf(matches, rules.splitAdds);
  const teams = [...new Set(parts.flatMap(namesOf))].filter((name) => !isSlot(name));
  if (teams.length < 2 || parts.length === 0) throw new NoOutline('NO_STAGES', 'no two teams of the file are known');
  if (parts.length > MOST_STAGES)
    throw new NoOutline('TOO_MANY_STAGES', `a tournament has at most ${MOST_STAGES} stages, not ${parts.length}`);
  const drawer = new Drawer(parts, teams, rules, adjustments, matchIdOf);
  const stages = parts.map((_part, index) => drawer.draw(index));
  return { teams, stages, playOffs: drawer.playOffs, notes: [...drawer.notes] };
}

const namesOf = (part: TableStage | Bracket): string[] =>
  part.kind === 'TABLE'
    ? part.groups.flatMap(({ teams }) => teams)
    : part.rounds.flatMap(({ ties }) => ties.flatMap(([first]) => [first!.home, first!.away]));

/**
 * Tables and brackets in the order of play.
 * @param splitAdds whether the points of a league count on after it divides; then it stays one table
 */
function partsOf(matches: Matches, splitAdds: boolean): (TableStage | Bracket)[] {
  const tableOf = tablesIn(matches);
  const tables: TableStage[] = [];
  const inTables = new Map<string, { readonly name: string; readonly own: FileMatch[] }>();
  const knockout: FileMatch[] = [];
  for (const match of matches) {
    const table = tableOf(match);
    if (table === null) knockout.push(match);
    else {
      const there = inTables.get(table.key) ?? { name: table.name, own: [] };
      inTables.set(table.key, there);
      there.own.push(match);
    }
  }
  for (const { name, own } of inTables.values()) {
    const group = { name, teams: [...new Set(own.flatMap(({ home, away }) => [home, away]))], matches: own };
    const start = own[0]!.kickoffAt;
    const last = tables.at(-1);
    // A team plays in only one group of a stage.
    const taken = new Set(last?.groups.flatMap(({ teams }) => teams));
    if (
      last &&
      !group.teams.some((team) => taken.has(team)) &&
      !(last.groups.length === 1 && last.groups[0]!.name === '')
    )
      if (isSideBySide(last, own)) {
        last.groups.push(group);
        continue;
      }
    tables.push({ kind: 'TABLE', start, groups: [group] });
  }
  for (const part of splitAdds ? [...tables] : []) {
    const league = tables.slice(0, tables.indexOf(part)).findLast((each) => divides(each, part));
    if (!league) continue;
    league.groups[0]!.matches.push(...part.groups.flatMap((group) => group.matches));
    tables.splice(tables.indexOf(part), 1);
  }
  for (const { groups } of tables) groups.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  const decides = ({ round }: FileMatch): boolean => round !== null && decidedGroup(round) !== null;
  const deciding = knockout.filter(decides);
  return [
    ...tables,
    ...bracketsOf(
      knockout.filter((match) => !decides(match)),
      tables,
    ),
    ...(deciding.length > 0
      ? [
          {
            ...{ kind: 'BRACKET' as const, start: deciding[0]!.kickoffAt, decides: true },
            rounds: [{ name: 'Play-offs', ties: tiesOf(deciding) }],
          },
        ]
      : []),
  ].sort((a, b) => a.start.localeCompare(b.start));
}

/** Whether `later` is played by parts of the league that is the stage `earlier`. */
function divides(earlier: TableStage, later: TableStage): boolean {
  if (earlier.groups.length > 1) return false;
  const league = new Set(earlier.groups[0]!.teams);
  const names = namesOf(later);
  return names.every((team) => league.has(team)) && (later.groups.length > 1 || names.length < league.size);
}

/**
 * Whether a group belongs to the stage: it begins before, or when, the last match of one of the stage's groups does.
 */
const isSideBySide = ({ groups }: TableStage, own: Matches): boolean =>
  groups.some(({ matches }) => matches.at(-1)!.kickoffAt >= own[0]!.kickoffAt);

/** Makes brackets of the knock-out rounds. Rounds before a table and rounds after it belong to different brackets. */
function bracketsOf(knockout: Matches, tables: readonly TableStage[]): Bracket[] {
  const rounds = [...Map.groupBy(knockout, ({ round }) => baseRound(round ?? ''))]
    .map(([name, own]) => ({ name, own, start: own[0]!.kickoffAt }))
    .sort((a, b) => a.start.localeCompare(b.start) || Number(isThirdPlace(b.name)) - Number(isThirdPlace(a.name)))
    .reduce<{ name: string; own: FileMatch[]; start: string }[]>((all, round) => {
      const last = all.at(-1);
      if (!last || !areLegs(last.own, round.own)) return [...all, { ...round, own: [...round.own] }];
      last.own.push(...round.own);
      last.name = stageOf(last.name) || last.name;
      return all;
    }, []);
  const block = (start: string): number => tables.filter((table) => table.start <= start).length;
  return [...Map.groupBy(rounds, ({ start }) => block(start)).values()].map((own) => ({
    kind: 'BRACKET',
    start: own[0]!.start,
    decides: false,
    rounds: own.map(({ name, own: all }) => ({ name, ties: tiesOf(all) })),
  }));
}

/** Whether a round has the same pairs as the round before it, with home and away exchanged. */
function areLegs(first: Matches, second: Matches): boolean {
  const pairs = new Set(first.map(({ home, away }) => JSON.stringify([away, home])));
  return first.length === second.length && second.every(({ home, away }) => pairs.has(JSON.stringify([home, away])));
}

/** Matches of the same two teams are legs or replays of one tie. */
const tiesOf = (matches: Matches): FileMatch[][] => [
  ...Map.groupBy(matches, ({ home, away }) => JSON.stringify([home, away].toSorted())).values(),
];

class Drawer {
  readonly #parts: readonly (TableStage | Bracket)[];
  readonly #teams: readonly string[];
  readonly #guessed: GuessedRules;
  readonly #adjustments: Adjustments;
  readonly #matchIdOf: (match: FileMatch) => string | undefined;
  readonly #tables = new Map<number, ReturnType<Drawer['tablesOf']>>();
  readonly playOffs: readonly string[];
  readonly notes = new Set<string>();

  constructor(
    parts: readonly (TableStage | Bracket)[],
    teams: readonly string[],
    guessed: GuessedRules,
    adjustments: Adjustments,
    matchIdOf: (match: FileMatch) => string | undefined,
  ) {
    this.#matchIdOf = matchIdOf;
    this.#parts = parts;
    this.#teams = teams;
    this.#guessed = guessed;
    this.#adjustments = adjustments;
    this.playOffs = this.#playedOff();
  }

  draw(index: number): OutlinedStage {
    const part = this.#parts[index]!;
    return part.kind === 'TABLE' ? this.#drawTables(part, index) : this.#drawBracket(part, index);
  }

  #drawTables({ groups }: TableStage, index: number): OutlinedStage {
    const sources = new Sources();
    const entrants = groups.flatMap(({ teams }) => teams.map((team) => this.#sourceOf(team, index, sources)));
    const legs = legsOf(groups);
    // A cancelled match decides nothing, and nobody waits for it.
    const played = groups.map((group) => ({ ...group, matches: group.matches.filter(({ cancelled }) => !cancelled) }));
    const shaped = played.map((group) => ({ ...group, rounds: roundsOf(group.matches) }));
    const usual = groups.length === 1 ? 'League' : 'Group stage';
    const part = this.#parts[index] as TableStage;
    if (this.#parts.slice(0, index).some((earlier) => earlier.kind === 'TABLE' && divides(earlier, part)))
      this.notes.add(
        `the tables ${groups.map(({ name }) => name).join(' and ')} have only their own matches. Some competitions add the points of the league before, or half of them; this program does not`,
      );
    this.#noteCrossing(groups);
    const isFirst = this.#parts.findIndex(({ kind }) => kind === 'TABLE') === index;
    return {
      input: {
        name:
          groups.length === 1 && groups[0]!.name
            ? groups[0]!.name.slice(0, 60)
            : isFirst
              ? usual
              : `Second ${usual.toLowerCase()}`,
        format: {
          roundRobin: {
            legs,
            given: {
              uneven: !played.every((group) => isEven(group, legs)),
              groups: shaped.map(({ name, teams, rounds }) => ({
                name: name.slice(0, 60) || 'Table',
                size: teams.length,
                rounds: rounds.map((round) => ({
                  name: round.name,
                  matches: round.matches.map((match) => ({
                    home: teams.indexOf(match.home) + 1,
                    away: teams.indexOf(match.away) + 1,
                    ...this.#appointment(match),
                  })),
                })),
              })),
            },
          },
        },
        entrants: joined(entrants),
        rules: this.#rules(),
      },
      tables: shaped.map(({ name, rounds }) => ({
        name: name || 'Table',
        rounds: rounds.map((round) => round.matches),
      })),
      ties: [],
    };
  }

  /** Notes teams of the lower part of a league that divided, if its one table has them before teams of the upper part. */
  #noteCrossing([group, ...others]: TableStage['groups']): void {
    const table = others.length === 0 && this.#table(group!, legsOf([group!]), this.playOffs);
    const parts = table ? partsOfLeague(group!) : [];
    if (!table || parts.length === 0) return;
    const ranks = new Map(standings(table).map(({ entrant, rank }) => [entrant, rank]));
    const sorted = parts
      .map((teams) => teams.toSorted((a, b) => ranks.get(a)! - ranks.get(b)!))
      .sort((a, b) => meanOf(a, ranks) - meanOf(b, ranks));
    for (const [at, upper] of sorted.slice(0, -1).entries()) {
      const [last, first] = [upper.at(-1)!, sorted[at + 1]![0]!];
      if (ranks.get(first)! < ranks.get(last)!)
        this.notes.add(
          `the league divides for its last rounds: by points ${first} of the lower part is before ${last} of the upper part in the table; a published table may keep the parts apart`,
        );
    }
  }

  #drawBracket({ rounds, decides }: Bracket, index: number): OutlinedStage {
    const sources = new Sources();
    const entrants: StageEntrantsInput[] = [];
    const ties: DrawnTie[] = [];
    const taken = new Set<string>();
    let [number, thirds] = [0, 0];
    const drawn = rounds.map(({ name, ties: given }) => {
      const thirdPlace = (isThirdPlace(name) && rounds.length > 1) || (thirds === 0 && areLosers(given, ties));
      if (thirdPlace) thirds++;
      else number++;
      const earlier = [...ties];
      const inputs = given.map((matches) => {
        const [first] = matches as [FileMatch];
        const key = first.num === null ? `M${ties.length + 1}` : String(first.num);
        const sideOf = (name: string): GivenSideInput => {
          const outcome = outcomeOf(name, earlier, thirdPlace, taken);
          if (outcome) return outcome;
          entrants.push(decides ? this.#entry(name) : this.#sourceOf(name, index, sources));
          return { entrant: entrants.length };
        };
        const [one, other] = matches.filter((match) => !isReplay(match));
        const twoLegs = one !== undefined && other !== undefined && one.home === other.away;
        const replays = !twoLegs && (matches.some(isReplay) || (matches.length > 1 && isDrawn(first)));
        if (twoLegs && matches.length > 2)
          this.notes.add(
            `${first.home} and ${first.away} met ${matches.length} times in ${name}; the bracket has two legs, and an organizer has to decide between them if these are level`,
          );
        const [home, away] = [sideOf(first.home), sideOf(first.away)];
        ties.push({
          key,
          round: thirdPlace ? thirds : number,
          part: thirdPlace ? 'THIRD_PLACE' : 'WINNERS',
          matches,
          winner: winnerOf(matches),
          hasBeaten: [home, away].some(
            (side) => side.loserOf !== undefined || earlier.some((tie) => tie.key === side.winnerOf && tie.hasBeaten),
          ),
        });
        const legs = replays ? matches.slice(0, 1) : matches.slice(0, 2);
        return { key, home, away, legs: legs.map((match) => this.#appointment(match)), replays };
      });
      return { name: name || 'Knock-out', thirdPlace, ties: inputs };
    });
    return {
      input: {
        name: decides ? 'Play-offs' : 'Knock-out',
        format: {
          singleElimination: { given: { rounds: drawn }, awayGoals: this.#guessed.awayGoals ?? hasAwayGoals(ties) },
        },
        entrants: joined(entrants),
        rules: this.#rules(),
        crowns: !decides && !(this.#parts[0]!.kind === 'TABLE' && rounds.every(({ name }) => isBesideTitle(name))),
      },
      tables: [],
      ties,
    };
  }

  #appointment(match: FileMatch): { kickoffAt: string; venue: string | null; matchId: string | null } {
    return { kickoffAt: match.kickoffAt, venue: match.venue, matchId: this.#matchIdOf(match) ?? null };
  }

  #rules(): StageInput['rules'] {
    const { preset, points } = this.#guessed;
    return { preset, ...(points && { points }) };
  }

  /**
   * Where a side of the stage comes from: the place of an earlier table that the placeholder names or on which the team
   * finished, otherwise its seed.
   * @throws UnknownPlace for a placeholder that no table explains
   */
  #sourceOf(name: string, before: number, sources: Sources): StageEntrantsInput {
    const place = isSlot(name) ? placeOf(name) : null;
    for (let index = before - 1; index >= 0; index--) {
      const part = this.#parts[index]!;
      if (part.kind !== 'TABLE') continue;
      const groupOf = (letter: string): number => part.groups.findIndex((group) => letterOf(group.name) === letter) + 1;
      if (place?.kind === 'PLACE' && groupOf(place.group) > 0)
        return sources.place(index + 1, groupOf(place.group), place.place);
      if (place?.kind === 'BEST' && place.groups.every((letter) => groupOf(letter) > 0))
        return sources.best(index + 1, place.place, place.groups.map(groupOf));
      const group = part.groups.findIndex(({ teams }) => teams.includes(name));
      if (group === -1) continue;
      const tables = this.#tables.get(index) ?? this.tablesOf(index, part);
      this.#tables.set(index, tables);
      const found = tables[group]!.order?.indexOf(name) ?? -1;
      if (found === -1 || this.#isEverybody(before, part)) break;
      const level = tables[group]!.levelWith(name);
      if (level.length > 1 && level.every((team) => tables[group]!.next.has(team))) {
        // Lots decided the order of these teams, or something that the file does not have. But the file shows which of
        // them plays whom.
        this.notes.add(
          `the table of ${part.groups[group]!.name || 'the league'} leaves ${level.join(' and ')} level; the bracket has them as the file does`,
        );
        break;
      }
      // If only some groups send the team on this place, the source is one of the best of the place. With one or two
      // groups it is the place itself, because the place of one group may play on in another stage.
      if (tables.length < 3 || tables.some(({ order }) => order === null) || !this.#areBest(part, tables, found + 1))
        return sources.place(index + 1, group + 1, found + 1);
      const stored = PRESETS.get(this.#guessed.preset)?.across.opponents;
      return sources.best(index + 1, found + 1, stored ? null : [group + 1]);
    }
    return this.#entry(name);
  }

  /**
   * Whether the teams that advance from this place are the best of the place. If the rules and the file differ about
   * that, or about a group whose level teams all advance, the bracket has the teams of the file.
   */
  #areBest({ groups }: TableStage, tables: ReturnType<Drawer['tablesOf']>, place: number): boolean {
    const next = new Set(
      tables.flatMap(({ order, next: later }, group) => (order && later.has(order[place - 1]!) ? [group] : [])),
    );
    if (next.size === groups.length || [...next].some((group) => !tables[group]!.agrees)) return false;
    const played = groups.map((group) => this.#table(group, legsOf(groups), this.playOffs)!);
    const { rules, rulings } = played[0]!;
    const { rows, open } = bestOf(played, place, rules, rulings);
    const isSettled = (group: number): boolean => {
      const { order, next: later, levelWith: levelIn } = tables[group]!;
      return levelIn(order![place - 1]!).every((team) => later.has(team));
    };
    // An organizer decides who of the level teams advances.
    if (open.length > 0) return !open.every(isSettled);
    const [last, after] = [rows[next.size - 1], rows[next.size]];
    if (last?.rank === after?.rank) return true;
    const others = rows.slice(0, next.size).filter(({ group }) => !next.has(group));
    if (others.length === 0) return true;
    this.notes.add(
      `by these rules ${others.map(({ entrant }) => entrant).join(' and ')} would be among the best teams on place ${place}; the bracket has the teams of the file`,
    );
    return false;
  }

  #entry(name: string): StageEntrantsInput {
    const entry = this.#teams.indexOf(name) + 1;
    if (entry === 0) throw new NoOutline('UNKNOWN_PLACE', `nothing in the file says who is "${printable(name)}"`);
    return { entries: { from: entry, to: entry } };
  }

  /** Winner and loser of each tie between two teams for which the rules of the table demand a play-off. */
  #playedOff(): string[] {
    return this.#parts.flatMap((part) => {
      if (part.kind !== 'TABLE') return [];
      return part.groups.flatMap((group) => {
        const table = this.#table(group, legsOf(part.groups), []);
        const open = new Set(
          table ? standings(table).flatMap(({ entrant, open }) => (open === 'PLAY_OFF' ? [entrant] : [])) : [],
        );
        if (open.size === 0) return [];
        return this.#parts.flatMap((other) =>
          other.kind === 'TABLE' || other.start < part.start
            ? []
            : other.rounds.flatMap(({ ties }) =>
                ties.flatMap((matches) => {
                  const { home, away } = matches[0]!;
                  const winner = open.has(home) && open.has(away) ? winnerOf(matches) : null;
                  return winner === null ? [] : [winner, winner === home ? away : home];
                }),
              ),
        );
      });
    });
  }

  /**
   * Whether a later stage has all teams of an earlier one. If so, places in the earlier stage do not decide who takes
   * part in the later one.
   */
  #isEverybody(at: number, earlier: TableStage): boolean {
    const part = this.#parts[at]!;
    if (part.kind === 'BRACKET') return false;
    // If several groups follow one table, the places in the table decide which team is in which group.
    if (part.groups.length > 1 && earlier.groups.length === 1) return false;
    const names = new Set(namesOf(part));
    return earlier.groups.every(({ teams }) => teams.every((team) => names.has(team)));
  }

  /**
   * The final orders of the groups. The order of a group that is not finished is null. `agrees` says whether the teams
   * that advance are the first of the order.
   */
  private tablesOf(index: number, { groups }: TableStage) {
    const legs = legsOf(groups);
    const next = new Set(
      this.#parts.slice(index + 1).flatMap((part) => ('decides' in part && part.decides ? [] : namesOf(part))),
    );
    // The best teams on a place are computed from all groups. The file shows which teams play in a later stage.
    return groups.map((group) => {
      const table = this.#table(group, legs, this.playOffs);
      if (!table) return { order: null, next, agrees: true, levelWith: () => [] };
      const rows = standings(table);
      const order = rows
        .toSorted((a, b) => a.rank - b.rank || Number(next.has(b.entrant)) - Number(next.has(a.entrant)))
        .map(({ entrant }: Row) => entrant);
      const ahead = order.findIndex(
        (team, at) => !next.has(team) && order.slice(at + 1).some((other) => next.has(other)),
      );
      const agrees = groups.length === 1 || ahead === -1;
      if (!agrees)
        this.notes.add(
          `by these rules ${order[ahead]!} is before ${order.slice(ahead + 1).find((team) => next.has(team))!} in ${group.name}, but the file has only the latter in a later match; the rules or the results may be others (--rules, --adjust)`,
        );
      return { order, next, agrees, levelWith: (team: string) => levelWith(rows, team) };
    });
  }

  #table(
    { teams, matches }: TableStage['groups'][number],
    meetings: number,
    playOffs: readonly string[],
  ): Table | null {
    const preset = PRESETS.get(this.#guessed.preset);
    if (!preset || matches.some(({ result, cancelled }) => !result && !cancelled) || teams.some(isSlot)) return null;
    const { deductions, fairPlay, ranking, lots } = this.#adjustments;
    return {
      entrants: teams,
      rules: { ...preset, points: { ...preset.points, ...this.#guessed.points } },
      meetings,
      isComplete: true,
      results: matches.flatMap(({ home, away, result }) =>
        result
          ? [
              {
                ...{ home, away, winner: null, how: 'PLAYED' as const, counts: true },
                score: { home: result.score[0], away: result.score[1] },
                shootout: result.shootout && { home: result.shootout[0], away: result.shootout[1] },
              },
            ]
          : [],
      ),
      rulings: {
        deductions: deductions
          .filter(({ team }) => teams.includes(team))
          .map(({ team: entrant, points, reason, date: at }) => ({ entrant, points, reason, at })),
        fairPlay: new Map(fairPlay.map(({ team, points }) => [team, points])),
        ...(ranking && { rankings: [ranking] }),
        ...(lots && { lots }),
        playOffs,
      },
    };
  }
}

/** The team, and all teams whose order with it is open because they share its place or its play-off. */
function levelWith(rows: readonly Row[], team: string): string[] {
  const own = rows.find(({ entrant }) => entrant === team)!;
  if (!own.tied && own.open === null) return [team];
  return rows.filter(({ rank, open }) => (own.tied ? rank === own.rank : open !== null)).map(({ entrant }) => entrant);
}

/** The sources of a stage's entrants. The best teams of a place get the ranks 1, 2, … in the order of the calls. */
class Sources {
  readonly #ranks = new Map<string, number>();

  place(stage: number, group: number, place: number): StageEntrantsInput {
    return { place: { stage, group, place } };
  }

  best(stage: number, place: number, groups: number[] | null): StageEntrantsInput {
    const key = `${stage} ${place}`;
    const rank = 1 + (this.#ranks.get(key) ?? 0);
    this.#ranks.set(key, rank);
    return { best: { stage, place, rank, groups } };
  }
}

/**
 * The side as the winner or the loser of an earlier tie: the tie that the placeholder names, otherwise the latest tie
 * of the team. Null when the team is new in the bracket.
 * @param taken the outcomes that other sides already use; a second use of a winner means the loser
 */
function outcomeOf(
  name: string,
  earlier: readonly DrawnTie[],
  thirdPlace: boolean,
  taken: Set<string>,
): GivenSideInput | null {
  const place = isSlot(name) ? placeOf(name) : null;
  const byNumber = place && 'num' in place ? earlier.find(({ key }) => key === String(place.num)) : undefined;
  const tie = byNumber ?? earlier.findLast(({ matches: [first] }) => first!.home === name || first!.away === name);
  if (!tie) return null;
  const lost = byNumber ? place?.kind === 'LOSER' : tie.winner === null ? thirdPlace : tie.winner !== name;
  const isLoser = lost || taken.has(`W ${tie.key}`);
  taken.add(`${isLoser ? 'L' : 'W'} ${tie.key}`);
  return isLoser ? { loserOf: tie.key } : { winnerOf: tie.key };
}

/** Whether a round is one tie between the two losers of an earlier round of two ties. */
function areLosers([matches, ...others]: readonly Matches[], earlier: readonly DrawnTie[]): boolean {
  if (!matches || others.length > 0) return false;
  const ties = [matches[0]!.home, matches[0]!.away].map((name) => {
    const place = isSlot(name) ? placeOf(name) : null;
    if (place?.kind === 'LOSER') return earlier.find(({ key }) => key === String(place.num));
    const last = earlier.findLast(({ matches: [first] }) => first!.home === name || first!.away === name);
    return last?.winner === null || last?.winner === name ? undefined : last;
  });
  const [one, other] = ties;
  return (
    one !== undefined &&
    other !== undefined &&
    one !== other &&
    !one.hasBeaten &&
    one.round === other.round &&
    earlier.filter(({ part, round }) => part === one.part && round === one.round).length === 2
  );
}

const isDrawn = ({ result }: FileMatch): boolean =>
  result !== null && result.score[0] === result.score[1] && result.shootout === null;

/**
 * The winner of a tie; null when the tie has no result or is level. In a tie with replays, the last match that is not
 * drawn counts.
 */
function winnerOf(matches: Matches): string | null {
  const [first] = matches as [FileMatch];
  const decided = matches.some(isReplay) ? matches.filter((match) => !isDrawn(match)).slice(-1) : matches;
  let difference = 0;
  for (const { home, result } of decided) {
    const [own, other] = result?.score ?? [0, 0];
    difference += home === first.home ? own - other : other - own;
  }
  const last = decided.at(-1);
  if (difference === 0 && last?.result?.shootout) {
    const [own, other] = last.result.shootout;
    difference = last.home === first.home ? own - other : other - own;
  }
  return difference === 0 ? null : difference > 0 ? first.home : first.away;
}

/** Whether away goals decided a tie: two legs with the same sum and no shoot-out. */
const hasAwayGoals = (ties: readonly DrawnTie[]): boolean =>
  ties.some(
    ({ matches, winner }) =>
      winner === null && matches.length === 2 && matches.every(({ result }) => result) && !matches.some(isReplay),
  );

/** The rounds of a group: by the last number in their names if all have one, otherwise by their first match. */
function roundsOf(matches: Matches): { readonly name: string; readonly matches: Matches }[] {
  const rounds = [...Map.groupBy(matches, ({ round }) => round ?? 'Matches')].map(([name, own]) => ({
    name,
    matches: own,
  }));
  const numberOf = (name: string): number => Number(/(\d+)(?!.*\d)/.exec(name)?.[1] ?? NaN);
  return rounds.every(({ name }) => !Number.isNaN(numberOf(name)))
    ? rounds.sort((a, b) => numberOf(a.name) - numberOf(b.name))
    : rounds;
}

/**
 * The parts into which a league divides for its last rounds: all teams of a part meet each other in these rounds, and
 * nobody else. Empty when the league does not divide.
 */
function partsOfLeague(group: TableStage['groups'][number]): string[][] {
  if (isEven(group, legsOf([group]))) return [];
  const met = new Map(group.teams.map((team) => [team, new Set([team])]));
  let parts: string[][] = [];
  for (const { matches } of roundsOf(group.matches).toReversed()) {
    for (const { home, away } of matches) {
      met.get(home)!.add(away);
      met.get(away)!.add(home);
    }
    // Teams of a part have met the same teams.
    const all = Map.groupBy(group.teams, (team) => JSON.stringify([...met.get(team)!].toSorted()));
    const found = [...all].map(([key, teams]) => ({
      teams,
      complete: teams.length === (JSON.parse(key) as []).length,
    }));
    if (found.length > 1 && found.every(({ teams, complete }) => complete && teams.length > 2))
      parts = found.map(({ teams }) => teams);
  }
  return parts;
}

const meanOf = (teams: readonly string[], ranks: ReadonlyMap<string, number>): number =>
  teams.reduce((sum, team) => sum + ranks.get(team)!, 0) / teams.length;

const pairsIn = ({ matches }: TableStage['groups'][number]): Map<string, number> =>
  new Map(
    [...Map.groupBy(matches, ({ home, away }) => JSON.stringify([home, away].toSorted()))].map(([pair, own]) => [
      pair,
      own.length,
    ]),
  );

/** How many matches most pairs of teams play against each other, at most four. */
function legsOf(groups: TableStage['groups']): number {
  const counts = groups.flatMap((group) => [...pairsIn(group).values()]);
  const [most] = [...Map.groupBy(counts, (count) => count)].sort(([, a], [, b]) => b.length - a.length);
  return Math.min(4, most?.[0] ?? 1);
}

const isEven = (group: TableStage['groups'][number], legs: number): boolean => {
  const pairs = pairsIn(group);
  return (
    pairs.size === (group.teams.length * (group.teams.length - 1)) / 2 &&
    [...pairs.values()].every((met) => met === legs)
  );
};

/** Joins neighbouring seeds to one range. The entrants stay the same. */
function joined(entrants: readonly StageEntrantsInput[]): StageEntrantsInput[] {
  const all: StageEntrantsInput[] = [];
  for (const each of entrants) {
    const last = all.at(-1)?.entries;
    if (last && each.entries && last.to === each.entries.from! - 1)
      all.splice(-1, 1, { entries: { from: last.from, to: each.entries.to } });
    else all.push(each);
  }
  return all;
}
