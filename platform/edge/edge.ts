import { type IncomingMessage, type ServerResponse, request } from 'node:http';
import { ORIGIN_REFUSED, originRule } from '../callers/callers.ts';
import { publicRoutes } from './routes.ts';

/** Bytes of a public route's body. */
const MAX_BODY = 100_000;
/** What Kong strips, and hop-by-hop headers (RFC 9110, section 7.6.1). */
const NOT_FORWARDED = new Set([
  'connection', 'keep-alive', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'host', 'expect',
  'x-userinfo', 'x-authenticated-userid', 'x-audience', 'signature', 'signature-input', 'content-digest',
]);

/**
 * The part of Kong that one process needs: takes the public routes to their subgraphs.
 * @param services origin by subgraph name, `http://127.0.0.1:4001`
 * @param allowedOrigins of pages that may call: see `platform/callers`
 * @returns false when the path is none of the public routes
 */
export function createEdge(services: ReadonlyMap<string, string>, allowedOrigins: readonly string[]): (req: IncomingMessage, res: ServerResponse) => boolean {
  const originIsAllowed = originRule(allowedOrigins);
  return (req, res) => {
    const [path = ''] = (req.url ?? '').split('?', 1);
    const ofPath = publicRoutes.filter((route) => route.path === path);
    if (ofPath.length === 0) return false;
    const route = ofPath.find(({ method }) => method === req.method);
    const origin = route && services.get(route.service);
    if (!route) refuse(res, 405, 'METHOD_NOT_ALLOWED', `use ${ofPath.map(({ method }) => method).join(' or ')}`);
    else if (!originIsAllowed(req.headers)) refuse(res, ORIGIN_REFUSED.status, ORIGIN_REFUSED.code, ORIGIN_REFUSED.message);
    else if (!origin) refuse(res, 503, 'UNAVAILABLE', 'the service is not here');
    else forward(req, res, new URL(req.url ?? '/', origin));
    return true;
  };
}

function forward(req: IncomingMessage, res: ServerResponse, target: URL): void {
  if (Number(req.headers['content-length'] ?? 0) > MAX_BODY) return refuse(res, 413, 'PAYLOAD_TOO_LARGE', `a body has at most ${MAX_BODY} bytes`);
  const headers = Object.fromEntries(Object.entries(req.headers).filter(([name]) => !NOT_FORWARDED.has(name)));
  const upstream = request(target, { method: req.method, headers, timeout: 30_000 }, (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(res);
  });
  upstream.on('timeout', () => upstream.destroy(new Error('timed out')));
  upstream.on('error', () => {
    if (res.writableEnded) return; // a refusal is on its way, and must arrive whole
    if (res.headersSent) res.destroy();
    else refuse(res, 502, 'UNAVAILABLE', 'the service did not answer');
  });
  let length = 0;
  req.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= MAX_BODY) return;
    req.unpipe(upstream);
    upstream.destroy();
    refuse(res, 413, 'PAYLOAD_TOO_LARGE', `a body has at most ${MAX_BODY} bytes`);
  });
  res.on('close', () => upstream.destroy());
  req.pipe(upstream);
}

function refuse(res: ServerResponse, status: number, code: string, message: string): void {
  if (res.headersSent) return;
  res.writeHead(status, { 'content-type': 'application/json', ...(status === 413 ? { connection: 'close' } : {}) });
  res.end(JSON.stringify({ errors: [{ message, extensions: { code } }] }));
}
