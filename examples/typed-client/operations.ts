import { graphql } from './generated/gql.ts';

export const LiveMatches = graphql(/* GraphQL */ `
  query LiveMatches {
    matches(state: LIVE, first: 1) {
      edges {
        node {
          id
        }
      }
    }
  }
`);

export const MatchHeader = graphql(/* GraphQL */ `
  query MatchHeader($id: ID!) {
    match(id: $id) {
      competition
      round
      homeTeam {
        name
      }
      awayTeam {
        name
      }
    }
  }
`);

export const Ticker = graphql(/* GraphQL */ `
  subscription Ticker($matchId: ID!, $afterSeq: Int) {
    matchEvents(matchId: $matchId, afterSeq: $afterSeq) {
      __typename
      seq
      score {
        home
        away
      }
      ... on MatchStateChanged {
        state
      }
      ... on PeriodStarted {
        period
      }
      ... on GoalScored {
        kind
        clock {
          minute
          stoppage
        }
        team {
          name
        }
        player {
          name
        }
      }
      ... on CardShown {
        card
        clock {
          minute
          stoppage
        }
        player {
          name
        }
      }
      ... on MatchEventVoided {
        voids
        reason
      }
    }
  }
`);
