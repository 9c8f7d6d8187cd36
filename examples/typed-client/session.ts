import { SIGN_IN_AGAIN } from './resumable.ts';

/** The answer of the token endpoint, of Keycloak and of embedded mode alike. */
export interface Tokens {
  readonly access_token: string;
  /** Valid for one use. */
  readonly refresh_token?: string;
  /** Seconds from now. */
  readonly expires_in: number;
}

export interface Session {
  /**
   * An access token that is valid for at least a minute; renews it if necessary. @throws the error of `renew`: sign in
   * again
   */
  token(): Promise<string>;
  /**
   * `fetch` with the token, for any GraphQL client. A call that was refused with 401 was not executed. It is sent once
   * more, with a new token.
   */
  readonly fetch: typeof fetch;
}

/** A token is renewed when less than this is left. */
const EARLY_MS = 60_000;

/**
 * The only place of a page that renews tokens. Concurrent callers wait for the same renewal, so no refresh token is
 * used twice.
 * @param renew calls the token endpoint; its result is kept
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
      // Another call may have renewed it meanwhile.
      return send(used === tokens.access_token ? await renewed() : await token());
    },
  };
}

/**
 * Renews at a token endpoint: `<realm>/protocol/openid-connect/token` of Keycloak, `/identity/token` in embedded mode.
 * @throws {@link SIGN_IN_AGAIN} when the endpoint refuses
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
