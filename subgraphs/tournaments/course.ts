// The course of a tournament: all its stages, one after the other, as a function of their plans, results and rulings.
import { champion, type NoChampion } from './formats/champion.ts';
import type { Source, StagePlan } from './formats/plan.ts';
import { knockoutRanking } from './formats/ranking.ts';
import { isOver, type Out, type Outside, resolve, type Resolved, type Result } from './formats/resolve.ts';
import { pairSwissRound } from './formats/swiss.ts';
import { type BestSlot, placeBest } from './standings/opponents.ts';
import { bestOf } from './standings/across.ts';
import type { TableRules } from './standings/rules.ts';
import { type Row, standings } from './standings/standings.ts';
import type { Rulings, Table } from './standings/table.ts';
import type { TableResult } from './standings/tally.ts';

/** The result of a slot's match. Only tables read `overtime` and `sets`. */
export type StageResult = Result & Pick<TableResult, 'overtime' | 'sets'>;

export interface CourseStage {
  readonly plan: StagePlan;
  /** Whether the stage decides the title; default true. The champion is the winner of the last stage that does. */
  readonly crowns?: boolean;
  readonly rules: TableRules;
  readonly results: readonly StageResult[];
  /** The rulings of the stage. They have no `out`, because an entrant leaves the whole tournament and not one stage. */
  readonly rulings: Omit<Rulings, 'out'>;
}

export interface StageOutcome {
  /** The given plan, with the rounds of a Swiss stage that have been paired since. */
  readonly plan: StagePlan;
  readonly resolved: Resolved;
  /** A table for each group, in the order of the groups. A knock-out has no tables. */
  readonly tables: readonly (readonly Row[])[];
  /** Whether every match that the stage needs is over and every round has been paired. */
  readonly isOver: boolean;
  /** Places that a later stage or the title needs, and that the rules leave tied. The organizer has to decide them. */
  readonly undecided: readonly Undecided[];
}

/** Entrants who share a place that a later stage or the title needs. `group` is null in a comparison of groups. */
export interface Undecided {
  readonly group: number | null;
  readonly place: number;
  readonly entrants: readonly string[];
}

export interface Course {
  readonly stages: readonly StageOutcome[];
  /**
   * The champion. Null while the last stage that decides the title is not decided. `none` says why a decided tournament
   * has no champion.
   */
  readonly champion: { readonly entrant: string } | { readonly none: NoChampion } | null;
}

type PlaceSource = Extract<Source, { kind: 'PLACE' | 'BEST' }>;
type Answer = ReturnType<Outside['placeOf']>;

/**
 * The state of every stage. It depends on the arguments alone: the order of results does not matter, and for a
 * correction you call it again with the corrected results. Linear in slots and results, except for ties in tables and
 * for the pairing of Swiss rounds.
 *
 * @param stages in their order; sources refer to earlier ones only
 * @param out entrants who left, before or after their matches
 */
export function courseOf(stages: readonly CourseStage[], out: ReadonlyMap<string, Out>): Course {
  const places = new Places(stages, out);
  const outside: Outside = { out, placeOf: (source) => places.of(source) };
  for (const stage of stages) places.add(outcomeOf(stage, outside));
  const title = stages.findLastIndex(({ crowns }) => crowns !== false);
  const last = places.outcomes[title];
  const won = last ? champion(last.plan, last.resolved, title + 1, outside, last.isOver) : null;
  return { stages: places.outcomes.map((outcome, index) => places.withUndecided(outcome, index + 1)), champion: won };
}

type Known = Omit<StageOutcome, 'undecided'>;

function outcomeOf(stage: CourseStage, outside: Outside): Known {
  let { plan } = stage;
  let resolved = resolve(plan, stage.results, outside);
  // A loop: a new round may have nothing to play, because all its entrants have byes or left. Then the next one
  // follows.
  while (plan.config.format === 'SWISS' && isReadyForRound(plan, resolved, outside)) {
    const slots = pairSwissRound(plan, resolved, outside, stage.rules.points);
    if (slots.length === 0) break;
    plan = { ...plan, slots: [...plan.slots, ...slots] };
    resolved = resolve(plan, stage.results, outside);
  }
  const tables = tablesOf(stage, plan, resolved, outside).map((table) => standings(table));
  const paired = plan.config.format !== 'SWISS' || pairedRounds(plan) === plan.rounds.length || isAlone(plan, outside);
  return { plan, resolved, tables, isOver: paired && [...resolved.values()].every(isOver) };
}

const pairedRounds = ({ slots }: StagePlan): number => Math.max(0, ...slots.map(({ round }) => round));

/**
 * Whether at most one entrant is still in, so that no round can be paired. An entrant who is not known yet counts as
 * still in.
 */
