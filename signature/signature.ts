/**
 * Signatures of calls to subgraphs. With them a subgraph verifies that a call comes from the router, and for which
 * identity the router makes it. Both sides use the functions of this file.
 *
 * HTTP (a profile of RFC 9421 with the digest of RFC 9530). A signed request has these headers:
 *
 *     content-digest: sha-256=:<base64>:                    of the body's bytes
 *     x-authenticated-userid: <sub>                         absent for an anonymous client
 *     x-userinfo: <base64url JSON of the verified claims>   absent for an anonymous client
 *     x-audience: <key>                                     only on calls for an audience (the listeners of a stream)
 *     x-client-address: <IP address>                        only on calls of mutations, and of public routes via the edge
 *     x-request-id: <id>
 *     signature-input: sig1=(<covered components>);created=<unix seconds>;nonce="<n>";keyid="<id>";
 *                      alg="hmac-sha256";tag="<target subgraph>"                                     (in one line)
 *     signature: sig1=:<base64 HMAC-SHA256 of the signature base>:
 *
 * The covered components, in this order: "@method" "@path" "content-digest" "x-authenticated-userid" "x-userinfo"
 * "x-audience" "x-client-address" "x-request-id". Each of the four optional headers is listed if and only if it is
 * present. So a verifier derives the list from the message and needs no general parser. To add, remove or repeat one of
 * these headers breaks the signature. A call is for a user or for an audience. A call for both is malformed.
 *
 * graphql-transport-ws. The payload of each `subscribe` has:
 *
 *     extensions.identity:  { userId?, userinfo?, audience?, requestId }
 *     extensions.signature: { created, nonce, keyid, alg: "hmac-sha256", tag, value }
 *
 * `value` is the base64 HMAC-SHA256 of the JSON array that `subscribeBase` builds: the digest of query, operation name
 * and variables, then the identity and the parameters. Both sides hash the variables as JSON text. Parsing that text and
 * serialising it again does not change it.
 */
