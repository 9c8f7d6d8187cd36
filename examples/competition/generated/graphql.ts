/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** The cards of a referee. */
export type Card =
  /** The player is sent off. */
  | 'RED'
  /** The second caution of a player. The player is sent off. */
  | 'SECOND_YELLOW'
  /** A caution. */
  | 'YELLOW';

/** A card to record. */
export type CardInput = {
  /** Which card. */
  card: Card;
  /** When it happened, if known. */
  clock?: MatchClockInput | null | undefined;
  /** The player who gets the card, if known. */
  player?: MatchPlayerInput | null | undefined;
  /** The team of the player who gets the card. */
  side: Side;
};

/** A new team. */
export type CreateTeamInput = {
  /** At most 80 characters. */
  city?: string | null | undefined;
  /**
   * Idempotency key that the client generates: 1 to 100 characters. The same key with the same content returns the same
   * team; the same key with other content is a CONFLICT.
   */
  clientId: string;
  /** 1 to 80 characters. */
  name: string;
  /** The sport of the team. It cannot be changed later. */
  sport: Sport;
};

/** The match to end. */
export type FinishMatchInput = {
  /** The match to end. */
  matchId: string | number;
};

/** A goal, basket or point to record. */
export type GoalInput = {
  /**
   * The player who gave the assist, if known. Must not be the scorer. Only for goals from play, in sports that count
   * assists.
   */
  assist?: MatchPlayerInput | null | undefined;
  /** When it happened, if known. */
  clock?: MatchClockInput | null | undefined;
  /** How it was scored. */
  kind?: GoalKind;
  /** The scorer, if known. */
  player?: MatchPlayerInput | null | undefined;
  /** A number of points that the sport gives for it. Default: the lowest. */
  points?: number | null | undefined;
  /** The team it counts for. */
  side: Side;
};

/** How a goal was scored. */
export type GoalKind =
  /** From play, or a basket or point. */
  | 'GOAL'
  /** By a player of the other team. It counts for `team`. */
  | 'OWN_GOAL'
  /** From a penalty or a free throw; in a shoot-out, from a kick. */
  | 'PENALTY';

/** The minute on the match clock: 45+2 is minute 45, stoppage 2. */
export type MatchClockInput = {
  /** The minute on the match clock: 1, 2 … */
  minute: number;
  /** Minutes of added time. */
  stoppage?: number | null | undefined;
};

/** An event of a live match. Exactly one field must be set. */
export type MatchEventInput =
  {   /** A card. */
  card: CardInput; goal?: never; period?: never; substitution?: never; }
  |  { card?: never;   /** A goal, basket or point. */
  goal: GoalInput; period?: never; substitution?: never; }
  |  { card?: never; goal?: never;   /** The start of the next period, also after a break. */
  period: PeriodInput; substitution?: never; }
  |  { card?: never; goal?: never; period?: never;   /** A substitute replaces a player. */
  substitution: SubstitutionInput; };

/** A person on the team sheet, with or without an account. */
export type MatchPlayerInput = {
  /** 1 to 100 characters. */
  name: string;
  /** The person's account, if there is one. */
  userId?: string | number | null | undefined;
};

/** The state of a match. */
export type MatchState =
  /** It ended early and has no result. */
  | 'ABANDONED'
  /** It is in a break between two periods. */
  | 'BREAK'
  /** It will not be played, or its result was annulled. */
  | 'CANCELLED'
  /** The result counts. */
  | 'CONFIRMED'
  /** It is over. The result is provisional: it is not confirmed, or a protest is open. */
  | 'FINISHED'
  /** At least one side has set its lineup. */
  | 'LINEUPS'
  /** It is being played. */
  | 'LIVE'
  /** It will be played at another time, which is not known yet. */
  | 'POSTPONED'
  /** It is planned. */
  | 'SCHEDULED'
  /** It is interrupted. */
  | 'SUSPENDED'
  /**
   * It was not played, or not completed. One side gets the sport's score for a walkover, or both sides lose. The result
   * counts.
   */
  | 'WALKOVER';

/** A period to begin. */
export type PeriodInput = {
  /** True starts the shoot-out, which needs a level score. Default: the next period. */
  shootout?: boolean;
};