const isAlone = ({ groups }: StagePlan, outside: Outside): boolean =>
  groups
    .flatMap(({ entrants }) => entrants.map((source) => entrantOf(source, outside)))
    .filter((entrant) => entrant === undefined || (entrant !== null && !outside.out.has(entrant))).length < 2;

const isReadyForRound = (plan: StagePlan, resolved: Resolved, outside: Outside): boolean =>
  pairedRounds(plan) < plan.rounds.length &&
  [...resolved.values()].every(isOver) &&
  plan.groups.every(({ entrants }) => entrants.every((source) => entrantOf(source, outside) !== undefined)) &&
  !isAlone(plan, outside);

/** The entrant of a source. Null: there will be no entrant. Undefined: the entrant is not known yet. */
function entrantOf(source: Source, { placeOf }: Outside): string | null | undefined {
  if (source.kind === 'ENTRANT') return source.entrant;
  if (source.kind !== 'PLACE' && source.kind !== 'BEST') return null;
  const place = placeOf(source);
  if (place === null || place === 'TIED') return undefined;
  return place === 'NOBODY' ? null : place.entrant;
}

/** The input for the table of each group. Entrants that are not known yet have no row. */
function tablesOf({ rules, rulings }: CourseStage, plan: StagePlan, resolved: Resolved, outside: Outside): Table[] {
  const out = new Map([...outside.out].map(([entrant, state]) => [entrant, { state }]));
  return plan.groups.map(({ number, entrants }): Table => {
    const names = entrants
      .map((source) => entrantOf(source, outside))
      .filter((entrant) => entrant !== null && entrant !== undefined);
    const within = new Set(names);
    const results: StageResult[] = [];
    const byes = new Map<string, number>();
    for (const slot of plan.slots) {
      if (slot.group !== number) continue;
      const { home, away, result } = resolved.get(slot.key)!;
      if (result && within.has(result.home) && within.has(result.away)) results.push(result as StageResult);
      if (home.kind === 'ENTRANT' && away.kind === 'BYE' && home.out === null)
        byes.set(home.entrant, 1 + (byes.get(home.entrant) ?? 0));
    }
    return {
      entrants: names,
      results,
      rules,
      meetings: plan.config.format === 'ROUND_ROBIN' ? plan.config.legs : 1,
      // The plan says whether all matches were played, because in given groups some pairs may meet more often than
      // others.
      ...(plan.config.format === 'ROUND_ROBIN' && {
        isComplete: plan.slots.every((slot) => slot.group !== number || isOver(resolved.get(slot.key)!)),
      }),
      byes: plan.config.format === 'SWISS' ? byes : new Map(),
      rulings: {
        ...rulings,
        deductions: rulings.deductions?.filter(({ entrant }) => within.has(entrant)) ?? [],
        out: new Map([...out].filter(([entrant]) => within.has(entrant))),
      },
    };
  });
}

/** Finds the entrant on a place of a stage, and collects the shared places that an organizer has to decide first. */
class Places {
  readonly outcomes: Known[] = [];
  readonly #stages: readonly CourseStage[];
  readonly #outside: Outside;
  readonly #best = new Map<string, ReadonlyMap<number, Answer>>();
  readonly #undecided = new Map<number, Map<string, Undecided>>();

  constructor(stages: readonly CourseStage[], out: ReadonlyMap<string, Out>) {
    this.#stages = stages;
    this.#outside = { out, placeOf: (source) => this.of(source) };
  }

  add(outcome: Known): void {
    this.outcomes.push(outcome);
  }

  withUndecided(outcome: Known, number: number): StageOutcome {
    return { ...outcome, undecided: [...(this.#undecided.get(number)?.values() ?? [])] };
  }

  of(source: PlaceSource): Answer {
    const outcome = this.outcomes[source.stage - 1];
    if (!outcome) return null;
    if (source.kind === 'BEST') return this.#bestOf(source, outcome);
    if (outcome.plan.groups.length === 0) return this.#ofKnockout(source, outcome);
    if (!isGroupOver(outcome, source.group)) return null;
    const rows = outcome.tables[source.group - 1] ?? [];
    const row = rows[source.place - 1];
    if (!row) return 'NOBODY';
    if (!row.tied && row.open === null) return { entrant: row.entrant };
    const level = rows.filter(({ rank, open }) => (row.tied ? rank === row.rank : open !== null));
    return this.#tied(
      source.stage,
      source.group,
      source.place,
      level.map(({ entrant }) => entrant),
    );
  }

  #ofKnockout({ stage, place }: Extract<Source, { kind: 'PLACE' }>, { plan, resolved }: Known): Answer {
    const ranking = knockoutRanking(plan, resolved);
    if (!ranking) return null;
    const level = ranking.filter((each, index) => each.place === place || index === place - 1);
    const [one, ...others] = level;
    if (!one) return 'NOBODY';
    return others.length === 0
      ? { entrant: one.entrant }
      : this.#tied(
          stage,
          null,
          place,
          level.map(({ entrant }) => entrant),
        );
  }

