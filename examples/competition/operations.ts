import { graphql } from './generated/gql.ts';

export const CreateTeam = graphql(/* GraphQL */ `
  mutation CreateTeam($input: CreateTeamInput!) {
    createTeam(input: $input) {
      team {
        id
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const ScheduleMatch = graphql(/* GraphQL */ `
  mutation ScheduleMatch($input: ScheduleMatchInput!) {
    scheduleMatch(input: $input) {
      match {
        id
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const CompetitionMatches = graphql(/* GraphQL */ `
  query CompetitionMatches($competition: String!, $after: String) {
    matches(competition: $competition, first: 100, after: $after) {
      edges {
        node {
          id
          state
          kickoffAt
          round
          lastSeq
          tournament {
            id
          }
          homeTeam {
            name
          }
          awayTeam {
            name
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const StartMatch = graphql(/* GraphQL */ `
  mutation StartMatch($input: StartMatchInput!) {
    startMatch(input: $input) {
      match {
        id
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const RecordMatchEvent = graphql(/* GraphQL */ `
  mutation RecordMatchEvent($input: RecordMatchEventInput!) {
    recordMatchEvent(input: $input) {
      event {
        seq
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const FinishMatch = graphql(/* GraphQL */ `
  mutation FinishMatch($input: FinishMatchInput!) {
    finishMatch(input: $input) {
      match {
        id
        lastSeq
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const FinalScore = graphql(/* GraphQL */ `
  query FinalScore($id: ID!, $afterSeq: Int!) {
    match(id: $id) {
      state
      lastSeq
      score {
        home
        away
        periods {
          period
          home
          away
        }
        shootout {
          home
          away
        }
      }
      events(first: 100, afterSeq: $afterSeq) {
        ...Followed
      }
    }
  }
`);

export const FollowMatch = graphql(/* GraphQL */ `
  subscription FollowMatch($id: ID!, $afterSeq: Int) {
    matchEvents(matchId: $id, afterSeq: $afterSeq) {
      ...Followed
    }
  }
`);

export const FollowedFragment = graphql(/* GraphQL */ `
  fragment Followed on MatchEvent {
    __typename
    seq
    score {
      home
      away
    }
    ... on GoalScored {
      kind
      period
      voided
      team {
        name
      }
      player {
        name
      }
      clock {
        minute
        stoppage
      }
    }
    ... on MatchStateChanged {
      state
    }
    ... on PeriodStarted {
      period
    }
  }
`);

export const CreateTournament = graphql(/* GraphQL */ `
  mutation CreateTournament($input: CreateTournamentInput!) {
    createTournament(input: $input) {
      tournament {
        id
        state
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const SetStages = graphql(/* GraphQL */ `
  mutation SetStages($input: SetStagesInput!) {
    setStages(input: $input) {
      tournament {
        id
        state
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const PublishTournament = graphql(/* GraphQL */ `
  mutation PublishTournament($input: PublishTournamentInput!) {
    publishTournament(input: $input) {
      tournament {
        id
        state
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const CloseRegistration = graphql(/* GraphQL */ `
  mutation CloseRegistration($input: CloseRegistrationInput!) {
    closeRegistration(input: $input) {
      tournament {
        id
        state
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const DrawTournament = graphql(/* GraphQL */ `
  mutation DrawTournament($input: DrawTournamentInput!) {
    drawTournament(input: $input) {
      tournament {
        id
        state
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const StartTournament = graphql(/* GraphQL */ `
  mutation StartTournament($input: StartTournamentInput!) {
    startTournament(input: $input) {
      tournament {
        id
        state
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const DeductPoints = graphql(/* GraphQL */ `
  mutation DeductPoints($input: DeductPointsInput!) {
    deductPoints(input: $input) {
      tournament {
        id
        state
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const RecordFairPlay = graphql(/* GraphQL */ `
  mutation RecordFairPlay($input: RecordFairPlayInput!) {
    recordFairPlay(input: $input) {
      tournament {
        id
        state
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const RecordRanking = graphql(/* GraphQL */ `
  mutation RecordRanking($input: RecordRankingInput!) {
    recordRanking(input: $input) {
      tournament {
        id
        state
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const RecordLots = graphql(/* GraphQL */ `
  mutation RecordLots($input: RecordLotsInput!) {
    recordLots(input: $input) {
      tournament {
        id
        state
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const RecordPlayOff = graphql(/* GraphQL */ `
  mutation RecordPlayOff($input: RecordPlayOffInput!) {
    recordPlayOff(input: $input) {
      tournament {
        id
        state
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const DeleteTournament = graphql(/* GraphQL */ `
  mutation DeleteTournament($input: DeleteTournamentInput!) {
    deleteTournament(input: $input) {
      deletedTournamentId
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const EnterTournament = graphql(/* GraphQL */ `
  mutation EnterTournament($input: EnterTournamentInput!) {
    enterTournament(input: $input) {
      entry {
        id
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const RecordFinalScore = graphql(/* GraphQL */ `
  mutation RecordFinalScore($input: RecordFinalScoreInput!) {
    recordFinalScore(input: $input) {
      match {
        id
        state
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const ConfirmResult = graphql(/* GraphQL */ `
  mutation ConfirmResult($input: ConfirmResultInput!) {
    confirmResult(input: $input) {
      match {
        id
        state
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const AwardWalkover = graphql(/* GraphQL */ `
  mutation AwardWalkover($input: AwardWalkoverInput!) {
    awardWalkover(input: $input) {
      match {
        id
        state
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const CorrectResult = graphql(/* GraphQL */ `
  mutation CorrectResult($input: CorrectResultInput!) {
    correctResult(input: $input) {
      match {
        id
        state
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const TournamentStages = graphql(/* GraphQL */ `
  query TournamentStages($id: ID!) {
    tournament(id: $id) {
      id
      state
      stages(first: 16) {
        id
        name
        format
        state
      }
    }
  }
`);

export const StagePlan = graphql(/* GraphQL */ `
  query StagePlan($id: ID!) {
    node(id: $id) {
      ... on Stage {
        bracket {
          slots(first: 512) {
            part
            round
          }
        }
        rounds {
          number
          name
          part
          group {
            number
          }
          matches(first: 512) {
            id
            state
            score {
              home
              away
            }
            homeTeam {
              name
            }
            awayTeam {
              name
            }
          }
        }
      }
    }
  }
`);

export const StageTables = graphql(/* GraphQL */ `
  query StageTables($id: ID!) {
    node(id: $id) {
      ... on Stage {
        groups(first: 256) {
          name
          standings {
            rank
            team {
              name
            }
            played
            won
            drawn
            lost
            scoreFor
            scoreAgainst
            points
            decidedBy
            tied
            deductions {
              points
              reason
              madeAt
            }
          }
        }
      }
    }
  }
`);

export const TournamentEntries = graphql(/* GraphQL */ `
  query TournamentEntries($id: ID!, $after: String) {
    tournament(id: $id) {
      entries(first: 100, after: $after) {
        edges {
          node {
            id
            team {
              id
              name
            }
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);
