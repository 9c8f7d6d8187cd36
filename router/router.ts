import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { ANY, HOST_REFUSED, hostRule, LOOPBACK, ORIGIN_REFUSED, originRule, SELF } from '../platform/http/callers.ts';
import { clientAddressOf } from '../platform/http/client-address.ts';
import { corsRule, NO_CORS } from '../platform/http/cors.ts';
import { acceptRequestId } from '../platform/http/request-id.ts';
import { ConfigError } from './config/config-error.ts';
import { resolveLimits } from './config/limits.ts';
import type { OperationInfo } from './config/observers.ts';
import { DocumentUsage } from './engine/document-usage.ts';
import type { PreparedOperation } from './engine/engine.ts';
import { Engines } from './engine/engines.ts';
import type { Generation, ReloadOutcome, ReloadResult, SupergraphInput } from './engine/engines.ts';
import { createServing } from './engine/serving.ts';
import { warmUp, warmUpDocuments } from './engine/warm-up.ts';
import { firstCode } from './execution/answer.ts';
import type { Answer } from './execution/answer.ts';
import { errorPolicy } from './execution/error-policy.ts';
import { SubgraphUnavailable } from './execution/types.ts';
import type { SubgraphTransport } from './execution/types.ts';
import { createExplorer } from './explorer/explorer.ts';
import { RequestError } from './operation/request-error.ts';
import { resolveProxies } from './options.ts';
import type { RouterOptions } from './options.ts';
import { createAdmission } from './policies/admission.ts';
import { createAuthenticator } from './policies/authentication.ts';
import { createPersistedQueries, NO_PERSISTED_QUERIES } from './policies/persisted-queries.ts';
import { Cancellation } from './server/cancellation.ts';
import { clientErrors } from './server/errors.ts';
import { accepted, notAcceptable } from './server/http/accept.ts';
import type { Accepted, ResponseType } from './server/http/accept.ts';
import { answerBatch } from './server/http/batch.ts';
import { csrfRule } from './server/http/csrf.ts';
import { ClientGone, HttpProblem } from './server/http/problem.ts';
import { ALLOW, readParams } from './server/http/request.ts';
import { errorsAnswer, send, sendAnswer, sendErrors, sendProblem } from './server/http/response.ts';
import { sendSchemaFile } from './server/http/schema-file.ts';
import { sendEvent } from './server/http/sse.ts';
import { executedStatus, refusedStatus } from './server/http/status.ts';
import { createHttpStreams, isStreamed } from './server/http/streams.ts';
import { createClientSockets, refuseUpgrade, unavailable } from './server/websocket/sockets.ts';
import { createSubgraphClients } from './subgraphs/clients.ts';
import type { SubgraphState } from './subgraphs/http.ts';
import { createSubscriptions } from './subscriptions/subscriptions.ts';
import { startSource } from './supergraph/sources.ts';
import type { Source } from './supergraph/sources.ts';
import { DeadlineQueue } from './time/deadline.ts';

export interface Router {
  /** Whether the request's Host is one of `allowedHosts`; if not, it is answered. `handle` asks this itself. */
  admits(req: IncomingMessage, res: ServerResponse): boolean;
  /** Answers every path: /graphql, /schema.graphql, /health/live, /health/ready, the explorer at / and /explorer/, 404 for the rest. */
  handle(req: IncomingMessage, res: ServerResponse): void;
  /** For the `upgrade` event of an http server. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Whether it can serve: there is a supergraph, and it is not closing. */
  ready(): boolean;
  /**
   * Resolves when operations of a first supergraph can be planned; before, they wait. @throws SupergraphError, ConfigError (as rejections) when it cannot be used,
   * or what the manager threw
   */
  started(): Promise<void>;
  /**
   * Serves another supergraph from when it is ready. Operations under way finish with the old one; subscriptions go on when the new one asks the same
   * subgraph for the same, the others end with SUBSCRIPTION_RELOADED, spread over `reloadSpreadMs`. One that cannot be used changes nothing.
   */
  reload(sdl: SupergraphInput): Promise<ReloadResult>;
  /** Resolves when no query or mutation over HTTP is in flight. */
  settled(): Promise<void>;
  /** Refuses what is new, lets queries and mutations finish, tells sockets to go away (1001); after `graceMs` (default 2,500) ends the rest. */
  close(options?: { graceMs?: number }): Promise<void>;
  stats(): RouterStats;
}

