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

/** How a goal was scored. */
export type GoalKind =
  /** A goal from play, a basket from the field, or a point. */
  | 'GOAL'
  /** A player of the other team shot the goal. It counts for `team`. */
  | 'OWN_GOAL'
  /** A goal from a penalty, a basket from a free throw, or a scored kick of a shoot-out. */
  | 'PENALTY';

/** The state of a match. */
export type MatchState =
  /** The match ended early and has no result. */
  | 'ABANDONED'
  /** The match is in a break. */
  | 'BREAK'
  /** The match will not be played or completed, or its result was annulled. */
  | 'CANCELLED'
  /** The result is confirmed and counts. */
  | 'CONFIRMED'
  /** The match is over. Its result is provisional: it is not confirmed, or a protest is open. */
  | 'FINISHED'
  /** At least one side has set its lineup. */
  | 'LINEUPS'
  /** The match is being played. */
  | 'LIVE'
  /** The match will be played at another time, which is not known yet. */
  | 'POSTPONED'
  /** The match is planned. */
  | 'SCHEDULED'
  /** The match is interrupted. */
  | 'SUSPENDED'
  /**
   * The match was not played or not completed, or a protest was decided so. One side wins with the score for a walkover,
   * which the tournament or else the sport sets, or both sides lose. The result counts.
   */
  | 'WALKOVER';

export type LiveMatchesQueryVariables = Exact<{ [key: string]: never; }>;


export type LiveMatchesQuery = { matches: { edges: Array<{ node: { id: string } }> } | null };

export type MatchHeaderQueryVariables = Exact<{
  id: string | number;
}>;


export type MatchHeaderQuery = { match: { competition: string | null, round: string | null, homeTeam: { name: string } | null, awayTeam: { name: string } | null } | null };

export type TickerSubscriptionVariables = Exact<{
  matchId: string | number;
  afterSeq?: number | null | undefined;
}>;


export type TickerSubscription = { matchEvents:
    | { __typename: 'CardShown', card: Card, seq: number, clock: { minute: number, stoppage: number | null } | null, player: { name: string } | null, score: { home: number, away: number } }
    | { __typename: 'GoalScored', kind: GoalKind, seq: number, clock: { minute: number, stoppage: number | null } | null, team: { name: string } | null, player: { name: string } | null, score: { home: number, away: number } }
    | { __typename: 'LineupGiven', seq: number, score: { home: number, away: number } }
    | { __typename: 'MatchEventVoided', voids: number, reason: string | null, seq: number, score: { home: number, away: number } }
    | { __typename: 'MatchPlanned', seq: number, score: { home: number, away: number } }
    | { __typename: 'MatchStateChanged', state: MatchState, seq: number, score: { home: number, away: number } }
    | { __typename: 'PeriodStarted', period: number | null, seq: number, score: { home: number, away: number } }
    | { __typename: 'PlayerSubstituted', seq: number, score: { home: number, away: number } }
    | { __typename: 'ReplayOrdered', seq: number, score: { home: number, away: number } }
    | { __typename: 'ResultConfirmed', seq: number, score: { home: number, away: number } }
    | { __typename: 'ResultProtested', seq: number, score: { home: number, away: number } }
    | { __typename: 'ResultSet', seq: number, score: { home: number, away: number } }
   };


export const LiveMatchesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"LiveMatches"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"matches"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"state"},"value":{"kind":"EnumValue","value":"LIVE"}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"1"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]}}]}}]} as unknown as DocumentNode<LiveMatchesQuery, LiveMatchesQueryVariables>;
export const MatchHeaderDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"MatchHeader"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"match"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"competition"}},{"kind":"Field","name":{"kind":"Name","value":"round"}},{"kind":"Field","name":{"kind":"Name","value":"homeTeam"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"awayTeam"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]} as unknown as DocumentNode<MatchHeaderQuery, MatchHeaderQueryVariables>;
export const TickerDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"Ticker"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"matchId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"afterSeq"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"matchEvents"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"matchId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"matchId"}}},{"kind":"Argument","name":{"kind":"Name","value":"afterSeq"},"value":{"kind":"Variable","name":{"kind":"Name","value":"afterSeq"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"seq"}},{"kind":"Field","name":{"kind":"Name","value":"score"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"home"}},{"kind":"Field","name":{"kind":"Name","value":"away"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"MatchStateChanged"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PeriodStarted"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"period"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"GoalScored"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"clock"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"minute"}},{"kind":"Field","name":{"kind":"Name","value":"stoppage"}}]}},{"kind":"Field","name":{"kind":"Name","value":"team"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"player"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CardShown"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"card"}},{"kind":"Field","name":{"kind":"Name","value":"clock"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"minute"}},{"kind":"Field","name":{"kind":"Name","value":"stoppage"}}]}},{"kind":"Field","name":{"kind":"Name","value":"player"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"MatchEventVoided"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"voids"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}}]}}]}}]}}]} as unknown as DocumentNode<TickerSubscription, TickerSubscriptionVariables>;