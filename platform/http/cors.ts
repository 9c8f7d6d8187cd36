import type { IncomingMessage, ServerResponse } from 'node:http';
import { ANY, originRule } from './callers.ts';

/**
 * What pages of other origins may send and read (Fetch standard, "CORS protocol"). kong.yml says the same; a test
 * compares them.
 */
export const CORS = {
  methods: ['GET', 'POST', 'OPTIONS'],
  exposedHeaders: ['Retry-After', 'X-Request-Id'],
  maxAgeSeconds: 3_600,
} as const;

/**
 * Sets the headers of one answer before anything else does. Returns true when the request was a preflight, which is
 * answered then.
 */
export type Cors = (req: IncomingMessage, res: ServerResponse) => boolean;

/** Where a proxy in front sets the headers: a browser refuses an answer that has them twice. */
export const NO_CORS: Cors = () => false;

/**
 * Lets pages of these origins read what they are answered. Cookies mean nothing to us, so `credentials: 'include'` does
 * no harm; a browser refuses it together with `*`, where it is not allowed. A page of any other origin gets no header,
 * and its browser keeps the answer from it.
 * @param allowed as for `originRule`
 * @throws RangeError for an entry that is no origin
 */
export function corsRule(allowed: readonly string[]): Cors {
  const isAllowed = originRule(allowed);
  const all = allowed.includes(ANY);
  const [methods, exposed, maxAge] = [
    CORS.methods.join(', '),
    CORS.exposedHeaders.join(', '),
    String(CORS.maxAgeSeconds),
  ];
  return (req, res) => {
    const { origin, 'access-control-request-method': method, 'access-control-request-headers': headers } = req.headers;
    if (origin === undefined || !isAllowed(req.headers)) return false;
    res.setHeader('access-control-allow-origin', all ? '*' : origin);
    if (!all) res.setHeader('access-control-allow-credentials', 'true');
    if (req.method !== 'OPTIONS' || method === undefined) {
      res.setHeader('access-control-expose-headers', exposed);
      return false;
    }
    res
      .writeHead(204, {
        'access-control-allow-methods': methods,
        'access-control-max-age': maxAge,
        vary: 'origin, access-control-request-headers',
        // Whatever headers the libraries of an allowed page send are welcome.
        ...(headers === undefined ? {} : { 'access-control-allow-headers': headers }),
      })
      .end();
    return true;
  };
}
