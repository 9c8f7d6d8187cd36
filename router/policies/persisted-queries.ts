import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { answerWithin } from '../../platform/async/within.ts';
import type { LogPort } from '../config/observers.ts';
import type { GraphQLParams } from '../operation/params.ts';
import { RequestError } from '../operation/request-error.ts';
import { codedError } from '../operation/request-error.ts';

/**
 * Texts of queries by their SHA-256 in hex, for several routers together. What it gives is checked; when it fails or is
 * slow, nothing is known.
 */
export interface PersistedQueryStore {
  get(hash: string): Promise<string | undefined>;
  /** May keep less than it is given, and forget. */
  set(hash: string, query: string): Promise<void>;
}

export interface PersistedQueriesOptions {
  /** Beside the memory of this router. */
  readonly store?: PersistedQueryStore | undefined;
  /** Texts, and bytes of texts, that are kept in memory. */
  readonly entries: number;
  readonly bytes: number;
  readonly log?: LogPort | undefined;
}

/** Automatic persisted queries, as the links of Apollo Client and urql expect them from a server. */
export interface PersistedQueries {
  /**
   * The parameters with the text of their query.
   * @throws RequestError PERSISTED_QUERY_NOT_FOUND: send the text too; PERSISTED_QUERY_NOT_SUPPORTED: send the text
   *   only; BAD_REQUEST: hash and text differ. Clients know the first two by their message or code.
   */
  complete(params: GraphQLParams): GraphQLParams | Promise<GraphQLParams>;
  /** To be called when the text has proved to be a document: keeps what a client has sent together with its hash. */
  learn(params: GraphQLParams): void;
}

/** A client that sends the text is served sooner than from a store that takes longer. */
const STORE_MS = 250;
const LOG_INTERVAL_MS = 60_000;
/** Of a hash, beside the text. */
const ENTRY_BYTES = 64;

const hashOf = (query: string): string => createHash('sha256').update(query).digest('hex');
const refuse = (code: string, message: string): RequestError => new RequestError([codedError(code, message)]);
const NOT_SUPPORTED = 'PERSISTED_QUERY_NOT_SUPPORTED';

/** Where persisted queries are off: clients then send the text. */
export const NO_PERSISTED_QUERIES: PersistedQueries = {
  complete() {
    throw refuse(NOT_SUPPORTED, 'PersistedQueryNotSupported');
  },
  learn: () => undefined,
};

export function createPersistedQueries({ store, entries, bytes, log }: PersistedQueriesOptions): PersistedQueries {
  const memory = new LRUCache<string, string>({
    max: entries,
    maxSize: bytes,
    sizeCalculation: (query) => ENTRY_BYTES + Buffer.byteLength(query),
  });
  let quietUntil = 0;

  function warn(doing: string, error: unknown): void {
    const now = performance.now();
    if (now < quietUntil) return;
    quietUntil = now + LOG_INTERVAL_MS;
    log?.warn('the store of persisted queries failed; clients send the text instead', {
      doing,
      error: error instanceof Error ? error.message : String(error),
    });
  }

  async function fromStore(hash: string): Promise<string | undefined> {
    if (!store) return undefined;
    try {
      const query = await answerWithin(store.get(hash), STORE_MS);
      if (query === undefined) return undefined;
      if (hashOf(query) !== hash) throw new Error('it gave a text of another hash');
      memory.set(hash, query);
      return query;
    } catch (error) {
      warn('get', error);
      return undefined;
    }
  }

  const completed = async (params: GraphQLParams, hash: string): Promise<GraphQLParams> => {
    const query = await fromStore(hash);
    if (query === undefined) throw refuse('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound');
    return { ...params, query };
  };

  return {
    complete(params) {
      const hash = params.persisted?.hash;
      // A document id of another scheme; the client has the text.
      if (hash === undefined) return NO_PERSISTED_QUERIES.complete(params);
      if (params.query !== '') {
        if (hashOf(params.query) !== hash) throw refuse('BAD_REQUEST', 'provided sha does not match query');
        return params;
      }
      const query = memory.get(hash);
      return query === undefined ? completed(params, hash) : { ...params, query };
    },
    learn({ persisted, query }) {
      if (persisted?.hash === undefined || memory.has(persisted.hash)) return;
      memory.set(persisted.hash, query);
      store?.set(persisted.hash, query).catch((error: unknown) => warn('set', error));
    },
  };
}
