import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import { clientAddressOf, isDirectAndLocal, type TrustedProxies } from '../http/client-address.ts';
import type { PublicRoute } from '../edge/routes.ts';
import { readBody } from '../http/read-body.ts';
import type {
  RefusalReason,
  SignedPrincipal,
  SubscribeOperation,
  Verification,
  Verifier,
} from '../../signature/signature.ts';
import { verifyRequest, verifySubscribe } from '../../signature/signature.ts';
import { acceptRequestId } from '../http/request-id.ts';
import { type AskedQuestion, currentContext, type RequestContext } from '../observability/request-context.ts';
import type { Principal } from './principal.ts';
import { ANONYMOUS, readPrincipal, setPrincipal } from './principal.ts';

export interface CallGuardOptions {
  /** Verifies the signatures of calls. Absent only in development: see `allowUnsigned`. */
  readonly verifier: Verifier | undefined;
  /**
   * Whether every caller's identity headers are trusted when there is no verifier. An audience is not accepted then.
   * Never use it where others can reach the port.
   */
  readonly allowUnsigned: boolean;
  /**
   * Returns the public route for a request, which checks its callers itself; undefined for other requests. `path` is
   * the path as received, without the query string. The health checks are always public.
   */
  readonly publicRoute?: (method: string, path: string) => Pick<PublicRoute, 'body' | 'maxBodyBytes'> | undefined;
  /**
   * Whether clients on this machine may read /metrics here. Default true; false where metrics have a port of their own.
   */
  readonly metrics?: boolean;
  /** Proxies whose `X-Forwarded-For` is trusted for the caller of a public route. Default: none. */
  readonly trustedProxies?: TrustedProxies;
  /**
   * Longest body of a signed call in bytes; a longer one is PAYLOAD_TOO_LARGE. Default 4 MiB: the router's entity calls
   * are long. Public routes have their own limits.
   */
  readonly maxBodyBytes?: number;
  /**
   * Reads the metadata of a question of another subgraph from a verified body. A string is the reason to refuse it.
   * Default: no call is a question.
   */
  readonly question?: (body: unknown) => AskedQuestion | string | undefined;
  /** Called for every refusal, for the log. The caller learns less. */
  readonly onRefused?: (refusal: { readonly reason: string; readonly where: string }) => void;
}

/** A verified call. */
export interface Caller {
  readonly principal: Principal;
  readonly requestId: string;
}

const ALWAYS_PUBLIC = new Set(['/health/live', '/health/ready']);
const NO_PROXIES: TrustedProxies = { has: () => false };
const IDENTITY_HEADERS = ['x-userinfo', 'x-authenticated-userid', 'x-audience'];

/**
 * The gate of a subgraph's port. It admits only signed calls, which the router and other subgraphs make. Exceptions are
 * public routes, which see no identity headers, health checks, and /metrics for clients on this machine. A call of a
 * public route with `X-Client-Address` comes from the edge of `main.ts all` or of a router, and must be signed as well.
 *
 * The gate reads the body itself, because the digest covers the bytes. It leaves parsed JSON in `req.body`, or the
 * bytes if a public route wants them. So install it instead of a body parser (`app.use` before `app.init`), after the
 * request's context. Afterwards `principalOf(req)` returns the principal of the call.
 *
 * It refuses with these codes:
 * - 401 UNSIGNED_REQUEST, SIGNATURE_INVALID, SIGNATURE_STALE or SIGNATURE_REPLAYED
 * - 503 UNAVAILABLE when nonces arrive faster than they may be forgotten
 * - 403 FORBIDDEN for a question that this subgraph does not answer
 * - 400 BAD_REQUEST for broken JSON
 * - 413 PAYLOAD_TOO_LARGE
 * @throws Error, when it is called and not later for a request, if there is neither a verifier nor `allowUnsigned`
 */
