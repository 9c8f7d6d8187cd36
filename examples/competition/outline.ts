// The stages of a competition, as its file shows them: who plays whom, and where the sides of later matches come from.
import { PRESETS } from '../../subgraphs/tournaments/standings/presets.ts';
import { type Row, standings } from '../../subgraphs/tournaments/standings/standings.ts';
import type { Table } from '../../subgraphs/tournaments/standings/table.ts';
import type { Adjustments } from './adjust.ts';
import type { GivenSideInput, StageEntrantsInput, StageInput } from './generated/graphql.ts';
import type { FileMatch } from './match.ts';
import { baseRound, groupIn, isReplay, isThirdPlace, letterOf, placeOf, tableOf } from './places.ts';
import type { GuessedRules } from './rules.ts';
import { isSlot } from './slots.ts';

export interface Tie {
  readonly key: string;
  /** The number of its round within its part of the bracket. */
  readonly round: number;
  readonly part: 'WINNERS' | 'THIRD_PLACE';
  /** Legs and replays, in the order of play. */
  readonly matches: readonly FileMatch[];
}

export interface OutlinedStage {
  readonly input: StageInput;
  /** Matches by group and round, both from 1; none of a bracket. */
  readonly tables: readonly { readonly name: string; readonly rounds: readonly (readonly FileMatch[])[] }[];
  readonly ties: readonly Tie[];
}

export interface Outline {
  /** In the order of seeds. */
  readonly teams: readonly string[];
  readonly stages: readonly OutlinedStage[];
}

interface TableStage {
  readonly kind: 'TABLE';
  readonly start: string;
  readonly groups: { name: string; teams: string[]; matches: FileMatch[] }[];
}
interface Bracket {
  readonly kind: 'BRACKET';
  readonly start: string;
  readonly rounds: { name: string; ties: FileMatch[][] }[];
}

type Matches = readonly FileMatch[];
const LEVEL = 16;

/**
 * @param matches with placeholders for teams that are not known yet; placeholders that mean nothing here are no teams
 * @param matchIdOf a friendly that becomes this match
 * @returns null when the file shows no stages
 */
export function outlineOf(
  matches: Matches,
  rules: GuessedRules,
  adjustments: Adjustments,
  matchIdOf: (match: FileMatch) => string | undefined = () => undefined,
): Outline | null {
  const parts = partsOf(matches);
  const teams = [...new Set(parts.flatMap(namesOf))].filter((name) => !isSlot(name));
  if (teams.length < 2 || parts.length === 0 || parts.length > LEVEL) return null;
  const drawer = new Drawer(parts, teams, rules, adjustments, matchIdOf);
  return { teams, stages: parts.map((_part, index) => drawer.draw(index)) };
}

const namesOf = (part: TableStage | Bracket): string[] =>
  part.kind === 'TABLE'
    ? part.groups.flatMap(({ teams }) => teams)
    : part.rounds.flatMap(({ ties }) => ties.flatMap(([first]) => [first!.home, first!.away]));

