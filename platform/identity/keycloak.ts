import { Agent, fetch } from 'undici';
import type { RequestInit } from 'undici';
import { z } from 'zod';
import type { Contact, IdentityProvider, IdentityRefusal, NewIdentity } from './identity-provider.ts';
import { IdentityUnavailable } from './identity-provider.ts';
import { checkChoices, EMAIL_TAKEN, PASSWORD_LENGTH, PASSWORD_REQUIRED, USERNAME_TAKEN } from './identity-rules.ts';

export interface KeycloakOptions {
  /** The realm's URL for this process: `http://keycloak:8080/realms/prodvor`. It may differ from the tokens' `iss`. */
  readonly realmUrl: string;
  /** A confidential client whose service account has manage-users and view-users of realm-management. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** Timeout of each call in milliseconds. Default 10,000: creating a user takes about 300 ms. */
  readonly timeoutMs?: number;
}

interface Answer {
  readonly status: number;
  readonly location: string | null;
  /** Undefined when the body is not JSON. */
  readonly body: unknown;
}

interface Token {
  readonly value: Promise<string>;
  /** Milliseconds since the epoch; Infinity while the token is being fetched. */
  until: number;
}

const MAX_RESPONSE_BYTES = 256 * 1024;
/** A token is renewed this many milliseconds before it expires. */
const TOKEN_MARGIN_MS = 10_000;

const tokenAnswer = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });
const accountAnswer = z.object({
  enabled: z.boolean(),
  email: z.string().optional(),
  emailVerified: z.boolean().default(false),
});
const fault = z.object({
  field: z.string().optional(),
  errorMessage: z.string(),
  params: z.array(z.unknown()).optional(),
});
type Fault = z.infer<typeof fault>;
// The bodies of a refused `POST users`, as seen on Keycloak 26.7: one or several attributes, conflicts and missing
// names, password policy.
const refusal = z.union([
  z.object({ errors: z.array(fault).min(1).max(50) }).transform(({ errors }) => errors),
  fault.transform((one) => [one]),
  z
    .object({ error: z.string(), error_description: z.string().optional() })
    .transform(({ error }): Fault[] => [{ errorMessage: error }]),
]);

/**
 * The identity provider of full mode: Keycloak's admin API, called as a service account. The default role of the realm
 * gives new accounts the role `player`.
 */
export class Keycloak implements IdentityProvider {
  readonly #options: Required<KeycloakOptions>;
  readonly #usersUrl: string;
  readonly #agent: Agent;
  #token: Token | undefined;

  constructor(options: KeycloakOptions) {
    this.#options = { timeoutMs: 10_000, ...options };
    this.#usersUrl = `${options.realmUrl.replace(/\/realms\/([^/]+)\/?$/, '/admin/realms/$1')}/users`;
    this.#agent = new Agent({ connections: 8, maxResponseSize: MAX_RESPONSE_BYTES });
  }

  /** Closes the connections. */
  async close(): Promise<void> {
    await this.#agent.close();
  }

