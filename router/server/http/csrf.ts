import type { IncomingHttpHeaders } from 'node:http';
import { ANY, originRule } from '../../../platform/http/callers.ts';
import { HttpProblem } from './problem.ts';

/**
 * Headers that a page of another origin cannot set without a CORS preflight, and that no proxy adds. These are the
 * headers that Apollo and GraphQL over HTTP define for this purpose, and those in which clients name themselves. It is
 * a fixed list instead of "any header that a browser does not send by itself", because proxies add unknown headers to
 * forged requests too.
 */
const PREFLIGHT_HEADERS = [
  'apollo-require-preflight',
  'x-apollo-operation-name',
  'graphql-require-preflight',
  'apollographql-client-name',
  'apollographql-client-version',
  'graphql-client-name',
  'graphql-client-version',
  'x-requested-with',
] as const;
/**
 * Content types that a browser sends to another origin without a preflight (Fetch standard, "CORS-safelisted
 * request-header").
 */
const SIMPLE_TYPES = new Set(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']);
/**
 * Matches an `Authorization` header with the scheme Bearer. Only a script can set this scheme. A browser adds other
 * schemes (Basic, Negotiate) by itself after a sign-in.
 */
const BEARER = /^bearer +\S/i;

/**
 * Creates a check that refuses requests which a page of another origin can make a user's browser send (CSRF). Such a
 * page could act with the user's cookies or address. Even for a query it could measure how long the query takes.
 * @param origins of pages that may call, as for `originRule`. `*` is ignored, because it allows every Origin.
 * @returns a function that throws HttpProblem 400 CSRF_PREVENTED
 */
export function csrfRule(origins: readonly string[]): (headers: IncomingHttpHeaders) => void {
  const isAllowed = originRule(origins.filter((origin) => origin !== ANY));
  return (headers) => {
    const { authorization, origin } = headers;
    if (authorization !== undefined && BEARER.test(authorization)) return;
    const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
    if (type !== undefined && type !== '' && !SIMPLE_TYPES.has(type)) return;
    // A browser sets `Sec-Fetch-Site` and `Origin` itself, and no page can change them. `Origin` is absent when an
    // image or a form of another page makes the request.
    if (headers['sec-fetch-site'] === 'same-origin') return;
    if (origin !== undefined && isAllowed(headers)) return;
    for (const name of PREFLIGHT_HEADERS) if (headers[name] !== undefined && headers[name] !== '') return;
    throw new HttpProblem(
      400,
      'CSRF_PREVENTED',
      `any page could make a browser send this request: use POST (urql: preferGetMethod: false), or set the header Authorization: Bearer, ${PREFLIGHT_HEADERS[0]} (to any value), or a Content-Type that is not a form's`,
    );
  };
}
