import type { IdentityProvider } from './identity-provider.ts';
import { IdentityUnavailable } from './identity-provider.ts';

/**
 * The identity provider of a process that has no Keycloak client with the right to register people. Every method throws
 * IdentityUnavailable.
 */
export class NoIdentityProvider implements IdentityProvider {
  readonly createIdentity = none;
  readonly deleteIdentity = none;
  readonly contactOf = none;
  readonly markEmailVerified = none;
}

async function none(): Promise<never> {
  throw new IdentityUnavailable('This process has no Keycloak client: KEYCLOAK_CLIENT_SECRET is missing');
}
