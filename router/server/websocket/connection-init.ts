import { isObject } from '../../collections/json-object.ts';

/**
 * The error when the payload contains credentials in a form that the router does not support. The router refuses it,
 * because the client would otherwise be anonymous without knowing it. The message gives the reason.
 */
export class UnsupportedCredentials extends Error {
  override readonly name = 'UnsupportedCredentials';
}

/** Together with the rest of the message it fits into the reason of a close frame: 123 bytes. */
const ACCEPTED_FORM = 'give the token as {"authorization": "Bearer TOKEN"}';
/** Other names under which libraries and their examples send a token, in lower case and without separators. */
const LOOKS_LIKE_A_CREDENTIAL =
  /^(?:x?(?:auth|access|id|user|session|bearer|jwt|api)?token|jwt|bearer|auth|authentication)$/;

/**
 * Reads the credentials of a `connection_init` payload, or of a ping with a new token. They are in `authorization`, in
 * upper or lower case, at the top level or below `headers`, and have the form of the `Authorization` header. Null,
 * false and empty values count as absent, and so does a payload of null, because that is what a page sends before its
 * user signs in.
 * @returns undefined for an anonymous client
 * @throws UnsupportedCredentials when `authorization` is not a string, or when it is absent and another name looks like
 * a credential
 */
export function authorizationOf(payload: Readonly<Record<string, unknown>> | null | undefined): string | undefined {
  if (payload === undefined || payload === null) return undefined;
  const { headers } = payload;
  let stray: string | undefined;
  for (const [name, value] of [...Object.entries(payload), ...(isObject(headers) ? Object.entries(headers) : [])]) {
    if (value === undefined || value === null || value === '' || value === false) continue;
    const lower = name.toLowerCase();
    if (lower === 'authorization') {
      if (typeof value !== 'string')
        throw new UnsupportedCredentials(`"authorization" is not a string: ${ACCEPTED_FORM}`);
      return value;
    }
    const letters = lower.replaceAll(/[^a-z]/g, '');
    if (LOOKS_LIKE_A_CREDENTIAL.test(letters)) stray ??= /^[\w-]{1,30}$/.test(name) ? name : letters;
  }
  if (stray !== undefined) throw new UnsupportedCredentials(`"${stray}" is not supported: ${ACCEPTED_FORM}`);
  return undefined;
}
