import { randomUUID } from 'node:crypto';
import type { Cases } from '../../test/cases.ts';

const inCreate =
  (field: string) =>
  (value: string): readonly [string, string, object] => [
    'createTeam',
    'CreateTeamInput',
    { clientId: randomUUID(), name: 'Yard Foxes', sport: 'MINI_FOOTBALL', [field]: value },
  ];

export const cases: Cases = {
  borders: {
    guest: '{ teams { edges { node { id } } } }',
    viewer: [
      'mutation { disbandTeam(input: { teamId: "x" }) { team { id } } }',
      'mutation { leaveTeam(input: { teamId: "x" }) { team { id } } }',
      'mutation { removeMember(input: { teamId: "x", userId: "x" }) { team { id } } }',
      'mutation { transferOwnership(input: { teamId: "x", userId: "x" }) { team { id } } }',
      'mutation { changeMemberRole(input: { teamId: "x", userId: "x", role: COACH }) { membership { id } } }',
      'mutation { acceptInvitation(input: { invitationId: "x" }) { team { id } } }',
      'mutation { declineInvitation(input: { invitationId: "x" }) { invitation { id } } }',
      'mutation { requestToJoin(input: { teamId: "x" }) { joinRequest { id } } }',
      'mutation { acceptJoinRequest(input: { joinRequestId: "x" }) { joinRequest { id } } }',
      'mutation { declineJoinRequest(input: { joinRequestId: "x" }) { joinRequest { id } } }',
      'mutation { withdrawJoinRequest(input: { joinRequestId: "x" }) { joinRequest { id } } }',
    ],
  },
  names: { 'CreateTeamInput.name': inCreate('name'), 'CreateTeamInput.city': inCreate('city') },
  texts: {
    'CreateTeamInput.clientId': 'for the client alone',
    'InviteToTeamInput.clientId': 'for the client alone',
    'RequestToJoinInput.clientId': 'for the client alone',
  },
  writes: {
    createTeam: {
      clientId: 'clientId',
      within: [],
      input: { name: 'Foxes', sport: 'FOOTBALL', city: 'Riga' },
      others: { name: 'Rovers', sport: 'HOCKEY', city: null },
      object: 'team { id }',
    },
  },
};
