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
    viewer: ['mutation { leaveTeam(input: { teamId: "x" }) { team { id } } }'],
  },
  names: { 'CreateTeamInput.name': inCreate('name'), 'CreateTeamInput.city': inCreate('city') },
  texts: { 'CreateTeamInput.clientId': 'for the client alone' },
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