  async createIdentity(identity: NewIdentity): Promise<{ userId: string } | { refusals: readonly IdentityRefusal[] }> {
    const { username, email, password } = identity;
    // Refuses an empty password, because Keycloak would create an account with which nobody can sign in.
    if (password === '') return { refusals: [PASSWORD_REQUIRED] };
    const choices = checkChoices(identity);
    if (choices.length > 0) return { refusals: choices };
    const answer = await this.#admin('POST', '', {
      username,
      email,
      enabled: true,
      emailVerified: false,
      credentials: [{ type: 'password', value: password, temporary: false }],
    });
    if (answer.status === 201) {
      const userId = answer.location?.split('/').pop();
      if (!userId) throw unexpected('an account was created without a Location', answer);
      return { userId };
    }
    if (answer.status === 409) return { refusals: await this.#conflicts(username, email, answer) };
    if (answer.status === 400) return { refusals: readRefusals(answer, identity) };
    throw unexpected('creating an account', answer);
  }

  async deleteIdentity(userId: string): Promise<void> {
    const answer = await this.#admin('DELETE', `/${encodeURIComponent(userId)}`);
    if (answer.status !== 204 && answer.status !== 404) throw unexpected('deleting an account', answer);
  }

  async contactOf(userId: string): Promise<Contact | null> {
    const account = await this.#account(userId);
    if (!account?.enabled || !account.email) return null;
    return { email: account.email, emailVerified: account.emailVerified };
  }

  async markEmailVerified(userId: string, email: string): Promise<boolean> {
    const account = await this.#account(userId);
    if (!account?.enabled || account.email?.toLowerCase() !== email.toLowerCase()) return false;
    if (account.emailVerified) return true;
    // The request contains the address that was checked. If the address has changed meanwhile, this request sets the old
    // one back: that is better than to verify an address that nobody has confirmed.
    const body = { email: account.email, emailVerified: true };
    const answer = await this.#admin('PUT', `/${encodeURIComponent(userId)}`, body);
    if (answer.status === 404) return false;
    if (answer.status !== 204) throw unexpected('marking an address as verified', answer);
    return true;
  }

  /**
   * Gives an account roles of the realm. Roles that it already has, also through the default roles, stay as they are.
   * @throws IdentityUnavailable, also when the realm does not have one of the roles
   */
  async grantRoles(userId: string, roles: readonly string[]): Promise<void> {
    const path = `/${encodeURIComponent(userId)}/role-mappings/realm`;
    const read = async (list: string) => {
      const answer = await this.#admin('GET', `${path}/${list}`);
      const parsed = z.array(z.looseObject({ id: z.string(), name: z.string() })).safeParse(answer.body);
      if (answer.status !== 200 || !parsed.success) throw unexpected('reading roles', answer);
      return parsed.data;
    };
    const own = new Set((await read('composite')).map(({ name }) => name));
    const wanted = roles.filter((role) => !own.has(role));
    if (wanted.length === 0) return;
    const more = (await read('available')).filter(({ name }) => wanted.includes(name));
    const missing = wanted.filter((role) => !more.some(({ name }) => name === role));
    if (missing.length > 0) throw new IdentityUnavailable(`the realm has no role ${missing.join(', ')}`);
    const answer = await this.#admin('POST', path, more);
    if (answer.status !== 204) throw unexpected('granting roles', answer);
  }

  async #account(userId: string): Promise<z.output<typeof accountAnswer> | null> {
    // Only a UUID may become a part of the URL: an empty id would ask for the list of accounts.
    if (!z.uuid().safeParse(userId).success) return null;
    const answer = await this.#admin('GET', `/${encodeURIComponent(userId)}`);
    if (answer.status === 404) return null;
    const parsed = accountAnswer.safeParse(answer.body);
    if (answer.status !== 200 || !parsed.success)
      throw unexpected('reading an account', { ...answer, body: undefined }); // it may contain personal data
    return parsed.data;
  }

  /**
   * If the user name and the address are both taken, Keycloak names only one of them, and only in prose. So this method
   * asks for each whether it is taken.
   */
  async #conflicts(username: string, email: string, conflict: Answer): Promise<readonly IdentityRefusal[]> {
    const [byUsername, byEmail] = await Promise.all([this.#exists('username', username), this.#exists('email', email)]);
    const refusals = [...(byUsername ? [USERNAME_TAKEN] : []), ...(byEmail ? [EMAIL_TAKEN] : [])];
    if (refusals.length > 0) return refusals;
    // The other account was deleted meanwhile; the caller may try again.
    throw unexpected('the account conflicts with no existing account', conflict);
  }

  async #exists(attribute: 'username' | 'email', value: string): Promise<boolean> {
    const answer = await this.#admin(
      'GET',
      `?${new URLSearchParams({ [attribute]: value, exact: 'true', max: '1', briefRepresentation: 'true' })}`,
    );
    if (answer.status !== 200 || !Array.isArray(answer.body)) throw unexpected('looking up an account', answer);
    return answer.body.length > 0;
  }

  /**
   * Calls the admin API for users. If Keycloak refuses the token, the call is repeated once with a new one: Keycloak
   * may have restarted, or its keys may have changed.
   */
  async #admin(method: string, path: string, body?: object): Promise<Answer> {
    const call = async (token: string): Promise<Answer> =>
      this.#call(this.#usersUrl + path, {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
    const token = this.#currentToken();
    const answer = await call(await token.value);
    if (answer.status !== 401) return answer;
    if (this.#token === token) this.#token = undefined; // Otherwise another call has renewed it meanwhile.
    return call(await this.#currentToken().value);
  }

  /** The current token, or a new one when that is about to expire. Concurrent calls share one request for a token. */
  #currentToken(): Token {
    if (this.#token && Date.now() < this.#token.until) return this.#token;
    const granted = this.#requestToken();
    const token: Token = { value: granted.then((grant) => grant.token), until: Infinity };
    this.#token = token;
    granted.then(
      (grant) => {
        token.until = grant.until;
      },
      () => {
        if (this.#token === token) this.#token = undefined;
      },
    );
    return token;
  }

  async #requestToken(): Promise<{ token: string; until: number }> {
    const { realmUrl, clientId, clientSecret } = this.#options;
    const answer = await this.#call(`${realmUrl}/protocol/openid-connect/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
      }).toString(),
    });
    const parsed = tokenAnswer.safeParse(answer.body);
    if (answer.status !== 200 || !parsed.success) {
      const shown = answer.status === 200 ? { ...answer, body: undefined } : answer; // it may contain a token
      throw unexpected(`signing in as client ${clientId}`, shown);
    }
    return { token: parsed.data.access_token, until: Date.now() + parsed.data.expires_in * 1000 - TOKEN_MARGIN_MS };
  }

  async #call(url: string, init: RequestInit): Promise<Answer> {
    try {
      const signal = AbortSignal.timeout(this.#options.timeoutMs);
      const response = await fetch(url, { ...init, dispatcher: this.#agent, redirect: 'error', signal });
      return {
        status: response.status,
        location: response.headers.get('location'),
        body: parseJson(await response.text()),
      };
    } catch (error) {
      throw new IdentityUnavailable(
        `Keycloak did not answer: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
    }
  }
}

function readRefusals(answer: Answer, identity: NewIdentity): readonly IdentityRefusal[] {
  const parsed = refusal.safeParse(answer.body);
  const refusals = parsed.success ? parsed.data.map((fault) => toRefusal(fault, identity)) : [];
  if (refusals.length === 0 || refusals.includes(null)) throw unexpected('creating an account', answer);
  return refusals.filter((one) => one !== null);
}

/** Converts an error of Keycloak to a refusal. Returns null for an error that the person who registers cannot fix. */
function toRefusal({ field, errorMessage: message, params }: Fault, identity: NewIdentity): IdentityRefusal | null {
  if (message.startsWith('invalidPassword')) {
    if (message.includes('MinLength')) return { field: 'password', code: 'TOO_SHORT', min: PASSWORD_LENGTH.min };
    if (message.includes('MaxLength')) return { field: 'password', code: 'TOO_LONG', max: PASSWORD_LENGTH.max };
    if (message.includes('NotUsername')) return { field: 'password', code: 'INVALID', reason: 'SAME_AS_USERNAME' };
    if (message.includes('NotEmail')) return { field: 'password', code: 'INVALID', reason: 'SAME_AS_EMAIL' };
    return { field: 'password', code: 'INVALID', reason: 'TOO_WEAK' };
  }
  if (field === undefined && message === 'User name is missing') return { field: 'username', code: 'REQUIRED' };
  if (field !== 'username' && field !== 'email') return null;
  if (message.includes('required')) return { field, code: 'REQUIRED' };
  if (message.startsWith('error-invalid-length')) return lengthRefusal(field, identity[field], params);
  return { field, code: 'INVALID', reason: field === 'email' ? 'NOT_AN_EMAIL' : 'CHARACTERS' };
}

/**
 * The refusal of a text that is too short or too long. `params` is [attribute, min, max]. Keycloak's message is the
 * same for both limits, so this function compares the length.
 */
function lengthRefusal(
  field: 'username' | 'email',
  value: string,
  params: readonly unknown[] | undefined,
): IdentityRefusal {
  const [min, max] = [Number(params?.[1] ?? 0), Number(params?.[2] ?? Infinity)];
  if (value.length < min) return { field, code: 'TOO_SHORT', min };
  return { field, code: 'TOO_LONG', max: Number.isFinite(max) ? max : value.length - 1 };
}

/**
 * The error for an unexpected answer of Keycloak. Its message has the answer, for the log, so pass no secrets in it.
 */
function unexpected(what: string, { status, body }: Answer): IdentityUnavailable {
  return new IdentityUnavailable(
    `Keycloak answered ${status} (${what}): ${(JSON.stringify(body) ?? 'no JSON').slice(0, 300)}`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
