import type { IncomingHttpHeaders } from 'node:http';
import { ANY, originRule } from '../../../platform/http/callers.ts';
import { HttpProblem } from './problem.ts';

/**
 * Headers that a page of another origin cannot set without asking first (CORS preflight), and that no proxy adds: those
 * of Apollo and of GraphQL over HTTP that are meant for it, and how clients name themselves. A list, and not "any
 * header that a browser does not send by itself": proxies add headers that nobody here knows, to forged requests too.
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
/** What a browser sends to another origin unasked (Fetch standard, "CORS-safelisted request-header"). */
const SIMPLE_TYPES = new Set(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']);
/** Only a script sets it. Other schemes (Basic, Negotiate) a browser adds by itself once somebody has signed in. */
const BEARER = /^bearer +\S/i;

/**
 * Refuses what a page of another origin can make a user's browser send: it could act with the user's cookies or
 * address, and even of a query learn how long it takes.
 * @param origins of pages that may call, as for `originRule`. With `*` the Origin tells nothing.
 * @returns throws HttpProblem 400
 */
export function csrfRule(origins: readonly string[]): (headers: IncomingHttpHeaders) => void {
  const isAllowed = originRule(origins.filter((origin) => origin !== ANY));
  return (headers) => {
    const { authorization, origin } = headers;
    if (authorization !== undefined && BEARER.test(authorization)) return;
    const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
    if (type !== undefined && type !== '' && !SIMPLE_TYPES.has(type)) return;
    // Only browsers set these two, and no page can. The second is missing where an image or a form of a foreign page
    // asks.
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
