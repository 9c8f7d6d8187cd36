import type { IncomingHttpHeaders } from 'node:http';
import { HttpProblem } from './http-problem.ts';

/** Headers that a page of another origin cannot set without asking first (CORS preflight): Apollo's two, and the one that GraphQL over HTTP names. */
export const PREFLIGHT_HEADERS = ['apollo-require-preflight', 'x-apollo-operation-name', 'graphql-require-preflight'] as const;
/** What a browser sends to another origin unasked (Fetch standard, "CORS-safelisted request-header"). */
const SIMPLE_TYPES = new Set(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']);

/**
 * Refuses what a page of another origin can make a user's browser send: it could act with the user's cookies or address, and even of a
 * query learn how long it takes.
 * @throws HttpProblem 400
 */
export function preventCsrf(headers: IncomingHttpHeaders): void {
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== undefined && type !== '' && !SIMPLE_TYPES.has(type)) return;
  // Only browsers set it, and no page can: an EventSource of our own origin, which cannot set others.
  if (headers['sec-fetch-site'] === 'same-origin') return;
  for (const name of PREFLIGHT_HEADERS) if (headers[name] !== undefined && headers[name] !== '') return;
  throw new HttpProblem(400, 'CSRF_PREVENTED', `any page could make a browser send this request: set the header ${PREFLIGHT_HEADERS[0]}, or a Content-Type that is not a form's`);
}
