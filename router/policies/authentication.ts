// Not all of jose: of 45 modules a start would need 20.
import * as errors from 'jose/errors';
import { createRemoteJWKSet } from 'jose/jwks/remote';
import { jwtVerify } from 'jose/jwt/verify';
import type { JWTPayload } from 'jose';
import { encodeUserinfo } from '../../signature/signature.ts';
import { ConfigError } from '../config/config-error.ts';
import type { LogPort } from '../config/observers.ts';
import type { Principal } from '../execution/types.ts';

export interface AuthenticationOptions {
  /** `iss` that a token must have. */
  readonly issuer: string;
  /** One of a token's `aud` must be this. */
  readonly audience: string;
  readonly jwksUrl: string;
  /**
   * `azp` (or, without one, `client_id`) that a token must have: the clients it may have been given to. Absent: any.
   */
  readonly clients?: readonly string[];
  /**
   * `typ` that a token's claims must have. Keycloak says Bearer in access tokens, ID in ID tokens, Refresh in refresh
   * tokens. Absent: Bearer, or no such claim, as other issuers have it.
   */
  readonly tokenTypes?: readonly string[];
  /**
   * What else is wrong with verified claims, without their values; undefined when nothing is. The token is refused
   * then.
   */
  readonly checkClaims?: (claims: Readonly<Record<string, unknown>>) => string | undefined;
  /** Refuse clients without a token. Default false: what needs a user is the subgraphs' to say. */
  readonly required?: boolean;
}

export type Authentication =
  | {
      readonly ok: true;
      readonly principal: Principal;
      /** Milliseconds since the epoch. */ readonly expiresAt?: number;
    }
  | { readonly ok: false; readonly code: 'UNAUTHENTICATED' | 'UNAVAILABLE'; readonly message: string };

export interface Authenticator {
  /**
   * `authorization` as in the HTTP header: "Bearer <token>". Answers at once for anonymous clients and tokens seen a
   * moment ago.
   */
  authenticate(authorization: string | undefined): Authentication | Promise<Authentication>;
}

const ANONYMOUS: Authentication = { ok: true, principal: {} };
const CLOCK_TOLERANCE_SECONDS = 5;
const MAX_TOKEN_LENGTH = 12_000;
// A verified token is believed without its signature being computed again for this long: as long as a key withdrawn
// from the JWKS works on.
const TRUST_MS = 60_000;
const MAX_TRUSTED = 5_000;
/** `sub` becomes an HTTP header. */
const HEADER_SAFE = /^[\x21-\x7e]{1,255}$/;
// They differ between two tokens of one session; without them the same person stays the same principal.
/** RFC 7519, 5.1; RFC 9068, 2.1. What has another type is another kind of token: an event, a logout, a proof. */
const JWT_TYPES = new Set([undefined, 'jwt', 'at+jwt', 'application/at+jwt']);
const ACCESS_TOKEN = ['Bearer'];
const LIFETIME_CLAIMS = new Set(['exp', 'iat', 'nbf', 'jti']);

/**
 * JWT (RFC 7519) signed with RS256 by a key of the issuer's JWKS. Without options every client is anonymous. @throws
 * ConfigError
 */
export function createAuthenticator(options: AuthenticationOptions | undefined, log?: LogPort): Authenticator {
  return options ? verifying(options, log) : { authenticate: () => ANONYMOUS };
}

function verifying(options: AuthenticationOptions, log: LogPort | undefined): Authenticator {
  const { issuer, audience, required = false } = options;
  if (!URL.canParse(options.jwksUrl)) throw new ConfigError(`"${options.jwksUrl}" is not a URL of a JWKS`);
  const jwks = createRemoteJWKSet(new URL(options.jwksUrl), {
    timeoutDuration: 3_000,
    cooldownDuration: 5_000,
    cacheMaxAge: 600_000,
  });
  const trusted = new Map<string, { readonly result: Extract<Authentication, { ok: true }>; readonly until: number }>();

  async function verify(token: string): Promise<Authentication> {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, jwks, {
        issuer,
        audience,
        algorithms: ['RS256'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ['exp', 'sub'],
      });
      const fault = faultOf(payload, protectedHeader.typ, options);
      if (fault !== undefined) return refuse(fault);
      const result = {
        ok: true as const,
        principal: principalOf(payload),
        expiresAt: (payload.exp ?? 0) * 1000 + CLOCK_TOLERANCE_SECONDS * 1000,
      };
      const oldest = trusted.size >= MAX_TRUSTED ? trusted.keys().next().value : undefined;
      if (oldest !== undefined) trusted.delete(oldest);
      trusted.set(token, { result, until: Math.min(result.expiresAt, Date.now() + TRUST_MS) });
      return result;
    } catch (error) {
      const reason = explain(error);
      if (reason !== undefined) return refuse(reason);
      log?.error('the keys of the token issuer cannot be had', { jwksUrl: options.jwksUrl, error: String(error) });
      return { ok: false, code: 'UNAVAILABLE', message: 'tokens cannot be checked at the moment' };
    }
  }

  return {
    authenticate(authorization) {
      if (authorization === undefined || authorization === '')
        return required ? refuse('a bearer token is required') : ANONYMOUS;
      const token = /^bearer +([A-Za-z0-9._~+/=-]+) *$/i.exec(authorization)?.[1];
      if (token === undefined || token.length > MAX_TOKEN_LENGTH)
        return refuse('the Authorization must be "Bearer <token>"');
      const known = trusted.get(token);
      if (known && known.until > Date.now()) return known.result;
      if (known) trusted.delete(token);
      return verify(token);
    },
  };
}

const refuse = (message: string): Authentication => ({ ok: false, code: 'UNAUTHENTICATED', message });

function principalOf(payload: JWTPayload): Principal {
  const claims = Object.fromEntries(Object.entries(payload).filter(([name]) => !LIFETIME_CLAIMS.has(name)));
  return { userId: payload.sub as string, userinfo: encodeUserinfo(claims) };
}

/**
 * What is wrong with claims that the issuer has signed: a token of another kind, for another client, or of the wrong
 * form.
 */
function faultOf(
  claims: JWTPayload,
  headerType: string | undefined,
  { clients, tokenTypes, checkClaims }: AuthenticationOptions,
): string | undefined {
  if (typeof claims.sub !== 'string' || !HEADER_SAFE.test(claims.sub)) return "the token's subject cannot be used";
  const { typ, azp, client_id: clientId } = claims;
  const isAccessToken = typ === undefined ? tokenTypes === undefined : isOneOf(tokenTypes ?? ACCESS_TOKEN, typ);
  if (!isAccessToken || !JWT_TYPES.has(headerType?.toLowerCase())) return 'the token is not an access token';
  if (clients && !isOneOf(clients, azp ?? clientId)) return 'the token was given to another client';
  return checkClaims?.(claims);
}

const isOneOf = (names: readonly string[], value: unknown): boolean =>
  typeof value === 'string' && names.includes(value);

/** What is wrong with the token, or undefined when it is not the token that is wrong. */
function explain(error: unknown): string | undefined {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.reason === 'missing') return `the token has no "${error.claim}"`;
    if (error.claim === 'iss') return 'the token is from an unknown issuer';
    if (error.claim === 'aud') return 'the token is for another audience';
    if (error.claim === 'nbf') return 'the token is not valid yet';
    return `the token's "${error.claim}" is not acceptable`;
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return "the token's signature is wrong";
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return 'the token is signed with an unknown key';
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported)
    return 'the token must be signed with RS256';
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return 'the token is malformed';
  return undefined;
}
