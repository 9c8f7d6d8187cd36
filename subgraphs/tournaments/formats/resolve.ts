import type { Slot, Source, StagePlan } from './plan.ts';

export interface Goals {
  readonly home: number;
  readonly away: number;
}

/**
 * The result of one match of a slot. `home` and `away` are the entrants who played it. If these are not the entrants of
 * the slot (any more), `resolve` ignores the result. So a correction in an earlier round lets no wrong entrant advance.
 */
export interface Result {
  readonly slot: string;
  readonly home: string;
  readonly away: string;
  /**
   * 0 for the first match of the slot, 1 for its first replay, and so on. In a knock-out the first counting match that
   * is no draw decides; for two legs that are level, a replay of the second leg decides. In a table the newest counting
   * match replaces the others.
   */
  readonly replay: number;
  /** The score without the kicks of a shoot-out. */
  readonly score: Goals | null;
  readonly shootout: Goals | null;
  /** The winner, also by a shoot-out. NONE: both sides lose. Null: a draw, or the winner is not known yet. */
  readonly winner: 'HOME' | 'AWAY' | 'NONE' | null;
  readonly how: 'PLAYED' | 'WALKOVER' | 'AWARDED';
  /** Whether the result counts. While it is provisional it does not: clients see it, but it decides nothing. */
  readonly counts: boolean;
}

export type Out = 'WITHDRAWN' | 'DISQUALIFIED';

/** The facts that `resolve` needs in addition to the plan and its results. */
export interface Outside {
  /** Entrants who left, no matter when. Their results stay, and they lose their matches without a result. */
  readonly out: ReadonlyMap<string, Out>;
  /**
   * The entrant of a PLACE or BEST of another stage. Null: not known yet. TIED: an organizer has to decide first.
   * NOBODY: no entrant will have this place.
   */
  placeOf(source: Extract<Source, { kind: 'PLACE' | 'BEST' }>): { entrant: string } | 'TIED' | 'NOBODY' | null;
}

export type ResolvedSide =
  | { readonly kind: 'ENTRANT'; readonly entrant: string; readonly out: Out | null }
  /** The side is not known yet. TIED: an organizer has to break a tie first. */
  | { readonly kind: 'TO_BE_DECIDED' | 'TIED' }
  /** BYE: the plan has no entrant here. NOBODY: no entrant can come here any more. */
  | { readonly kind: 'BYE' | 'NOBODY' };

/**
 * - WAITING: a side is not known yet. READY: both sides are known, and no result decides the slot. DECIDED: results do.
 * - WALKED_OVER: only one side is left, and wins. EMPTY: nobody is left.
 * - NOT_NEEDED: a second final that is not played, because the unbeaten side did not lose the first one, or has left.
 */
export type SlotState = 'WAITING' | 'READY' | 'DECIDED' | 'WALKED_OVER' | 'EMPTY' | 'NOT_NEEDED';

export interface ResolvedSlot {
  readonly home: ResolvedSide;
  readonly away: ResolvedSide;
  readonly state: SlotState;
  /**
   * The entrant who advances. Null after a draw, or if both lost. The second of two legs has the winner of both.
   */
  readonly winner: string | null;
  readonly loser: string | null;
  /** The result that decided. If none did: the newest result of these two sides, or null. */
  readonly result: Result | null;
  /** Results of two entrants who are not both in this slot (any more). The caller should annul their matches. */
  readonly stale: readonly Result[];
}

export type Resolved = ReadonlyMap<string, ResolvedSlot>;

/** Whether the slot needs no more matches. A correction can open it again. */
export const isOver = ({ state }: ResolvedSlot): boolean => state !== 'WAITING' && state !== 'READY';

/**
 * The entrants and the state of each slot. The answer depends on the arguments alone, not on the order of results. Pass
 * all results in each call; for a correction, call it again with the corrected results. Linear in slots and results.
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

/** Whether the unbeaten side (home) lost the first final and has not left: then the second final is played. */
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

/** Whether a draw leaves the slot open. It does in a knock-out, except in the first of two legs. */
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

/**
 * Decides two legs: by the sum of goals (or by the legs won, if a score is missing), then goals away if they count,
 * then the shoot-out, then an award of the second leg. BOTH_LOSE: both sides lost both legs, or the legs are level and
 * the second one was awarded to neither. DRAW: they are level. Null: the first leg is not decided by a result.
 */
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
  // The legs are level, but an organizer awarded the second one: its winner wins the tie.
  return second.how === 'AWARDED' ? verdictOf(second) : 'DRAW';
}

const goals = ({ score, home }: Result, entrant: string): number => (entrant === home ? score?.home : score?.away) ?? 0;
const goalsAway = ({ score, away }: Result, entrant: string): number => (entrant === away ? (score?.away ?? 0) : 0);
const legsWon = (leg: Result, entrant: string): number => {
  const verdict = verdictOf(leg);
  return typeof verdict === 'object' && verdict.winner === entrant ? 1 : 0;
};
