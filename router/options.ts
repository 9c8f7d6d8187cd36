import type { SigningKey } from '../signature/signature.ts';
import type { Limits } from './config/limits.ts';
import type { OperationInfo, SubgraphFetchInfo } from './config/observers.ts';
import type { ServingOptions } from './engine/serving.ts';
import type { ExplorerOptions } from './explorer/explorer.ts';
import type { AuthenticationOptions } from './policies/authentication.ts';
import type { PersistedQueryStore } from './policies/persisted-queries.ts';
import type { IncrementalFormat } from './server/incremental.ts';
import type { SupergraphManager } from './supergraph/sources.ts';

/** Options of `createRouter`. Only `supergraph` is required. */
export interface RouterOptions extends ServingOptions {
  /** The SDL of a Federation 2 supergraph, or a manager that supplies it and its later versions. */
  readonly supergraph: string | SupergraphManager;
  /** How the router verifies tokens. Absent: the router ignores tokens, and every client is anonymous. */
  readonly authentication?: AuthenticationOptions;
  /** The key with which the router signs its requests to subgraphs. Absent: the router does not sign them. */
  readonly signingKey?: SigningKey;
  readonly limits?: Partial<Limits>;
  /**
   * Addresses and subnets of proxies whose `X-Forwarded-For` the router trusts. Default: none. The client's address is
   * then that of the connection.
   */
  readonly trustedProxies?: readonly string[];
  /**
   * Whether the router prevents cross-site request forgery (CSRF): it refuses GET and HEAD requests that a page of any
   * origin could make a browser send. A request passes if it has a header that such a page cannot set. Default true.
   */
  readonly csrfPrevention?: boolean;
  /**
   * Automatic persisted queries: clients send the hash of a query that the router has seen. With a store, several
   * routers share the texts. Without one, each router keeps its own texts in memory. `false` turns them off: the router
   * asks clients to send the text. Default: in memory.
   */
  readonly persistedQueries?: PersistedQueryStore | false;
  /**
   * Compresses responses of at least this many bytes for clients that accept compression. `false`: never. Default
   * 1,024.
   */
  readonly compressFrom?: number | false;
  /**
   * Whether responses in application/graphql-response+json have the status 294 or 422 where GraphQL over HTTP of
   * September 2026 recommends it. If false, the status is 200 or 400 there. Default false.
   */
  readonly detailedStatus?: boolean;
  /**
   * The format of incremental results (`@defer`) where the client cannot choose one: over WebSocket and as Server-Sent
   * Events. Default 'deferSpec=20220824'.
   */
  readonly incrementalFormat?: IncrementalFormat;
  /**
   * Whether a subgraph query of a principal shares the response of an equal query of this principal that is in flight,
   * so that the router sends it once. Default false.
   */
  readonly shareRequests?: boolean;
  /** Whether subgraphs may compress their responses. Default true. */
  readonly subgraphCompression?: boolean;
  /**
   * Origins of pages that may read responses (CORS) and open a WebSocket. Each is an origin
   * (`https://app.example.org`), `self` (pages of the host that the request names), `loopback` (pages of this machine)
   * or `*`. The browser hides responses from other pages. The router refuses their WebSockets with 403
   * ORIGIN_NOT_ALLOWED. Clients that send no Origin header pass. Default `self` and `loopback`.
   */
  readonly corsOrigins?: readonly string[];
  /**
   * `false`: a proxy in front sets the CORS headers of responses, so the router must not set them too. Default true.
   */
  readonly corsHeaders?: boolean;
  /**
   * Host headers that the router accepts, on every path: host names without a port, `loopback` or `*`. It refuses
   * others with 421 HOST_NOT_ALLOWED. Default `*`. Set it where only the network protects the router. With `*`, a page
   * under any host name that resolves to the router (DNS rebinding) counts as the router's own page.
   */
  readonly allowedHosts?: readonly string[];
  /** `false`: the router serves no explorer at `/`. */
  readonly explorer?: ExplorerOptions | false;
  readonly onOperation?: (info: OperationInfo) => void;
  readonly onSubgraphFetch?: (info: SubgraphFetchInfo) => void;
}
