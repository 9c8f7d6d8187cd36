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
