import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { answerWithin } from '../../platform/async/within.ts';
import type { LogPort } from '../config/observers.ts';
import type { GraphQLParams } from '../operation/params.ts';
import { RequestError } from '../operation/request-error.ts';
import { codedError } from '../operation/request-error.ts';

/**
 * Stores texts of queries by their SHA-256 in hex, so that several routers share them. The router checks each text that
 * it reads. When the store fails or is slow, the router treats the query as unknown.
 */
export interface PersistedQueryStore {
  get(hash: string): Promise<string | undefined>;
  /** A store may discard texts. */
  set(hash: string, query: string): Promise<void>;
}

export interface PersistedQueriesOptions {
  /** A store that is used in addition to this router's memory. */
  readonly store?: PersistedQueryStore | undefined;
  /**
   * The largest number of texts, and of their bytes in total, that the router keeps in memory. For a new text it evicts
   * the texts that were used least recently.
   */
  readonly entries: number;
  readonly bytes: number;
  readonly log?: LogPort | undefined;
}

/** Automatic persisted queries, with the protocol that the links of Apollo Client and urql use. */
export interface PersistedQueries {
  /**
   * Adds the text of the query to parameters that have only its hash.
   * @throws RequestError PERSISTED_QUERY_NOT_FOUND: the client must send the text too; PERSISTED_QUERY_NOT_SUPPORTED:
   *   the client must send the text only; BAD_REQUEST: hash and text differ. Clients recognise the first two by message
   *   or code.
   */
  withText(params: GraphQLParams): GraphQLParams | Promise<GraphQLParams>;
  /**
   * Keeps a text that a client has sent together with its hash. Call it only when the text is known to be a valid
   * document.
   */
  remember(params: GraphQLParams): void;
}

/**
 * The longest wait for the store. After that the query counts as unknown, because asking the client for the text is
 * then faster. Milliseconds.
 */
const STORE_MS = 250;
const LOG_INTERVAL_MS = 60_000;
/** Memory that an entry takes in addition to its text. */
const ENTRY_BYTES = 64;

const hashOf = (query: string): string => createHash('sha256').update(query).digest('hex');
const refuse = (code: string, message: string): RequestError => new RequestError([codedError(code, message)]);
const NOT_SUPPORTED = 'PERSISTED_QUERY_NOT_SUPPORTED';

/** Persisted queries that are turned off. Clients then send the text. */
export const NO_PERSISTED_QUERIES: PersistedQueries = {
  withText() {
    throw refuse(NOT_SUPPORTED, 'PersistedQueryNotSupported');
  },
  remember: () => undefined,
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
      if (hashOf(query) !== hash) throw new Error('it returned a text with another hash');
      memory.set(hash, query);
      return query;
    } catch (error) {
      warn('get', error);
      return undefined;
    }
  }

  const withStoredText = async (params: GraphQLParams, hash: string): Promise<GraphQLParams> => {
    const query = await fromStore(hash);
    if (query === undefined) throw refuse('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound');
    return { ...params, query };
  };

  return {
    withText(params) {
      const hash = params.persisted?.hash;
      // The client named its query by another scheme (`documentId`). It has the text and must send it.
      if (hash === undefined) return NO_PERSISTED_QUERIES.withText(params);
      if (params.query !== '') {
        if (hashOf(params.query) !== hash) throw refuse('BAD_REQUEST', 'provided sha does not match query');
        return params;
      }
      const query = memory.get(hash);
      return query === undefined ? withStoredText(params, hash) : { ...params, query };
    },
    remember({ persisted, query }) {
      if (persisted?.hash === undefined || memory.has(persisted.hash)) return;
      memory.set(persisted.hash, query);
      store?.set(persisted.hash, query).catch((error: unknown) => warn('set', error));
    },
  };
}
