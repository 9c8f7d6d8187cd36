import type { MatchState } from './generated/graphql.ts';
import { userError } from './reasons.ts';

/**
 * The right that an action needs.
 *
 * - OFFICIAL: an organizer or the referee of the match, or an administrator.
 * - LEADER: a captain or owner of one of its teams.
 * - TEAM: a captain, owner or coach of the side's team, or an OFFICIAL.
 * - ORGANIZER: an organizer of the match, or an administrator.
 * - TOURNAMENT: an event of the tournament that planned the match.
 * - TIMER: the end of the time to protest.
 */
type Right = 'OFFICIAL' | 'ORGANIZER' | 'LEADER' | 'TEAM' | 'TOURNAMENT' | 'TIMER';

export interface Transition {
  readonly by: Right;
  readonly from: readonly MatchState[];
  /** The states that the action may lead to. */
  readonly to: readonly MatchState[];
}

const BEFORE: readonly MatchState[] = ['SCHEDULED', 'LINEUPS'];
const PLAYED: readonly MatchState[] = ['LIVE', 'BREAK', 'SUSPENDED'];

/** All transitions of the state of a match. docs/matches.md has the diagram. */
export const TRANSITIONS = {
  setLineup: { by: 'TEAM', from: BEFORE, to: ['LINEUPS'] },
  start: { by: 'OFFICIAL', from: BEFORE, to: ['LIVE'] },
  /** Goals, cards, substitutions. */
  record: { by: 'OFFICIAL', from: ['LIVE'], to: ['LIVE'] },
  nextPeriod: { by: 'OFFICIAL', from: ['LIVE', 'BREAK'], to: ['LIVE'] },
  pause: { by: 'OFFICIAL', from: ['LIVE'], to: ['BREAK'] },
  suspend: { by: 'OFFICIAL', from: ['LIVE', 'BREAK'], to: ['SUSPENDED'] },
  resume: { by: 'OFFICIAL', from: ['BREAK', 'SUSPENDED'], to: ['LIVE'] },
  finish: { by: 'OFFICIAL', from: ['LIVE', 'BREAK'], to: ['FINISHED'] },
  abandon: { by: 'OFFICIAL', from: PLAYED, to: ['ABANDONED'] },
  recordFinalScore: { by: 'OFFICIAL', from: [...BEFORE, 'ABANDONED', 'FINISHED'], to: ['FINISHED'] },
  reschedule: { by: 'ORGANIZER', from: [...BEFORE, 'POSTPONED', 'ABANDONED'], to: ['SCHEDULED', 'LINEUPS'] },
  postpone: { by: 'ORGANIZER', from: BEFORE, to: ['POSTPONED'] },
  cancel: { by: 'ORGANIZER', from: [...BEFORE, 'POSTPONED', 'SUSPENDED', 'ABANDONED'], to: ['CANCELLED'] },
  awardWalkover: { by: 'ORGANIZER', from: [...BEFORE, 'POSTPONED', ...PLAYED, 'ABANDONED'], to: ['WALKOVER'] },
  /** A side confirms. The second confirmation makes the match CONFIRMED. */
  confirm: { by: 'LEADER', from: ['FINISHED'], to: ['FINISHED', 'CONFIRMED'] },
  overrule: { by: 'ORGANIZER', from: ['FINISHED', 'ABANDONED'], to: ['CONFIRMED'] },
  protest: { by: 'LEADER', from: ['FINISHED'], to: ['FINISHED'] },
  decide: { by: 'ORGANIZER', from: ['FINISHED'], to: ['CONFIRMED', 'WALKOVER', 'POSTPONED'] },
  correct: { by: 'ORGANIZER', from: ['CONFIRMED', 'WALKOVER'], to: ['CONFIRMED'] },
  /** The time to protest ends while no protest is open. */
  timeOut: { by: 'TIMER', from: ['FINISHED'], to: ['CONFIRMED'] },
  /** The tournament reports that a side left, or both did. */
  forfeit: { by: 'TOURNAMENT', from: [...BEFORE, 'POSTPONED', ...PLAYED, 'ABANDONED'], to: ['WALKOVER'] },
  /** The tournament takes the match from its plan. It counts nowhere, even if it was played. */
  unplan: {
    by: 'TOURNAMENT',
    from: [...BEFORE, 'POSTPONED', ...PLAYED, 'ABANDONED', 'FINISHED', 'CONFIRMED', 'WALKOVER'],
    to: ['CANCELLED'],
  },
} as const satisfies Record<string, Transition>;

export type Action = keyof typeof TRANSITIONS;

export const mayFrom = (action: Action, state: MatchState): boolean =>
  (TRANSITIONS[action].from as readonly MatchState[]).includes(state);

/** @throws UserErrors MATCH_STATE */
export function allow(action: Action, { state }: { readonly state: MatchState }): void {
  if (!mayFrom(action, state))
    throw userError('MATCH_STATE', { state, needed: TRANSITIONS[action].from.join(', ') }, 'matchId');
}
