/** What product/borders.spec.ts asks the subgraph for: as a guest, and what wants somebody who is signed in. */
export const borders = {
  guest: '{ user(id: "x") { id } }',
  viewer: [
    '{ me { id } }',
    'mutation { updateProfile(input: {}) { user { id } } }',
  ],
};
