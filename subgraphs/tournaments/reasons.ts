import { INPUT_REASONS } from '../../platform/graphql/reasons.ts';
import { userErrorOf } from '../../platform/graphql/user-errors.ts';

/** The enum `UserErrorReason`: the shared reasons, and the ones that schema/tournaments.graphql adds. */
export const REASONS = {
  ...INPUT_REASONS,
  NO_TIME_ZONE: ['INVALID', 'is no IANA time zone'],
  RULES_NOT_FOUND: ['NOT_FOUND', 'there are no such rules'],
  TOURNAMENT_NOT_FOUND: ['NOT_FOUND', 'there is no such tournament'],
  NOT_ITS_ORGANIZER: ['FORBIDDEN', 'only its organizers may'],
  TOURNAMENT_STATE: ['CONFLICT', 'the tournament is {state}, not {needed}'],
  STAGE_NOT_FOUND: ['NOT_FOUND', 'there is no such stage in the tournament'],
  ENTRY_NOT_FOUND: ['NOT_FOUND', 'there is no such entry in the tournament'],
  ENTRY_TWICE: ['INVALID', 'an entry is in the list twice'],
  NO_POINTS: ['INVALID', 'must not be 0'],
  NO_STAGES: ['CONFLICT', 'the tournament has no stages'],
  ALREADY_DRAWN: ['CONFLICT', 'was drawn before'],
  // Why a stage cannot be drawn: formats/plan.ts.
  TOO_FEW_ENTRANTS: ['INVALID', 'needs at least {least} entrants, not {entrants}'],
  TOO_MANY_ENTRANTS: ['INVALID', 'has at most {most} entrants'],
  TOO_MANY_MATCHES: ['INVALID', 'would have {matches} matches; a stage has at most {most}'],
  TOO_MANY_ROUNDS: ['INVALID', 'has at most {most} rounds'],
  TOO_MANY_GROUPS: ['INVALID', 'has more groups than its entrants fill'],
  DUPLICATE_ENTRANT: ['INVALID', 'an entrant is in the list twice'],
  NOT_A_POWER_OF_TWO: ['INVALID', 'a bracket by pairs has {places} places, byes included, not {entrants}'],
  UNKNOWN_STAGE: ['INVALID', 'there is no such stage'],
  UNKNOWN_GROUP: ['INVALID', 'the stage has no such group'],
  UNKNOWN_PLACE: ['INVALID', 'there is no such place'],
  UNKNOWN_SLOT: ['INVALID', 'there is no such match'],
  PROGRESSION_CYCLE: ['INVALID', 'stages or matches wait for each other'],
  STAGE_NOT_EARLIER: ['INVALID', 'a stage takes entrants of earlier stages only'],
  PLACE_TAKEN_TWICE: ['INVALID', 'a place is taken twice'],
  DUPLICATE_SLOT: ['INVALID', 'two matches have the same key'],
} as const;

export const userError = userErrorOf(REASONS);
