import type { MatchState } from './generated/graphql.ts';
import { userError } from './reasons.ts';

/**
 * The right that an action needs. OFFICIAL: an organizer or the referee of the match. LEADER: a captain or owner of one
 * of its teams, or an organizer. TEAM: a captain, owner or coach of the team, or an OFFICIAL. TOURNAMENT: the tournament
 * that planned the match.
 */
type Right = 'OFFICIAL' | 'ORGANIZER' | 'LEADER' | 'TEAM' | 'TOURNAMENT' | 'TIMER';

export interface Transition {
  readonly by: Right;
  readonly from: readonly MatchState[];
  /** The states that it may lead to. The first is the default; the input of the action decides on the others. */
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
  /** One side confirms. The confirmation of the second side makes it CONFIRMED. */
  confirm: { by: 'LEADER', from: ['FINISHED'], to: ['FINISHED', 'CONFIRMED'] },
  overrule: { by: 'ORGANIZER', from: ['FINISHED', 'ABANDONED'], to: ['CONFIRMED'] },
  protest: { by: 'LEADER', from: ['FINISHED'], to: ['FINISHED'] },
  decide: { by: 'ORGANIZER', from: ['FINISHED'], to: ['CONFIRMED', 'WALKOVER', 'POSTPONED'] },
  correct: { by: 'ORGANIZER', from: ['CONFIRMED', 'WALKOVER'], to: ['CONFIRMED'] },
  /** The time to protest ended without a protest. */
  timeOut: { by: 'TIMER', from: ['FINISHED'], to: ['CONFIRMED'] },
  /** A side left the tournament. */
  forfeit: { by: 'TOURNAMENT', from: [...BEFORE, 'POSTPONED', ...PLAYED, 'ABANDONED'], to: ['WALKOVER'] },
  /** The tournament no longer needs the match: it counts nowhere, even if it was played. */
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