/** Tables and brackets in the order of play. */
function partsOf(matches: Matches): (TableStage | Bracket)[] {
  const rounds = Map.groupBy(matches, ({ round, group }) => (group ? null : ((round && baseRound(round)) ?? '')));
  const kinds = new Map([...rounds].map(([round, own]) => [round, round === null ? '' : tableOf(round, own)]));
  const tables: TableStage[] = [];
  const inTables = new Map<string, FileMatch[]>();
  const knockout: FileMatch[] = [];
  for (const match of matches) {
    const group =
      match.group ??
      groupIn(match.round) ??
      kinds.get(match.group ? null : ((match.round && baseRound(match.round)) ?? ''));
    if (group === null || group === undefined) knockout.push(match);
    else inTables.set(group, [...(inTables.get(group) ?? []), match]);
  }
  for (const [name, own] of inTables) {
    const group = { name, teams: [...new Set(own.flatMap(({ home, away }) => [home, away]))], matches: own };
    const start = own[0]!.kickoffAt;
    const last = tables.at(-1);
    // A team plays in one group of a stage.
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
  for (const { groups } of tables) groups.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  return [...tables, ...bracketsOf(knockout, tables)].sort((a, b) => a.start.localeCompare(b.start));
}

/** Groups of one stage are played at the same time: the later one begins before the earlier one has ended. */
const isSideBySide = ({ groups }: TableStage, own: Matches): boolean =>
  groups.some(({ matches }) => matches.at(-1)!.kickoffAt >= own[0]!.kickoffAt);

/** What lies between two tables is a bracket of its own. */
function bracketsOf(knockout: Matches, tables: readonly TableStage[]): Bracket[] {
  const rounds = [...Map.groupBy(knockout, ({ round }) => baseRound(round ?? ''))]
    .map(([name, own]) => ({ name, own, start: own[0]!.kickoffAt }))
    .sort((a, b) => a.start.localeCompare(b.start) || Number(isThirdPlace(b.name)) - Number(isThirdPlace(a.name)));
  const block = (start: string): number => tables.filter((table) => table.start <= start).length;
  return [...Map.groupBy(rounds, ({ start }) => block(start)).values()].map((own) => ({
    kind: 'BRACKET',
    start: own[0]!.start,
    rounds: own.map(({ name, own: all }) => ({ name, ties: tiesOf(all) })),
  }));
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
  }

  draw(index: number): OutlinedStage {
    const part = this.#parts[index]!;
    return part.kind === 'TABLE' ? this.#drawTables(part, index) : this.#drawBracket(part, index);
  }

  #drawTables({ groups }: TableStage, index: number): OutlinedStage {
    const sources = new Sources();
    const entrants = groups.flatMap(({ teams }) => teams.map((team) => this.#sourceOf(team, index, sources)));
    const shaped = groups.map((group) => ({ ...group, rounds: roundsOf(group.matches) }));
    const legs = legsOf(groups);
    const usual = groups.length === 1 ? 'League' : 'Group stage';
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
              uneven: !groups.every((group) => isEven(group, legs)),
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

  #drawBracket({ rounds }: Bracket, index: number): OutlinedStage {
    const sources = new Sources();
    const entrants: StageEntrantsInput[] = [];
    const ties: (Tie & { readonly winner: string | null })[] = [];
    const taken = new Set<string>();
    let [number, thirds] = [0, 0];
    const drawn = rounds.map(({ name, ties: given }) => {
      const thirdPlace = (isThirdPlace(name) && number > 0) || (isThirdPlace(name) && rounds.length > 1);
      if (thirdPlace) thirds++;
      else number++;
      const earlier = [...ties];
      const inputs = given.map((matches) => {
        const [first] = matches as [FileMatch];
        const key = first.num === null ? `M${ties.length + 1}` : String(first.num);
        const sideOf = (name: string): GivenSideInput => {
          const outcome = outcomeOf(name, earlier, thirdPlace, taken);
          if (outcome) return outcome;
          entrants.push(this.#sourceOf(name, index, sources));
          return { entrant: entrants.length };
        };
        const replays =
          matches.some(isReplay) || (matches.length > 1 && isDrawn(first) && first.home !== matches[1]!.away);
        const [home, away] = [sideOf(first.home), sideOf(first.away)];
        ties.push({
          key,
          round: thirdPlace ? thirds : number,
          part: thirdPlace ? 'THIRD_PLACE' : 'WINNERS',
          matches,
          winner: winnerOf(matches),
        });
        const legs = replays ? matches.slice(0, 1) : matches.slice(0, 2);
        return { key, home, away, legs: legs.map((match) => this.#appointment(match)), replays };
      });
      return { name: name || 'Knock-out', thirdPlace, ties: inputs };
    });
    return {
      input: {
        name: 'Knock-out',
        format: { singleElimination: { given: { rounds: drawn }, awayGoals: hasAwayGoals(ties) } },
        entrants: joined(entrants),
        rules: this.#rules(),
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

  /** Where a side comes from: a place of an earlier table if the table says so, and its seed otherwise. */
  #sourceOf(name: string, before: number, sources: Sources): StageEntrantsInput {
    const place = isSlot(name) ? placeOf(name) : null;
    const entry = this.#teams.indexOf(name) + 1;
    for (let index = before - 1; index >= 0; index--) {
      const part = this.#parts[index]!;
      if (part.kind !== 'TABLE') continue;
      const groupOf = (letter: string): number => part.groups.findIndex((group) => letterOf(group.name) === letter) + 1;
      if (place?.kind === 'PLACE' && groupOf(place.group) > 0)
        return sources.place(index + 1, groupOf(place.group), place.place);
      if (place?.kind === 'BEST' && place.groups.every((letter) => groupOf(letter) > 0))
        return sources.best(index + 1, place.place, place.groups.map(groupOf));
      if (entry === 0) continue;
      const group = part.groups.findIndex(({ teams }) => teams.includes(name));
      if (group === -1) continue;
      const tables = this.#tables.get(index) ?? this.tablesOf(index, part);
      this.#tables.set(index, tables);
      const found = tables[group]!.order?.indexOf(name) ?? -1;
      if (found === -1 || this.#isEverybody(before, part)) break;
      // Not every team on this place advances: it is one of the best of them.
      const through = tables.filter(({ next }) => next.has(found)).length;
      if (through === tables.length || tables.some(({ order }) => order === null))
        return sources.place(index + 1, group + 1, found + 1);
      const stored = PRESETS.get(this.#guessed.preset)?.across.opponents;
      return sources.best(index + 1, found + 1, stored ? null : [group + 1]);
    }
    if (entry === 0) throw new UnknownPlace(name);
    return { entries: { from: entry, to: entry } };
  }

  /** A second half of a season is no consequence of the first. */
  #isEverybody(at: number, earlier: TableStage): boolean {
    const names = new Set(namesOf(this.#parts[at]!));
    return earlier.groups.every(({ teams }) => teams.every((team) => names.has(team)));
  }

  /** The final orders of the groups; null of one that is not played to its end, or not everybody against everybody. */
  private tablesOf(index: number, { groups }: TableStage) {
    const legs = legsOf(groups);
    const later = new Set(this.#parts.slice(index + 1).flatMap(namesOf));
    const tables = groups.map((group) => (isEven(group, legs) ? this.#table(group, legs) : null));
    // The best of a place are known from all groups; who of them plays on, the file knows.
    return groups.map((_group, at) => {
      const table = tables[at];
      if (!table) return { order: null, next: new Set<number>() };
      const rows = standings(table);
      const order = rows
        .toSorted((a, b) => a.rank - b.rank || Number(later.has(b.entrant)) - Number(later.has(a.entrant)))
        .map(({ entrant }: Row) => entrant);
      return { order, next: new Set(order.flatMap((team, place) => (later.has(team) ? [place] : []))) };
    });
  }

  #table({ teams, matches }: TableStage['groups'][number], meetings: number): Table | null {
    const preset = PRESETS.get(this.#guessed.preset);
    if (!preset || matches.some(({ result }) => !result) || teams.some(isSlot)) return null;
    const { deductions, fairPlay, ranking, lots } = this.#adjustments;
    return {
      entrants: teams,
      rules: { ...preset, points: { ...preset.points, ...this.#guessed.points } },
      meetings,
      results: matches.map(({ home, away, result }) => ({
        home,
        away,
        score: { home: result!.score[0], away: result!.score[1] },
        winner: null,
        how: 'PLAYED',
        counts: true,
      })),
      rulings: {
        deductions: deductions
          .filter(({ team }) => teams.includes(team))
          .map(({ team: entrant, points, reason, date: at }) => ({ entrant, points, reason, at })),
        fairPlay: new Map(fairPlay.map(({ team, points }) => [team, points])),
        ...(ranking && { rankings: [ranking] }),
        ...(lots && { lots }),
      },
    };
  }
}

/** A placeholder that no earlier match or table explains. */
export class UnknownPlace extends Error {
  constructor(readonly slot: string) {
    super(`nothing in the file says who is ${slot}`);
  }
}

/** Numbers the best of a place in the order in which slots ask for them. */
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

/** Winner or loser of the latest earlier tie that explains the side; null when it is new in the bracket. */
function outcomeOf(
  name: string,
  earlier: readonly (Tie & { readonly winner: string | null })[],
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

const isDrawn = ({ result }: FileMatch): boolean =>
  result !== null && result.score[0] === result.score[1] && result.shootout === null;

/** Over all its matches; null when they do not say it. */
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

/** Two legs with the same sum and no shoot-out: goals away from home decided. */
const hasAwayGoals = (ties: readonly (Tie & { readonly winner: string | null })[]): boolean =>
  ties.some(
    ({ matches, winner }) =>
      winner === null && matches.length === 2 && matches.every(({ result }) => result) && !matches.some(isReplay),
  );

/** The rounds of a group in their order: by number if all have one, otherwise by their first match. */
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

const pairsIn = ({ matches }: TableStage['groups'][number]): Map<string, number> =>
  new Map(
    [...Map.groupBy(matches, ({ home, away }) => JSON.stringify([home, away].toSorted()))].map(([pair, own]) => [
      pair,
      own.length,
    ]),
  );

/** How often most pairs meet, at most four times. */
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

/** Neighbouring seeds as one range. */
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