  #bestOf(source: Extract<Source, { kind: 'BEST' }>, outcome: Known): Answer {
    const { stage, place, rank } = source;
    const key = `${stage} ${place}`;
    let known = this.#best.get(key);
    if (!known) {
      if (!outcome.isOver) return null;
      known = this.#assigned(stage, place, outcome);
      this.#best.set(key, known);
    }
    return known.get(rank) ?? 'NOBODY';
  }

  /**
   * The answers for all BEST sources of this place, by rank. Several stages can take some of these entrants, so the
   * slots of all stages are considered.
   */
  #assigned(stage: number, place: number, outcome: Known): ReadonlyMap<number, Answer> {
    const { rules, rulings } = this.#stages[stage - 1]!;
    const slots = this.#waiting(stage, place);
    const { rows, open } = bestOf(
      tablesOf(this.#stages[stage - 1]!, outcome.plan, outcome.resolved, this.#outside),
      place,
      rules,
      rulings,
    );
    const all = (answer: Answer): Map<number, Answer> => new Map(slots.map(({ rank }) => [rank, answer]));
    if (open.length > 0 && rows.length + open.length > 0) {
      const first = open[0]!;
      const row = outcome.tables[first]?.[place - 1];
      if (row) return all(this.of({ kind: 'PLACE', stage, group: first + 1, place }));
    }
    const [last, next] = [rows[slots.length - 1], rows[slots.length]];
    // Tied entrants who all advance need no order if a stored table or the sources' groups decide the opponents.
    const isOrdered = slots.every(({ from }) => from === null) && !rules.across.opponents;
    const level =
      last && next && last.rank === next.rank
        ? rows.filter(({ rank }) => rank === last.rank)
        : isOrdered
          ? rows.filter(({ tied, rank }) => tied && rank <= slots.length)
          : [];
    if (level.length > 0)
      return all(
        this.#tied(
          stage,
          null,
          place,
          level.map(({ entrant }) => entrant),
        ),
      );
    const through = rows.slice(0, slots.length);
    if (isOrdered) return new Map(through.map(({ entrant }, index) => [index + 1, { entrant }]));
    const groups = placeBest(
      rules.across.opponents,
      through.map(({ group }) => group + 1),
      slots,
    );
    // The groups of the best fit no placement, for example because a given bracket expects others. If this gave the slots
    // to nobody, their opponents would win by walkover.
    if (!groups)
      return all(
        this.#tied(
          stage,
          null,
          place,
          rows.map(({ entrant }) => entrant),
        ),
      );
    const byGroup = new Map(through.map(({ group, entrant }) => [group + 1, entrant]));
    return new Map(
      slots.map(({ rank, key }): [number, Answer] => {
        const entrant = byGroup.get(groups.get(key) ?? 0);
        return [rank, entrant === undefined ? 'NOBODY' : { entrant }];
      }),
    );
  }

  /** The sides that a BEST source of this place will fill, in the order of their ranks. */
  #waiting(stage: number, place: number): (BestSlot & { readonly rank: number })[] {
    const waiting = new Map<number, BestSlot & { readonly rank: number }>();
    const isBest = (source: Source): source is Extract<Source, { kind: 'BEST' }> =>
      source.kind === 'BEST' && source.stage === stage && source.place === place;
    for (const { plan } of this.#stages) {
      for (const { key, home, away } of plan.slots)
        for (const [source, other] of [
          [home, away],
          [away, home],
        ] as const)
          if (isBest(source)) {
            const winnerOf = other.kind === 'PLACE' && other.stage === stage && other.place === 1 ? other.group : null;
            if (!waiting.has(source.rank))
              waiting.set(source.rank, { key, rank: source.rank, winnerOf, from: source.groups });
          }
      for (const source of plan.groups.flatMap(({ entrants }) => entrants))
        if (isBest(source) && !waiting.has(source.rank))
          waiting.set(source.rank, {
            key: `best ${source.rank}`,
            rank: source.rank,
            winnerOf: null,
            from: source.groups,
          });
    }
    return [...waiting.values()].sort((a, b) => a.rank - b.rank);
  }

  #tied(stage: number, group: number | null, place: number, entrants: readonly string[]): 'TIED' {
    const ties = this.#undecided.get(stage) ?? new Map<string, Undecided>();
    ties.set(`${group} ${entrants.toSorted().join(' ')}`, { group, place, entrants });
    this.#undecided.set(stage, ties);
    return 'TIED';
  }
}

/**
 * Whether all matches of the group are over. A Swiss group is over only when its stage is, because rounds may be
 * unpaired.
 */
function isGroupOver({ plan, resolved, isOver: all }: Known, group: number): boolean {
  if (all) return true;
  if (plan.config.format === 'SWISS') return false;
  return plan.slots.every((slot) => slot.group !== group || isOver(resolved.get(slot.key)!));
}
