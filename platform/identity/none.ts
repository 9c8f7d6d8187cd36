import type { IdentityProvider } from './identity-provider.ts';
import { IdentityUnavailable } from './identity-provider.ts';

/** For a process that was not given the account by which people are registered. @throws IdentityUnavailable */
export class NoIdentityProvider implements IdentityProvider {
  readonly createIdentity = none;
  readonly deleteIdentity = none;
}

async function none(): Promise<never> {
  throw new IdentityUnavailable('This process was given no client of Keycloak: KEYCLOAK_CLIENT_SECRET is missing');
}