import { createHmac, createSecretKey, hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { CLOCK_WINDOW_SECONDS, type NonceCache } from './nonces.ts';

/**
 * The identity for which a call is made: a user or an audience, but not both. With neither, the call is for an
 * anonymous client.
 */
export interface SignedPrincipal {
  readonly userId?: string;
  /** The verified claims as base64url JSON; see `decodeUserinfo`. */
  readonly userinfo?: string;
  /**
   * The key that a subgraph returned for the listeners of one shared stream: 1 to 255 characters of visible ASCII. It
   * has no meaning for other subgraphs.
   */
  readonly audience?: string;
  /** The IP address of the client. Absent on calls that do not depend on it: queries and streams. */
  readonly clientAddress?: string;
}

export interface SigningKey {
  readonly id: string;
  readonly key: KeyObject;
}

/** The keys that a verifier accepts, by id. During a rotation these are the old and the new key. */
export type KeyRing = ReadonlyMap<string, KeyObject>;

export type RefusalReason =
  | 'unsigned'
  | 'malformed'
  | 'wrong_algorithm'
  | 'unknown_key'
  | 'wrong_target'
  | 'stale'
  | 'bad_digest'
  | 'bad_signature'
  | 'replayed'
  | 'nonce_cache_full';

export type Verification =
  | { readonly ok: true; readonly principal: SignedPrincipal; readonly requestId: string; readonly keyId: string }
  | { readonly ok: false; readonly reason: RefusalReason };

/** The state of a verifier. It lives as long as the process. */
export interface Verifier {
  /** The name of the subgraph that verifies. */
  readonly target: string;
  readonly keys: KeyRing;
  readonly nonces: NonceCache;
  /** The time in milliseconds since the epoch. Default: Date.now. */
  readonly now?: () => number;
}

const MIN_SECRET_BYTES = 16;
const KEY_ID = /^[A-Za-z0-9._-]{1,64}$/;
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;
const AUDIENCE = /^[\x21-\x7e]{1,255}$/;

/**
 * Creates a signing key.
 * @param id 1 to 64 characters of [A-Za-z0-9._-]
 * @param secret at least 16 bytes in UTF-8
 * @throws Error when id or secret is invalid
 */
export function signingKey(id: string, secret: string): SigningKey {
  if (!KEY_ID.test(id)) throw new Error('a signing key id is 1 to 64 characters of A-Z a-z 0-9 . _ -');
  const bytes = Buffer.from(secret, 'utf8');
  if (bytes.length < MIN_SECRET_BYTES)
    throw new Error(`the secret of signing key "${id}" is shorter than ${MIN_SECRET_BYTES} bytes`);
  return { id, key: createSecretKey(bytes) };
}

export function keyRing(...keys: readonly SigningKey[]): KeyRing {
  return new Map(keys.map(({ id, key }) => [id, key]));
}

/** Encodes claims as the value of X-Userinfo. */
export function encodeUserinfo(claims: Readonly<Record<string, unknown>>): string {
  return Buffer.from(JSON.stringify(claims), 'utf8').toString('base64url');
}

/**
 * Decodes the claims in X-Userinfo. Verify the signature first.
 * @returns undefined when the value is not base64url JSON of an object
 */
export function decodeUserinfo(userinfo: string): Record<string, unknown> | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(userinfo, 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null && !Array.isArray(claims)
      ? (claims as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

// A nonce must be unique but not secret: a random prefix per process, then a counter. To call randomBytes for each
// nonce would cost more than the HMAC.
const noncePrefix = randomBytes(12).toString('base64url');
let nonceCount = 0;
const nextNonce = (): string => `${noncePrefix}.${(nonceCount++).toString(36)}`;

const mac = (key: KeyObject, base: string): string => createHmac('sha256', key).update(base).digest('base64');

function sameMac(expected: string, given: string): boolean {
  const a = Buffer.from(expected, 'latin1');
  const b = Buffer.from(given, 'latin1');
  return a.length === b.length && timingSafeEqual(a, b);
}

function components(principal: SignedPrincipal): string {
  const user = principal.userId === undefined ? '' : ' "x-authenticated-userid"';
  const info = principal.userinfo === undefined ? '' : ' "x-userinfo"';
  const audience = principal.audience === undefined ? '' : ' "x-audience"';
  const address = principal.clientAddress === undefined ? '' : ' "x-client-address"';
  return `("@method" "@path" "content-digest"${user}${info}${audience}${address} "x-request-id")`;
}

function httpBase(
  method: string,
  path: string,
  digest: string,
  principal: SignedPrincipal,
  requestId: string,
  params: string,
): string {
  const user = principal.userId === undefined ? '' : `"x-authenticated-userid": ${principal.userId}\n`;
  const info = principal.userinfo === undefined ? '' : `"x-userinfo": ${principal.userinfo}\n`;
  const audience = principal.audience === undefined ? '' : `"x-audience": ${principal.audience}\n`;
  const address = principal.clientAddress === undefined ? '' : `"x-client-address": ${principal.clientAddress}\n`;
  const identity = `${user}${info}${audience}${address}"x-request-id": ${requestId}`;
  return `"@method": ${method}\n"@path": ${path}\n"content-digest": ${digest}\n${identity}\n"@signature-params": ${params}`;
}

export interface RequestToSign {
  readonly method: string;
  /** The absolute path without the query string. */
  readonly path: string;
  readonly body: string | Buffer;
  readonly principal: SignedPrincipal;
  readonly requestId: string;
  /** The name of the subgraph that the request is for. */
  readonly target: string;
  /** The time in milliseconds since the epoch. Default: Date.now(). */
  readonly now?: number;
}

/**
 * Signs a request. The caller must also send the identity headers and X-Request-Id, with the values of `principal` and
 * `requestId`.
 * @returns the three headers to add
 */
export function signRequest(
  key: SigningKey,
  request: RequestToSign,
): { 'content-digest': string; 'signature-input': string; signature: string } {
  const digest = contentDigest(request.body);
  const created = Math.floor((request.now ?? Date.now()) / 1000);
  const params = `${components(request.principal)};created=${created};nonce="${nextNonce()}";keyid="${key.id}";alg="hmac-sha256";tag="${request.target}"`;
  const base = httpBase(request.method, request.path, digest, request.principal, request.requestId, params);
  return { 'content-digest': digest, 'signature-input': `sig1=${params}`, signature: `sig1=:${mac(key.key, base)}:` };
}

export function contentDigest(body: string | Buffer): string {
  return `sha-256=:${hash('sha256', body, 'base64')}:`;
}

export interface RequestToVerify {
  readonly method: string;
  /** The path as received. The query string is ignored. */
  readonly path: string;
  /** Header values by lower-case name, as node:http provides them. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The bytes as received, before any parsing. */
  readonly body: string | Buffer;
}

const SIGNATURE_INPUT =
  /^sig1=(\([^)]*\));created=(\d{1,12});nonce="([A-Za-z0-9._-]{8,64})";keyid="([A-Za-z0-9._-]{1,64})";alg="([a-z0-9-]+)";tag="([^"\\]{1,128})"$/;
