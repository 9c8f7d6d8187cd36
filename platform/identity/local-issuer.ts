import { createPrivateKey, createPublicKey, generateKeyPair, randomUUID } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, exportJWK, SignJWT } from 'jose';
import type { JSONWebKeySet } from 'jose';
import type { Pool } from 'pg';
import type { Contact, IdentityProvider, IdentityRefusal, NewIdentity } from './identity-provider.ts';
import type { RateLimits } from '../http/rate-limits.ts';
import { CLIENTS, IdentityUnavailable } from './identity-provider.ts';
import { checkChoices, checkIdentity, EMAIL_TAKEN, normalize, USERNAME_TAKEN } from './identity-rules.ts';
import type { Account, Session } from './local-accounts.ts';
import * as accounts from './local-accounts.ts';
import type { HashCost } from './password-hash.ts';
import {
  createHashQueue,
  decoyHash,
  DEFAULT_COST,
  HashingBusy,
  hashPassword,
  verifyPassword,
} from './password-hash.ts';

export interface LocalIssuerOptions {
  /** A pool of the database that holds the schema `identity`. The caller closes it. */
  readonly pool: Pool;
  /**
   * The `iss`, and the URL below which {@link createIdentityHandler} answers: for example
   * `http://127.0.0.1:4000/identity`.
   */
  readonly issuer: string;
  /** The `aud` claim of tokens. Default `prodvor-api`. */
  readonly audience?: string;
  /** Lifetime of an access token in seconds. Default 300. */
  readonly accessTokenSeconds?: number;
  /** Public clients that may use the password grant. Default `prodvor-web` and `prodvor-test`. */
  readonly clients?: readonly string[];
  readonly hashCost?: HashCost;
  /** The limits of failed sign-ins. Absent: only the lock of an account limits guessing. */
  readonly rateLimits?: RateLimits;
}

export interface SeedAccount {
  readonly username: string;
  readonly email: string;
  /** The password of the account. Absent: only the demo sign-in opens the account. */
  readonly password?: string;
  /** The roles of the account. Default: only `player`. */
  readonly roles?: readonly string[];
  /** Whether anybody may sign in to this account by its name alone. */
  readonly demo?: boolean;
}

/** The answer of the token endpoint (RFC 6749, section 5.1). Times are in seconds. */
export interface TokenResponse {
  readonly access_token: string;
  readonly expires_in: number;
  readonly refresh_token: string;
  readonly token_type: 'Bearer';
  readonly scope: string;
}

const SCOPE = 'openid profile email';
const DEFAULT_ROLES = ['player'];

/**
 * The identity provider of embedded mode only. It stores its private keys in the database next to the accounts, uses
 * plain HTTP on loopback, and lets demo accounts in without a password. Full mode has Keycloak. Tokens have the same
 * shape as Keycloak's, and inputs are refused for the same reasons, so the rest of the code need not distinguish the
 * two.
 */
export class LocalIssuer implements IdentityProvider {
  readonly issuer: string;
  readonly clients: ReadonlySet<string>;
  /** The public keys (RFC 7517). */
  readonly jwks: JSONWebKeySet;
  readonly #pool: Pool;
  readonly #audience: string;
  readonly #lifetime: number;
  readonly #cost: HashCost;
  readonly #key: KeyObject;
  readonly #kid: string;
  readonly #hashing = createHashQueue();
  readonly #limits: RateLimits | undefined;
  /** The hash to compare with when a name is unknown or locked, so that it takes as much time as any other. */
  readonly #decoy: string;

  private constructor(options: LocalIssuerOptions, jwks: JSONWebKeySet, key: KeyObject, kid: string) {
    this.issuer = options.issuer;
    this.clients = new Set(options.clients ?? [CLIENTS.web, CLIENTS.test]);
    this.jwks = jwks;
    this.#pool = options.pool;
    this.#audience = options.audience ?? 'prodvor-api';
    this.#lifetime = options.accessTokenSeconds ?? 300;
    this.#cost = options.hashCost ?? DEFAULT_COST;
    this.#decoy = decoyHash(this.#cost);
    this.#limits = options.rateLimits;
    this.#key = key;
    this.#kid = kid;
  }

