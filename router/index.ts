// The public API of the router. All other files are internal and may change. `composition.ts` is the entry point for
// build tools, and `cli.mjs` is the command.

export { createRouter } from './router.ts';
export type { Router, RouterStats } from './router.ts';
export type { RouterOptions } from './options.ts';
export { signingKey } from '../signature/signature.ts';
export type { SigningKey } from '../signature/signature.ts';

// Types and defaults of the options.
export { DEFAULT_LIMITS } from './config/limits.ts';
export type { Limits } from './config/limits.ts';
export type { LogPort, OperationInfo, SubgraphFetchInfo } from './config/observers.ts';
export type { SubgraphOptions } from './config/subgraphs.ts';
export type { ExplorerOptions, SignIn, VariableFinder } from './explorer/explorer.ts';
export type { AuthenticationOptions } from './policies/authentication.ts';
export type { PersistedQueryStore } from './policies/persisted-queries.ts';
export type { IncrementalFormat } from './server/incremental.ts';
export type { SupergraphManager } from './supergraph/sources.ts';

// Errors of the options and of a supergraph.
export { ConfigError } from './config/config-error.ts';
export { SupergraphError } from './supergraph/supergraph.ts';
export type { ReloadResult, SupergraphInput } from './engine/engines.ts';

// Parts for a process that runs a router: an http server, supergraph files, metrics.
export { serve } from './serve.ts';
export type { RouterServer, ServerOptions } from './serve.ts';
export { supergraphFiles } from './supergraph/files.ts';
export type { SupergraphFiles } from './supergraph/files.ts';
export { createPages, CSS, HTML, JS } from './explorer/pages.ts';
export type { PageFile, Pages } from './explorer/pages.ts';
export { createMetrics } from './metrics.ts';
export type { RouterMetrics } from './metrics.ts';
export { answerMetrics, listenForMetrics } from './metrics-port.ts';
export type { MetricsPage } from './metrics-port.ts';
export { stopPretenuring } from './pretenuring.ts';

// Answers without a router, for a server that cannot serve yet or that refuses this caller.
export { sendUnavailable } from './server/http/unavailable.ts';
export { refuseUpgrade, unavailable } from './server/websocket/sockets.ts';