/** An event to record. */
export type RecordMatchEventInput = {
  /**
   * A card.
   * @deprecated Use event, which has the same. Goes after 2027-03-31.
   */
  card?: CardInput | null | undefined;
  /**
   * Idempotency key that the client generates: 1 to 100 characters. The same key with the same content returns the same
   * event; the same key with other content is a CONFLICT.
   */
  clientEventId: string;
  /** The event. Required unless one of the deprecated fields is set instead. */
  event?: MatchEventInput | null | undefined;
  /**
   * A goal, basket or point.
   * @deprecated Use event, which has the same. Goes after 2027-03-31.
   */
  goal?: GoalInput | null | undefined;
  /** The match of the event. */
  matchId: string | number;
  /**
   * The start of the next period.
   * @deprecated Use event, which has the same. Goes after 2027-03-31.
   */
  period?: PeriodInput | null | undefined;
};

/** A new match. */
export type ScheduleMatchInput = {
  /** The team that is named second. It must be another team. */
  awayTeamId: string | number;
  /**
   * Idempotency key that the client generates: 1 to 100 characters. The same key with the same content returns the same
   * match; the same key with other content is a CONFLICT.
   */
  clientId: string;
  /** For example `World Cup 2022`; at most 100 characters. */
  competition?: string | null | undefined;
  /** For example `Group A`. */
  group?: string | null | undefined;
  /** The team that is named first. */
  homeTeamId: string | number;
  /** The planned kick-off. */
  kickoffAt: string;
  /** A user who may record the match, besides the organizer. */
  refereeId?: string | number | null | undefined;
  /** For example `Matchday 1` or `Final`. */
  round?: string | null | undefined;
  /** The sport of the match. Both teams must play it. */
  sport: Sport;
  /** The place of the match: at most 200 characters. */
  venue?: string | null | undefined;
};

/**
 * One of the two teams. The side of a goal is the team it counts for. The side of a card is the team of the player who
 * gets it.
 */
export type Side =
  /** The team that is named second. */
  | 'AWAY'
  /** The team that is named first. */
  | 'HOME';

/** The kinds of sport that teams play and matches are of. */
export type Sport =
  /** Four quarters of 10 minutes, baskets of one to three points. */
  | 'BASKETBALL'
  /** On one basket, one period of 10 minutes, baskets of one or two points. */
  | 'BASKETBALL_3X3'
  /** Best of three sets, each to 21 points with a lead of two, the third to 15. */
  | 'BEACH_VOLLEYBALL'
  /** Association football, two halves of 45 minutes. */
  | 'FOOTBALL'
  /** Ice hockey: three periods of 20 minutes. */
  | 'HOCKEY'
  /** Football on a small pitch, two halves of 20 minutes. */
  | 'MINI_FOOTBALL'
  /** Best of five sets, each to 25 points with a lead of two, the fifth to 15. */
  | 'VOLLEYBALL';

/** The match to start. */
export type StartMatchInput = {
  /** The match to start. */
  matchId: string | number;
};

/** A substitution to record. */
export type SubstitutionInput = {
  /** When it happened, if known. */
  clock?: MatchClockInput | null | undefined;
  /** The player who comes on. */
  player: MatchPlayerInput;
  /** The player who goes off, if known. Must be another person. */
  replaced?: MatchPlayerInput | null | undefined;
  /** The team of both players. */
  side: Side;
};

/** The kind of a user error. */
export type UserErrorCode =
  /** The state of the object does not allow it, the object has changed, or the client id was used for other content. */
  | 'CONFLICT'
  /** The viewer may not do this. */
  | 'FORBIDDEN'
  /** The value is not acceptable. */
  | 'INVALID'
  /** It does not exist, or the viewer may not know that it exists. */
  | 'NOT_FOUND'
  /** Another user already has this value. */
  | 'TAKEN';

export type CreateTeamMutationVariables = Exact<{
  input: CreateTeamInput;
}>;


export type CreateTeamMutation = { createTeam: { team: { id: string } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } | null };

export type ScheduleMatchMutationVariables = Exact<{
  input: ScheduleMatchInput;
}>;


export type ScheduleMatchMutation = { scheduleMatch: { match: { id: string } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } | null };

