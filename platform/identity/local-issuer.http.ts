import type { IncomingMessage, ServerResponse } from 'node:http';
import { hostNameOf, isLoopbackAddress, isLoopbackName, originRule } from '../http/callers.ts';
import {
  clientAddressOf,
  clientNetworkOf,
  isForwardedFromElsewhere,
  type TrustedProxies,
} from '../http/client-address.ts';
import { retryAfterOf } from '../http/rate-limits.ts';
import { readBody } from '../http/read-body.ts';
import { within } from '../async/within.ts';
import { CLIENTS } from './identity-provider.ts';
import type { LocalIssuer, TokenResponse } from './local-issuer.ts';
import { isNotNow } from '../observability/not-now.ts';
import { HashingBusy } from './password-hash.ts';

const IDENTITY_PATH = '/identity';
const MAX_BODY_BYTES = 16 * 1024;
const BODY_TIMEOUT_MS = 10_000;

interface Answer {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The HTTP side of the local issuer (embedded mode only), for a plain node:http server:
 *
 *    GET  /identity/.well-known/openid-configuration    issuer metadata (OpenID Connect Discovery 1.0)
 *    GET  /identity/jwks                                public keys
 *    POST /identity/token                               grant_type password or refresh_token, form-encoded (RFC 6749);
 *                                                       429 with Retry-After after many failures
 *    POST /identity/demo-token?user=NAME                the same answer for a demo account, without a password
 *
 * The client `prodvor-explorer` redeems the refresh token of a demo account at /identity/token.
 *
 * A page whose origin is not allowed gets 403 for every path. A demo token, and its renewal, need more: both ends must
 * be on this machine, and the Host must be a loopback name, so that a name server cannot redirect the call.
 * @returns the handler. When the path is not below /identity, it returns false immediately and changes nothing.
 */
export function createIdentityHandler(
  issuer: LocalIssuer,
  options: IdentityHandlerOptions,
): (req: IncomingMessage, res: ServerResponse) => false | Promise<true> {
  const isAllowed = originRule(options.origins);
  return (req, res) =>
    req.url?.startsWith(`${IDENTITY_PATH}/`) ? handle(issuer, options, isAllowed(req.headers), req, res) : false;
}

export interface IdentityHandlerOptions {
  /** Origins of pages that may call: see `platform/http`. */
  readonly origins: readonly string[];
  /**
   * Whether demo accounts may sign in by their name. Default false, also for demo accounts that an earlier start left
   * in the database.
   */
  readonly demo?: boolean;
  /** Proxies whose `X-Forwarded-For` is trusted for the client's address. */
  readonly trustedProxies: TrustedProxies;
  /** Called with the error when the answer is 500 or 503. */
  readonly onError: (error: unknown) => void;
}

async function handle(
  issuer: LocalIssuer,
  { demo = false, trustedProxies, onError }: IdentityHandlerOptions,
  originIsAllowed: boolean,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<true> {
  let answer: Answer;
  try {
    answer = originIsAllowed
      ? await route(issuer, req, demo, clientAddressOf(req, trustedProxies))
      : failure(403, 'access_denied', 'Pages of this origin are not allowed.');
  } catch (error) {
    const retryAfter = retryAfterOf(error);
    if (retryAfter !== undefined) {
      answer = {
        ...failure(429, 'rate_limited', `Too many attempts. Try again in ${retryAfter} s.`),
        headers: { 'retry-after': String(retryAfter) },
      };
    } else if (error instanceof HashingBusy) {
      answer = {
        ...failure(503, 'temporarily_unavailable', 'Too many people sign in at once.'),
        headers: { 'retry-after': '2' },
      };
    } else if (isNotNow(error)) {
      onError(error);
      answer = {
        ...failure(503, 'temporarily_unavailable', 'The accounts cannot be read at the moment.'),
        headers: { 'retry-after': '1' },
      };
    } else {
      onError(error);
      answer = failure(500, 'server_error', 'Internal error');
    }
  }
  send(req, res, answer);
  return true;
}

async function route(issuer: LocalIssuer, req: IncomingMessage, demo: boolean, clientAddress: string): Promise<Answer> {
  const [path = '', query = ''] = (req.url ?? '').slice(IDENTITY_PATH.length).split('?', 2);
  switch (path) {
    case '/.well-known/openid-configuration':
      return onlyMethod(req, 'GET') ?? { status: 200, body: discovery(issuer) };
    case '/jwks':
      return onlyMethod(req, 'GET') ?? { status: 200, body: issuer.jwks };
    case '/token':
      return (
        onlyMethod(req, 'POST') ??
        token(issuer, req, clientNetworkOf(clientAddress), demo && isOfThisMachine(req, clientAddress))
      );
    case '/demo-token':
      if (!demo) return failure(404, 'not_found', 'There are no demo accounts here.');
      return onlyMethod(req, 'POST') ?? demoToken(issuer, req, query, clientAddress);
    default:
      return failure(404, 'not_found', 'This path does not exist.');
  }
}

function discovery({ issuer }: LocalIssuer): object {
  return {
    issuer,
    jwks_uri: `${issuer}/jwks`,
    token_endpoint: `${issuer}/token`,
    grant_types_supported: ['password', 'refresh_token'],
    token_endpoint_auth_methods_supported: ['none'],
    response_types_supported: [],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
}

/** Answers a request for a token. @param explorer whether this caller may get demo tokens, and so renew them */
async function token(issuer: LocalIssuer, req: IncomingMessage, network: string, explorer: boolean): Promise<Answer> {
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(req.headers['content-type'] ?? '')) {
    return failure(400, 'invalid_request', 'The body must be application/x-www-form-urlencoded.');
  }
  const body = await within(readBody(req, MAX_BODY_BYTES), BODY_TIMEOUT_MS, () => undefined);
  if (body === undefined || 'status' in body) {
    req.pause(); // The rest of the body is not read.
    return {
      ...failure(413, 'invalid_request', `The body must be complete and at most ${MAX_BODY_BYTES} bytes.`),
      headers: { connection: 'close' },
    };
  }
  const form = new URLSearchParams(body.bytes.toString('utf8'));
  for (const name of new Set(form.keys())) {
    if (form.getAll(name).length > 1)
      return failure(400, 'invalid_request', `Parameter ${name.slice(0, 40)} occurs twice.`);
  }
  const clientId = form.get('client_id') ?? '';
  const isRenewalOfDemo = explorer && clientId === CLIENTS.explorer && form.get('grant_type') === 'refresh_token';
  if (!issuer.clients.has(clientId) && !isRenewalOfDemo)
    return failure(401, 'invalid_client', 'Invalid client or Invalid client credentials');
  switch (form.get('grant_type')) {
    case 'password': {
      const [username, password] = [form.get('username'), form.get('password')];
      if (!username || !password)
        return failure(400, 'invalid_request', `Missing parameter: ${username ? 'password' : 'username'}`);
      return granted(await issuer.signIn(username, password, clientId, network), 'Invalid user credentials');
    }
    case 'refresh_token': {
      const refreshToken = form.get('refresh_token');
      if (!refreshToken) return failure(400, 'invalid_request', 'Missing parameter: refresh_token');
      return granted(await issuer.refresh(refreshToken, clientId, network), 'Invalid refresh token');
    }
    case null:
      return failure(400, 'invalid_request', 'Missing parameter: grant_type');
    default:
      return failure(400, 'unsupported_grant_type', 'Unsupported grant_type');
  }
}

async function demoToken(
  issuer: LocalIssuer,
  req: IncomingMessage,
  query: string,
  clientAddress: string,
): Promise<Answer> {
  if (!isOfThisMachine(req, clientAddress))
    return failure(403, 'access_denied', 'Demo tokens are for clients on this machine.');
  const user = new URLSearchParams(query).get('user');
  if (!user) return failure(400, 'invalid_request', 'Missing parameter: user');
  return granted(await issuer.signInDemo(user, CLIENTS.explorer), 'There is no demo account of this name.');
}

const isOfThisMachine = (req: IncomingMessage, clientAddress: string): boolean =>
  isLoopbackAddress(clientAddress) &&
  isLoopbackName(hostNameOf(req.headers.host) ?? '') &&
  !isForwardedFromElsewhere(req);

const granted = (tokens: TokenResponse | null, refusal: string): Answer =>
  tokens ? { status: 200, body: tokens } : failure(400, 'invalid_grant', refusal);

/** Makes the error response of OAuth 2.0 (RFC 6749, section 5.2). */
const failure = (status: number, error: string, description: string): Answer => ({
  status,
  body: { error, error_description: description },
});

function onlyMethod(req: IncomingMessage, method: 'GET' | 'POST'): Answer | null {
  if (req.method === method || (method === 'GET' && req.method === 'HEAD')) return null;
  return { ...failure(405, 'invalid_request', `Only ${method} is answered here.`), headers: { allow: method } };
}

function send(req: IncomingMessage, res: ServerResponse, { status, body, headers }: Answer): void {
  const text = JSON.stringify(body);
  // RFC 6749, section 5.1 requires the headers Cache-Control and Pragma.
  res.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    pragma: 'no-cache',
    vary: 'origin',
    ...headers,
  });
  res.end(req.method === 'HEAD' ? undefined : text);
}
