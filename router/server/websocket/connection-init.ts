import { isObject } from '../../collections/json-object.ts';

/**
 * Why a payload is refused that tries to say who the client is, in another way than ours: it would be a guest without
 * knowing it.
 */
export class NotUnderstood extends Error {
  override readonly name = 'NotUnderstood';
}

/** Fits into the reason of a close frame: 123 bytes. */
const ACCEPTED_FORM = 'give the token as {"authorization": "Bearer TOKEN"}';
/** Other names under which libraries and their examples send a token, without what divides words. */
const LOOKS_LIKE_A_CREDENTIAL =
  /^(?:x?(?:auth|access|id|user|session|bearer|jwt|api)?token|jwt|bearer|auth|authentication)$/;

/**
 * What the payload of a `connection_init` (or of a ping, with a new token) says in the place of the header
 * `Authorization`: its `authorization`, in any case, at the top or below `headers`. Undefined for a guest: null, as the
 * whole payload too, and empty values count as absent, because that is what a page has before somebody signs in.
 * @throws NotUnderstood for an `authorization` that is no text, and for a payload without one that has a credential
 *   under another name
 */
export function authorizationOf(payload: Readonly<Record<string, unknown>> | null | undefined): string | undefined {
  if (payload === undefined || payload === null) return undefined;
  const { headers } = payload;
  let stray: string | undefined;
  for (const [name, value] of [...Object.entries(payload), ...(isObject(headers) ? Object.entries(headers) : [])]) {
    if (value === undefined || value === null || value === '' || value === false) continue;
    const lower = name.toLowerCase();
    if (lower === 'authorization') {
      if (typeof value !== 'string') throw new NotUnderstood(`"authorization" is no text: ${ACCEPTED_FORM}`);
      return value;
    }
    const letters = lower.replaceAll(/[^a-z]/g, '');
    if (LOOKS_LIKE_A_CREDENTIAL.test(letters)) stray ??= /^[\w-]{1,30}$/.test(name) ? name : letters;
  }
  if (stray !== undefined) throw new NotUnderstood(`"${stray}" is not looked at: ${ACCEPTED_FORM}`);
  return undefined;
}