const SIGNATURE = /^sig1=:([A-Za-z0-9+/]{43}=):$/;

/**
 * Verifies a request. Never throws. It stores a nonce only if everything else is valid, so strangers cannot fill the
 * cache.
 */
export function verifyRequest(verifier: Verifier, request: RequestToVerify): Verification {
  const input = request.headers['signature-input'];
  const signature = request.headers['signature'];
  if (input === undefined || signature === undefined) return refuse('unsigned');
  if (typeof input !== 'string' || typeof signature !== 'string') return refuse('malformed');
  const userId = singleHeader(request.headers['x-authenticated-userid']);
  const userinfo = singleHeader(request.headers['x-userinfo']);
  const audience = singleHeader(request.headers['x-audience']);
  const clientAddress = singleHeader(request.headers['x-client-address']);
  const requestId = singleHeader(request.headers['x-request-id']);
  const parsed = SIGNATURE_INPUT.exec(input);
  const given = SIGNATURE.exec(signature)?.[1];
  if (
    !parsed ||
    !given ||
    userId === null ||
    userinfo === null ||
    audience === null ||
    clientAddress === null ||
    !requestId
  )
    return refuse('malformed');
  const [, covered, created, nonce, keyId, algorithm, tag] = parsed as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (clientAddress !== undefined && isIP(clientAddress) === 0) return refuse('malformed');
  const principal = {
    ...toPrincipal(userId, userinfo, audience),
    ...(clientAddress === undefined ? {} : { clientAddress }),
  };
  if (!isOneParty(principal)) return refuse('malformed');
  if (covered !== components(principal)) return refuse('malformed');
  const key = checkParameters(verifier, { algorithm, keyId, tag, created: Number(created) });
  if (typeof key === 'string') return refuse(key);
  const digest = contentDigest(request.body);
  if (request.headers['content-digest'] !== digest) return refuse('bad_digest');
  const query = request.path.indexOf('?');
  const path = query < 0 ? request.path : request.path.slice(0, query);
  const expected = mac(key, httpBase(request.method, path, digest, principal, requestId, input.slice('sig1='.length)));
  if (!sameMac(expected, given)) return refuse('bad_signature');
  return acceptNonce(verifier, nonce, { ok: true, principal, requestId, keyId });
}

/**
 * The operation of a `subscribe` payload. The signature covers it and {@link SubscribeIdentity}, which is
 * `payload.extensions.identity`.
 */
export interface SubscribeOperation {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
}

export interface SubscribeIdentity extends SignedPrincipal {
  readonly requestId: string;
}

export interface SubscribeSignature {
  readonly created: number;
  readonly nonce: string;
  readonly keyid: string;
  readonly alg: 'hmac-sha256';
  readonly tag: string;
  readonly value: string;
}

function subscribeBase(
  operation: SubscribeOperation,
  identity: SubscribeIdentity,
  parameters: Omit<SubscribeSignature, 'value'>,
): string {
  // JSON of an array is unambiguous: two different inputs never have the same text.
  const digest = hash(
    'sha256',
    JSON.stringify([operation.query, operation.operationName ?? null, operation.variables ?? {}]),
    'base64',
  );
  const { created, nonce, keyid, alg, tag } = parameters;
  // The array has an additional element only for an audience. So signatures for users and anonymous clients are the
  // same as before audiences existed.
  const who = [
    identity.userId ?? null,
    identity.userinfo ?? null,
    ...(identity.audience === undefined ? [] : [identity.audience]),
  ];
  return JSON.stringify([
    'graphql-transport-ws subscribe',
    digest,
    ...who,
    identity.requestId,
    created,
    nonce,
    keyid,
    alg,
    tag,
  ]);
}

/**
 * Signs a `subscribe` payload.
 * @returns the value of `payload.extensions.signature`; the caller must send `identity` unchanged as
 *   `payload.extensions.identity`
 * @throws TypeError when the variables cannot be serialised as JSON
 */
