import { CloseCode } from 'graphql-ws';
import { decodeUserinfo } from '../../../signature/signature.ts';
import type { Principal } from '../../execution/types.ts';
import type { Authentication } from '../../policies/authentication.ts';
import { Alarm } from '../../time/alarm.ts';
import { UnsupportedCredentials, authorizationOf } from './connection-init.ts';
import type { SocketServices } from './services.ts';

type Payload = Readonly<Record<string, unknown>> | null | undefined;

const TRY_AGAIN_LATER = 1013;
/**
 * If the token expires sooner than this, the router reminds the client right after it has connected, and does not wait
 * for the next ping. Milliseconds.
 */
const REMIND_MS = 24_000;

/** The identity of a socket's client, as its tokens prove it. */
export class Session {
  readonly #services: Pick<SocketServices, 'authenticator' | 'admission'>;
  readonly #header: string | undefined;
  readonly #close: (code: number, reason: string) => void;
  readonly #expiry = new Alarm(() => this.#close(CloseCode.Forbidden, 'Token expired'));
  #principal: Principal = {};
  #expiresAt: number | undefined;
  #refreshes = 0;
  #releaseUser: (() => void) | undefined;

  /**
   * @param header `Authorization` of the request that became this socket
   * @param close called when the client is refused
   */
  constructor(
    services: Pick<SocketServices, 'authenticator' | 'admission'>,
    header: string | undefined,
    close: (code: number, reason: string) => void,
  ) {
    this.#services = services;
    this.#header = header;
    this.#close = close;
  }

  get principal(): Principal {
    return this.#principal;
  }

  /** Seconds until the token expires. Empty for an anonymous client. */
  get expiresIn(): { readonly expiresIn?: number } {
    return this.#expiresAt === undefined
      ? {}
      : { expiresIn: Math.max(0, Math.floor((this.#expiresAt - Date.now()) / 1000)) };
  }

  get expiresSoon(): boolean {
    return this.#expiresAt !== undefined && this.#expiresAt - Date.now() < REMIND_MS;
  }

  /**
   * Authenticates the client with the payload of `connection_init`.
   * @param isWanted whether the client is still connected. Called after the token was verified.
   * @returns whether the client is accepted
   */
  async authenticate(payload: Payload, isWanted: () => boolean): Promise<boolean> {
    const authorization = this.#readCredentials(payload);
    if (authorization === null) return false;
    const result = await this.#services.authenticator.authenticate(authorization ?? this.#header);
    if (!isWanted() || !this.#accepts(result)) return false;
    const { userId } = result.principal;
    if (userId !== undefined) {
      const place = this.#services.admission.admitUser(userId);
      if (typeof place === 'string') {
        this.#close(TRY_AGAIN_LATER, place);
        return false;
      }
      this.#releaseUser = place;
    }
    this.#set(result);
    return true;
  }

  /**
   * Reads the credentials in a ping's payload: a `token`, or the same names as in `connection_init`. Returns them in
   * the form of the `Authorization` header, or undefined when there are none.
   * @returns null when the payload is refused; the socket is then closing
   */
  authorizationIn(payload: Payload): string | undefined | null {
    const token = payload?.['token'];
    return typeof token === 'string' ? `Bearer ${token}` : this.#readCredentials(payload);
  }

  /**
   * Replaces the token. If the new token is refused, or has another issuer or subject, the socket is closed.
   * @param isWanted whether the socket is still open. Called after the token was verified.
   * @returns whether the new token is in use
   */
  async refresh(authorization: string, isWanted: () => boolean): Promise<boolean> {
    const refresh = ++this.#refreshes;
    const result = await this.#services.authenticator.authenticate(authorization);
    if (!isWanted() || refresh !== this.#refreshes || !this.#accepts(result)) return false;
    if (!isSamePerson(this.#principal, result.principal)) {
      this.#close(CloseCode.Forbidden, 'Forbidden: the token belongs to somebody else');
      return false;
    }
    this.#set(result);
    return true;
  }

  /** The socket is closed. */
  end(): void {
    this.#expiry.set(undefined);
    this.#releaseUser?.();
  }

  #set({ principal, expiresAt }: Extract<Authentication, { ok: true }>): void {
    this.#principal = principal;
    this.#expiresAt = expiresAt;
    this.#expiry.set(expiresAt);
  }

  #accepts(result: Authentication): result is Extract<Authentication, { ok: true }> {
    if (result.ok) return true;
    if (result.code === 'UNAVAILABLE') this.#close(TRY_AGAIN_LATER, result.message);
    else this.#close(CloseCode.Forbidden, `Forbidden: ${result.message}`);
    return false;
  }

  #readCredentials(payload: Payload): string | undefined | null {
    try {
      return authorizationOf(payload);
    } catch (error) {
      if (!(error instanceof UnsupportedCredentials)) throw error;
      this.#close(CloseCode.BadRequest, error.message);
      return null;
    }
  }
}

function isSamePerson(before: Principal, after: Principal): boolean {
  const issuer = ({ userinfo }: Principal): unknown =>
    userinfo === undefined ? undefined : decodeUserinfo(userinfo)?.['iss'];
  return before.userId === after.userId && issuer(before) === issuer(after);
}
