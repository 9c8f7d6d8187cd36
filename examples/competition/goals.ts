import { Unreadable, first, isObject, label, printable, wholeNumber } from './reading.ts';
import { type Pair, type Score, same } from './score.ts';

/** A goal, in the order of play. `side` is the team that it counts for. */
export interface Goal {
  readonly side: 'HOME' | 'AWAY';
  readonly kind: 'GOAL' | 'OWN_GOAL' | 'PENALTY';
  /** The name of the scorer. Null when the file does not name one. */
  readonly player: string | null;
  /** The minute on the match clock. Null when the file does not give it. */
  readonly clock: { readonly minute: number; readonly stoppage: number | null } | null;
  /** The period of play: 1 and 2 are the halves, 3 and 4 the halves of extra time. */
  readonly period: number;
}

export interface Result {
  readonly score: Pair;
  readonly shootout: Pair | null;
  readonly periods: number;
  readonly goals: readonly Goal[];
}

/** A goal as a file lists it, before its period is known. */
export type Listed = Omit<Goal, 'side' | 'period'>;

const SIDES = ['HOME', 'AWAY'] as const;
const LAST_MINUTE = 129;
const MOST_STOPPAGE = 30;

/**
 * Reads the list of goals in `goals1` or `goals2`; null when the row has no such list.
 * @throws Unreadable when the value is not a list of at most 99 goals, or one of them cannot be read
 */
export function readGoals(value: unknown, what: string): Listed[] | null {
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value) || value.length > 99) throw new Unreadable(`${what} is not a list of at most 99 goals`);
  return value.map((goal, index) => readGoal(goal, `${what}[${index}]`));
}

const MINUTE_TEXT = String.raw`(?:(?<minute>\d{1,3}['’′]?(?:\s?\+\s?\d{1,2})?)['’′]?)?`;
/** A goal as text: `Mika 90+3' (pen)` */
const GOAL_TEXT = new RegExp(
  String.raw`^(?<name>.*?)\s*${MINUTE_TEXT}\s*(?:\(?(?<kind>pen|p|og|o\.\s?g)\.?\)?)?$`,
  'iu',
);

function readGoal(goal: unknown, what: string): Listed {
  if (typeof goal === 'string') {
    const { name, minute, kind } = GOAL_TEXT.exec(goal.trim())?.groups ?? {};
    return {
      player: player(name, what),
      clock: clock(minute, undefined, what),
      kind: kind ? (/^p/i.test(kind) ? 'PENALTY' : 'OWN_GOAL') : 'GOAL',
    };
  }
  if (!isObject(goal)) throw new Unreadable(`${what} is ${printable(goal)}, not a goal`);
  const isOwn = flag(first(goal, 'owngoal', 'own_goal', 'ownGoal', 'og'), `${what}.owngoal`);
  const isPenalty = flag(first(goal, 'penalty', 'pen'), `${what}.penalty`);
  return {
    player: player(first(goal, 'name', 'player', 'scorer'), what),
    clock: clock(first(goal, 'minute'), first(goal, 'offset'), what),
    kind: isOwn ? 'OWN_GOAL' : isPenalty ? 'PENALTY' : 'GOAL',
  };
}

function player(value: unknown, what: string): string | null {
  const name = label(value);
  if (name === undefined) return null;
  if (name.length > 100) throw new Unreadable(`${what}: the scorer's name has more than 100 characters`);
  return /^[?–—-]+$/u.test(name) ? null : name;
}

function flag(value: unknown, what: string): boolean {
  if (value === undefined || value === false || value === 'false' || value === 0) return false;
  if (value === true || value === 'true' || value === 1) return true;
  throw new Unreadable(`${what} is ${printable(value)}, not true or false`);
}

/**
 * Reads the time of a goal: `9`, `"9"`, `"90+3"`, `"90'+3"`, or 90 with the offset 3. Null when the goal has neither a
 * minute nor an offset. @throws Unreadable
 */
