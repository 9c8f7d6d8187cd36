import { defineSubgraph } from '../../platform/manifest/manifest.ts';
import { Teams } from '../../schema/messages/teams.ts';

/** Teams, their members, invitations and join requests. */
export default defineSubgraph({
  name: 'teams',
  port: 4002,
  module: async () => (await import('./teams.module.ts')).TeamsModule,
  uses: ['cache'],
  rateLimits: {
    createTeam: { count: 200, seconds: 3_600, by: 'user' },
    requestToJoin: { count: 60, seconds: 3_600, by: 'user; failed attempts count too' },
    changeMembers: { count: 300, seconds: 3_600, by: 'user; failed attempts count too' },
    inviteToTeam: { count: 200, seconds: 3_600, by: 'user; failed attempts count too' },
  },
  topics: [Teams],
  asks: ['users'],
  nodes: { Team: ['Team'], Membership: ['Membership'], Invitation: ['Invitation'], JoinRequest: ['JoinRequest'] },
  personalData: {
    'Team.founderId': 'anonymised',
    'Membership.userId': 'anonymised',
    'Membership.squadNumber': 'deleted',
    'Invitation.inviteeId': 'deleted',
    'Invitation.inviterId': 'anonymised',
    'JoinRequest.userId': 'deleted',
  },
  notPersonal: { 'Team.name': 'of a team', 'Team.city': 'of a team', 'Invitation.tokenHash': 'a digest' },
});
