import { SIGN_IN_AGAIN } from './resumable.ts';

/** The answer of the token endpoint. Keycloak and embedded mode both answer in this form. */
export interface Tokens {
  readonly access_token: string;
  /** A token that can be used once. */
  readonly refresh_token?: string;
  /** How long the access token is valid, in seconds. */
  readonly expires_in: number;
}

export interface Session {
  /**
   * Resolves to an access token. Renews it first if it is valid for less than a minute. @throws the error of `renew`,
   * for example one that begins with {@link SIGN_IN_AGAIN}
   */
  token(): Promise<string>;
  /**
   * `fetch` with the token, for any GraphQL client. A call that was refused with 401 was not executed. It is sent once
   * more, with a new token.
   */
  readonly fetch: typeof fetch;
}

/** A token is renewed when less than this is left. Milliseconds. */
const EARLY_MS = 60_000;

/**
 * Creates the session of a page. A page must have only one session, which renews the tokens. Concurrent callers wait
 * for the same renewal, so no refresh token is used twice.
 * @param renew calls the token endpoint. The session keeps the result
 */
export function createSession(first: Tokens, renew: (refreshToken: string | undefined) => Promise<Tokens>): Session {
  let tokens = first;
  let until = Date.now() + first.expires_in * 1000;
  let renewing: Promise<string> | undefined;

  const renewed = (): Promise<string> => {
    renewing ??= renew(tokens.refresh_token)
      .then((answer) => {
        tokens = answer;
        until = Date.now() + answer.expires_in * 1000;
        return answer.access_token;
      })
      .finally(() => (renewing = undefined));
    return renewing;
  };
  const token = async (): Promise<string> =>
    renewing || Date.now() > until - EARLY_MS ? renewed() : tokens.access_token;

  return {
    token,
    async fetch(input, init) {
      const send = (accessToken: string): Promise<Response> => {
        const headers = new Headers(init?.headers);
        headers.set('authorization', `Bearer ${accessToken}`);
        return fetch(input, { ...init, headers });
      };
      const used = await token();
      const response = await send(used);
      if (response.status !== 401) return response;
      await response.body?.cancel();
      // Another call may have renewed the token since this call was sent.
      return send(used === tokens.access_token ? await renewed() : await token());
    },
  };
}

/**
 * Renews at a token endpoint: `<realm>/protocol/openid-connect/token` of Keycloak, `/identity/token` in embedded mode.
 * @throws Error that begins with {@link SIGN_IN_AGAIN} when the endpoint answers 400 or 401; another Error when there
 * is no token for another reason
 */
export const refreshAt =
  (tokenUrl: string, clientId = 'prodvor-web') =>
  async (refreshToken: string | undefined): Promise<Tokens> => {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token: refreshToken ?? '',
    });
    const response = await fetch(tokenUrl, { method: 'POST', body: form });
    if (response.status === 400 || response.status === 401)
      throw new Error(`${SIGN_IN_AGAIN}: the refresh token is not accepted`);
    if (!response.ok) throw new Error(`no new token: HTTP ${response.status}`);
    return (await response.json()) as Tokens;
  };
