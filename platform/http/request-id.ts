import { randomBytes } from 'node:crypto';

/** What can stand in a log line and in a header without quoting. */
const ACCEPTABLE = /^[A-Za-z0-9._:-]{1,128}$/;
const prefix = randomBytes(9).toString('base64url');
let count = 0;

/**
 * The id that came with a request, an event or a job (`X-Request-Id`), when it is 1 to 128 of [A-Za-z0-9._:-]; else a
 * new one, unique across processes. One rule for the router, the edge and the subgraphs, so that a call and its
 * statements are logged under one id. A new id costs no random bytes: the router makes one for most requests.
 */
export function acceptRequestId(given?: string | readonly string[]): string {
  return typeof given === 'string' && ACCEPTABLE.test(given) ? given : `${prefix}-${(count++).toString(36)}`;
}