export function signatureMiddleware(
  options: CallGuardOptions,
): (req: IncomingMessage & { body?: unknown }, res: ServerResponse, next: () => void) => void {
  requireMeans(options);
  return (req, res, next) => {
    const { method = '', url = '' } = req;
    const [path = ''] = url.split('?', 1);
    const route = options.publicRoute?.(method, path);
    const isPublic = route !== undefined;
    const isOpen =
      ALWAYS_PUBLIC.has(path) || (path === '/metrics' && options.metrics !== false && isDirectAndLocal(req));
    const proceed = (bytes: Buffer, context?: RequestContext): void => {
      const body = route?.body === 'raw' ? bytes : parseBody(req, bytes);
      if (body === INVALID) return answer(res, 400, 'BAD_REQUEST', 'The body is not JSON.');
      const question = context && options.question?.(body);
      if (typeof question === 'string') {
        options.onRefused?.({ reason: question, where: path });
        return answer(res, 403, 'FORBIDDEN', 'This question is not allowed.');
      }
      if (question) context.question = question;
      if (body !== undefined) req.body = body;
      next();
    };
    if (isOpen || (isPublic && req.headers['x-client-address'] === undefined)) {
      for (const name of IDENTITY_HEADERS) delete req.headers[name];
      if (!isPublic) return next();
      setPrincipal(req, { ...ANONYMOUS, clientAddress: clientAddressOf(req, options.trustedProxies ?? NO_PROXIES) });
      void readBody(req, route.maxBodyBytes).then((body) =>
        'status' in body ? answer(res, ...incomplete(body.status)) : proceed(body.bytes),
      );
      return;
    }
    const where = `${method} ${path.slice(0, 200)}`;
    const refuse = (reason: RefusalReason | 'inconsistent_identity'): void => {
      options.onRefused?.({ reason, where });
      answer(res, ...refusalAnswer(reason));
    };
    // An unsigned call is refused before any byte of its body is read.
    if (options.verifier && req.headers.signature === undefined) return refuse('unsigned');
    // The signature does not cover a query string. On a public route the query string is the client's, also when
    // a proxy forwards it.
    if (options.verifier && url !== path && !isPublic) return refuse('malformed');
    void readBody(req, route?.maxBodyBytes ?? options.maxBodyBytes ?? 4 * 1024 * 1024).then((body) => {
      if ('status' in body) return answer(res, ...incomplete(body.status));
      const caller = admit(
        options.verifier
          ? verifyRequest(options.verifier, { method, path, headers: req.headers, body: body.bytes })
          : unverified(
              { userId: textOf(req.headers['x-authenticated-userid']), userinfo: textOf(req.headers['x-userinfo']) },
              acceptRequestId(req.headers['x-request-id']),
            ),
      );
      if (typeof caller === 'string') return refuse(caller);
      setPrincipal(req, isPublic ? { ...ANONYMOUS, clientAddress: caller.principal.clientAddress } : caller.principal);
      const context = currentContext();
      if (context && caller.principal.userId !== undefined) context.userId = caller.principal.userId;
      proceed(body.bytes, context);
    });
  };
}

/**
 * Checks the signature and the question of a `subscribe` message of graphql-transport-ws, as {@link
 * signatureMiddleware} checks a request. Call it in graphql-ws' `onSubscribe`, and return the errors if there are any.
 * @param payload the payload of the message, parsed from JSON
 */
export function checkSubscribe(
  options: CallGuardOptions,
  payload: SubscribeOperation & { readonly extensions?: Readonly<Record<string, unknown>> | null },
): Caller | readonly GraphQLError[] {
  requireMeans(options);
  const caller = admit(
    options.verifier
      ? verifySubscribe(options.verifier, payload)
      : unverifiedSubscribe(payload.extensions?.['identity']),
  );
  if (typeof caller !== 'string') return caller;
  options.onRefused?.({ reason: caller, where: 'subscribe' });
  const [, code, message] = refusalAnswer(caller);
  return [new GraphQLError(message, { extensions: { code } })];
}

function requireMeans({ verifier, allowUnsigned }: CallGuardOptions): void {
  if (!verifier && !allowUnsigned)
    throw new Error('a subgraph needs signing keys, or the setting that accepts unsigned calls');
}

function admit(verification: Verification): Caller | RefusalReason | 'inconsistent_identity' {
  if (!verification.ok) return verification.reason;
  const principal = readPrincipal(verification.principal);
  return principal ? { principal, requestId: verification.requestId } : 'inconsistent_identity';
}

function unverified(
  { userId, userinfo }: { userId: string | undefined; userinfo: string | undefined },
  requestId: string,
): Verification {
  const principal: SignedPrincipal = {
    ...(userId === undefined ? {} : { userId }),
    ...(userinfo === undefined ? {} : { userinfo }),
  };
  return { ok: true, principal, requestId, keyId: '' };
}

function unverifiedSubscribe(identity: unknown): Verification {
  const { userId, userinfo, requestId } = (typeof identity === 'object' && identity !== null ? identity : {}) as Record<
    string,
    unknown
  >;
  return unverified({ userId: textOf(userId), userinfo: textOf(userinfo) }, acceptRequestId(textOf(requestId)));
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function refusalAnswer(
  reason: RefusalReason | 'inconsistent_identity',
): [status: number, code: string, message: string] {
  switch (reason) {
    case 'unsigned':
      return [401, 'UNSIGNED_REQUEST', 'This service answers the router only.'];
    case 'stale':
      return [401, 'SIGNATURE_STALE', "The call's signature is too old or from the future."];
    case 'replayed':
      return [401, 'SIGNATURE_REPLAYED', 'The call was made before.'];
    case 'nonce_cache_full':
      return [503, 'UNAVAILABLE', 'Too many calls.'];
    default:
      return [401, 'SIGNATURE_INVALID', "The call's signature is not valid."];
  }
}

const incomplete = (status: 400 | 413): [status: number, code: string, message: string] =>
  status === 413
    ? [413, 'PAYLOAD_TOO_LARGE', 'The body is too long.']
    : [400, 'BAD_REQUEST', 'The body is not complete.'];

/** Closes the connection instead of waiting for the rest of an unread body. */
function answer(res: ServerResponse, status: number, code: string, message: string): void {
  if (res.headersSent || res.destroyed) return;
  res.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', connection: 'close' });
  res.end(JSON.stringify({ errors: [{ message, extensions: { code } }] }));
}

const INVALID = Symbol('not JSON');

function parseBody(req: IncomingMessage, bytes: Buffer): unknown {
  if (bytes.length === 0 || !/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(req.headers['content-type'] ?? ''))
    return undefined;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return INVALID;
  }
}
