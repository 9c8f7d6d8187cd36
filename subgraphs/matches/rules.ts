import { isDeepStrictEqual } from 'node:util';
import { fromGlobalId } from '../../platform/graphql/global-id.ts';
import type { MatchEventDetail } from '../../schema/messages/matches.ts';
import type { SportProfile } from '../../schema/sports.ts';
import type { RecordInput } from './inputs.ts';
import type { Sheet } from './players.service.ts';
import { userError } from './reasons.ts';
import { isLevel, NO_LEG, type Progress, setWinner } from './score.ts';

type Clock = NonNullable<RecordInput['goal']>['clock'];
type Player = NonNullable<RecordInput['goal']>['player'];
type SideName = 'HOME' | 'AWAY';
type Points = typeof NO_LEG;

/** A person in the input of an event, with the path of that person in the input. */
export interface Named {
  readonly side: SideName;
  readonly sheet: Sheet;
  readonly path: readonly string[];
}

/** An event that a referee asks to record. */
export interface Asked {
  readonly people: { readonly [part in 'player' | 'assist' | 'replaced']?: Named };
  /** The detail to record. @param idOf returns the player's id for {@link people} */
  detail(idOf: (named: Named) => string): MatchEventDetail;
}

const other = (side: SideName): SideName => (side === 'HOME' ? 'AWAY' : 'HOME');

/**
 * Turns the input into an event in the current period of the match. It does not check the rules of the sport, except
 * that for assists: {@link check} does that.
 * @throws UserErrors NOT_FOUND for an id that is not a user's; INVALID for one person in two roles, or a wrong assist
 */
export function askedOf(
  profile: SportProfile,
  { period, shootout }: Progress,
  { goal, card, substitution, period: next }: RecordInput,
): Asked {
  const now = shootout ? null : period;
  if (goal) {
    const points = goal.points ?? profile.goals[goal.kind][0] ?? 0;
    // The side of an own goal is the side that it counts for.
    const own = goal.kind === 'OWN_GOAL' ? other(goal.side) : goal.side;
    const player = named(own, goal.player, 'goal', 'player');
    const assist = named(goal.side, goal.assist, 'goal', 'assist');
    if (assist && (goal.kind !== 'GOAL' || !profile.assists)) throw userError('NO_ASSIST', 'goal', 'assist');
    if (isSamePerson(player, assist)) throw userError('SAME_PERSON', 'goal', 'assist');
    return {
      people: { ...(player && { player }), ...(assist && { assist }) },
      detail: (idOf) => ({
        kind: 'GOAL',
        side: goal.side,
        goal: goal.kind,
        points,
        period: now,
        player: player ? idOf(player) : null,
        assist: assist ? idOf(assist) : null,
        clock: clockOf(goal.clock),
      }),
    };
  }
  if (card) {
    const player = named(card.side, card.player, 'card', 'player');
    return {
      people: { ...(player && { player }) },
      detail: (idOf) => ({
        kind: 'CARD',
        side: card.side,
        card: card.card,
        player: player ? idOf(player) : null,
        clock: clockOf(card.clock),
      }),
    };
  }
  if (substitution) {
    const { side } = substitution;
    const player = named(side, substitution.player, 'substitution', 'player');
    const replaced = named(side, substitution.replaced, 'substitution', 'replaced');
    if (!player) throw userError('REQUIRED', 'substitution', 'player');
    if (isSamePerson(player, replaced)) throw userError('SAME_PERSON', 'substitution', 'replaced');
    return {
      people: { player, ...(replaced && { replaced }) },
      detail: (idOf) => ({
        kind: 'SUBSTITUTION',
        side,
        in: idOf(player),
        out: replaced ? idOf(replaced) : null,
        period: now,
        clock: clockOf(substitution.clock),
      }),
    };
  }
  const following = next?.shootout ? null : (period ?? 0) + 1;
  return { people: {}, detail: () => ({ kind: 'PERIOD', period: following }) };
}

/**
 * Whether a repeated request asks for the event that was recorded. It ignores the number of the period, because the
 * match may be in a later period now.
 * @param sheet the person that an event of version 1 names
 */
export function isSame(
  { detail: recorded, sheet }: Recorded,
  asked: MatchEventDetail,
  people: Asked['people'],
): boolean {
  if (recorded.kind === 'PERIOD' && asked.kind === 'PERIOD')
    return (recorded.period === null) === (asked.period === null);
  const comparable =
    sheet !== undefined && (asked.kind === 'GOAL' || asked.kind === 'CARD') ? { ...asked, player: null } : asked;
  return (
    isDeepStrictEqual({ ...recorded, period: null }, { ...comparable, period: null }) &&
    (sheet === undefined || isDeepStrictEqual(sheet, people.player?.sheet ?? null))
  );
}
type Recorded = { readonly detail: MatchEventDetail; readonly sheet?: Sheet | null | undefined };

