import { graphql } from './generated/gql.ts';

export const SideFragment = graphql(/* GraphQL */ `
  fragment Side on BracketSide {
    team {
      name
    }
    label
    score
    shootout
    won
  }
`);

export const SlotFragment = graphql(/* GraphQL */ `
  fragment Slot on BracketSlot {
    id
    part
    round
    position
    leg
    label
    state
    winnerTo
    kickoffAt
    home {
      ...Side
    }
    away {
      ...Side
    }
    match {
      state
    }
  }
`);

export const TableFragment = graphql(/* GraphQL */ `
  fragment Table on Group {
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
      tied
      provisional
      deductions {
        points
        reason
      }
    }
  }
`);

export const TournamentStages = graphql(/* GraphQL */ `
  query TournamentStages($id: ID!) {
    tournament(id: $id) {
      name
      timeZone
      stages(first: 16) {
        id
        number
        name
        bracket {
          slotCount
        }
      }
    }
  }
`);

/** The tables of a stage. A stage has at most 64 groups. */
export const StageTables = graphql(/* GraphQL */ `
  query StageTables($id: ID!) {
    node(id: $id) {
      ... on Stage {
        groups(first: 256) {
          ...Table
        }
      }
    }
  }
`);

/**
 * The bracket of a stage. `$slots` is the number of its slots and not more, because the requested size of a list counts
 * against the limit of an operation.
 */
export const StageBracket = graphql(/* GraphQL */ `
  query StageBracket($id: ID!, $slots: Int!) {
    node(id: $id) {
      ... on Stage {
        rounds {
          part
          number
          name
        }
        bracket {
          slots(first: $slots) {
            ...Slot
          }
        }
      }
    }
  }
`);

export const NewestTournaments = graphql(/* GraphQL */ `
  query NewestTournaments {
    tournaments(last: 100) {
      edges {
        node {
          id
          name
        }
      }
    }
  }
`);
