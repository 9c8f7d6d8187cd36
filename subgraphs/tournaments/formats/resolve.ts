import type { Slot, Source, StagePlan } from './plan.ts';

export interface Goals {
  readonly home: number;
  readonly away: number;
}

/**
 * The result of one match of a slot. `home` and `away` are the entrants who played it. If they are not the entrants of
 * the slot (any more), the result decides nothing: a correction in an earlier round never lets a wrong entrant advance.
 */
export interface Result {
  readonly slot: string;
  readonly home: string;
  readonly away: string;
  /**
   * 0 for the slot's first match, 1 for its first replay … In a knock-out the first that counts and has a winner decides,
   * after the second of two level legs too. In a table the newest that counts replaces the others.
   */
  readonly replay: number;
  /** Without the kicks of a shoot-out. */
  readonly score: Goals | null;
  readonly shootout: Goals | null;
  /** Shoot-out included. NONE: both lose; null: a draw, or not known yet. */
  readonly winner: 'HOME' | 'AWAY' | 'NONE' | null;
  readonly how: 'PLAYED' | 'WALKOVER' | 'AWARDED';
  /** False while provisional: it is shown and moves nobody. */
  readonly counts: boolean;
}

export type Out = 'WITHDRAWN' | 'DISQUALIFIED';

/** What `resolve` cannot know from the plan and its results. */
export interface Outside {
  /** Entrants who left, at any moment. Their results stay, and they lose their other matches. */
  readonly out: ReadonlyMap<string, Out>;
  /**
   * Who has a PLACE or is a BEST of another stage. Null: not known yet. TIED: an organizer has to decide first. NOBODY: it
   * is known that there is nobody on this place.
   */
  placeOf(source: Extract<Source, { kind: 'PLACE' | 'BEST' }>): { entrant: string } | 'TIED' | 'NOBODY' | null;
}

export type ResolvedSide =
  | { readonly kind: 'ENTRANT'; readonly entrant: string; readonly out: Out | null }
  /** Not known yet. TIED: because an organizer has to break a tie. */
  | { readonly kind: 'TO_BE_DECIDED' | 'TIED' }
  /** Nobody by plan, and nobody because nobody is left who could come. */
  | { readonly kind: 'BYE' | 'NOBODY' };

/**
 * - WAITING: a side is not known yet. READY: both are known, and play. DECIDED: by results.
 * - WALKED_OVER: only one side is left, and wins. EMPTY: nobody is left.
 * - NOT_NEEDED: a second final after the unbeaten side won the first.
 */
export type SlotState = 'WAITING' | 'READY' | 'DECIDED' | 'WALKED_OVER' | 'EMPTY' | 'NOT_NEEDED';

export interface ResolvedSlot {
  readonly home: ResolvedSide;
  readonly away: ResolvedSide;
  readonly state: SlotState;
  /** Entrants; null in a draw, and of NONE. With two legs the second one has the winner of both. */
  readonly winner: string | null;
  readonly loser: string | null;
  /** The match that decided; else the newest of these two sides, which may be in play; null without any. */
  readonly result: Result | null;
  /** Results of entrants who are not both in this slot (any more): their matches are to annul. */
  readonly stale: readonly Result[];
}

export type Resolved = ReadonlyMap<string, ResolvedSlot>;

/** Slots after which nothing more happens in them. */
export const isOver = ({ state }: ResolvedSlot): boolean => state !== 'WAITING' && state !== 'READY';

/**
 * Who is in which slot, and the state of each slot. The answer depends on the arguments alone, not on the order of
 * results. Always call it with every result: a correction is a call with other results. Linear in slots and results.
 */
export function resolve(plan: StagePlan, results: readonly Result[], outside: Outside): Resolved {
  const bySlot = Map.groupBy(results, ({ slot }) => slot);
  const resolved = new Map<string, ResolvedSlot>();
  const sideOf = (source: Source): ResolvedSide => {
    switch (source.kind) {
      case 'ENTRANT':
        return entrantSide(source.entrant, outside);
      case 'BYE':
        return { kind: 'BYE' };
      case 'PLACE':
      case 'BEST': {
        const place = outside.placeOf(source);
        if (place === null) return { kind: 'TO_BE_DECIDED' };
        return typeof place === 'string' ? { kind: place } : entrantSide(place.entrant, outside);
      }
      case 'WINNER':
      case 'LOSER': {
        const from = resolved.get(source.slot);
        if (!from) throw new Error(`Slot ${source.slot} must precede the slots that need it`);
        if (!isOver(from)) return { kind: 'TO_BE_DECIDED' };
        const entrant = source.kind === 'WINNER' ? from.winner : from.loser;
        return entrant === null ? NOBODY : entrantSide(entrant, outside);
      }
    }
  };
  for (const slot of plan.slots) {
    const home = sideOf(slot.home);
    const away = sideOf(slot.away);
    const own = bySlot.get(slot.key) ?? [];
    const first = slot.leg === 2 ? resolved.get(`${slot.key}-A`) : undefined;
    const firstFinal = slot.onlyIfNeeded && slot.home.kind === 'LOSER' ? resolved.get(slot.home.slot) : undefined;
    resolved.set(
      slot.key,
      firstFinal && isOver(firstFinal) && !needsSecond(firstFinal)
        ? { home: NOBODY, away: NOBODY, state: 'NOT_NEEDED', winner: null, loser: null, result: null, stale: own }
        : resolveSlot(plan, slot, home, away, own, first, outside),
    );
  }
  return resolved;
}