export interface RouterStats {
  readonly sockets: number;
  readonly subscriptions: number;
  /** Subscriptions at subgraphs: what all those of clients take. */
  readonly upstreams: number;
  /** Bytes of finished events that are kept for clients that are behind or come back. */
  readonly keptBytes: number;
  /** Events that have come from subgraphs and wait for their subscriptions. */
  readonly queuedEvents: number;
  /** Bytes that clients have not taken yet, over all sockets and event streams. */
  readonly bufferedBytes: number;
  /** Times that a client had to be waited for, because it had not taken what was sent. */
  readonly pauses: number;
  /** Queries and mutations in flight over HTTP. */
  readonly requests: number;
  /** By subgraph name. */
  readonly subgraphs: ReadonlyMap<string, SubgraphState>;
  /** `id` of the one that is served. */
  readonly supergraph: string | undefined;
  /** The supergraph that is served and older ones that operations still use. */
  readonly generations: number;
  /** Supergraphs that came after the first, by what became of them; first ones that could not be used too. */
  readonly reloads: Readonly<Record<ReloadOutcome, number>>;
}

/** Below, the headers of a packet weigh more than what compression takes off. */
const COMPRESS_FROM = 1_024;

/**
 * A router for one supergraph at a time, to be put behind any http server.
 * @throws SupergraphError when the supergraph cannot be used; ConfigError when the options cannot. With a manager, `started()` does.
 */
