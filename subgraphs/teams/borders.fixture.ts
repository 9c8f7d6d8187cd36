/** What product/borders.spec.ts asks the subgraph for: as a guest, and what wants somebody who is signed in. */
export const borders = {
  guest: '{ teams { edges { node { id } } } }',
  viewer: [
    'mutation { leaveTeam(input: { teamId: "x" }) { team { id } } }',
  ],
};