  /** Creates missing tables and the first key (2048 bits, about 100 ms, once), and loads the keys. */
  static async start(options: LocalIssuerOptions): Promise<LocalIssuer> {
    const keys = await accounts.prepareDatabase(options.pool, makeKey);
    const jwks = { keys: await Promise.all(keys.map(({ kid, pem }) => publicJwk(kid, pem))) };
    const [newest] = keys;
    if (!newest) throw new Error('identity.signing_keys is empty');
    return new LocalIssuer(options, jwks, createPrivateKey(newest.pem), newest.kid);
  }

  async createIdentity(identity: NewIdentity): Promise<{ userId: string } | { refusals: readonly IdentityRefusal[] }> {
    const faults = checkIdentity(identity);
    const refusals = [
      ...faults,
      ...checkChoices(identity).filter(({ field }) => !faults.some((fault) => fault.field === field)),
    ];
    if (refusals.length > 0) return { refusals };
    const taken = takenRefusals(await accounts.findTaken(this.#pool, identity.username, identity.email));
    if (taken.length > 0) return { refusals: taken }; // before hashing, which is expensive
    const passwordHash = await this.#hashing('registration', () => hashPassword(identity.password, this.#cost)).catch(
      (error: unknown) => {
        throw error instanceof HashingBusy
          ? new IdentityUnavailable('too many registrations at once', { cause: error })
          : error;
      },
    );
    const outcome = await accounts.insertAccount(this.#pool, {
      ...identity,
      passwordHash,
      roles: DEFAULT_ROLES,
      demo: false,
      seeded: false,
    });
    return 'userId' in outcome ? { userId: outcome.userId } : { refusals: takenRefusals(outcome) };
  }

