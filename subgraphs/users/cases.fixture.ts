import type { Cases } from '../../test/cases.ts';

export const cases: Cases = {
  borders: {
    guest: '{ user(id: "x") { id } }',
    viewer: ['{ me { id } }', 'mutation { updateProfile(input: {}) { user { id } } }'],
  },
  texts: { 'UpdateProfileInput.birthDate': 'a date' },
};
