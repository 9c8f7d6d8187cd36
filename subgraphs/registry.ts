import { registryOf } from '../platform/manifest/manifest.ts';

/** The one list of subgraphs, a line each; whom one asks stands before it. */
export const subgraphs = registryOf(
  await import('./users/subgraph.ts'),
  await import('./teams/subgraph.ts'),
  await import('./matches/subgraph.ts'),
  await import('./chat/subgraph.ts'),
);