function clock(value: unknown, offset: unknown, what: string): Goal['clock'] {
  if (value === undefined && offset === undefined) return null;
  const [whole, added] = typeof value === 'string' ? value.replaceAll(/['’′\s]/gu, '').split(/\+(.*)/u) : [value];
  const minute = wholeNumber(whole, { min: 1, max: LAST_MINUTE });
  if (minute === undefined)
    throw new Unreadable(`${what}.minute is ${printable(value)}, not a minute from 1 to ${LAST_MINUTE}`);
  const stoppages = [added, offset]
    .filter((part) => part !== undefined && part !== '')
    .map((part) => wholeNumber(part, { min: 0, max: MOST_STOPPAGE }));
  if (stoppages.includes(undefined) || new Set(stoppages).size > 1)
    throw new Unreadable(
      `${what}: ${printable(added ?? offset)} is not a stoppage time of at most ${MOST_STOPPAGE} minutes`,
    );
  return { minute, stoppage: stoppages[0] ?? null };
}

/**
 * Combines the score and the goals. Goals that the score has and the lists do not have get no scorer and no minute.
 * @returns null when the match has no result
 * @throws Unreadable when the lists have more goals than the score
 */
export function resultOf(
  score: Score,
  lists: readonly [Listed[] | null, Listed[] | null],
  note: (message: string) => void,
): Result | null {
  const { final } = score;
  if (!final) return null;
  const listed = lists.map((list) => list ?? []) as [Listed[], Listed[]];
  const counts: Pair = [listed[0].length, listed[1].length];
  if (counts[0] > final[0] || counts[1] > final[1])
    throw new Unreadable(`the goals make ${counts.join(':')}, the score says ${final.join(':')}`);
  const named = counts[0] + counts[1];
  if (named > 0 && named < final[0] + final[1])
    note(`the goals are ${named} of ${final[0] + final[1]}; the others have neither scorer nor minute`);
  const hasExtraTime = score.et !== null || listed.flat().some(({ clock }) => clock !== null && clock.minute > 105);
  const marks = marksOf(score, final, note);
  const goals = SIDES.flatMap((side, at) => {
    const unnamed: Listed = { player: null, clock: null, kind: 'GOAL' };
    const all = [
      ...listed[at as 0 | 1],
      ...Array.from({ length: final[at as 0 | 1] - counts[at as 0 | 1] }, () => unnamed),
    ];
    return withPeriods(
      all,
      marks.map((mark) => mark && mark[at as 0 | 1]),
      hasExtraTime,
    ).map((goal): Goal => ({ side, ...goal }));
  }).sort(byPlay);
  if (named > 0) compareMarks(score, goals, note);
  return { score: final, shootout: shootoutOf(score, note), periods: hasExtraTime ? 4 : 2, goals };
}

/** The scores after the first half, the second half and extra time; null where unknown. */
function marksOf(
  { ht, ft, et }: Score,
  final: Pair,
  note: (message: string) => void,
): readonly [Pair | null, Pair | null, Pair] {
  let before: Pair = [0, 0];
  for (const mark of [ht, ft, et, final]) {
    if (!mark) continue;
    if (mark[0] < before[0] || mark[1] < before[1]) {
      note(`the score ${mark.join(':')} is lower than ${before.join(':')} before it; the final score is used`);
      return [null, null, final];
    }
    before = mark;
  }
  return [ht, ft ?? (et ? null : final), final];
}

/**
 * Puts each goal with a minute into that minute's period. Each other goal belongs to the first period in which the
 * scores after the periods leave room, or to period 2 when none does.
 */
function withPeriods(
  goals: readonly Listed[],
  [first, second, last]: readonly (number | null | undefined)[],
  hasExtraTime: boolean,
): Omit<Goal, 'side'>[] {
  const timed = goals.map((goal) => (goal.clock ? { ...goal, ...timeOf(goal.clock, hasExtraTime) } : null));
  const inPeriods = (...periods: number[]): number =>
    timed.filter((goal) => goal && periods.includes(goal.period)).length;
  const firstHalf = first ?? 0;
  const room = [
    { period: 1, goals: firstHalf - inPeriods(1) },
    { period: 2, goals: (second ?? last ?? 0) - firstHalf - inPeriods(2) },
    { period: 4, goals: hasExtraTime ? (last ?? 0) - (second ?? last ?? 0) - inPeriods(3, 4) : 0 },
  ];
  return goals.map((goal, index) => {
    const known = timed[index];
    if (known) return known;
    const free = room.find(({ goals: left }) => left > 0);
    if (free) free.goals--;
    return { ...goal, period: free?.period ?? 2 };
  });
}

/** Without extra time, minutes after the 90th are stoppage time. With extra time, minutes after the 120th are. */
function timeOf(
  { minute, stoppage }: NonNullable<Goal['clock']>,
  hasExtraTime: boolean,
): { period: number; clock: Goal['clock'] } {
  const end = hasExtraTime ? 120 : 90;
  const clock = minute > end ? { minute: end, stoppage: minute - end + (stoppage ?? 0) } : { minute, stoppage };
  if ((clock.stoppage ?? 0) > MOST_STOPPAGE)
    throw new Unreadable(`a goal is ${clock.stoppage} minutes after minute ${end}`);
  return { clock, period: clock.minute <= 45 ? 1 : clock.minute <= 90 ? 2 : clock.minute <= 105 ? 3 : 4 };
}

function byPlay(a: Goal, b: Goal): number {
  const minute = (goal: Goal): number => goal.clock?.minute ?? Infinity;
  const [first, second] = [minute(a), minute(b)];
  return (
    a.period - b.period || (first === second ? (a.clock?.stoppage ?? 0) - (b.clock?.stoppage ?? 0) : first - second)
  );
}

/**
 * Notes a half-time score, or a score after 90 minutes before extra time, that contradicts the goals. The goals are
 * used, because they are more precise.
 */
function compareMarks({ ht, ft, et }: Score, goals: readonly Goal[], note: (message: string) => void): void {
  const after = (period: number): Pair => {
    const [home = 0, away = 0] = SIDES.map(
      (side) => goals.filter((goal) => goal.side === side && goal.period <= period).length,
    );
    return [home, away];
  };
  if (ht && !same(after(1), ht)) note(`the half-time score ${ht.join(':')} contradicts the goals' minutes`);
  if (ft && et && !same(after(2), ft))
    note(`the score after 90 minutes, ${ft.join(':')}, contradicts the goals' minutes`);
}

/** The score of the shoot-out; null when there was none. A shoot-out without a winner is left out, with a note. */
function shootoutOf({ p }: Score, note: (message: string) => void): Pair | null {
  if (!p) return null;
  if (p[0] !== p[1]) return p;
  note(`the shoot-out ${p.join(':')} has no winner; it is ignored`);
  return null;
}