export function signSubscribe(
  key: SigningKey,
  request: {
    readonly operation: SubscribeOperation;
    readonly identity: SubscribeIdentity;
    readonly target: string;
    readonly now?: number;
  },
): SubscribeSignature {
  const created = Math.floor((request.now ?? Date.now()) / 1000);
  const parameters = { created, nonce: nextNonce(), keyid: key.id, alg: 'hmac-sha256', tag: request.target } as const;
  return { ...parameters, value: mac(key.key, subscribeBase(request.operation, request.identity, parameters)) };
}

/**
 * Verifies a `subscribe` payload. Never throws.
 * @param payload of a `subscribe` message, as parsed from JSON
 */
export function verifySubscribe(
  verifier: Verifier,
  payload: SubscribeOperation & { readonly extensions?: Readonly<Record<string, unknown>> | null },
): Verification {
  const signature = payload.extensions?.['signature'];
  const identity = payload.extensions?.['identity'];
  if (signature === undefined || signature === null) return refuse('unsigned');
  if (!isSubscribeSignature(signature) || !isIdentity(identity)) return refuse('malformed');
  const key = checkParameters(verifier, {
    algorithm: signature.alg,
    keyId: signature.keyid,
    tag: signature.tag,
    created: signature.created,
  });
  if (typeof key === 'string') return refuse(key);
  let base: string;
  try {
    base = subscribeBase(payload, identity, signature);
  } catch {
    return refuse('malformed'); // The variables are nested too deep to be serialised.
  }
  if (!sameMac(mac(key, base), signature.value)) return refuse('bad_signature');
  const principal = toPrincipal(identity.userId, identity.userinfo, identity.audience);
  return acceptNonce(verifier, signature.nonce, {
    ok: true,
    principal,
    requestId: identity.requestId,
    keyId: signature.keyid,
  });
}

const refuse = (reason: RefusalReason): Verification => ({ ok: false, reason });

/**
 * Returns undefined if the header is absent, its text if it is valid, and null otherwise (repeated, empty, with
 * blanks).
 */
function singleHeader(value: string | string[] | undefined): string | undefined | null {
  if (value === undefined) return undefined;
  return typeof value === 'string' && VISIBLE_ASCII.test(value) ? value : null;
}

function toPrincipal(
  userId: string | undefined,
  userinfo: string | undefined,
  audience: string | undefined,
): SignedPrincipal {
  return {
    ...(userId === undefined ? {} : { userId }),
    ...(userinfo === undefined ? {} : { userinfo }),
    ...(audience === undefined ? {} : { audience }),
  };
}

/** Whether the identity is that of a user, an anonymous client, or an audience with a well-formed key. */
function isOneParty({ userId, userinfo, audience }: SignedPrincipal): boolean {
  return audience === undefined || (userId === undefined && userinfo === undefined && AUDIENCE.test(audience));
}

function checkParameters(
  verifier: Verifier,
  given: { algorithm: string; keyId: string; tag: string; created: number },
): KeyObject | RefusalReason {
  if (given.algorithm !== 'hmac-sha256') return 'wrong_algorithm';
  const key = verifier.keys.get(given.keyId);
  if (!key) return 'unknown_key';
  if (given.tag !== verifier.target) return 'wrong_target';
  const age = (verifier.now?.() ?? Date.now()) / 1000 - given.created;
  return Math.abs(age) <= CLOCK_WINDOW_SECONDS ? key : 'stale';
}

function acceptNonce(verifier: Verifier, nonce: string, success: Extract<Verification, { ok: true }>): Verification {
  const outcome = verifier.nonces.remember(nonce);
  return outcome === 'new' ? success : refuse(outcome === 'seen' ? 'replayed' : 'nonce_cache_full');
}

function isSubscribeSignature(value: unknown): value is SubscribeSignature {
  if (typeof value !== 'object' || value === null) return false;
  const { created, nonce, keyid, alg, tag, value: text } = value as Record<string, unknown>;
  return (
    Number.isSafeInteger(created) &&
    typeof nonce === 'string' &&
    nonce.length >= 8 &&
    nonce.length <= 64 &&
    typeof keyid === 'string' &&
    typeof alg === 'string' &&
    typeof tag === 'string' &&
    typeof text === 'string'
  );
}

function isIdentity(value: unknown): value is SubscribeIdentity {
  if (typeof value !== 'object' || value === null) return false;
  const { userId, userinfo, audience, requestId } = value as Record<string, unknown>;
  const texts = [userId, userinfo, audience].every((text) => text === undefined || typeof text === 'string');
  return texts && typeof requestId === 'string' && isOneParty(value as SignedPrincipal);
}
