import { randomBytes } from 'node:crypto';

/** Characters that need no quoting in a log line or a header. */
const ACCEPTABLE = /^[A-Za-z0-9._:-]{1,128}$/;
const prefix = randomBytes(9).toString('base64url');
let count = 0;

/**
 * The given id of a request, an event or a job (`X-Request-Id`) if it consists of 1 to 128 characters of
 * [A-Za-z0-9._:-]. Otherwise a new id that is unique across processes. The router, the edge and the subgraphs share
 * this rule, so a call and its statements are logged under one id. A new id costs no random bytes, because the router
 * makes one for most requests.
 */
export function acceptRequestId(given?: string | readonly string[]): string {
  return typeof given === 'string' && ACCEPTABLE.test(given) ? given : `${prefix}-${(count++).toString(36)}`;
}