export type CompetitionMatchesQueryVariables = Exact<{
  competition: string;
  after?: string | null | undefined;
}>;


export type CompetitionMatchesQuery = { matches: { edges: Array<{ node: { id: string, state: MatchState, kickoffAt: string, round: string | null, lastSeq: number, homeTeam: { name: string } | null, awayTeam: { name: string } | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type StartMatchMutationVariables = Exact<{
  input: StartMatchInput;
}>;


export type StartMatchMutation = { startMatch: { match: { id: string } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } | null };

export type RecordMatchEventMutationVariables = Exact<{
  input: RecordMatchEventInput;
}>;


export type RecordMatchEventMutation = { recordMatchEvent: { event:
      | { seq: number }
      | { seq: number }
      | { seq: number }
      | { seq: number }
      | { seq: number }
      | { seq: number }
      | { seq: number }
      | { seq: number }
      | { seq: number }
      | { seq: number }
      | { seq: number }
      | { seq: number }
     | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } | null };

export type FinishMatchMutationVariables = Exact<{
  input: FinishMatchInput;
}>;


export type FinishMatchMutation = { finishMatch: { match: { id: string, lastSeq: number } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } | null };

export type FinalScoreQueryVariables = Exact<{
  id: string | number;
  afterSeq: number;
}>;


export type FinalScoreQuery = { match: { state: MatchState, lastSeq: number, score: { home: number, away: number, periods: Array<{ period: number, home: number, away: number }>, shootout: { home: number, away: number } | null }, events: Array<
      | { ' $fragmentRefs'?: { 'Followed_CardShown_Fragment': Followed_CardShown_Fragment } }
      | { ' $fragmentRefs'?: { 'Followed_GoalScored_Fragment': Followed_GoalScored_Fragment } }
      | { ' $fragmentRefs'?: { 'Followed_LineupGiven_Fragment': Followed_LineupGiven_Fragment } }
      | { ' $fragmentRefs'?: { 'Followed_MatchEventVoided_Fragment': Followed_MatchEventVoided_Fragment } }
      | { ' $fragmentRefs'?: { 'Followed_MatchPlanned_Fragment': Followed_MatchPlanned_Fragment } }
      | { ' $fragmentRefs'?: { 'Followed_MatchStateChanged_Fragment': Followed_MatchStateChanged_Fragment } }
      | { ' $fragmentRefs'?: { 'Followed_PeriodStarted_Fragment': Followed_PeriodStarted_Fragment } }
      | { ' $fragmentRefs'?: { 'Followed_PlayerSubstituted_Fragment': Followed_PlayerSubstituted_Fragment } }
      | { ' $fragmentRefs'?: { 'Followed_ReplayOrdered_Fragment': Followed_ReplayOrdered_Fragment } }
      | { ' $fragmentRefs'?: { 'Followed_ResultConfirmed_Fragment': Followed_ResultConfirmed_Fragment } }
      | { ' $fragmentRefs'?: { 'Followed_ResultProtested_Fragment': Followed_ResultProtested_Fragment } }
      | { ' $fragmentRefs'?: { 'Followed_ResultSet_Fragment': Followed_ResultSet_Fragment } }
    > } | null };

export type FollowMatchSubscriptionVariables = Exact<{
  id: string | number;
  afterSeq?: number | null | undefined;
}>;


export type FollowMatchSubscription = { matchEvents:
    | { ' $fragmentRefs'?: { 'Followed_CardShown_Fragment': Followed_CardShown_Fragment } }
    | { ' $fragmentRefs'?: { 'Followed_GoalScored_Fragment': Followed_GoalScored_Fragment } }
    | { ' $fragmentRefs'?: { 'Followed_LineupGiven_Fragment': Followed_LineupGiven_Fragment } }
    | { ' $fragmentRefs'?: { 'Followed_MatchEventVoided_Fragment': Followed_MatchEventVoided_Fragment } }
    | { ' $fragmentRefs'?: { 'Followed_MatchPlanned_Fragment': Followed_MatchPlanned_Fragment } }
    | { ' $fragmentRefs'?: { 'Followed_MatchStateChanged_Fragment': Followed_MatchStateChanged_Fragment } }
    | { ' $fragmentRefs'?: { 'Followed_PeriodStarted_Fragment': Followed_PeriodStarted_Fragment } }
    | { ' $fragmentRefs'?: { 'Followed_PlayerSubstituted_Fragment': Followed_PlayerSubstituted_Fragment } }
    | { ' $fragmentRefs'?: { 'Followed_ReplayOrdered_Fragment': Followed_ReplayOrdered_Fragment } }
    | { ' $fragmentRefs'?: { 'Followed_ResultConfirmed_Fragment': Followed_ResultConfirmed_Fragment } }
    | { ' $fragmentRefs'?: { 'Followed_ResultProtested_Fragment': Followed_ResultProtested_Fragment } }
    | { ' $fragmentRefs'?: { 'Followed_ResultSet_Fragment': Followed_ResultSet_Fragment } }
   };

type Followed_CardShown_Fragment = { __typename: 'CardShown', seq: number, score: { home: number, away: number } } & { ' $fragmentName'?: 'Followed_CardShown_Fragment' };

type Followed_GoalScored_Fragment = { __typename: 'GoalScored', kind: GoalKind, period: number | null, voided: boolean, seq: number, team: { name: string } | null, player: { name: string } | null, clock: { minute: number, stoppage: number | null } | null, score: { home: number, away: number } } & { ' $fragmentName'?: 'Followed_GoalScored_Fragment' };

type Followed_LineupGiven_Fragment = { __typename: 'LineupGiven', seq: number, score: { home: number, away: number } } & { ' $fragmentName'?: 'Followed_LineupGiven_Fragment' };

type Followed_MatchEventVoided_Fragment = { __typename: 'MatchEventVoided', seq: number, score: { home: number, away: number } } & { ' $fragmentName'?: 'Followed_MatchEventVoided_Fragment' };

type Followed_MatchPlanned_Fragment = { __typename: 'MatchPlanned', seq: number, score: { home: number, away: number } } & { ' $fragmentName'?: 'Followed_MatchPlanned_Fragment' };

type Followed_MatchStateChanged_Fragment = { __typename: 'MatchStateChanged', state: MatchState, seq: number, score: { home: number, away: number } } & { ' $fragmentName'?: 'Followed_MatchStateChanged_Fragment' };

type Followed_PeriodStarted_Fragment = { __typename: 'PeriodStarted', period: number | null, seq: number, score: { home: number, away: number } } & { ' $fragmentName'?: 'Followed_PeriodStarted_Fragment' };

type Followed_PlayerSubstituted_Fragment = { __typename: 'PlayerSubstituted', seq: number, score: { home: number, away: number } } & { ' $fragmentName'?: 'Followed_PlayerSubstituted_Fragment' };

type Followed_ReplayOrdered_Fragment = { __typename: 'ReplayOrdered', seq: number, score: { home: number, away: number } } & { ' $fragmentName'?: 'Followed_ReplayOrdered_Fragment' };

type Followed_ResultConfirmed_Fragment = { __typename: 'ResultConfirmed', seq: number, score: { home: number, away: number } } & { ' $fragmentName'?: 'Followed_ResultConfirmed_Fragment' };

type Followed_ResultProtested_Fragment = { __typename: 'ResultProtested', seq: number, score: { home: number, away: number } } & { ' $fragmentName'?: 'Followed_ResultProtested_Fragment' };

type Followed_ResultSet_Fragment = { __typename: 'ResultSet', seq: number, score: { home: number, away: number } } & { ' $fragmentName'?: 'Followed_ResultSet_Fragment' };

export type FollowedFragment =
  | Followed_CardShown_Fragment
  | Followed_GoalScored_Fragment
  | Followed_LineupGiven_Fragment
  | Followed_MatchEventVoided_Fragment
  | Followed_MatchPlanned_Fragment
  | Followed_MatchStateChanged_Fragment
  | Followed_PeriodStarted_Fragment
  | Followed_PlayerSubstituted_Fragment
  | Followed_ReplayOrdered_Fragment
  | Followed_ResultConfirmed_Fragment
  | Followed_ResultProtested_Fragment
  | Followed_ResultSet_Fragment
;

export const FollowedFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Followed"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"MatchEvent"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"seq"}},{"kind":"Field","name":{"kind":"Name","value":"score"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"home"}},{"kind":"Field","name":{"kind":"Name","value":"away"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"GoalScored"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"period"}},{"kind":"Field","name":{"kind":"Name","value":"voided"}},{"kind":"Field","name":{"kind":"Name","value":"team"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"player"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"clock"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"minute"}},{"kind":"Field","name":{"kind":"Name","value":"stoppage"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"MatchStateChanged"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PeriodStarted"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"period"}}]}}]}}]} as unknown as DocumentNode<FollowedFragment, unknown>;
export const CreateTeamDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateTeam"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateTeamInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createTeam"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"team"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<CreateTeamMutation, CreateTeamMutationVariables>;
export const ScheduleMatchDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ScheduleMatch"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ScheduleMatchInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"scheduleMatch"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"match"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<ScheduleMatchMutation, ScheduleMatchMutationVariables>;
export const CompetitionMatchesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"CompetitionMatches"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"competition"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"matches"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"competition"},"value":{"kind":"Variable","name":{"kind":"Name","value":"competition"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"kickoffAt"}},{"kind":"Field","name":{"kind":"Name","value":"round"}},{"kind":"Field","name":{"kind":"Name","value":"lastSeq"}},{"kind":"Field","name":{"kind":"Name","value":"homeTeam"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"awayTeam"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]} as unknown as DocumentNode<CompetitionMatchesQuery, CompetitionMatchesQueryVariables>;
export const StartMatchDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"StartMatch"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"StartMatchInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"startMatch"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"match"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<StartMatchMutation, StartMatchMutationVariables>;
export const RecordMatchEventDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RecordMatchEvent"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RecordMatchEventInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"recordMatchEvent"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"event"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seq"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<RecordMatchEventMutation, RecordMatchEventMutationVariables>;
export const FinishMatchDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"FinishMatch"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"FinishMatchInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"finishMatch"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"match"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"lastSeq"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<FinishMatchMutation, FinishMatchMutationVariables>;
export const FinalScoreDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"FinalScore"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"afterSeq"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"match"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"lastSeq"}},{"kind":"Field","name":{"kind":"Name","value":"score"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"home"}},{"kind":"Field","name":{"kind":"Name","value":"away"}},{"kind":"Field","name":{"kind":"Name","value":"periods"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"period"}},{"kind":"Field","name":{"kind":"Name","value":"home"}},{"kind":"Field","name":{"kind":"Name","value":"away"}}]}},{"kind":"Field","name":{"kind":"Name","value":"shootout"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"home"}},{"kind":"Field","name":{"kind":"Name","value":"away"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"events"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}},{"kind":"Argument","name":{"kind":"Name","value":"afterSeq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"afterSeq"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Followed"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Followed"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"MatchEvent"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"seq"}},{"kind":"Field","name":{"kind":"Name","value":"score"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"home"}},{"kind":"Field","name":{"kind":"Name","value":"away"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"GoalScored"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"period"}},{"kind":"Field","name":{"kind":"Name","value":"voided"}},{"kind":"Field","name":{"kind":"Name","value":"team"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"player"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"clock"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"minute"}},{"kind":"Field","name":{"kind":"Name","value":"stoppage"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"MatchStateChanged"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PeriodStarted"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"period"}}]}}]}}]} as unknown as DocumentNode<FinalScoreQuery, FinalScoreQueryVariables>;
export const FollowMatchDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"FollowMatch"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"afterSeq"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"matchEvents"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"matchId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}},{"kind":"Argument","name":{"kind":"Name","value":"afterSeq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"afterSeq"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Followed"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Followed"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"MatchEvent"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"seq"}},{"kind":"Field","name":{"kind":"Name","value":"score"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"home"}},{"kind":"Field","name":{"kind":"Name","value":"away"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"GoalScored"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"period"}},{"kind":"Field","name":{"kind":"Name","value":"voided"}},{"kind":"Field","name":{"kind":"Name","value":"team"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"player"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"clock"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"minute"}},{"kind":"Field","name":{"kind":"Name","value":"stoppage"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"MatchStateChanged"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PeriodStarted"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"period"}}]}}]}}]} as unknown as DocumentNode<FollowMatchSubscription, FollowMatchSubscriptionVariables>;