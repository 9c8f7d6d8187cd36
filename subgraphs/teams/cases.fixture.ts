import type { Cases } from '../../test/cases.ts';

export const cases: Cases = {
  borders: {
    guest: '{ teams { edges { node { id } } } }',
    viewer: ['mutation { leaveTeam(input: { teamId: "x" }) { team { id } } }'],
  },
};
