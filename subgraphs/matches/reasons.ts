import { INPUT_REASONS } from '../../platform/graphql/reasons.ts';
import { userErrorOf } from '../../platform/graphql/user-errors.ts';

/** The enum `UserErrorReason`: the shared reasons, and those that schema/matches.graphql adds. */
export const REASONS = {
  ...INPUT_REASONS,
  MATCH_NOT_FOUND: ['NOT_FOUND', 'there is no such match'],
  TEAM_NOT_FOUND: ['NOT_FOUND', 'there is no such team'],
  USER_NOT_FOUND: ['NOT_FOUND', 'there is no such user'],
  EVENT_NOT_FOUND: ['NOT_FOUND', 'there is no such event'],
  NOT_AN_ORGANIZER: ['FORBIDDEN', 'only organizers schedule matches'],
  NOT_AN_OFFICIAL: ['FORBIDDEN', 'only the organizer and the referee of the match may'],
  SAME_TEAM: ['INVALID', 'a team does not play itself'],
  TEAM_OF_OTHER_SPORT: ['INVALID', 'the team plays {sport}'],
  MATCH_STATE: ['CONFLICT', 'the match is {state}, not {needed}'],
  MATCH_NOT_PLAYED: ['CONFLICT', 'the match is {state}'],
  TOO_MANY_EVENTS: ['CONFLICT', 'a match has at most {max} events'],
  NOT_VOIDABLE: ['INVALID', 'only goals and cards are taken back'],
  VOIDED_BEFORE: ['CONFLICT', 'was taken back before'],
  NO_SUCH_CARD: ['INVALID', 'the sport has no such card'],
  NO_SUCH_GOAL: ['INVALID', 'the sport has no such goal'],
  NO_OWN_GOALS_IN_SHOOTOUT: ['INVALID', 'there are no own goals in a shoot-out'],
  NO_CLOCK: ['INVALID', 'no clock runs in this sport'],
  NO_SHOOTOUT: ['INVALID', 'the sport has no shoot-out'],
  SHOOTOUT_TOO_EARLY: ['CONFLICT', 'a shoot-out follows the last period'],
  SHOOTOUT_NEEDS_LEVEL_SCORE: ['CONFLICT', 'a shoot-out needs a level score'],
  SHOOTOUT_IS_LAST: ['CONFLICT', 'nothing follows the shoot-out'],
  NO_MORE_PERIODS: ['CONFLICT', 'there are no more periods'],
  SET_IS_OVER: ['CONFLICT', 'the set is over: begin the next one'],
  SET_NOT_OVER: ['CONFLICT', 'the set is not over yet'],
  MATCH_IS_WON: ['CONFLICT', 'the match is won'],
} as const;

export const userError = userErrorOf(REASONS);
