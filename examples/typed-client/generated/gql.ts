/* eslint-disable */
import * as types from './graphql.ts';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  query LiveMatches {\n    matches(state: LIVE, first: 1) {\n      edges {\n        node {\n          id\n        }\n      }\n    }\n  }\n": typeof types.LiveMatchesDocument,
    "\n  query MatchHeader($id: ID!) {\n    match(id: $id) {\n      competition\n      round\n      homeTeam {\n        name\n      }\n      awayTeam {\n        name\n      }\n    }\n  }\n": typeof types.MatchHeaderDocument,
    "\n  subscription Ticker($matchId: ID!, $afterSeq: Int) {\n    matchEvents(matchId: $matchId, afterSeq: $afterSeq) {\n      __typename\n      seq\n      score {\n        home\n        away\n      }\n      ... on MatchStateChanged {\n        state\n      }\n      ... on PeriodStarted {\n        period\n      }\n      ... on GoalScored {\n        kind\n        clock {\n          minute\n          stoppage\n        }\n        team {\n          name\n        }\n        player {\n          name\n        }\n      }\n      ... on CardShown {\n        card\n        clock {\n          minute\n          stoppage\n        }\n        player {\n          name\n        }\n      }\n      ... on MatchEventVoided {\n        voids\n        reason\n      }\n    }\n  }\n": typeof types.TickerDocument,
};
const documents: Documents = {
    "\n  query LiveMatches {\n    matches(state: LIVE, first: 1) {\n      edges {\n        node {\n          id\n        }\n      }\n    }\n  }\n": types.LiveMatchesDocument,
    "\n  query MatchHeader($id: ID!) {\n    match(id: $id) {\n      competition\n      round\n      homeTeam {\n        name\n      }\n      awayTeam {\n        name\n      }\n    }\n  }\n": types.MatchHeaderDocument,
    "\n  subscription Ticker($matchId: ID!, $afterSeq: Int) {\n    matchEvents(matchId: $matchId, afterSeq: $afterSeq) {\n      __typename\n      seq\n      score {\n        home\n        away\n      }\n      ... on MatchStateChanged {\n        state\n      }\n      ... on PeriodStarted {\n        period\n      }\n      ... on GoalScored {\n        kind\n        clock {\n          minute\n          stoppage\n        }\n        team {\n          name\n        }\n        player {\n          name\n        }\n      }\n      ... on CardShown {\n        card\n        clock {\n          minute\n          stoppage\n        }\n        player {\n          name\n        }\n      }\n      ... on MatchEventVoided {\n        voids\n        reason\n      }\n    }\n  }\n": types.TickerDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query LiveMatches {\n    matches(state: LIVE, first: 1) {\n      edges {\n        node {\n          id\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query LiveMatches {\n    matches(state: LIVE, first: 1) {\n      edges {\n        node {\n          id\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query MatchHeader($id: ID!) {\n    match(id: $id) {\n      competition\n      round\n      homeTeam {\n        name\n      }\n      awayTeam {\n        name\n      }\n    }\n  }\n"): (typeof documents)["\n  query MatchHeader($id: ID!) {\n    match(id: $id) {\n      competition\n      round\n      homeTeam {\n        name\n      }\n      awayTeam {\n        name\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription Ticker($matchId: ID!, $afterSeq: Int) {\n    matchEvents(matchId: $matchId, afterSeq: $afterSeq) {\n      __typename\n      seq\n      score {\n        home\n        away\n      }\n      ... on MatchStateChanged {\n        state\n      }\n      ... on PeriodStarted {\n        period\n      }\n      ... on GoalScored {\n        kind\n        clock {\n          minute\n          stoppage\n        }\n        team {\n          name\n        }\n        player {\n          name\n        }\n      }\n      ... on CardShown {\n        card\n        clock {\n          minute\n          stoppage\n        }\n        player {\n          name\n        }\n      }\n      ... on MatchEventVoided {\n        voids\n        reason\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription Ticker($matchId: ID!, $afterSeq: Int) {\n    matchEvents(matchId: $matchId, afterSeq: $afterSeq) {\n      __typename\n      seq\n      score {\n        home\n        away\n      }\n      ... on MatchStateChanged {\n        state\n      }\n      ... on PeriodStarted {\n        period\n      }\n      ... on GoalScored {\n        kind\n        clock {\n          minute\n          stoppage\n        }\n        team {\n          name\n        }\n        player {\n          name\n        }\n      }\n      ... on CardShown {\n        card\n        clock {\n          minute\n          stoppage\n        }\n        player {\n          name\n        }\n      }\n      ... on MatchEventVoided {\n        voids\n        reason\n      }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;