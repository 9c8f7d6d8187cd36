import { registryOf } from '../platform/manifest/manifest.ts';

/** The one list of subgraphs, a line each. Nobody asks in a circle: the registry refuses that. */
export const subgraphs = registryOf(
  await import('./users/subgraph.ts'),
  await import('./teams/subgraph.ts'),
  await import('./matches/subgraph.ts'),
  await import('./chat/subgraph.ts'),
);
