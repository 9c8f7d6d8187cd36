import { randomUUID } from 'node:crypto';
import type { FullConfig } from '../../platform/config/config.ts';

/** Operations on accounts that the API does not offer: to get a token by a password, grant roles, delete an account. */
export interface Accounts {
  /** Returns a new access token. */
  signIn(username: string, password: string): Promise<string>;
  grant(userId: string, roles: readonly string[]): Promise<void>;
  remove(userId: string): Promise<void>;
}

export const PASSWORD = 'correct horse battery';
export const uniqueName = (name: string): string => `${name}-${randomUUID().slice(0, 8)}`;

/** Gets a token with a name and a password, from Keycloak or the local issuer. */
export async function passwordGrant(tokenUrl: string, username: string, password: string): Promise<string> {
  const form = new URLSearchParams({
    grant_type: 'password',
    client_id: 'prodvor-test',
    username,
    password,
    scope: 'openid',
  });
  return tokenOf(await fetch(tokenUrl, { method: 'POST', body: form }));
}

export async function tokenOf(response: Response): Promise<string> {
  const { access_token: token, error_description: reason } = (await response.json()) as {
    access_token?: string;
    error_description?: string;
  };
  if (!token) throw new Error(`no token: HTTP ${response.status} ${reason ?? ''}`);
  return token;
}

export function keycloakAccounts(config: FullConfig): Accounts {
  const realm = config.KEYCLOAK_ISSUER;
  const admin = realm.replace('/realms/', '/admin/realms/');
  const call = async (method: string, path: string, body?: unknown): Promise<Response> => {
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: config.KEYCLOAK_CLIENT_ID,
      client_secret: config.KEYCLOAK_CLIENT_SECRET,
    });
    const token = await tokenOf(await fetch(`${realm}/protocol/openid-connect/token`, { method: 'POST', body: form }));
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await fetch(`${admin}${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`Keycloak: ${method} ${path}: HTTP ${response.status} ${await response.text()}`);
    return response;
  };
  return {
    signIn: (username, password) => passwordGrant(`${realm}/protocol/openid-connect/token`, username, password),
    async grant(userId, roles) {
      const available = (await (await call('GET', `/users/${userId}/role-mappings/realm/available`)).json()) as {
        name: string;
      }[];
      await call(
        'POST',
        `/users/${userId}/role-mappings/realm`,
        available.filter(({ name }) => roles.includes(name)),
      );
    },
    async remove(userId) {
      await call('DELETE', `/users/${userId}`);
    },
  };
}
