import { registryOf } from '../platform/manifest/manifest.ts';

/** The list of subgraphs, one line each. The registry refuses subgraphs that ask each other in a cycle. */
export const subgraphs = registryOf(
  await import('./users/subgraph.ts'),
  await import('./teams/subgraph.ts'),
  await import('./matches/subgraph.ts'),
  await import('./chat/subgraph.ts'),
  await import('./tournaments/subgraph.ts'),
  await import('./notifications/subgraph.ts'),
  await import('./media/subgraph.ts'),
  await import('./ai/subgraph.ts'),
);