export function createRouter(options: RouterOptions): Router {
  const { log, onOperation, csrfPrevention = true, detailedStatus = false } = options;
  const limits = resolveLimits(options.limits);
  const proxies = resolveProxies(options.trustedProxies);
  const compressFrom = options.compressFrom === false ? Infinity : (options.compressFrom ?? COMPRESS_FROM);
  const hostIsAllowed = ruleOf('allowedHosts', () => hostRule(options.allowedHosts ?? [ANY]));
  const origins = options.corsOrigins ?? [SELF, LOOPBACK];
  const originIsAllowed = ruleOf('corsOrigins', () => originRule(origins));
  const rules = { bodyBytes: limits.bodyBytes, nesting: limits.nesting, batchedOperations: limits.batchedOperations, preventCsrf: csrfPrevention ? csrfRule(origins) : undefined };
  const cors = options.corsHeaders === false ? NO_CORS : corsRule(origins);
  const subgraphs = createSubgraphClients({ signingKey: options.signingKey, share: options.shareRequests ?? false, compression: options.subgraphCompression ?? true, log, onFetch: options.onSubgraphFetch });
  const usage = new DocumentUsage();
  const engines = new Engines({
    async build(sdl, first) {
      const serving = createServing(sdl, options, limits, subgraphs, { strict: first });
      await serving.ready().catch(async (error: unknown) => {
        await serving.close();
        throw error;
      });
      return serving;
    },
    warm: ({ engine }) => warmUp(engine, [...warmUpDocuments(engine.supergraph.apiSchema), ...usage.most(limits.plans)], limits.reloadWarmUpMs),
    migrate: ({ serving: next }, { serving: previous }) =>
      subscriptions.migrate(next.engine, limits.reloadSpreadMs, next.subgraphs.movedFrom(previous.subgraphs)),
    log,
  });
  /** For streams, which outlive a supergraph. */
  const currentSubgraphs: SubgraphTransport = {
    send(subgraph, body, kind, context, done) {
      const view = engines.current?.serving.subgraphs;
      if (view) view.send(subgraph, body, kind, context, done);
      else done(new SubgraphUnavailable(subgraph, 'there is no supergraph yet'), '');
    },
    subscribe(subgraph, request, context) {
      const view = engines.current?.serving.subgraphs;
      if (!view) throw new SubgraphUnavailable(subgraph, 'there is no supergraph yet');
      return view.subscribe(subgraph, request, context);
    },
  };
  const authenticator = createAuthenticator(options.authentication, log);
  const subscriptions = createSubscriptions({ transport: currentSubgraphs, limits, log, errorPolicy: errorPolicy(options) });
  const admission = createAdmission(limits);
  const persistedQueries = options.persistedQueries === false ? NO_PERSISTED_QUERIES
    : createPersistedQueries({ store: options.persistedQueries, entries: limits.persistedQueries, bytes: limits.persistedBytes, log });
  const incrementalFormat = options.incrementalFormat ?? 'deferSpec=20220824';
  let pauses = 0;
  const onFull = (): void => void pauses++;
  const sockets = createClientSockets({ engines, usage, persistedQueries, subscriptions, authenticator, admission, proxies, limits, log, onOperation, onFull, incrementalFormat });
  const streams = createHttpStreams({ subscriptions, admission, proxies, limits, log, onOperation, onFull, incrementalFormat });
  const explorer = options.explorer === false ? undefined : createExplorer(options.explorer ?? {});
  let underWay = 0;
  const deadlines = new DeadlineQueue(limits.operationMs);
  let whenSettled: (() => void)[] = [];
  let closing: Promise<void> | undefined;

  const source = typeof options.supergraph === 'string' ? startWith(options.supergraph) : startSource(options.supergraph, {
    load: (sdl) => engines.reload(sdl), subgraphUrls: options.subgraphUrls ?? {}, signingKey: options.signingKey, timeoutMs: limits.subgraphMs, log,
  });
  let warm = false;
  source.started.then(() => (warm = true), () => undefined); // whoever calls started() is told

  function startWith(sdl: string): Source {
    const serving = createServing(sdl, options, limits, subgraphs, { strict: true });
    engines.start(sdl, serving);
    const { engine } = serving;
    return {
      started: serving.ready().then(() => warmUp(engine, warmUpDocuments(engine.supergraph.apiSchema), limits.reloadWarmUpMs)),
      close: () => Promise.resolve(),
    };
  }

  async function graphql(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const started = performance.now();
    const id = acceptRequestId(req.headers['x-request-id']);
    const cancellation = new Cancellation();
    let type: ResponseType = 'application/json';
    let takes: Accepted | undefined;
    let prepared: PreparedOperation | undefined;
    let generation: Generation | undefined;
    /** Undefined for what reports its end itself. */
    let outcome: Pick<Answer, 'errors' | 'code'> | undefined = { errors: 0, code: undefined };
    const giveUp = (): void => {
      cancellation.abort();
      if (!req.complete) req.destroy(); // still sending its body
    };
    underWay++;
    const deadline = deadlines.add({ expired: giveUp });
    res.on('close', giveUp);
    try {
      if (closing) throw new HttpProblem(503, 'UNAVAILABLE', 'the router is going away', { connection: 'close' });
      takes = accepted(req.headers.accept);
      type = takes.single ?? type;
      if (takes.single === undefined && takes.incremental === undefined && takes.events === undefined) throw notAcceptable();
      const read = await readParams(req, rules);
      const known = authenticator.authenticate(req.headers.authorization);
      const who = known instanceof Promise ? await known : known;
      if (!who.ok) throw refusal(who.code, who.message);
      generation = engines.acquire();
      if (!generation) throw new HttpProblem(503, 'UNAVAILABLE', 'there is no supergraph yet');
      const { engine } = generation.serving;
      if ('batch' in read) {
        if (takes.single === undefined) throw notAcceptable();
        const answer = await answerBatch({
          items: read.batch, engine, usage, persistedQueries, nesting: limits.nesting, log, clientAddress: clientAddressOf(req, proxies),
          context: { requestId: id, principal: who.principal, signal: cancellation },
          report: (operation, ended, since) => onOperation?.(describe(operation, ended, id, since)),
        });
        outcome = undefined;
        await sendAnswer(req, res, { status: 200, type, requestId: id, headers: retryAfterOf(answer) }, answer, compressFrom);
        return;
      }
      const params = read.persisted === undefined ? read : await persistedQueries.complete(read);
      const planned = engine.prepare(params.query, params.operationName);
      prepared = planned instanceof Promise ? await planned : planned;
      usage.used(params.query, params.operationName);
      if (req.method !== 'POST' && prepared.kind === 'mutation') throw new HttpProblem(405, 'METHOD_NOT_ALLOWED', 'GET is for queries; use POST', { allow: 'POST' });
      if (params.persisted !== undefined) persistedQueries.learn(params);
      const about = { requestId: id, principal: who.principal, signal: cancellation };
      const context = prepared.kind === 'mutation' ? { ...about, clientAddress: clientAddressOf(req, proxies) } : about;
      if (isStreamed({ accepted: takes, prepared })) {
        outcome = await streams.answer({ req, res, accepted: takes, engine, prepared, params, context, expiresAt: who.expiresAt });
        return;
      }
      const answer = await engine.execute(prepared, params.variables, context);
      outcome = answer;
      const sending = sendAnswer(req, res, { status: executedStatus(answer, type, detailedStatus), type, requestId: id, headers: retryAfterOf(answer) }, answer, compressFrom);
      if (sending !== undefined) await sending;
    } catch (error) {
      if (error instanceof HttpProblem) {
        outcome = { errors: 1, code: error.code };
        sendProblem(req, res, { status: error.status, type, requestId: id, headers: error.headers }, error.code, error.message);
      } else if (!(error instanceof ClientGone)) {
        const errors = clientErrors(error, id, log);
        outcome = { errors: errors.length, code: firstCode(errors) };
        if (error instanceof RequestError && takes?.single === undefined && takes?.events === 'text/event-stream') sendEvent(res, id, errorsAnswer(errors, id));
        else sendErrors(req, res, { status: refusedStatus(outcome.code, type, detailedStatus), type, requestId: id }, errors);
      }
    } finally {
      generation?.release();
      deadline.cancel();
      res.off('close', giveUp);
      if (--underWay === 0) {
        for (const resolve of whenSettled) resolve();
        whenSettled = [];
      }
      if (outcome !== undefined) onOperation?.(describe(prepared, outcome, id, started));
    }
  }

  function health(req: IncomingMessage, res: ServerResponse, ok: boolean): void {
    const reply = { status: ok ? 200 : 503, type: 'application/json', requestId: acceptRequestId(req.headers['x-request-id']) } as const;
    send(req, res, reply, JSON.stringify({ status: ok ? 'ok' : 'unavailable' }));
  }

  const ready = (): boolean => warm && !closing;
  const settled = (): Promise<void> => (underWay === 0 ? Promise.resolve() : new Promise((resolve) => whenSettled.push(resolve)));

  async function shutDown(graceMs: number): Promise<void> {
    const cut = setTimeout(() => deadlines.expire(), graceMs);
    await Promise.all([settled(), sockets.close(graceMs), streams.close(graceMs), source.close()]);
    clearTimeout(cut);
    deadlines.close();
    subscriptions.close();
    await engines.close();
    await subgraphs.close();
  }

  function admits(req: IncomingMessage, res: ServerResponse): boolean {
    if (hostIsAllowed(req.headers)) return true;
    const reply = { status: HOST_REFUSED.status, type: 'application/json', requestId: acceptRequestId(req.headers['x-request-id']) } as const;
    sendProblem(req, res, reply, HOST_REFUSED.code, HOST_REFUSED.message);
    return false;
  }

  return {
    admits,
    handle(req, res) {
      if (!admits(req, res) || cors(req, res)) return;
      const url = req.url ?? '/';
      const query = url.indexOf('?');
      const path = query < 0 ? url : url.slice(0, query);
      if (path === '/graphql') return req.method === 'OPTIONS' ? void res.writeHead(204, { allow: ALLOW, 'accept-post': 'application/json' }).end() : void graphql(req, res);
      if (path === '/health/live') return health(req, res, true);
      if (path === '/health/ready') return health(req, res, ready());
      if (path === '/schema.graphql' && options.introspection !== false) return sendSchemaFile(req, res, engines.current?.serving.engine.supergraph.apiSchema);
      if (explorer?.handle(path, req, res)) return;
      const reply = { status: 404, type: 'application/json', requestId: acceptRequestId(req.headers['x-request-id']) } as const;
      sendProblem(req, res, reply, 'NOT_FOUND', 'there is nothing at this path; GraphQL is at /graphql');
    },
    upgrade(req, socket, head) {
      if (!hostIsAllowed(req.headers)) refuseUpgrade(socket, HOST_REFUSED);
      else if (!/^\/graphql(?:\?|$)/.test(req.url ?? '')) refuseUpgrade(socket, { status: 404, code: 'NOT_FOUND', message: 'there is no WebSocket at this path; GraphQL is at /graphql' });
      else if (!originIsAllowed(req.headers)) refuseUpgrade(socket, ORIGIN_REFUSED);
      else if (engines.id === undefined) refuseUpgrade(socket, unavailable('there is no supergraph yet'));
      else sockets.upgrade(req, socket, head);
    },
    ready,
    started: () => source.started,
    reload: (sdl) => engines.reload(sdl),
    settled,
    close: ({ graceMs = 2_500 } = {}) => (closing ??= shutDown(graceMs)),
    stats() {
      const { upstreams, keptBytes } = subscriptions.stats();
      return { sockets: sockets.size, subscriptions: sockets.subscriptions + streams.subscriptions, upstreams, keptBytes, queuedEvents: subgraphs.queuedEvents,
        bufferedBytes: sockets.bufferedBytes + streams.bufferedBytes, pauses, requests: underWay, subgraphs: engines.current?.serving.subgraphs.states() ?? new Map(),
        supergraph: engines.id, generations: engines.generations, reloads: engines.reloads };
    },
  };
}

/** @throws ConfigError */
function ruleOf<T>(option: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof RangeError) throw new ConfigError(`${option}: ${error.message}`, { cause: error });
    throw error;
  }
}

function refusal(code: 'UNAUTHENTICATED' | 'UNAVAILABLE', message: string): HttpProblem {
  if (code === 'UNAVAILABLE') return new HttpProblem(503, code, message, { 'retry-after': '5' });
  return new HttpProblem(401, code, message, { 'www-authenticate': `Bearer error="invalid_token", error_description="${message.replaceAll(/["\\]/g, "'")}"` });
}

const retryAfterOf = ({ retryAfter }: Answer): Readonly<Record<string, string>> | undefined => (retryAfter === undefined ? undefined : { 'retry-after': String(retryAfter) });

function describe(prepared: PreparedOperation | undefined, { errors, code }: Pick<Answer, 'errors' | 'code'>, id: string, started: number): OperationInfo {
  return {
    kind: prepared?.kind ?? 'unknown', durationMs: performance.now() - started, errors, requestId: id, transport: 'http',
    ...(prepared?.name === undefined ? {} : { name: prepared.name }), ...(code === undefined ? {} : { code }),
  };
}