const NOBODY: ResolvedSide = { kind: 'NOBODY' };

const entrantSide = (entrant: string, { out }: Outside): ResolvedSide => ({
  kind: 'ENTRANT',
  entrant,
  out: out.get(entrant) ?? null,
});

/** The unbeaten side (home) lost, and is still here to play again. */
const needsSecond = ({ home, winner, loser }: ResolvedSlot): boolean =>
  winner !== null && home.kind === 'ENTRANT' && home.out === null && loser === home.entrant;

function resolveSlot(
  plan: StagePlan,
  slot: Slot,
  home: ResolvedSide,
  away: ResolvedSide,
  own: readonly Result[],
  first: ResolvedSlot | undefined,
  { out }: Outside,
): ResolvedSlot {
  const sides = { home, away };
  const none = { winner: null, loser: null, result: null };
  if ([home, away].some(({ kind }) => kind === 'TO_BE_DECIDED' || kind === 'TIED'))
    return { ...sides, ...none, state: 'WAITING', stale: own };
  const here = [home, away].flatMap((side) => (side.kind === 'ENTRANT' ? [side.entrant] : []));
  if (here.length < 2) return { ...sides, ...none, ...leftOver(here, out), stale: own };
  const ofThese = own
    .filter((result) => result.home !== result.away && here.includes(result.home) && here.includes(result.away))
    .sort((a, b) => a.replay - b.replay);
  const stale = own.filter((result) => !ofThese.includes(result));
  const counting = ofThese.filter(({ counts }) => counts);
  const verdicts = counting.map((result, index) =>
    slot.leg === 2 && index === 0 ? aggregate(plan, first, result) : verdictOf(result),
  );
  const decisive = isDecisive(slot);
  const at = decisive ? verdicts.findIndex((one) => one !== 'DRAW') : -1;
  const verdict = verdicts.at(at) ?? null;
  const shown = { ...sides, result: ofThese.at(-1) ?? null, stale };
  if (verdict && (verdict !== 'DRAW' || !decisive)) {
    const winner = typeof verdict === 'string' ? null : verdict.winner;
    const loser = here.find((entrant) => winner !== null && entrant !== winner) ?? null;
    return { ...shown, state: 'DECIDED', winner, loser, result: counting.at(at)! };
  }
  const left = here.filter((entrant) => !out.has(entrant));
  if (left.length === 2) return { ...shown, state: 'READY', winner: null, loser: null };
  const gone = left.length === 1 ? here.find((entrant) => entrant !== left[0]) : null;
  return { ...shown, ...leftOver(left, out), loser: gone ?? null };
}

/** A draw leaves the slot open: in a knock-out, except the first of two legs. */
const isDecisive = ({ bracket, leg }: Slot): boolean => bracket !== 'TABLE' && leg !== 1;

/** The state of a slot in which fewer than two can play. */
function leftOver(here: readonly string[], out: Outside['out']): Pick<ResolvedSlot, 'state' | 'winner' | 'loser'> {
  const winner = here.find((entrant) => !out.has(entrant)) ?? null;
  return { state: winner === null ? 'EMPTY' : 'WALKED_OVER', winner, loser: null };
}

type Verdict = { readonly winner: string } | 'DRAW' | 'BOTH_LOSE';

function verdictOf({ home, away, winner }: Result): Verdict {
  if (winner === null) return 'DRAW';
  return winner === 'NONE' ? 'BOTH_LOSE' : { winner: winner === 'HOME' ? home : away };
}

/** Decides two legs: the sum of goals, then goals away if they count, then the shoot-out. Null: still open. */
function aggregate(plan: StagePlan, first: ResolvedSlot | undefined, second: Result): Verdict | null {
  if (!first || first.state !== 'DECIDED' || !first.result) return null;
  const legs = [first.result, second];
  if (legs.every(({ winner }) => winner === 'NONE')) return 'BOTH_LOSE';
  const { home, away } = second;
  const difference = (of: (leg: Result, entrant: string) => number): number =>
    legs.reduce((sum, leg) => sum + of(leg, home) - of(leg, away), 0);
  const steps = [
    legs.every(({ score, winner }) => score || winner === 'NONE') ? difference(goals) : difference(legsWon),
    plan.config.format === 'SINGLE_ELIMINATION' && plan.config.awayGoals ? difference(goalsAway) : 0,
    second.shootout ? second.shootout.home - second.shootout.away : 0,
  ];
  const decided = steps.find((step) => step !== 0) ?? 0;
  if (decided !== 0) return { winner: decided > 0 ? home : away };
  // Awarded at the table with an equal sum: who is named won.
  return second.how === 'AWARDED' ? verdictOf(second) : 'DRAW';
}

const goals = ({ score, home }: Result, entrant: string): number => (entrant === home ? score?.home : score?.away) ?? 0;
const goalsAway = ({ score, away }: Result, entrant: string): number => (entrant === away ? (score?.away ?? 0) : 0);
const legsWon = (leg: Result, entrant: string): number => {
  const verdict = verdictOf(leg);
  return typeof verdict === 'object' && verdict.winner === entrant ? 1 : 0;
};
