// What a build tool may use of the router: from the SDL of subgraphs to a supergraph, and to what clients see of it. A
// door of its own, because nothing that serves is loaded for it, and Apollo's composition is not loaded by what serves.

export { composeSubgraphs } from './supergraph/compose.ts';
export type { Composed, SubgraphDocument } from './supergraph/compose.ts';
export { publicSdl } from './supergraph/public-sdl.ts';
export { loadSupergraph, SupergraphError } from './supergraph/supergraph.ts';
