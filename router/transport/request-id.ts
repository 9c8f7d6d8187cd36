import { randomBytes } from 'node:crypto';

const ACCEPTABLE = /^[A-Za-z0-9._-]{1,128}$/;
const prefix = randomBytes(9).toString('base64url');
let count = 0;

/** The client's X-Request-Id when it is 1 to 128 of [A-Za-z0-9._-], else one of our own, unique across processes. */
export function requestId(given?: string | string[]): string {
  return typeof given === 'string' && ACCEPTABLE.test(given) ? given : `${prefix}-${(count++).toString(36)}`;
}
