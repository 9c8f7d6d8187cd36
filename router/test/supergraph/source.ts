/**
 * State that the resolvers of the test supergraph share. `network.reset()` empties it; specs call it before each test.
 */
export interface TestState {
  /** Side effects in the order in which they happened. */
  readonly log: string[];
}

/** One subgraph of the test supergraph. */
export interface SubgraphSource {
  readonly name: string;
  /** The Federation directives that the SDL uses. */
  readonly imports: readonly string[];
  readonly sdl: string;
  resolvers(state: TestState): Record<string, unknown>;
}
