import type { IdentityProvider } from './identity-provider.ts';
import { IdentityUnavailable } from './identity-provider.ts';

/** For a process without the account that registers people. @throws IdentityUnavailable */
export class NoIdentityProvider implements IdentityProvider {
  readonly createIdentity = none;
  readonly deleteIdentity = none;
}

async function none(): Promise<never> {
  throw new IdentityUnavailable('This process has no Keycloak client: KEYCLOAK_CLIENT_SECRET is missing');
}
