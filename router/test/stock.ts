import { ApolloServer } from '@apollo/server';
import { askSubgraph, json } from './harness.ts';
import type { TestNetwork } from './harness.ts';
import type { ExecutionResponse } from '../execution/types.ts';

export interface StockGateway {
  ask(query: string, variables?: Record<string, unknown>, operationName?: string): Promise<ExecutionResponse>;
  stop(): Promise<void>;
}

/** Stock @apollo/gateway in Apollo Server over the same subgraphs. It gives the expected responses. */
export async function startStock(network: TestNetwork): Promise<StockGateway> {
  process.env['APOLLO_TELEMETRY_DISABLED'] = '1';
  const { ApolloGateway } = await import('@apollo/gateway');
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const gateway = new ApolloGateway({
    supergraphSdl: network.sdl,
    logger: silent,
    buildService: ({ name }) => ({
      async process({ request }) {
        return json(
          await askSubgraph(network, name, json({ query: request.query ?? '', variables: request.variables ?? {} })),
        ) as never;
      },
    }),
  });
  const server = new ApolloServer({ gateway, logger: silent, includeStacktraceInErrorResponses: false });
  await server.start();
  return {
    async ask(query, variables, operationName) {
      const response = await server.executeOperation({
        query,
        ...(variables && { variables }),
        ...(operationName && { operationName }),
      });
      if (response.body.kind !== 'single') throw new Error('Expected a single answer');
      const { data, errors } = response.body.singleResult;
      return json({ ...(data !== undefined && { data }), ...(errors && { errors }) }) as ExecutionResponse;
    },
    stop: () => server.stop(),
  };
}
