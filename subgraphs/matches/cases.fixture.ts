import type { Cases } from '../../test/cases.ts';

export const cases: Cases = {
  borders: {
    guest: '{ matches { edges { node { id } } } }',
    viewer: ['mutation { startMatch(input: { matchId: "x" }) { match { id } } }'],
  },
};
