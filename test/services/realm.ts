import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const realmFile = fileURLToPath(new URL('../../deploy/keycloak/realm-prodvor.json', import.meta.url));

interface Client {
  readonly clientId: string;
  readonly [property: string]: unknown;
}
export interface Realm {
  readonly clients: readonly Client[];
  readonly scopeMappings: readonly { readonly client: string; readonly roles: readonly string[] }[];
  readonly [property: string]: unknown;
}

/** The deployed realm. */
export const deployedRealm = (): Realm => JSON.parse(readFileSync(realmFile, 'utf8')) as Realm;

/**
 * The realm for servers that only tests and developers reach. A program may sign in with a person's name and password,
 * and nobody has to confirm an e-mail address. Tokens of the client `prodvor-test` are like those of `prodvor-web`.
 */
export function testRealm(): string {
  const realm = deployedRealm();
  const web = realm.clients.find(({ clientId }) => clientId === 'prodvor-web');
  const roles = realm.scopeMappings.find(({ client }) => client === 'prodvor-web')?.roles;
  if (!web || !roles) throw new Error(`${realmFile} has no prodvor-web`);
  const { defaultClientScopes, protocolMappers } = web;
  const client = {
    clientId: 'prodvor-test',
    name: 'Password grant for tests',
    publicClient: true,
    standardFlowEnabled: false,
    directAccessGrantsEnabled: true,
    fullScopeAllowed: false,
    defaultClientScopes,
    optionalClientScopes: [],
    protocolMappers,
  };
  return JSON.stringify({
    ...realm,
    verifyEmail: false,
    clients: [...realm.clients, client],
    scopeMappings: [...realm.scopeMappings, { client: client.clientId, roles }],
  });
}
