import type { MatchState } from './generated/graphql.ts';
import { userError } from './reasons.ts';

/**
 * Who may: OFFICIAL is an organizer of the match or its referee; LEADER a captain or owner of one of its teams, or an
 * organizer; TEAM beside them the coach of the team, or an official. TOURNAMENT is the tournament that planned it.
 */
type Right = 'OFFICIAL' | 'ORGANIZER' | 'LEADER' | 'TEAM' | 'TOURNAMENT' | 'TIMER';

export interface Transition {
  readonly by: Right;
  readonly from: readonly MatchState[];
  /** Where it may lead. The first is where it leads by itself; the action's input decides on the others. */
  readonly to: readonly MatchState[];
}

const BEFORE: readonly MatchState[] = ['SCHEDULED', 'LINEUPS'];
const PLAYED: readonly MatchState[] = ['LIVE', 'BREAK', 'SUSPENDED'];

/** All that can happen to the state of a match. docs/matches.md draws it. */
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
  /** By one side; the second one makes it CONFIRMED. */
  confirm: { by: 'LEADER', from: ['FINISHED'], to: ['FINISHED', 'CONFIRMED'] },
  overrule: { by: 'ORGANIZER', from: ['FINISHED', 'ABANDONED'], to: ['CONFIRMED'] },
  protest: { by: 'LEADER', from: ['FINISHED'], to: ['FINISHED'] },
  decide: { by: 'ORGANIZER', from: ['FINISHED'], to: ['CONFIRMED', 'WALKOVER', 'POSTPONED'] },
  correct: { by: 'ORGANIZER', from: ['CONFIRMED', 'WALKOVER'], to: ['CONFIRMED'] },
  /** Nobody protested in time. */
  timeOut: { by: 'TIMER', from: ['FINISHED'], to: ['CONFIRMED'] },
  /** A side left the tournament. */
  forfeit: { by: 'TOURNAMENT', from: [...BEFORE, 'POSTPONED', ...PLAYED, 'ABANDONED'], to: ['WALKOVER'] },
  /** The tournament has no use for it any more: it counts nowhere, whatever was played. */
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
