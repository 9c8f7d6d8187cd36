import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { resolveLimits, resolveSubgraphUrls } from './config.ts';
import type { OperationInfo, RouterOptions } from './config.ts';
import { createEngine } from './execution/engine.ts';
import type { Engine, PreparedOperation } from './execution/engine.ts';
import { RequestError } from './execution/request-error.ts';
import { firstCode } from './execution/answer.ts';
import type { Answer } from './execution/answer.ts';
import { createExplorer } from './explorer/explorer.ts';
import { createSubscriptions } from './subscriptions/subscriptions.ts';
import { createAdmission } from './policies/admission.ts';
import { createAuthenticator } from './policies/authentication.ts';
import { demandCheck } from './policies/demand.ts';
import { loadSupergraph } from './supergraph/supergraph.ts';
import { warmUpDocuments } from './policies/warm-up.ts';
import { createClientSockets, refuseUpgrade } from './transport/client-sockets.ts';
import { clientErrors } from './transport/errors.ts';
import { ClientGone, HttpProblem, negotiate, readParams } from './transport/http-request.ts';
import type { GraphQLParams, ResponseType } from './transport/http-request.ts';
import { send, sendAnswer, sendErrors, sendProblem } from './transport/http-response.ts';
import { requestId } from './transport/request-id.ts';
import { createSubgraphClients } from './transport/subgraphs.ts';

export interface Router {
  /** Answers every path: /graphql, /health/live, /health/ready, the explorer at / and /explorer/, 404 for the rest. */
  handle(req: IncomingMessage, res: ServerResponse): void;
  /** For the `upgrade` event of an http server. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Whether it can serve: the supergraph is loaded, the planner warm, and it is not closing. */
  ready(): boolean;
  /** Resolves when no query or mutation over HTTP is in flight. */
  settled(): Promise<void>;
  /** Refuses what is new, lets queries and mutations finish, tells sockets to go away (1001); after `graceMs` (default 2,500) ends the rest. */
  close(options?: { graceMs?: number }): Promise<void>;
  stats(): RouterStats;
}

export interface RouterStats {
  readonly sockets: number;
  readonly subscriptions: number;
  /** Events that have come from subgraphs and wait for their subscriptions. */
  readonly queuedEvents: number;
  /** Bytes that clients have not taken yet, over all sockets. */
  readonly bufferedBytes: number;
  /** Queries and mutations in flight over HTTP. */
  readonly requests: number;
}

const GIVEN_UP = new Error('the client went away or the time was up');

/**
 * A router for one supergraph, to be put behind any http server.
 * @throws SupergraphError when the supergraph cannot be used; ConfigError when the options cannot.
 */
