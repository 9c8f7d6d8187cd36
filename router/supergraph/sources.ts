import { signRequest } from '../../signature/signature.ts';
import type { SigningKey } from '../../signature/signature.ts';
import type { LogPort } from '../config/observers.ts';
import { loadSupergraph } from './supergraph.ts';

/**
 * Supplies a supergraph and its later versions. It has the interface of @apollo/gateway, so its managers
 * (IntrospectAndCompose and others) can be used.
 */
export interface SupergraphManager {
  initialize(
    options: SupergraphManagerOptions,
  ): Promise<{ readonly supergraphSdl: string; readonly cleanup?: (() => Promise<void>) | undefined }>;
}

export interface SupergraphManagerOptions {
  /**
   * Offers a later version. The router checks it afterwards. If the version cannot be used, the router logs and counts
   * that and keeps the old one.
   */
  update(supergraphSdl: string): void;
  /**
   * Sends `__typename` to each subgraph of a supergraph.
   * @throws Error (as a rejection) when a subgraph does not answer
   */
  healthCheck(supergraphSdl: string): Promise<void>;
  /** A client for a subgraph, for example to fetch its SDL. */
  getDataSource(subgraph: { readonly name: string; readonly url?: string }): SubgraphDataSource;
}

/** The part of Apollo's GraphQLDataSource that managers use. */
export interface SubgraphDataSource {
  process(options: {
    readonly request: DataSourceRequest;
  }): Promise<{ data?: Record<string, unknown> | null; errors?: readonly { message: string }[] }>;
}

interface DataSourceRequest {
  readonly query?: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
  readonly http?: { readonly headers: Iterable<[string, string]> };
}

/** Where a router's supergraphs come from. */
export interface Source {
  /**
   * Resolves when the first supergraph is loaded.
   * @throws SupergraphError, ConfigError (as rejections), or what the manager threw
   */
  readonly started: Promise<void>;
  close(): Promise<void>;
}

export interface SourceOptions {
  /** Loads a supergraph. The result has `error` if it cannot be used. */
  load(sdl: string): Promise<{ readonly error?: Error }>;
  readonly subgraphUrls: Readonly<Record<string, string>>;
  readonly signingKey: SigningKey | undefined;
  readonly timeoutMs: number;
  readonly log: LogPort | undefined;
}

export function startSource(manager: SupergraphManager, options: SourceOptions): Source {
  const { load, log } = options;
  let closed = false;
  let cleanup: (() => Promise<void>) | undefined;
  const getDataSource: SupergraphManagerOptions['getDataSource'] = ({ name, url }) =>
    dataSource(name, options.subgraphUrls[name] ?? url ?? '', options);

  const start = async (): Promise<void> => {
    const given = await manager.initialize({
      update(sdl) {
        if (!closed)
          load(sdl).catch((error: unknown) =>
            log?.error('a new supergraph could not be loaded', { error: String(error) }),
          );
      },
      async healthCheck(sdl) {
        const { subgraphs } = loadSupergraph(sdl);
        await Promise.all(
          [...subgraphs].map(async ([name, url]) => {
            const { data } = await getDataSource({ name, url }).process({ request: { query: '{ __typename }' } });
            if (typeof data?.['__typename'] !== 'string') throw new Error(`subgraph ${name} does not answer`);
          }),
        );
      },
      getDataSource,
    });
    cleanup = given.cleanup;
    if (closed) return cleanup?.();
    const { error } = await load(given.supergraphSdl);
    if (error) throw error;
  };

  const started = start();
  started.catch((error: unknown) =>
    log?.error('the first supergraph could not be loaded', {
      error: error instanceof Error ? error.message : String(error),
    }),
  );
  return {
    started,
    async close() {
      if (closed) return;
      closed = true;
      await cleanup?.();
    },
  };
}

const MAX_BYTES = 20_000_000;

/** A client for one subgraph. It sends requests as the router does for an anonymous client. */
function dataSource(name: string, url: string, { signingKey, timeoutMs }: SourceOptions): SubgraphDataSource {
  return {
    async process({ request: { query, variables, operationName, http } }) {
      const body = JSON.stringify({ query, variables, operationName });
      const target = new URL(url);
      const requestId = crypto.randomUUID();
      const signed =
        signingKey &&
        signRequest(signingKey, {
          method: 'POST',
          path: target.pathname,
          body,
          principal: {},
          requestId,
          target: name,
        });
      const response = await fetch(target, {
        method: 'POST',
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          ...Object.fromEntries(http?.headers ?? []),
          'content-type': 'application/json',
          accept: 'application/json',
          'x-request-id': requestId,
          ...signed,
        },
      });
      const answer: unknown = JSON.parse(await readText(response));
      if (typeof answer !== 'object' || answer === null)
        throw new Error(`subgraph ${name} did not answer with a GraphQL response (status ${response.status})`);
      return answer;
    },
  };
}

async function readText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Error(`the answer is larger than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
