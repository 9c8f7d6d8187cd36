import { graphql } from './generated/gql.ts';

export const Register = graphql(/* GraphQL */ `
  mutation Register($input: RegisterInput!) {
    register(input: $input) {
      user {
        id
        username
        displayName
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const CreateTeam = graphql(/* GraphQL */ `
  mutation CreateTeamHere($input: CreateTeamInput!) {
    createTeam(input: $input) {
      team {
        id
        name
        memberCount
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const Invite = graphql(/* GraphQL */ `
  mutation Invite($input: InviteToTeamInput!) {
    inviteToTeam(input: $input) {
      invitation {
        id
        state
        role
        invitee {
          displayName
        }
        team {
          name
        }
      }
      token
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const AcceptInvitation = graphql(/* GraphQL */ `
  mutation AcceptInvitation($input: AcceptInvitationInput!) {
    acceptInvitation(input: $input) {
      team {
        id
        memberCount
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const Invitations = graphql(/* GraphQL */ `
  query Invitations($teamId: ID!, $state: InvitationState) {
    invitations(teamId: $teamId, state: $state) {
      edges {
        node {
          id
          state
          role
          invitee {
            displayName
          }
          inviter {
            displayName
          }
        }
      }
    }
  }
`);

export const RevokeInvitation = graphql(/* GraphQL */ `
  mutation RevokeInvitation($input: RevokeInvitationInput!) {
    revokeInvitation(input: $input) {
      invitation {
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

export const LeaveTeam = graphql(/* GraphQL */ `
  mutation LeaveTeam($input: LeaveTeamInput!) {
    leaveTeam(input: $input) {
      team {
        id
        memberCount
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const TeamPage = graphql(/* GraphQL */ `
  query TeamPage($id: ID!, $first: Int, $after: String) {
    team(id: $id) {
      name
      memberCount
      room {
        id
        lastSeq
      }
      members(first: $first, after: $after) {
        edges {
          node {
            role
            squadNumber
            user {
              handle
              displayName
              city
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

export const ScheduleMatch = graphql(/* GraphQL */ `
  mutation ScheduleMatchHere($input: ScheduleMatchInput!) {
    scheduleMatch(input: $input) {
      match {
        id
        state
        room {
          id
        }
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const StartMatch = graphql(/* GraphQL */ `
  mutation StartMatchHere($input: StartMatchInput!) {
    startMatch(input: $input) {
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

export const RecordEvent = graphql(/* GraphQL */ `
  mutation RecordEvent($input: RecordMatchEventInput!) {
    recordMatchEvent(input: $input) {
      event {
        seq
        score {
          home
          away
        }
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const VoidEvent = graphql(/* GraphQL */ `
  mutation VoidEvent($input: VoidMatchEventInput!) {
    voidMatchEvent(input: $input) {
      event {
        seq
        score {
          home
          away
        }
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
  mutation FinishMatchHere($input: FinishMatchInput!) {
    finishMatch(input: $input) {
      match {
        id
        state
        score {
          home
          away
        }
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

export const MatchRoom = graphql(/* GraphQL */ `
  query MatchRoom($id: ID!) {
    match(id: $id) {
      room {
        id
        lastSeq
      }
    }
  }
`);

export const MatchEvents = graphql(/* GraphQL */ `
  subscription MatchEvents($matchId: ID!, $afterSeq: Int) {
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
      ... on GoalScored {
        kind
        team {
          name
        }
        player {
          name
          user {
            displayName
          }
        }
        clock {
          minute
          stoppage
        }
      }
      ... on CardShown {
        card
        team {
          name
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

export const SendMessage = graphql(/* GraphQL */ `
  mutation SendMessage($input: SendMessageInput!) {
    sendMessage(input: $input) {
      message {
        id
        seq
        text
        author {
          displayName
        }
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const RoomOfNewTeam = graphql(/* GraphQL */ `
  mutation RoomOfNewTeam($input: CreateTeamInput!) {
    createTeam(input: $input) {
      team {
        id
        room {
          id
          lastSeq
        }
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const RoomOfJoinedTeam = graphql(/* GraphQL */ `
  mutation RoomOfJoinedTeam($input: AcceptInvitationInput!) {
    acceptInvitation(input: $input) {
      team {
        id
        room {
          id
        }
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

export const RoomHistory = graphql(/* GraphQL */ `
  query RoomHistory($id: ID!, $first: Int, $after: String) {
    room(id: $id) {
      lastSeq
      messages(first: $first, after: $after) {
        edges {
          node {
            seq
            text
            author {
              displayName
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

export const RoomEvents = graphql(/* GraphQL */ `
  subscription RoomEvents($roomId: ID!, $afterSeq: Int) {
    messageEvents(roomId: $roomId, afterSeq: $afterSeq) {
      __typename
      seq
      ... on MessageSent {
        message {
          text
          author {
            displayName
          }
        }
      }
      ... on MemberJoined {
        user {
          displayName
        }
      }
      ... on MemberLeft {
        user {
          displayName
        }
      }
    }
  }
`);

/** `city` depends on the viewer, so this stream cannot be shared. */
export const OwnRoomEvents = graphql(/* GraphQL */ `
  subscription OwnRoomEvents($roomId: ID!, $afterSeq: Int) {
    messageEvents(roomId: $roomId, afterSeq: $afterSeq) {
      seq
      ... on MemberJoined {
        user {
          city
        }
      }
    }
  }
`);

export const Everything = graphql(/* GraphQL */ `
  query Everything($user: ID!, $team: ID!, $match: ID!, $room: ID!) {
    user(id: $user) {
      displayName
    }
    team(id: $team) {
      name
      members {
        edges {
          node {
            user {
              displayName
            }
          }
        }
      }
      room {
        lastSeq
      }
    }
    match(id: $match) {
      state
      homeTeam {
        name
      }
      organizer {
        displayName
      }
      room {
        lastSeq
        messages {
          edges {
            node {
              text
              author {
                displayName
              }
            }
          }
        }
      }
    }
    room(id: $room) {
      kind
      match {
        state
        awayTeam {
          name
        }
      }
      messages {
        edges {
          node {
            text
            author {
              displayName
            }
          }
        }
      }
    }
  }
`);

export const Inbox = graphql(/* GraphQL */ `
  query Inbox($first: Int = 20, $language: Language) {
    unreadNotificationCount
    notifications(first: $first) {
      totalCount
      seq
      edges {
        node {
          id
          kind
          seq
          text(language: $language)
          createdAt
          readAt
          subject {
            __typename
            ... on Team {
              name
            }
          }
        }
      }
    }
  }
`);

export const InboxEvents = graphql(/* GraphQL */ `
  subscription InboxEvents($afterSeq: Int) {
    notificationEvents(afterSeq: $afterSeq) {
      __typename
      seq
      ... on NotificationAdded {
        notification {
          kind
          text
          subject {
            ... on Team {
              name
            }
          }
        }
      }
      ... on NotificationsRead {
        notificationIds
        untilSeq
      }
      ... on NotificationsWithdrawn {
        notificationIds
      }
    }
  }
`);

export const MarkNotificationsRead = graphql(/* GraphQL */ `
  mutation MarkNotificationsRead($input: MarkNotificationsReadInput!) {
    markNotificationsRead(input: $input) {
      unreadNotificationCount
      userErrors {
        field
        code
      }
    }
  }
`);

export const ReadEmailState = graphql(`
  query ReadEmailState {
    notificationPreferences {
      emailState
    }
  }
`);

export const MarkRoomRead = graphql(/* GraphQL */ `
  mutation MarkRoomRead($input: MarkRoomReadInput!) {
    markRoomRead(input: $input) {
      room {
        readSeq
        unreadCount
      }
      userErrors {
        field
        code
        reason
      }
    }
  }
`);

export const Unread = graphql(/* GraphQL */ `
  query Unread($id: ID!) {
    room(id: $id) {
      lastSeq
      readSeq
      unreadCount
    }
  }
`);

export const Online = graphql(/* GraphQL */ `
  query Online($id: ID!) {
    user(id: $id) {
      displayName
      isOnline
    }
  }
`);

export const CreateMailing = graphql(/* GraphQL */ `
  mutation CreateMailing($input: CreateMailingInput!) {
    createMailing(input: $input) {
      mailing {
        id
        state
        seq
      }
      userErrors {
        field
        code
        reason
      }
    }
  }
`);

export const StartMailing = graphql(/* GraphQL */ `
  mutation StartMailing($input: StartMailingInput!) {
    startMailing(input: $input) {
      mailing {
        state
      }
      userErrors {
        code
        reason
      }
    }
  }
`);

export const PreviewMailing = graphql(/* GraphQL */ `
  mutation PreviewMailing($input: PreviewMailingInput!) {
    previewMailing(input: $input) {
      preview {
        subject
        text
        html
      }
      audience {
        people
        unsubscribed
      }
      userErrors {
        code
      }
    }
  }
`);

export const MailingNow = graphql(/* GraphQL */ `
  query MailingNow($id: ID!) {
    mailing(id: $id) {
      state
      reason
      counts {
        total
        sent
        failed
        skipped
        waiting
      }
      notSent {
        reason
        count
      }
      about {
        __typename
        ... on Tournament {
          name
        }
        ... on Team {
          name
        }
      }
      author {
        id
      }
      log {
        kind
        by {
          id
        }
      }
      seq
    }
    myMailings(first: 5) {
      totalCount
      edges {
        node {
          id
        }
      }
    }
  }
`);

export const MailingEvents = graphql(/* GraphQL */ `
  subscription MailingEvents($mailingId: ID!, $afterSeq: Int) {
    mailingEvents(mailingId: $mailingId, afterSeq: $afterSeq) {
      seq
      kind
      state
      reason
      counts {
        total
        sent
        skipped
        waiting
      }
    }
  }
`);

export const InboxBodies = graphql(/* GraphQL */ `
  query InboxBodies {
    notifications(first: 20) {
      edges {
        node {
          kind
          text
          body
        }
      }
    }
  }
`);