export function createRouter(options: RouterOptions): Router {
  const { log, onOperation } = options;
  const limits = resolveLimits(options.limits);
  const supergraph = loadSupergraph(options.supergraph);
  const subgraphs = createSubgraphClients(resolveSubgraphUrls(supergraph.subgraphs, options), {
    limits, signingKey: options.signingKey, log, onFetch: options.onSubgraphFetch,
  });
  const engine = createEngine(supergraph, {
    transport: subgraphs, maxErrors: limits.errors, maxTokens: limits.tokens, planCacheSize: limits.plans,
    checkDocument: demandCheck(limits), introspection: options.introspection ?? true,
  });
  const authenticator = createAuthenticator(options.authentication, log);
  const subscriptions = createSubscriptions({ transport: subgraphs, limits, log });
  const sockets = createClientSockets({ engine, subscriptions, authenticator, admission: createAdmission(limits), limits, log, onOperation });
  const explorer = options.explorer === false ? undefined : createExplorer(options.explorer ?? {});
  const inFlight = new Set<() => void>();
  let whenSettled: (() => void)[] = [];
  let closing: Promise<void> | undefined;

  for (const document of warmUpDocuments(supergraph.apiSchema)) void prepareQuietly(engine, document);

  async function graphql(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const started = performance.now();
    const id = requestId(req.headers['x-request-id']);
    const abort = new AbortController();
    let type: ResponseType = 'application/json';
    let prepared: PreparedOperation | undefined;
    let outcome: Pick<Answer, 'errors' | 'code'> = { errors: 0, code: undefined };
    const giveUp = (): void => {
      abort.abort(GIVEN_UP);
      if (!req.complete) req.destroy(); // still sending its body
    };
    inFlight.add(giveUp);
    const timer = setTimeout(giveUp, limits.operationMs);
    res.on('close', giveUp);
    try {
      if (closing) throw new HttpProblem(503, 'UNAVAILABLE', 'the router is going away', { connection: 'close' });
      type = negotiate(req.headers.accept);
      const params: GraphQLParams = await readParams(req, limits.bodyBytes);
      const who = await authenticator.authenticate(req.headers.authorization);
      if (!who.ok) throw refusal(who.code, who.message);
      prepared = await engine.prepare(params.query, params.operationName);
      if (prepared.kind === 'subscription') throw new HttpProblem(400, 'BAD_REQUEST', 'subscriptions are served over WebSocket (graphql-transport-ws) at this path');
      if (req.method === 'GET' && prepared.kind !== 'query') throw new HttpProblem(405, 'METHOD_NOT_ALLOWED', 'GET is for queries; use POST', { allow: 'POST' });
      const answer = await engine.execute(prepared, params.variables, { requestId: id, principal: who.principal, signal: abort.signal });
      outcome = answer;
      sendAnswer(req, res, { status: 200, type, requestId: id }, answer);
    } catch (error) {
      if (error instanceof HttpProblem) {
        outcome = { errors: 1, code: error.code };
        sendProblem(req, res, { status: error.status, type, requestId: id, headers: error.headers }, error.code, error.message);
      } else if (!(error instanceof ClientGone)) {
        const errors = clientErrors(error, id, log);
        outcome = { errors: errors.length, code: firstCode(errors) };
        sendErrors(req, res, { status: statusOf(outcome.code, type), type, requestId: id }, errors);
      }
    } finally {
      clearTimeout(timer);
      res.off('close', giveUp);
      inFlight.delete(giveUp);
      if (inFlight.size === 0) {
        for (const resolve of whenSettled) resolve();
        whenSettled = [];
      }
      onOperation?.(describe(prepared, outcome, id, started));
    }
  }

  function health(req: IncomingMessage, res: ServerResponse, ok: boolean): void {
    const reply = { status: ok ? 200 : 503, type: 'application/json', requestId: requestId(req.headers['x-request-id']) } as const;
    send(req, res, reply, JSON.stringify({ status: ok ? 'ok' : 'unavailable' }));
  }

  const settled = (): Promise<void> => (inFlight.size === 0 ? Promise.resolve() : new Promise((resolve) => whenSettled.push(resolve)));

  async function shutDown(graceMs: number): Promise<void> {
    const cut = setTimeout(() => {
      for (const giveUp of inFlight) giveUp();
    }, graceMs);
    await Promise.all([settled(), sockets.close(graceMs)]);
    clearTimeout(cut);
    subscriptions.close();
    await subgraphs.close();
  }

  return {
    handle(req, res) {
      const url = req.url ?? '/';
      const query = url.indexOf('?');
      const path = query < 0 ? url : url.slice(0, query);
      if (path === '/graphql') return void graphql(req, res);
      if (path === '/health/live') return health(req, res, true);
      if (path === '/health/ready') return health(req, res, !closing);
      if (explorer?.handle(path, req, res)) return;
      const reply = { status: 404, type: 'application/json', requestId: requestId(req.headers['x-request-id']) } as const;
      sendProblem(req, res, reply, 'NOT_FOUND', 'there is nothing at this path; GraphQL is at /graphql');
    },
    upgrade(req, socket, head) {
      if (/^\/graphql(?:\?|$)/.test(req.url ?? '')) sockets.upgrade(req, socket, head);
      else refuseUpgrade(socket, 404, 'there is no WebSocket at this path; GraphQL is at /graphql');
    },
    ready: () => !closing,
    settled,
    close: ({ graceMs = 2_500 } = {}) => (closing ??= shutDown(graceMs)),
    stats: () => ({ sockets: sockets.size, subscriptions: sockets.subscriptions, queuedEvents: subgraphs.queuedEvents,
      bufferedBytes: sockets.bufferedBytes, requests: inFlight.size }),
  };
}

/** Warming up must not fail where a client's operation would be refused (tight limits). */
async function prepareQuietly(engine: Engine, document: string): Promise<void> {
  try {
    await engine.prepare(document);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
  }
}

function refusal(code: 'UNAUTHENTICATED' | 'UNAVAILABLE', message: string): HttpProblem {
  if (code === 'UNAVAILABLE') return new HttpProblem(503, code, message, { 'retry-after': '5' });
  return new HttpProblem(401, code, message, { 'www-authenticate': `Bearer error="invalid_token", error_description="${message.replaceAll(/["\\]/g, "'")}"` });
}

/** GraphQL over HTTP, section 6.4: a refused document is a 400 for the GraphQL media type; for application/json it has always been a 200. */
function statusOf(code: string | undefined, type: ResponseType): number {
  if (code === 'INTERNAL') return 500;
  if (code === 'UNAVAILABLE') return 503;
  return type === 'application/json' ? 200 : 400;
}

function describe(prepared: PreparedOperation | undefined, { errors, code }: Pick<Answer, 'errors' | 'code'>, id: string, started: number): OperationInfo {
  return {
    kind: prepared?.kind ?? 'unknown', durationMs: performance.now() - started, errors, requestId: id, transport: 'http',
    ...(prepared?.name === undefined ? {} : { name: prepared.name }), ...(code === undefined ? {} : { code }),
  };
}
