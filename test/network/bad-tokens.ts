import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';
import type { FullConfig } from '../../platform/config/config.ts';
import { tokenOf, uniqueName } from './accounts.ts';

/** Makes tokens that the API must refuse. Each method begins with a valid token. */
export interface BadTokens {
  expired(token: string): Promise<string>;
  ofAnotherIssuer(token: string): Promise<string>;
  forAnotherAudience(token: string): Promise<string>;
  /**
   * Signs other claims and another header with the issuer's own key. Absent in full mode, where the key is not
   * available.
   */
  signed?(token: string, changed: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
}

/** A token with forged claims under the original signature. */
export function forged(token: string): string {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  return [header, Buffer.from(JSON.stringify({ ...claims, roles: ['admin'] })).toString('base64url'), signature].join(
    '.',
  );
}

/** A token that a stranger's key signed, with the key id of the issuer. */
export function signedByAStranger(token: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return signAgain(token, privateKey, {});
}

function signAgain(
  token: string,
  key: Parameters<SignJWT['sign']>[0],
  changed: Record<string, unknown>,
  header: Record<string, unknown> = {},
): Promise<string> {
  const { kid, alg = 'RS256' } = decodeProtectedHeader(token);
  return new SignJWT({ ...decodeJwt(token), ...changed })
    .setProtectedHeader({ alg, kid, typ: 'JWT', ...header })
    .sign(key);
}

/** The local issuer's own key signs tokens that the issuer never would. @param pem its private key */
export function badLocalTokens(pem: () => Promise<string>): BadTokens {
  const sign = async (
    token: string,
    changed: Record<string, unknown>,
    header?: Record<string, unknown>,
  ): Promise<string> => signAgain(token, createPrivateKey(await pem()), changed, header);
  return {
    signed: sign,
    expired: (token) => sign(token, { exp: Math.floor(Date.now() / 1000) - 60 }),
    ofAnotherIssuer: (token) => sign(token, { iss: 'http://127.0.0.1:1/identity' }),
    forAnotherAudience: (token) => sign(token, { aud: 'another-api' }),
  };
}

/**
 * Tokens that Keycloak itself issues: from another realm, for its backend, and through a client whose tokens are valid
 * for a second.
 */
export function badKeycloakTokens(
  { KEYCLOAK_ISSUER: realm, KEYCLOAK_CLIENT_ID, KEYCLOAK_CLIENT_SECRET }: FullConfig,
  password: string,
): BadTokens {
  const grant = async (issuer: string, form: Record<string, string>): Promise<string> =>
    tokenOf(
      await fetch(`${issuer}/protocol/openid-connect/token`, { method: 'POST', body: new URLSearchParams(form) }),
    );
  const master = (): Promise<string> =>
    grant(realm.replace(/realms\/.*/, 'realms/master'), {
      grant_type: 'password',
      client_id: 'admin-cli',
      username: 'admin',
      password: 'admin',
    });
  return {
    ofAnotherIssuer: master,
    forAnotherAudience: () =>
      grant(realm, {
        grant_type: 'client_credentials',
        client_id: KEYCLOAK_CLIENT_ID,
        client_secret: KEYCLOAK_CLIENT_SECRET,
      }),
    async expired(token) {
      const clients = `${realm.replace('/realms/', '/admin/realms/')}/clients`;
      const headers = { authorization: `Bearer ${await master()}`, 'content-type': 'application/json' };
      const clientId = uniqueName('short-lived');
      const audience = { 'included.custom.audience': 'prodvor-api', 'access.token.claim': 'true' };
      const made = await fetch(clients, {
        method: 'POST',
        headers,
        body: JSON.stringify({
          clientId,
          publicClient: true,
          directAccessGrantsEnabled: true,
          standardFlowEnabled: false,
          attributes: { 'access.token.lifespan': '1' },
          protocolMappers: [
            { name: 'audience', protocol: 'openid-connect', protocolMapper: 'oidc-audience-mapper', config: audience },
          ],
        }),
      });
      const location = made.headers.get('location');
      if (!location) throw new Error(`Keycloak makes no client: HTTP ${made.status}`);
      const given = await grant(realm, {
        grant_type: 'password',
        client_id: clientId,
        username: String(decodeJwt(token).preferred_username),
        password,
        scope: 'openid',
      });
      await fetch(location, { method: 'DELETE', headers });
      return given;
    },
  };
}