/**
 * Checks an event against the rules of the sport and the state of the match.
 * @param before the score of the first leg, as the sides of this match have it
 * @throws UserErrors INVALID for an event, points or a clock that the sport does not have, and for an own goal in a
 *   shoot-out; CONFLICT for an event that is impossible now
 */
export function check(
  profile: SportProfile,
  progress: Progress,
  detail: MatchEventDetail,
  before: Points = NO_LEG,
): void {
  if (detail.kind === 'GOAL') checkGoal(profile, progress, detail);
  else if (detail.kind === 'CARD') {
    if (!profile.cards.includes(detail.card)) throw userError('NO_SUCH_CARD', 'card', 'card');
    checkClock(profile, progress, detail.clock, 'card');
  } else if (detail.kind === 'SUBSTITUTION') checkClock(profile, progress, detail.clock, 'substitution');
  else if (detail.kind === 'PERIOD') checkPeriod(profile, progress, detail.period, before);
}

function checkGoal(profile: SportProfile, progress: Progress, goal: Extract<MatchEventDetail, { kind: 'GOAL' }>): void {
  const allowed = profile.goals[goal.goal];
  if (allowed.length === 0) throw userError('NO_SUCH_GOAL', 'goal', 'kind');
  if (!allowed.includes(goal.points)) throw userError('NOT_ONE_OF', { allowed: allowed.join(', ') }, 'goal', 'points');
  if (goal.period === null && goal.goal === 'OWN_GOAL') throw userError('NO_OWN_GOALS_IN_SHOOTOUT', 'goal', 'kind');
  if (goal.period !== null && setIsOver(profile, progress)) throw userError('SET_IS_OVER', 'goal');
  checkClock(profile, progress, goal.clock, 'goal');
}

function checkPeriod(profile: SportProfile, progress: Progress, next: number | null, before: Points): void {
  const { score, shootout } = progress;
  const period = progress.period ?? 0;
  if (shootout) throw userError('SHOOTOUT_IS_LAST', 'period');
  if (next === null) {
    if (!profile.shootout) throw userError('NO_SHOOTOUT', 'period', 'shootout');
    if (period < profile.periods) throw userError('SHOOTOUT_TOO_EARLY', 'period', 'shootout');
    if (!isLevel(score, before)) throw userError('SHOOTOUT_NEEDS_LEVEL_SCORE', 'period', 'shootout');
    return;
  }
  if (next > lastPeriod(profile)) throw userError('NO_MORE_PERIODS', 'period');
  if (!profile.sets) return;
  if (!setIsOver(profile, progress)) throw userError('SET_NOT_OVER', 'period');
  if (Math.max(score.home, score.away) > profile.periods / 2) throw userError('MATCH_IS_WON', 'period');
}

function setIsOver(profile: SportProfile, { period, score }: Progress): boolean {
  const points = period === null ? undefined : score.periods[period - 1];
  return period !== null && points !== undefined && setWinner(profile, period, points) !== null;
}

function checkClock(
  profile: SportProfile,
  { period }: Progress,
  clock: { minute: number; stoppage: number | null } | null,
  field: string,
): void {
  if (!clock) return;
  const last = lastMinute(profile, period);
  if (last === null) throw userError('NO_CLOCK', field, 'clock');
  if (clock.minute < 1 || clock.minute > last)
    throw userError('OUT_OF_RANGE', { min: 1, max: last }, field, 'clock', 'minute');
  const { stoppage } = clock;
  if (stoppage !== null && (stoppage < 0 || stoppage > profile.stoppage)) {
    throw userError('OUT_OF_RANGE', { min: 0, max: profile.stoppage }, field, 'clock', 'stoppage');
  }
}

/** The maximum number of periods, including extra time. */
const lastPeriod = ({ periods, extra }: SportProfile): number => periods + extra.periods;

/**
 * The last minute that the clock can show in a period, without stoppage time. Null for a sport without a clock.
 * @param period 1, 2 …; null: the last period of extra time
 */
export function lastMinute(profile: SportProfile, period: number | null): number | null {
  if (profile.minutes === null) return null;
  const played = period ?? lastPeriod(profile);
  return (
    Math.min(played, profile.periods) * profile.minutes + Math.max(0, played - profile.periods) * profile.extra.minutes
  );
}

function named(side: SideName, player: Player, ...path: string[]): Named | undefined {
  if (!player) return undefined;
  const userId = player.userId == null ? null : fromGlobalId('User', player.userId);
  if (player.userId != null && !userId) throw userError('USER_NOT_FOUND', ...path, 'userId');
  return { side, sheet: { name: player.name, userId }, path };
}

const isSamePerson = (a: Named | undefined, b: Named | undefined): boolean =>
  a !== undefined &&
  b !== undefined &&
  (a.sheet.userId === null
    ? b.sheet.userId === null && a.sheet.name === b.sheet.name
    : a.sheet.userId === b.sheet.userId);

const clockOf = (clock: Clock): { minute: number; stoppage: number | null } | null =>
  clock ? { minute: clock.minute, stoppage: clock.stoppage ?? null } : null;
