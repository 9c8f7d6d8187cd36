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
    "\n  mutation CreateTeam($input: CreateTeamInput!) {\n    createTeam(input: $input) {\n      team {\n        id\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": typeof types.CreateTeamDocument,
    "\n  mutation ScheduleMatch($input: ScheduleMatchInput!) {\n    scheduleMatch(input: $input) {\n      match {\n        id\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": typeof types.ScheduleMatchDocument,
    "\n  query CompetitionMatches($competition: String!, $after: String) {\n    matches(competition: $competition, first: 100, after: $after) {\n      edges {\n        node {\n          id\n          state\n          kickoffAt\n          round\n          lastSeq\n          homeTeam {\n            name\n          }\n          awayTeam {\n            name\n          }\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": typeof types.CompetitionMatchesDocument,
    "\n  mutation StartMatch($input: StartMatchInput!) {\n    startMatch(input: $input) {\n      match {\n        id\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": typeof types.StartMatchDocument,
    "\n  mutation RecordMatchEvent($input: RecordMatchEventInput!) {\n    recordMatchEvent(input: $input) {\n      event {\n        seq\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": typeof types.RecordMatchEventDocument,
    "\n  mutation FinishMatch($input: FinishMatchInput!) {\n    finishMatch(input: $input) {\n      match {\n        id\n        lastSeq\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": typeof types.FinishMatchDocument,
    "\n  query FinalScore($id: ID!, $afterSeq: Int!) {\n    match(id: $id) {\n      state\n      lastSeq\n      score {\n        home\n        away\n        periods {\n          period\n          home\n          away\n        }\n        shootout {\n          home\n          away\n        }\n      }\n      events(first: 100, afterSeq: $afterSeq) {\n        ...Followed\n      }\n    }\n  }\n": typeof types.FinalScoreDocument,
    "\n  subscription FollowMatch($id: ID!, $afterSeq: Int) {\n    matchEvents(matchId: $id, afterSeq: $afterSeq) {\n      ...Followed\n    }\n  }\n": typeof types.FollowMatchDocument,
    "\n  fragment Followed on MatchEvent {\n    __typename\n    seq\n    score {\n      home\n      away\n    }\n    ... on GoalScored {\n      kind\n      period\n      voided\n      team {\n        name\n      }\n      player {\n        name\n      }\n      clock {\n        minute\n        stoppage\n      }\n    }\n    ... on MatchStateChanged {\n      state\n    }\n    ... on PeriodStarted {\n      period\n    }\n  }\n": typeof types.FollowedFragmentDoc,
};
const documents: Documents = {
    "\n  mutation CreateTeam($input: CreateTeamInput!) {\n    createTeam(input: $input) {\n      team {\n        id\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.CreateTeamDocument,
    "\n  mutation ScheduleMatch($input: ScheduleMatchInput!) {\n    scheduleMatch(input: $input) {\n      match {\n        id\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.ScheduleMatchDocument,
    "\n  query CompetitionMatches($competition: String!, $after: String) {\n    matches(competition: $competition, first: 100, after: $after) {\n      edges {\n        node {\n          id\n          state\n          kickoffAt\n          round\n          lastSeq\n          homeTeam {\n            name\n          }\n          awayTeam {\n            name\n          }\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": types.CompetitionMatchesDocument,
    "\n  mutation StartMatch($input: StartMatchInput!) {\n    startMatch(input: $input) {\n      match {\n        id\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.StartMatchDocument,
    "\n  mutation RecordMatchEvent($input: RecordMatchEventInput!) {\n    recordMatchEvent(input: $input) {\n      event {\n        seq\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.RecordMatchEventDocument,
    "\n  mutation FinishMatch($input: FinishMatchInput!) {\n    finishMatch(input: $input) {\n      match {\n        id\n        lastSeq\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.FinishMatchDocument,
    "\n  query FinalScore($id: ID!, $afterSeq: Int!) {\n    match(id: $id) {\n      state\n      lastSeq\n      score {\n        home\n        away\n        periods {\n          period\n          home\n          away\n        }\n        shootout {\n          home\n          away\n        }\n      }\n      events(first: 100, afterSeq: $afterSeq) {\n        ...Followed\n      }\n    }\n  }\n": types.FinalScoreDocument,
    "\n  subscription FollowMatch($id: ID!, $afterSeq: Int) {\n    matchEvents(matchId: $id, afterSeq: $afterSeq) {\n      ...Followed\n    }\n  }\n": types.FollowMatchDocument,
    "\n  fragment Followed on MatchEvent {\n    __typename\n    seq\n    score {\n      home\n      away\n    }\n    ... on GoalScored {\n      kind\n      period\n      voided\n      team {\n        name\n      }\n      player {\n        name\n      }\n      clock {\n        minute\n        stoppage\n      }\n    }\n    ... on MatchStateChanged {\n      state\n    }\n    ... on PeriodStarted {\n      period\n    }\n  }\n": types.FollowedFragmentDoc,
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
export function graphql(source: "\n  mutation CreateTeam($input: CreateTeamInput!) {\n    createTeam(input: $input) {\n      team {\n        id\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CreateTeam($input: CreateTeamInput!) {\n    createTeam(input: $input) {\n      team {\n        id\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ScheduleMatch($input: ScheduleMatchInput!) {\n    scheduleMatch(input: $input) {\n      match {\n        id\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation ScheduleMatch($input: ScheduleMatchInput!) {\n    scheduleMatch(input: $input) {\n      match {\n        id\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query CompetitionMatches($competition: String!, $after: String) {\n    matches(competition: $competition, first: 100, after: $after) {\n      edges {\n        node {\n          id\n          state\n          kickoffAt\n          round\n          lastSeq\n          homeTeam {\n            name\n          }\n          awayTeam {\n            name\n          }\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"): (typeof documents)["\n  query CompetitionMatches($competition: String!, $after: String) {\n    matches(competition: $competition, first: 100, after: $after) {\n      edges {\n        node {\n          id\n          state\n          kickoffAt\n          round\n          lastSeq\n          homeTeam {\n            name\n          }\n          awayTeam {\n            name\n          }\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation StartMatch($input: StartMatchInput!) {\n    startMatch(input: $input) {\n      match {\n        id\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation StartMatch($input: StartMatchInput!) {\n    startMatch(input: $input) {\n      match {\n        id\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RecordMatchEvent($input: RecordMatchEventInput!) {\n    recordMatchEvent(input: $input) {\n      event {\n        seq\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation RecordMatchEvent($input: RecordMatchEventInput!) {\n    recordMatchEvent(input: $input) {\n      event {\n        seq\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation FinishMatch($input: FinishMatchInput!) {\n    finishMatch(input: $input) {\n      match {\n        id\n        lastSeq\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation FinishMatch($input: FinishMatchInput!) {\n    finishMatch(input: $input) {\n      match {\n        id\n        lastSeq\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query FinalScore($id: ID!, $afterSeq: Int!) {\n    match(id: $id) {\n      state\n      lastSeq\n      score {\n        home\n        away\n        periods {\n          period\n          home\n          away\n        }\n        shootout {\n          home\n          away\n        }\n      }\n      events(first: 100, afterSeq: $afterSeq) {\n        ...Followed\n      }\n    }\n  }\n"): (typeof documents)["\n  query FinalScore($id: ID!, $afterSeq: Int!) {\n    match(id: $id) {\n      state\n      lastSeq\n      score {\n        home\n        away\n        periods {\n          period\n          home\n          away\n        }\n        shootout {\n          home\n          away\n        }\n      }\n      events(first: 100, afterSeq: $afterSeq) {\n        ...Followed\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription FollowMatch($id: ID!, $afterSeq: Int) {\n    matchEvents(matchId: $id, afterSeq: $afterSeq) {\n      ...Followed\n    }\n  }\n"): (typeof documents)["\n  subscription FollowMatch($id: ID!, $afterSeq: Int) {\n    matchEvents(matchId: $id, afterSeq: $afterSeq) {\n      ...Followed\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Followed on MatchEvent {\n    __typename\n    seq\n    score {\n      home\n      away\n    }\n    ... on GoalScored {\n      kind\n      period\n      voided\n      team {\n        name\n      }\n      player {\n        name\n      }\n      clock {\n        minute\n        stoppage\n      }\n    }\n    ... on MatchStateChanged {\n      state\n    }\n    ... on PeriodStarted {\n      period\n    }\n  }\n"): (typeof documents)["\n  fragment Followed on MatchEvent {\n    __typename\n    seq\n    score {\n      home\n      away\n    }\n    ... on GoalScored {\n      kind\n      period\n      voided\n      team {\n        name\n      }\n      player {\n        name\n      }\n      clock {\n        minute\n        stoppage\n      }\n    }\n    ... on MatchStateChanged {\n      state\n    }\n    ... on PeriodStarted {\n      period\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;