  async deleteIdentity(userId: string): Promise<void> {
    await accounts.deleteAccount(this.#pool, userId);
  }

  async contactOf(userId: string): Promise<Contact | null> {
    return accounts.findContact(this.#pool, userId);
  }

  async markEmailVerified(userId: string, email: string): Promise<boolean> {
    return accounts.verifyEmail(this.#pool, userId, email);
  }

  /**
   * Creates accounts with roles and demo flag. Idempotent: an account of an earlier seed keeps its id, password and
   * e-mail, and gets these roles and this demo flag.
   * @returns the ids, in order
   * @throws Error when an input is invalid, or when a name or address belongs to a registered account
   */
  async seed(seeds: readonly SeedAccount[]): Promise<readonly string[]> {
    return Promise.all(
      seeds.map(async ({ username, email, password, roles = DEFAULT_ROLES, demo = false }) => {
        const known = await accounts.updateSeeded(this.#pool, username, roles, demo);
        if (known) return known;
        const faults = checkIdentity({ username, email, password: password ?? randomUUID() });
        if (faults.length > 0) throw new Error(`account "${username}" cannot be seeded: ${wordsOf(faults)}`);
        const passwordHash = password === undefined ? null : await hashPassword(password, this.#cost);
        const outcome = await accounts.insertAccount(this.#pool, {
          username,
          email,
          passwordHash,
          roles,
          demo,
          seeded: true,
        });
        if ('userId' in outcome) return outcome.userId;
        // Another process has seeded it meanwhile.
        const other = await accounts.updateSeeded(this.#pool, username, roles, demo);
        if (other) return other;
        throw new Error(`account "${username}" cannot be seeded: ${wordsOf(takenRefusals(outcome))}`);
      }),
    );
  }

  /**
   * The password grant. A wrong password, an unknown name and a locked account have the same result: null.
   * @param network the network of the attempt; failures count against it and against the name
   * @throws HashingBusy when too many sign-ins wait already; GraphQLError RATE_LIMITED when too many attempts failed
   */
  async signIn(login: string, password: string, clientId: string, network = 'unknown'): Promise<TokenResponse | null> {
    await this.#mayTry(login, network);
    const account = await this.#hashing(network, () => this.#checkPassword(login, password, network));
    return account && this.#tokens(account, await accounts.openSession(this.#pool, account.userId, clientId));
  }

  /** Signs in by name alone, for accounts that a seed marked as demo; null for any other. */
  async signInDemo(username: string, clientId: string): Promise<TokenResponse | null> {
    const account = await accounts.findDemoAccount(this.#pool, username);
    return account && this.#tokens(account, await accounts.openSession(this.#pool, account.userId, clientId));
  }

  /**
   * The refresh grant. Each token is valid once, and a repeated one ends its session. @throws RATE_LIMITED when too
   * many attempts failed
   */
  async refresh(refreshToken: string, clientId: string, network = 'unknown'): Promise<TokenResponse | null> {
    await this.#limits?.check('failedSignInByAddress', network);
    const renewed = await accounts.renewSession(this.#pool, refreshToken, clientId);
    if (!renewed) await this.#limits?.count('failedSignInByAddress', network);
    return renewed && this.#tokens(renewed.account, renewed.session);
  }

  /**
   * Runs within the hash queue, including the checks of lock and limits. So guesses that are sent at the same time
   * exceed a limit at most by the width of the queue. For every name one password is hashed and one row written, so the
   * time of an answer does not show whether the name exists.
   */
  async #checkPassword(login: string, password: string, network: string): Promise<Account | null> {
    await this.#mayTry(login, network);
    const found = await accounts.findCredentials(this.#pool, login);
    const open = found?.locked === false ? found : null;
    const matches = await verifyPassword(password, open?.passwordHash ?? this.#decoy);
    const right = matches && open !== null && open.passwordHash !== null;
    await accounts.recordSignIn(this.#pool, open?.userId ?? null, right);
    if (right) return open;
    await this.#limits?.count('failedSignInByAddress', network);
    await this.#limits?.count('failedSignInByName', normalize(login));
    return null;
  }

  async #mayTry(login: string, network: string): Promise<void> {
    await this.#limits?.check('failedSignInByAddress', network);
    await this.#limits?.check('failedSignInByName', normalize(login));
  }

  async #tokens(account: Account, session: Session): Promise<TokenResponse> {
    const now = Math.floor(Date.now() / 1000);
    const token = await new SignJWT({
      typ: 'Bearer',
      azp: session.clientId,
      sid: session.sessionId,
      acr: '1',
      scope: SCOPE,
      email_verified: account.emailVerified,
      roles: [...account.roles],
      preferred_username: account.username,
      email: account.email,
    })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: this.#kid })
      .setIssuer(this.issuer)
      .setAudience(this.#audience)
      .setSubject(account.userId)
      .setJti(randomUUID())
      .setIssuedAt(now)
      .setExpirationTime(now + this.#lifetime)
      .sign(this.#key);
    return {
      access_token: token,
      expires_in: this.#lifetime,
      refresh_token: session.refreshToken,
      token_type: 'Bearer',
      scope: SCOPE,
    };
  }
}

const generateRsa = promisify(generateKeyPair);

async function makeKey(): Promise<{ kid: string; pem: string }> {
  const { privateKey, publicKey } = await generateRsa('rsa', { modulusLength: 2048 });
  return {
    kid: await calculateJwkThumbprint(await exportJWK(publicKey)),
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

async function publicJwk(kid: string, pem: string): Promise<JSONWebKeySet['keys'][number]> {
  return { ...(await exportJWK(createPublicKey(pem))), kid, alg: 'RS256', use: 'sig' };
}

const wordsOf = (refusals: readonly IdentityRefusal[]): string =>
  refusals.map((refusal) => `${refusal.field} ${'reason' in refusal ? refusal.reason : refusal.code}`).join(', ');

function takenRefusals({
  usernameTaken,
  emailTaken,
}: {
  usernameTaken: boolean;
  emailTaken: boolean;
}): IdentityRefusal[] {
  return [...(usernameTaken ? [USERNAME_TAKEN] : []), ...(emailTaken ? [EMAIL_TAKEN] : [])];
}
