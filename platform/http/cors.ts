import type { IncomingMessage, ServerResponse } from 'node:http';
import { ANY, originRule } from './callers.ts';

/**
 * The methods and headers for pages of other origins (Fetch standard, "CORS protocol"). kong.yml has the same; a test
 * compares them.
 */
export const CORS = {
  methods: ['GET', 'POST', 'OPTIONS'],
  exposedHeaders: ['Retry-After', 'X-Request-Id'],
  maxAgeSeconds: 3_600,
} as const;

/**
 * Sets the CORS headers of one response. Call it before anything else sets headers. Returns true when the request was a
 * preflight, which is then answered.
 */
export type Cors = (req: IncomingMessage, res: ServerResponse) => boolean;

/** Sets no headers, because a proxy in front sets them: a browser rejects a response that has them twice. */
export const NO_CORS: Cors = () => false;

/**
 * Lets pages of these origins read responses. We use no cookies, so `credentials: 'include'` does no harm; browsers
 * reject it together with `*`, so `*` does not allow it. A page of another origin gets no header, so its browser hides
 * the response.
 * @param allowed as for `originRule`
 * @param rules methods and headers, if they are not those of the API
 * @throws RangeError for an entry that is not an origin
 */
export function corsRule(
  allowed: readonly string[],
  rules: { readonly methods: readonly string[]; readonly exposedHeaders: readonly string[] } = CORS,
): Cors {
  const isAllowed = originRule(allowed);
  const all = allowed.includes(ANY);
  const [methods, exposed, maxAge] = [
    rules.methods.join(', '),
    rules.exposedHeaders.join(', '),
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
        // The answer repeats the requested headers: an allowed page may send any header that its libraries add.
        ...(headers === undefined ? {} : { 'access-control-allow-headers': headers }),
      })
      .end();
    return true;
  };
}
