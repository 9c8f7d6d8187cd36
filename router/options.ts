import type { SigningKey } from '../signature/signature.ts';
import type { Limits } from './config/limits.ts';
import type { OperationInfo, SubgraphFetchInfo } from './config/observers.ts';
import type { ServingOptions } from './engine/serving.ts';
import type { ExplorerOptions } from './explorer/explorer.ts';
import type { AuthenticationOptions } from './policies/authentication.ts';
import type { PersistedQueryStore } from './policies/persisted-queries.ts';
import type { IncrementalFormat } from './server/incremental.ts';
import type { SupergraphManager } from './supergraph/sources.ts';

/** What a router is made with. All but the supergraph may be left out. */
export interface RouterOptions extends ServingOptions {
  /** The text of a Federation 2 supergraph, or what gives it and its later versions. */
  readonly supergraph: string | SupergraphManager;
  /** Absent: tokens are not looked at and every client is anonymous. */
  readonly authentication?: AuthenticationOptions;
  /** Absent: subgraph calls are not signed. */
  readonly signingKey?: SigningKey;
  readonly limits?: Partial<Limits>;
  /**
   * Addresses and subnets of proxies whose `X-Forwarded-For` is believed. Default: none, so a client is who opened the
   * connection.
   */
  readonly trustedProxies?: readonly string[];
  /**
   * Refuse what a page of any origin can make a browser send: requests by GET without anything that such a page cannot
   * send. Default true.
   */
  readonly csrfPrevention?: boolean;
  /**
   * Automatic persisted queries: clients send the hash of a query that the router has seen. A store shares the texts
   * with other routers; without one each keeps its own, in memory. false: off, and clients are told to send the text.
   * Default: in memory.
   */
  readonly persistedQueries?: PersistedQueryStore | false;
  /** Answers from this many bytes on are compressed for clients that accept it; false: never. Default 1,024. */
  readonly compressFrom?: number | false;
  /**
   * 294 and 422 with application/graphql-response+json, as GraphQL over HTTP of September 2026 recommends; otherwise
   * 200 and 400. Default false.
   */
  readonly detailedStatus?: boolean;
  /**
   * How an answer with deferred parts is sent where the client cannot say: over WebSocket and as Server-Sent Events.
   * Default 'deferSpec=20220824'.
   */
  readonly incrementalFormat?: IncrementalFormat;
  /**
   * Equal queries of the same principal that are under way to a subgraph at the same time are sent once. Default false.
   */
  readonly shareRequests?: boolean;
  /** Whether subgraphs may compress their answers. Default true. */
  readonly subgraphCompression?: boolean;
  /**
   * Pages that may read answers (CORS) and open a WebSocket: origins (`https://app.example.org`), `self` (pages of the
   * host that the request names), `loopback` (pages of this machine) or `*`. The browser keeps answers from other
   * pages, and their WebSockets are refused with 403 ORIGIN_NOT_ALLOWED; clients that send no Origin pass. Default
   * `self` and `loopback`.
   */
  readonly corsOrigins?: readonly string[];
  /** false: a proxy in front sets the CORS headers of answers, and the router must not set them too. Default true. */
  readonly corsHeaders?: boolean;
  /**
   * Names in the Host header that are answered on every path: host names without a port, `loopback` or `*`. Others are
   * refused with 421 HOST_NOT_ALLOWED. Default `*`; set it where a network protects the router, or pages of any name
   * that leads to it (DNS rebinding) are its own.
   */
  readonly allowedHosts?: readonly string[];
  /** false: nothing at `/`. */
  readonly explorer?: ExplorerOptions | false;
  readonly onOperation?: (info: OperationInfo) => void;
  readonly onSubgraphFetch?: (info: SubgraphFetchInfo) => void;
}
