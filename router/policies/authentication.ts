// Imports only the modules of jose that are needed: 20 instead of the 45 that the whole library would load at each
// start.
import * as errors from 'jose/errors';
import { createRemoteJWKSet } from 'jose/jwks/remote';
import { jwtVerify } from 'jose/jwt/verify';
import type { JWTPayload } from 'jose';
import { encodeUserinfo } from '../../signature/signature.ts';
import { ConfigError } from '../config/config-error.ts';
import type { LogPort } from '../config/observers.ts';
import type { Principal } from '../execution/types.ts';

export interface AuthenticationOptions {
  /** The `iss` that a token must have. */
  readonly issuer: string;
  /** The value that must be among a token's `aud`. */
  readonly audience: string;
  readonly jwksUrl: string;
  /**
   * Clients to which a token may have been issued: the allowed values of `azp` or, if that is absent, `client_id`.
   * Absent: any client.
   */
  readonly clients?: readonly string[];
  /**
   * Allowed values of the `typ` claim of a token. Keycloak sets Bearer in access tokens, ID in ID tokens and Refresh in
   * refresh tokens. Absent: Bearer, or no `typ` claim, because other issuers leave it out.
   */
  readonly tokenTypes?: readonly string[];
  /**
   * An additional check of verified claims. Returns why the token is refused, without the values of claims, or
   * undefined to accept it.
   */
  readonly checkClaims?: (claims: Readonly<Record<string, unknown>>) => string | undefined;
  /** Whether clients without a token are refused. Default false: each subgraph decides what needs a user. */
  readonly required?: boolean;
}

export type Authentication =
  | {
      readonly ok: true;
      readonly principal: Principal;
      /** When the token is not accepted any more: its `exp` and 5 s of tolerance. Milliseconds since the epoch. */
      readonly expiresAt?: number;
    }
  | { readonly ok: false; readonly code: 'UNAUTHENTICATED' | 'UNAVAILABLE'; readonly message: string };

export interface Authenticator {
  /**
   * Checks the HTTP header `Authorization`: "Bearer <token>". The result is a promise only when the signature of a
   * token must be verified. That is not necessary for a token that was verified in the last minute, as long as it is in
   * the cache.
   */
  authenticate(authorization: string | undefined): Authentication | Promise<Authentication>;
}

const ANONYMOUS: Authentication = { ok: true, principal: {} };
const CLOCK_TOLERANCE_SECONDS = 5;
const MAX_TOKEN_LENGTH = 12_000;
// How long a verified token is accepted without checking its signature again. When the issuer withdraws a key from the
// JWKS, tokens that it has signed may be accepted for this time.
const CACHE_MS = 60_000;
const MAX_CACHED = 5_000;
/**
 * A `sub` that fits into an HTTP header, because the router sends it to subgraphs in one. A token with another `sub` is
 * refused.
 */
const HEADER_SAFE = /^[\x21-\x7e]{1,255}$/;
/**
 * The allowed `typ` of the JWT header (RFC 7519, 5.1; RFC 9068, 2.1). Other types are other kinds of tokens: events,
 * logouts, proofs.
 */
const JWT_TYPES = new Set([undefined, 'jwt', 'at+jwt', 'application/at+jwt']);
const ACCESS_TOKEN = ['Bearer'];
/**
 * Claims that differ between two tokens of one session. They are left out of the principal, so that it stays the same
 * when the token is renewed.
 */
const LIFETIME_CLAIMS = new Set(['exp', 'iat', 'nbf', 'jti']);

/**
 * Creates the authenticator. It accepts JWTs (RFC 7519) that a key of the issuer's JWKS has signed with RS256. Without
 * options every client is anonymous.
 * @throws ConfigError
 */
export function createAuthenticator(options: AuthenticationOptions | undefined, log?: LogPort): Authenticator {
  return options ? createJwtAuthenticator(options, log) : { authenticate: () => ANONYMOUS };
}

function createJwtAuthenticator(options: AuthenticationOptions, log: LogPort | undefined): Authenticator {
  const { issuer, audience, required = false } = options;
  if (!URL.canParse(options.jwksUrl)) throw new ConfigError(`"${options.jwksUrl}" is not a URL of a JWKS`);
  const jwks = createRemoteJWKSet(new URL(options.jwksUrl), {
    timeoutDuration: 3_000,
    cooldownDuration: 5_000,
    cacheMaxAge: 600_000,
  });
  const verifiedTokens = new Map<
    string,
    { readonly result: Extract<Authentication, { ok: true }>; readonly until: number }
  >();

  async function verify(token: string): Promise<Authentication> {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, jwks, {
        issuer,
        audience,
        algorithms: ['RS256'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ['exp', 'sub'],
      });
      const fault = claimsProblem(payload, protectedHeader.typ, options);
      if (fault !== undefined) return refuse(fault);
      const result = {
        ok: true as const,
        principal: principalOf(payload),
        expiresAt: (payload.exp ?? 0) * 1000 + CLOCK_TOLERANCE_SECONDS * 1000,
      };
      const oldest = verifiedTokens.size >= MAX_CACHED ? verifiedTokens.keys().next().value : undefined;
      if (oldest !== undefined) verifiedTokens.delete(oldest);
      verifiedTokens.set(token, { result, until: Math.min(result.expiresAt, Date.now() + CACHE_MS) });
      return result;
    } catch (error) {
      const reason = verificationProblem(error);
      if (reason !== undefined) return refuse(reason);
      log?.error('the keys of the token issuer are not available', { jwksUrl: options.jwksUrl, error: String(error) });
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
      const known = verifiedTokens.get(token);
      if (known && known.until > Date.now()) return known.result;
      if (known) verifiedTokens.delete(token);
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
 * Why a token is refused although the issuer signed it: it is another kind of token, it was issued to another client,
 * or its claims are malformed.
 */
function claimsProblem(
  claims: JWTPayload,
  headerType: string | undefined,
  { clients, tokenTypes, checkClaims }: AuthenticationOptions,
): string | undefined {
  if (typeof claims.sub !== 'string' || !HEADER_SAFE.test(claims.sub)) return "the token's subject cannot be used";
  const { typ, azp, client_id: clientId } = claims;
  const isAccessToken = typ === undefined ? tokenTypes === undefined : isAllowed(tokenTypes ?? ACCESS_TOKEN, typ);
  if (!isAccessToken || !JWT_TYPES.has(headerType?.toLowerCase())) return 'the token is not an access token';
  if (clients && !isAllowed(clients, azp ?? clientId)) return 'the token was given to another client';
  return checkClaims?.(claims);
}

const isAllowed = (names: readonly string[], value: unknown): boolean =>
  typeof value === 'string' && names.includes(value);

/** Why the token is refused, or undefined when the token is not at fault. */
function verificationProblem(error: unknown): string | undefined {
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
