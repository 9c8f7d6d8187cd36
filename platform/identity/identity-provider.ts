/** Why the identity provider refused an input. `field` is the input's field, for `userErrors`. */
export type IdentityRefusal = { readonly field: 'username' | 'email' | 'password' } & (
  | { readonly code: 'TAKEN' | 'REQUIRED' }
  | { readonly code: 'TOO_SHORT'; readonly min: number }
  | { readonly code: 'TOO_LONG'; readonly max: number }
  | {
      readonly code: 'INVALID';
      readonly reason:
        'CHARACTERS' | 'NOT_AN_EMAIL' | 'RESERVED' | 'TOO_COMMON' | 'TOO_WEAK' | 'SAME_AS_USERNAME' | 'SAME_AS_EMAIL';
    }
);

export interface NewIdentity {
  readonly username: string;
  readonly email: string;
  readonly password: string;
}

/** Where an account can be reached. */
export interface Contact {
  readonly email: string;
  /** Whether somebody has shown that the address is theirs. Until then it may be a stranger's. */
  readonly emailVerified: boolean;
}

/**
 * The clients that get tokens (`azp`): the product's pages; tests, through the password grant; and the explorer's
 * one-click sign-in of embedded mode.
 */
export const CLIENTS = { web: 'prodvor-web', test: 'prodvor-test', explorer: 'prodvor-explorer' } as const;

/** The store of people's accounts: Keycloak in full mode, the local issuer in embedded mode. */
export interface IdentityProvider {
  /**
   * Creates the account with the role `player`. The id is the `sub` of the account's tokens.
   * @throws IdentityUnavailable when the provider does not answer
   */
  createIdentity(
    identity: NewIdentity,
  ): Promise<{ readonly userId: string } | { readonly refusals: readonly IdentityRefusal[] }>;
  /** Deletes an account whose registration could not be finished. Idempotent. */
  deleteIdentity(userId: string): Promise<void>;
  /**
   * The current address of an account. Null when there is no such account, or it is disabled or has no address.
   * @throws IdentityUnavailable when the provider does not answer
   */
  contactOf(userId: string): Promise<Contact | null>;
  /**
   * Marks the address as verified, if it is still the account's address. Idempotent. Resolves to false when the account
   * has another address, is disabled, or does not exist.
   * @throws IdentityUnavailable when the provider does not answer
   */
  markEmailVerified(userId: string, email: string): Promise<boolean>;
}

/**
 * The error when the identity provider did not answer, its answer was unexpected, or it has too much work at the
 * moment.
 */
export class IdentityUnavailable extends Error {
  readonly code = 'UNAVAILABLE';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'IdentityUnavailable';
  }
}
