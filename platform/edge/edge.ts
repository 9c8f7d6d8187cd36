import { type IncomingMessage, type ServerResponse, request } from 'node:http';
import { clientAddressOf, clientNetworkOf, type TrustedProxies } from '../http/client-address.ts';
import { ORIGIN_REFUSED, originRule } from '../http/callers.ts';
import { RateLimits, type RateLimitSetting, retryAfterOf } from '../http/rate-limits.ts';
import { readBody } from '../http/read-body.ts';
import { type SigningKey, signRequest } from '../../signature/signature.ts';
import { acceptRequestId } from '../http/request-id.ts';
import { routeFinder, type ServedRoute } from './routes.ts';

export interface EdgeOptions {
  readonly routes: readonly ServedRoute[];
  /** The origin of each subgraph by name, for example `http://127.0.0.1:4001`. */
  readonly services: ReadonlyMap<string, string>;
  /** Origins of pages that may call: see `platform/http`. */
  readonly allowedOrigins: readonly string[];
  /** Signs the client's address, because a subgraph itself sees only the address of the edge. */
  readonly signingKey: SigningKey;
  readonly trustedProxies: TrustedProxies;
  /** Factor of the rate limits of a route for clients on loopback. Default 1. */
  readonly loopbackFactor?: number;
}

/** Headers that Kong strips, and hop-by-hop headers (RFC 9110, section 7.6.1). */
const NOT_FORWARDED = new Set([
  'connection',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'expect',
  'content-length',
  'x-request-id',
  'x-userinfo',
  'x-authenticated-userid',
  'x-audience',
  'x-client-address',
  'signature',
  'signature-input',
  'content-digest',
]);

/**
 * The part of Kong that a single process needs: checks the origin, limits rates and the size of bodies, and forwards
 * the public routes to their subgraphs, with a signed client address.
 * @returns a handler; it returns false when the path is not a public route
 */
export function createEdge(options: EdgeOptions): (req: IncomingMessage, res: ServerResponse) => boolean {
  const originIsAllowed = originRule(options.allowedOrigins);
  const find = routeFinder(options.routes);
  const limits = new RateLimits({
    limits: Object.fromEntries(options.routes.flatMap(windowsOf)),
    loopbackFactor: options.loopbackFactor ?? 1,
  });
  return (req, res) => {
    const [path = ''] = (req.url ?? '').split('?', 1);
    const ofPath = find(path);
    if (ofPath.length === 0) return false;
    const route = ofPath.find(({ method }) => method === req.method);
    const origin = route && options.services.get(route.service);
    if (!route) refuse(res, 405, 'METHOD_NOT_ALLOWED', `use ${ofPath.map(({ method }) => method).join(' or ')}`);
    else if (!originIsAllowed(req.headers))
      refuse(res, ORIGIN_REFUSED.status, ORIGIN_REFUSED.code, ORIGIN_REFUSED.message);
    else if (!origin) refuse(res, 503, 'UNAVAILABLE', 'this process does not host the service');
    else {
      void secondsToWait(limits, route, clientAddressOf(req, options.trustedProxies)).then(async (seconds) => {
        if (seconds > 0)
          return refuse(res, 429, 'RATE_LIMITED', `Too many requests. Try again in ${seconds} s.`, seconds);
        // The signature covers the whole body. A cut-off body gets no answer.
        const body = await readBody(req, route.maxBodyBytes);
        if ('bytes' in body) forward(req, res, body.bytes, route, path, new URL(req.url ?? '/', origin), options);
        else if (body.status === 413)
          refuse(res, 413, 'PAYLOAD_TOO_LARGE', `a body has at most ${route.maxBodyBytes} bytes`);
      });
    }
    return true;
  };
}

function forward(
  req: IncomingMessage,
  res: ServerResponse,
  body: Buffer,
  { method, service, timeoutMs }: ServedRoute,
  path: string,
  target: URL,
  options: EdgeOptions,
): void {
  const clientAddress = clientAddressOf(req, options.trustedProxies);
  const requestId = acceptRequestId(req.headers['x-request-id']);
  const headers = {
    ...Object.fromEntries(Object.entries(req.headers).filter(([name]) => !NOT_FORWARDED.has(name))),
    'content-length': body.length,
    'x-request-id': requestId,
    'x-client-address': clientAddress,
    ...signRequest(options.signingKey, {
      method,
      path,
      body,
      principal: { clientAddress },
      requestId,
      target: service,
    }),
  };
  const upstream = request(target, { method, headers, timeout: timeoutMs }, (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(res);
  });
  upstream.on('timeout', () => upstream.destroy(new Error('timed out')));
  upstream.on('error', () => {
    if (res.headersSent) res.destroy();
    else refuse(res, 502, 'UNAVAILABLE', 'the service did not answer');
  });
  res.on('close', () => upstream.destroy());
  upstream.end(body);
}

function refuse(
  res: ServerResponse,
  status: number,
  code: string,
  message: string,
  retryAfter = status === 502 || status === 503 ? 1 : undefined,
): void {
  if (res.headersSent) return;
  // Closes the connection instead of waiting for the rest of an unread body.
  const ends = status === 413 || status === 429 ? { connection: 'close' } : {};
  res.writeHead(status, {
    'content-type': 'application/json',
    ...ends,
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  });
  res.end(JSON.stringify({ errors: [{ message, extensions: { code } }] }));
}

const limitOf = ({ method, path }: ServedRoute, unit: string): string => `${method} ${path} ${unit}`;

function windowsOf(route: ServedRoute): [string, RateLimitSetting][] {
  const { minute, hour } = route.rateLimit;
  return [
    [limitOf(route, 'minute'), { count: minute, seconds: 60 }],
    ...(hour === undefined
      ? []
      : [[limitOf(route, 'hour'), { count: hour, seconds: 3_600 }] satisfies [string, RateLimitSetting]]),
  ];
}

/** Counts one request in each window of the route. @returns 0, or the seconds to wait when a window is full */
async function secondsToWait(limits: RateLimits, route: ServedRoute, clientAddress: string): Promise<number> {
  try {
    for (const [name] of windowsOf(route)) await limits.take(name, clientNetworkOf(clientAddress), clientAddress);
    return 0;
  } catch (error) {
    const seconds = retryAfterOf(error);
    if (seconds === undefined) throw error;
    return seconds;
  }
}
