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
    "\n  query CompetitionMatches($competition: String!, $after: String) {\n    matches(competition: $competition, first: 100, after: $after) {\n      edges {\n        node {\n          id\n          state\n          kickoffAt\n          round\n          lastSeq\n          tournament {\n            id\n          }\n          homeTeam {\n            name\n          }\n          awayTeam {\n            name\n          }\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": typeof types.CompetitionMatchesDocument,
    "\n  mutation StartMatch($input: StartMatchInput!) {\n    startMatch(input: $input) {\n      match {\n        id\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": typeof types.StartMatchDocument,
    "\n  mutation RecordMatchEvent($input: RecordMatchEventInput!) {\n    recordMatchEvent(input: $input) {\n      event {\n        seq\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": typeof types.RecordMatchEventDocument,
    "\n  mutation FinishMatch($input: FinishMatchInput!) {\n    finishMatch(input: $input) {\n      match {\n        id\n        lastSeq\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": typeof types.FinishMatchDocument,
    "\n  query FinalScore($id: ID!, $afterSeq: Int!) {\n    match(id: $id) {\n      state\n      lastSeq\n      score {\n        home\n        away\n        periods {\n          period\n          home\n          away\n        }\n        shootout {\n          home\n          away\n        }\n      }\n      events(first: 100, afterSeq: $afterSeq) {\n        ...Followed\n      }\n    }\n  }\n": typeof types.FinalScoreDocument,
    "\n  subscription FollowMatch($id: ID!, $afterSeq: Int) {\n    matchEvents(matchId: $id, afterSeq: $afterSeq) {\n      ...Followed\n    }\n  }\n": typeof types.FollowMatchDocument,
    "\n  fragment Followed on MatchEvent {\n    __typename\n    seq\n    score {\n      home\n      away\n    }\n    ... on GoalScored {\n      kind\n      period\n      voided\n      team {\n        name\n      }\n      player {\n        name\n      }\n      clock {\n        minute\n        stoppage\n      }\n    }\n    ... on MatchStateChanged {\n      state\n    }\n    ... on PeriodStarted {\n      period\n    }\n  }\n": typeof types.FollowedFragmentDoc,
    "\n  mutation CreateTournament($input: CreateTournamentInput!) {\n    createTournament(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": typeof types.CreateTournamentDocument,
    "\n  mutation SetStages($input: SetStagesInput!) {\n    setStages(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": typeof types.SetStagesDocument,
    "\n  mutation PublishTournament($input: PublishTournamentInput!) {\n    publishTournament(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": typeof types.PublishTournamentDocument,
    "\n  mutation CloseRegistration($input: CloseRegistrationInput!) {\n    closeRegistration(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": typeof types.CloseRegistrationDocument,
    "\n  mutation DrawTournament($input: DrawTournamentInput!) {\n    drawTournament(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": typeof types.DrawTournamentDocument,
    "\n  mutation StartTournament($input: StartTournamentInput!) {\n    startTournament(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": typeof types.StartTournamentDocument,
    "\n  mutation DeductPoints($input: DeductPointsInput!) {\n    deductPoints(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": typeof types.DeductPointsDocument,
    "\n  mutation RecordFairPlay($input: RecordFairPlayInput!) {\n    recordFairPlay(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": typeof types.RecordFairPlayDocument,
    "\n  mutation RecordRanking($input: RecordRankingInput!) {\n    recordRanking(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": typeof types.RecordRankingDocument,
    "\n  mutation RecordLots($input: RecordLotsInput!) {\n    recordLots(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": typeof types.RecordLotsDocument,
    "\n  mutation RecordPlayOff($input: RecordPlayOffInput!) {\n    recordPlayOff(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": typeof types.RecordPlayOffDocument,
    "\n  mutation DeleteTournament($input: DeleteTournamentInput!) {\n    deleteTournament(input: $input) {\n      deletedTournamentId\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": typeof types.DeleteTournamentDocument,
    "\n  mutation EnterTournament($input: EnterTournamentInput!) {\n    enterTournament(input: $input) {\n      entry {\n        id\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": typeof types.EnterTournamentDocument,
    "\n  mutation RecordFinalScore($input: RecordFinalScoreInput!) {\n    recordFinalScore(input: $input) {\n      match {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": typeof types.RecordFinalScoreDocument,
    "\n  mutation ConfirmResult($input: ConfirmResultInput!) {\n    confirmResult(input: $input) {\n      match {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": typeof types.ConfirmResultDocument,
    "\n  mutation AwardWalkover($input: AwardWalkoverInput!) {\n    awardWalkover(input: $input) {\n      match {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": typeof types.AwardWalkoverDocument,
    "\n  mutation CorrectResult($input: CorrectResultInput!) {\n    correctResult(input: $input) {\n      match {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": typeof types.CorrectResultDocument,
    "\n  query TournamentStages($id: ID!) {\n    tournament(id: $id) {\n      id\n      state\n      stages(first: 16) {\n        id\n        name\n        format\n        state\n      }\n    }\n  }\n": typeof types.TournamentStagesDocument,
    "\n  query StagePlan($id: ID!) {\n    node(id: $id) {\n      ... on Stage {\n        bracket {\n          slots(first: 512) {\n            part\n            round\n          }\n        }\n        rounds {\n          number\n          name\n          part\n          group {\n            number\n          }\n          matches(first: 512) {\n            id\n            state\n            score {\n              home\n              away\n            }\n            homeTeam {\n              name\n            }\n            awayTeam {\n              name\n            }\n          }\n        }\n      }\n    }\n  }\n": typeof types.StagePlanDocument,
    "\n  query StageTables($id: ID!) {\n    node(id: $id) {\n      ... on Stage {\n        groups(first: 256) {\n          name\n          standings {\n            rank\n            team {\n              name\n            }\n            played\n            won\n            drawn\n            lost\n            scoreFor\n            scoreAgainst\n            points\n            decidedBy\n            tied\n            deductions {\n              points\n              reason\n              madeAt\n            }\n          }\n        }\n      }\n    }\n  }\n": typeof types.StageTablesDocument,
    "\n  query TournamentEntries($id: ID!, $after: String) {\n    tournament(id: $id) {\n      entries(first: 100, after: $after) {\n        edges {\n          node {\n            id\n            team {\n              id\n              name\n            }\n          }\n        }\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n      }\n    }\n  }\n": typeof types.TournamentEntriesDocument,
};
const documents: Documents = {
    "\n  mutation CreateTeam($input: CreateTeamInput!) {\n    createTeam(input: $input) {\n      team {\n        id\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.CreateTeamDocument,
    "\n  mutation ScheduleMatch($input: ScheduleMatchInput!) {\n    scheduleMatch(input: $input) {\n      match {\n        id\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.ScheduleMatchDocument,
    "\n  query CompetitionMatches($competition: String!, $after: String) {\n    matches(competition: $competition, first: 100, after: $after) {\n      edges {\n        node {\n          id\n          state\n          kickoffAt\n          round\n          lastSeq\n          tournament {\n            id\n          }\n          homeTeam {\n            name\n          }\n          awayTeam {\n            name\n          }\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": types.CompetitionMatchesDocument,
    "\n  mutation StartMatch($input: StartMatchInput!) {\n    startMatch(input: $input) {\n      match {\n        id\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.StartMatchDocument,
    "\n  mutation RecordMatchEvent($input: RecordMatchEventInput!) {\n    recordMatchEvent(input: $input) {\n      event {\n        seq\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.RecordMatchEventDocument,
    "\n  mutation FinishMatch($input: FinishMatchInput!) {\n    finishMatch(input: $input) {\n      match {\n        id\n        lastSeq\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.FinishMatchDocument,
    "\n  query FinalScore($id: ID!, $afterSeq: Int!) {\n    match(id: $id) {\n      state\n      lastSeq\n      score {\n        home\n        away\n        periods {\n          period\n          home\n          away\n        }\n        shootout {\n          home\n          away\n        }\n      }\n      events(first: 100, afterSeq: $afterSeq) {\n        ...Followed\n      }\n    }\n  }\n": types.FinalScoreDocument,
    "\n  subscription FollowMatch($id: ID!, $afterSeq: Int) {\n    matchEvents(matchId: $id, afterSeq: $afterSeq) {\n      ...Followed\n    }\n  }\n": types.FollowMatchDocument,
    "\n  fragment Followed on MatchEvent {\n    __typename\n    seq\n    score {\n      home\n      away\n    }\n    ... on GoalScored {\n      kind\n      period\n      voided\n      team {\n        name\n      }\n      player {\n        name\n      }\n      clock {\n        minute\n        stoppage\n      }\n    }\n    ... on MatchStateChanged {\n      state\n    }\n    ... on PeriodStarted {\n      period\n    }\n  }\n": types.FollowedFragmentDoc,
    "\n  mutation CreateTournament($input: CreateTournamentInput!) {\n    createTournament(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.CreateTournamentDocument,
    "\n  mutation SetStages($input: SetStagesInput!) {\n    setStages(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.SetStagesDocument,
    "\n  mutation PublishTournament($input: PublishTournamentInput!) {\n    publishTournament(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.PublishTournamentDocument,
    "\n  mutation CloseRegistration($input: CloseRegistrationInput!) {\n    closeRegistration(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.CloseRegistrationDocument,
    "\n  mutation DrawTournament($input: DrawTournamentInput!) {\n    drawTournament(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.DrawTournamentDocument,
    "\n  mutation StartTournament($input: StartTournamentInput!) {\n    startTournament(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.StartTournamentDocument,
    "\n  mutation DeductPoints($input: DeductPointsInput!) {\n    deductPoints(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.DeductPointsDocument,
    "\n  mutation RecordFairPlay($input: RecordFairPlayInput!) {\n    recordFairPlay(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.RecordFairPlayDocument,
    "\n  mutation RecordRanking($input: RecordRankingInput!) {\n    recordRanking(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.RecordRankingDocument,
    "\n  mutation RecordLots($input: RecordLotsInput!) {\n    recordLots(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.RecordLotsDocument,
    "\n  mutation RecordPlayOff($input: RecordPlayOffInput!) {\n    recordPlayOff(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.RecordPlayOffDocument,
    "\n  mutation DeleteTournament($input: DeleteTournamentInput!) {\n    deleteTournament(input: $input) {\n      deletedTournamentId\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.DeleteTournamentDocument,
    "\n  mutation EnterTournament($input: EnterTournamentInput!) {\n    enterTournament(input: $input) {\n      entry {\n        id\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.EnterTournamentDocument,
    "\n  mutation RecordFinalScore($input: RecordFinalScoreInput!) {\n    recordFinalScore(input: $input) {\n      match {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.RecordFinalScoreDocument,
    "\n  mutation ConfirmResult($input: ConfirmResultInput!) {\n    confirmResult(input: $input) {\n      match {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.ConfirmResultDocument,
    "\n  mutation AwardWalkover($input: AwardWalkoverInput!) {\n    awardWalkover(input: $input) {\n      match {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.AwardWalkoverDocument,
    "\n  mutation CorrectResult($input: CorrectResultInput!) {\n    correctResult(input: $input) {\n      match {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.CorrectResultDocument,
    "\n  query TournamentStages($id: ID!) {\n    tournament(id: $id) {\n      id\n      state\n      stages(first: 16) {\n        id\n        name\n        format\n        state\n      }\n    }\n  }\n": types.TournamentStagesDocument,
    "\n  query StagePlan($id: ID!) {\n    node(id: $id) {\n      ... on Stage {\n        bracket {\n          slots(first: 512) {\n            part\n            round\n          }\n        }\n        rounds {\n          number\n          name\n          part\n          group {\n            number\n          }\n          matches(first: 512) {\n            id\n            state\n            score {\n              home\n              away\n            }\n            homeTeam {\n              name\n            }\n            awayTeam {\n              name\n            }\n          }\n        }\n      }\n    }\n  }\n": types.StagePlanDocument,
    "\n  query StageTables($id: ID!) {\n    node(id: $id) {\n      ... on Stage {\n        groups(first: 256) {\n          name\n          standings {\n            rank\n            team {\n              name\n            }\n            played\n            won\n            drawn\n            lost\n            scoreFor\n            scoreAgainst\n            points\n            decidedBy\n            tied\n            deductions {\n              points\n              reason\n              madeAt\n            }\n          }\n        }\n      }\n    }\n  }\n": types.StageTablesDocument,
    "\n  query TournamentEntries($id: ID!, $after: String) {\n    tournament(id: $id) {\n      entries(first: 100, after: $after) {\n        edges {\n          node {\n            id\n            team {\n              id\n              name\n            }\n          }\n        }\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n      }\n    }\n  }\n": types.TournamentEntriesDocument,
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
export function graphql(source: "\n  query CompetitionMatches($competition: String!, $after: String) {\n    matches(competition: $competition, first: 100, after: $after) {\n      edges {\n        node {\n          id\n          state\n          kickoffAt\n          round\n          lastSeq\n          tournament {\n            id\n          }\n          homeTeam {\n            name\n          }\n          awayTeam {\n            name\n          }\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"): (typeof documents)["\n  query CompetitionMatches($competition: String!, $after: String) {\n    matches(competition: $competition, first: 100, after: $after) {\n      edges {\n        node {\n          id\n          state\n          kickoffAt\n          round\n          lastSeq\n          tournament {\n            id\n          }\n          homeTeam {\n            name\n          }\n          awayTeam {\n            name\n          }\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"];
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
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateTournament($input: CreateTournamentInput!) {\n    createTournament(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CreateTournament($input: CreateTournamentInput!) {\n    createTournament(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SetStages($input: SetStagesInput!) {\n    setStages(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation SetStages($input: SetStagesInput!) {\n    setStages(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation PublishTournament($input: PublishTournamentInput!) {\n    publishTournament(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation PublishTournament($input: PublishTournamentInput!) {\n    publishTournament(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CloseRegistration($input: CloseRegistrationInput!) {\n    closeRegistration(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CloseRegistration($input: CloseRegistrationInput!) {\n    closeRegistration(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DrawTournament($input: DrawTournamentInput!) {\n    drawTournament(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation DrawTournament($input: DrawTournamentInput!) {\n    drawTournament(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation StartTournament($input: StartTournamentInput!) {\n    startTournament(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation StartTournament($input: StartTournamentInput!) {\n    startTournament(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DeductPoints($input: DeductPointsInput!) {\n    deductPoints(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation DeductPoints($input: DeductPointsInput!) {\n    deductPoints(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RecordFairPlay($input: RecordFairPlayInput!) {\n    recordFairPlay(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation RecordFairPlay($input: RecordFairPlayInput!) {\n    recordFairPlay(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RecordRanking($input: RecordRankingInput!) {\n    recordRanking(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation RecordRanking($input: RecordRankingInput!) {\n    recordRanking(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RecordLots($input: RecordLotsInput!) {\n    recordLots(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation RecordLots($input: RecordLotsInput!) {\n    recordLots(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RecordPlayOff($input: RecordPlayOffInput!) {\n    recordPlayOff(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation RecordPlayOff($input: RecordPlayOffInput!) {\n    recordPlayOff(input: $input) {\n      tournament {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DeleteTournament($input: DeleteTournamentInput!) {\n    deleteTournament(input: $input) {\n      deletedTournamentId\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation DeleteTournament($input: DeleteTournamentInput!) {\n    deleteTournament(input: $input) {\n      deletedTournamentId\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation EnterTournament($input: EnterTournamentInput!) {\n    enterTournament(input: $input) {\n      entry {\n        id\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation EnterTournament($input: EnterTournamentInput!) {\n    enterTournament(input: $input) {\n      entry {\n        id\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RecordFinalScore($input: RecordFinalScoreInput!) {\n    recordFinalScore(input: $input) {\n      match {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation RecordFinalScore($input: RecordFinalScoreInput!) {\n    recordFinalScore(input: $input) {\n      match {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ConfirmResult($input: ConfirmResultInput!) {\n    confirmResult(input: $input) {\n      match {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation ConfirmResult($input: ConfirmResultInput!) {\n    confirmResult(input: $input) {\n      match {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AwardWalkover($input: AwardWalkoverInput!) {\n    awardWalkover(input: $input) {\n      match {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation AwardWalkover($input: AwardWalkoverInput!) {\n    awardWalkover(input: $input) {\n      match {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CorrectResult($input: CorrectResultInput!) {\n    correctResult(input: $input) {\n      match {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CorrectResult($input: CorrectResultInput!) {\n    correctResult(input: $input) {\n      match {\n        id\n        state\n      }\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query TournamentStages($id: ID!) {\n    tournament(id: $id) {\n      id\n      state\n      stages(first: 16) {\n        id\n        name\n        format\n        state\n      }\n    }\n  }\n"): (typeof documents)["\n  query TournamentStages($id: ID!) {\n    tournament(id: $id) {\n      id\n      state\n      stages(first: 16) {\n        id\n        name\n        format\n        state\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query StagePlan($id: ID!) {\n    node(id: $id) {\n      ... on Stage {\n        bracket {\n          slots(first: 512) {\n            part\n            round\n          }\n        }\n        rounds {\n          number\n          name\n          part\n          group {\n            number\n          }\n          matches(first: 512) {\n            id\n            state\n            score {\n              home\n              away\n            }\n            homeTeam {\n              name\n            }\n            awayTeam {\n              name\n            }\n          }\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query StagePlan($id: ID!) {\n    node(id: $id) {\n      ... on Stage {\n        bracket {\n          slots(first: 512) {\n            part\n            round\n          }\n        }\n        rounds {\n          number\n          name\n          part\n          group {\n            number\n          }\n          matches(first: 512) {\n            id\n            state\n            score {\n              home\n              away\n            }\n            homeTeam {\n              name\n            }\n            awayTeam {\n              name\n            }\n          }\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query StageTables($id: ID!) {\n    node(id: $id) {\n      ... on Stage {\n        groups(first: 256) {\n          name\n          standings {\n            rank\n            team {\n              name\n            }\n            played\n            won\n            drawn\n            lost\n            scoreFor\n            scoreAgainst\n            points\n            decidedBy\n            tied\n            deductions {\n              points\n              reason\n              madeAt\n            }\n          }\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query StageTables($id: ID!) {\n    node(id: $id) {\n      ... on Stage {\n        groups(first: 256) {\n          name\n          standings {\n            rank\n            team {\n              name\n            }\n            played\n            won\n            drawn\n            lost\n            scoreFor\n            scoreAgainst\n            points\n            decidedBy\n            tied\n            deductions {\n              points\n              reason\n              madeAt\n            }\n          }\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query TournamentEntries($id: ID!, $after: String) {\n    tournament(id: $id) {\n      entries(first: 100, after: $after) {\n        edges {\n          node {\n            id\n            team {\n              id\n              name\n            }\n          }\n        }\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query TournamentEntries($id: ID!, $after: String) {\n    tournament(id: $id) {\n      entries(first: 100, after: $after) {\n        edges {\n          node {\n            id\n            team {\n              id\n              name\n            }\n          }\n        }\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n      }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;