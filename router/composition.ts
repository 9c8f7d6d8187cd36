// The entry point for build tools. It composes the SDL of subgraphs into a supergraph and prints the schema that
// clients see. It is separate from `index.ts`, so a build tool loads no serving code, and a serving process does not
// load Apollo's composition.

export { composeSubgraphs } from './supergraph/compose.ts';
export type { Composed, SubgraphDocument } from './supergraph/compose.ts';
export { publicSdl } from './supergraph/public-sdl.ts';
export { loadSupergraph, SupergraphError } from './supergraph/supergraph.ts';
