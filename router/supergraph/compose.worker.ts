import { parentPort, workerData } from 'node:worker_threads';
import { GraphQLError, parse, Source } from 'graphql';
import { composeSubgraphs } from './compose.ts';

export interface SubgraphSource {
  readonly name: string;
  readonly url: string;
  readonly sdl: string;
}

export interface Composition {
  readonly sdl?: string;
  /** Messages of one line each. */
  readonly problems: readonly string[];
}

const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ');
const placeOf = ({ nodes, locations }: GraphQLError, subgraph?: string): string => {
  const node = nodes?.find(({ loc }) => loc);
  const line = node?.loc?.startToken.line ?? locations?.[0]?.line;
  const name = subgraph ?? node?.loc?.source.name;
  return name !== undefined && line !== undefined ? ` (${name}:${line})` : '';
};

function compose(subgraphs: readonly SubgraphSource[]): Composition {
  const problems: string[] = [];
  const services = subgraphs.flatMap(({ name, url, sdl }) => {
    try {
      return [{ name, url, typeDefs: parse(new Source(sdl, `${name}.graphql`)) }];
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      problems.push(`${oneLine(error.message)}${placeOf(error, `${name}.graphql`)}`);
      return [];
    }
  });
  if (problems.length > 0) return { problems };
  const { supergraphSdl, errors } = composeSubgraphs(services);
  if (supergraphSdl !== undefined) return { sdl: supergraphSdl, problems };
  return { problems: errors.map((error) => `${oneLine(error.message)}${placeOf(error)}`) };
}

parentPort?.postMessage(compose(workerData as readonly SubgraphSource[]));
