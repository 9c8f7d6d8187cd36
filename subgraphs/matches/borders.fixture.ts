/** What product/borders.spec.ts asks the subgraph for: as a guest, and what wants somebody who is signed in. */
export const borders = {
  guest: '{ matches { edges { node { id } } } }',
  viewer: [
    'mutation { startMatch(input: { matchId: "x" }) { match { id } } }',
  ],
};
