import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from '@jest/globals';
import fc from 'fast-check';
import { createNonceCache } from './nonces.ts';
import {
  contentDigest,
  decodeUserinfo,
  encodeUserinfo,
  keyRing,
  signingKey,
  signRequest,
  signSubscribe,
  verifyRequest,
  verifySubscribe,
} from './signature.ts';
import type { SignedPrincipal, SigningKey, Verifier } from './signature.ts';

const key = signingKey('k1', 'a secret of enough bytes');
const anna: SignedPrincipal = { userId: 'anna', userinfo: encodeUserinfo({ sub: 'anna', name: 'Änna' }) };
const at = 1_800_000_000_000;
const verifier = (over: Partial<Verifier> = {}): Verifier => ({
  target: 'teams',
  keys: keyRing(key),
  nonces: createNonceCache(),
  now: () => at,
  ...over,
});

function signed(
  over: { principal?: SignedPrincipal; body?: string; now?: number; target?: string; with?: SigningKey } = {},
) {
  const principal = over.principal ?? anna;
  const body = over.body ?? '{"query":"{me{id}}"}';
  const headers: Record<string, string | string[] | undefined> = {
    'x-request-id': 'r-1',
    ...signRequest(over.with ?? key, {
      method: 'POST',
      path: '/graphql',
      body,
      principal,
      requestId: 'r-1',
      target: over.target ?? 'teams',
      now: over.now ?? at,
    }),
  };
  if (principal.userId !== undefined) headers['x-authenticated-userid'] = principal.userId;
  if (principal.userinfo !== undefined) headers['x-userinfo'] = principal.userinfo;
  if (principal.audience !== undefined) headers['x-audience'] = principal.audience;
  if (principal.clientAddress !== undefined) headers['x-client-address'] = principal.clientAddress;
  return { method: 'POST', path: '/graphql', headers, body };
}
const reason = (v: ReturnType<typeof verifyRequest>) => (v.ok ? 'ok' : v.reason);

test('the signature base is that of RFC 9421, component by component', () => {
  const { headers, body } = signed();
  const params = String(headers['signature-input']).slice('sig1='.length);
  assert.match(
    params,
    /^\("@method" "@path" "content-digest" "x-authenticated-userid" "x-userinfo" "x-request-id"\);created=1800000000;nonce="[^"]+";keyid="k1";alg="hmac-sha256";tag="teams"$/,
  );
  const base = [
    '"@method": POST',
    '"@path": /graphql',
    `"content-digest": ${contentDigest(body)}`,
    '"x-authenticated-userid": anna',
    `"x-userinfo": ${anna.userinfo}`,
    '"x-request-id": r-1',
    `"@signature-params": ${params}`,
  ].join('\n');
  assert.equal(
    headers['signature'],
    `sig1=:${createHmac('sha256', 'a secret of enough bytes').update(base).digest('base64')}:`,
  );
});

test('the digest is that of RFC 9530 (its example in appendix B.1)', () => {
  assert.equal(contentDigest('{"hello": "world"}\n'), 'sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:');
});

test('accepts a signed request, with the principal it was signed for', () => {
  assert.deepEqual(verifyRequest(verifier(), signed()), { ok: true, principal: anna, requestId: 'r-1', keyId: 'k1' });
  assert.deepEqual(verifyRequest(verifier(), signed({ principal: {} })), {
    ok: true,
    principal: {},
    requestId: 'r-1',
    keyId: 'k1',
  });
  assert.equal(reason(verifyRequest(verifier(), { ...signed(), path: '/graphql?x=1' })), 'ok');
});

test('refuses a request if anything was changed in transit', () => {
  const cases: [string, (r: ReturnType<typeof signed>) => unknown, string][] = [
    ['no signature', (r) => delete r.headers['signature'], 'unsigned'],
    ['no input', (r) => delete r.headers['signature-input'], 'unsigned'],
    ['another user', (r) => (r.headers['x-authenticated-userid'] = 'boris'), 'bad_signature'],
    ['user removed', (r) => delete r.headers['x-authenticated-userid'], 'malformed'],
    ['user repeated', (r) => (r.headers['x-authenticated-userid'] = ['anna', 'boris']), 'malformed'],
    ['user joined', (r) => (r.headers['x-authenticated-userid'] = 'anna, boris'), 'malformed'],
    ['other claims', (r) => (r.headers['x-userinfo'] = encodeUserinfo({ sub: 'anna', admin: true })), 'bad_signature'],
    ['other request id', (r) => (r.headers['x-request-id'] = 'r-2'), 'bad_signature'],
    ['other body', (r) => (r.body = '{"query":"{all{id}}"}'), 'bad_digest'],
    [
      'other body, its digest',
      (r) => {
        r.body = '{}';
        r.headers['content-digest'] = contentDigest('{}');
      },
      'bad_signature',
    ],
    ['other method', (r) => (r.method = 'GET'), 'bad_signature'],
    ['other path', (r) => (r.path = '/admin'), 'bad_signature'],
    [
      'other algorithm',
      (r) => (r.headers['signature-input'] = String(r.headers['signature-input']).replace('hmac-sha256', 'none')),
      'wrong_algorithm',
    ],
    [
      'later time',
      (r) =>
        (r.headers['signature-input'] = String(r.headers['signature-input']).replace(
          'created=1800000000',
          'created=1800000001',
        )),
      'bad_signature',
    ],
    [
      'fewer components',
      (r) => (r.headers['signature-input'] = String(r.headers['signature-input']).replace('"content-digest" ', '')),
      'malformed',
    ],
    ['short signature', (r) => (r.headers['signature'] = 'sig1=:AAAA:'), 'malformed'],
  ];
  for (const [name, change, expected] of cases) {
    const request = signed();
    change(request);
    assert.equal(reason(verifyRequest(verifier(), request)), expected, name);
  }
});

test("a client's address is signed and must be an IP address", () => {
  const principal = { ...anna, clientAddress: '2001:db8::1' };
  const result = verifyRequest(verifier(), signed({ principal }));
  assert.deepEqual(result.ok && result.principal, principal);
  for (const wrong of ['192.0.2.1', '', undefined]) {
    const request = signed({ principal });
    request.headers['x-client-address'] = wrong;
    assert.ok(['bad_signature', 'malformed'].includes(reason(verifyRequest(verifier(), request))), wrong);
  }
  const added = signed();
  added.headers['x-client-address'] = '192.0.2.1';
  assert.equal(reason(verifyRequest(verifier(), added)), 'malformed');
  assert.equal(reason(verifyRequest(verifier(), signed({ principal: { clientAddress: 'localhost' } }))), 'malformed');
});

test('refuses an identity that was added to an anonymous request', () => {
  const request = signed({ principal: {} });
  request.headers['x-authenticated-userid'] = 'anna';
  assert.equal(reason(verifyRequest(verifier(), request)), 'malformed');
});

test('checks key, target and time; keys rotate by id', () => {
  const next = signingKey('k2', 'another secret, also long');
  assert.equal(reason(verifyRequest(verifier(), signed({ with: next }))), 'unknown_key');
  const both = verifier({ keys: keyRing(key, next) });
  assert.equal(reason(verifyRequest(both, signed({ with: next }))), 'ok');
  assert.equal(reason(verifyRequest(both, signed())), 'ok');
  assert.equal(
    reason(verifyRequest(verifier(), signed({ with: signingKey('k1', 'not the secret of k1') }))),
    'bad_signature',
  );
  assert.equal(reason(verifyRequest(verifier(), signed({ target: 'users' }))), 'wrong_target');
  assert.equal(reason(verifyRequest(verifier(), signed({ now: at - 31_000 }))), 'stale');
  assert.equal(reason(verifyRequest(verifier(), signed({ now: at + 31_000 }))), 'stale');
  assert.equal(reason(verifyRequest(verifier(), signed({ now: at - 29_000 }))), 'ok');
});

test('refuses a replay as long as the signature is fresh; the cache is bounded', () => {
  let now = at;
  const nonces = createNonceCache({ maxPerGeneration: 2, now: () => now });
  const v = verifier({ nonces, now: () => now });
  const first = signed({ now: at + 30_000 });
  assert.equal(reason(verifyRequest(v, first)), 'ok');
  for (const later of [0, 1_000, 30_000, 59_000, 60_000]) {
    now = at + later;
    assert.equal(reason(verifyRequest(v, first)), 'replayed', `after ${later} ms`);
  }
  const last = signed({ now });
  assert.equal(reason(verifyRequest(v, last)), 'ok');
  assert.equal(reason(verifyRequest(v, signed({ now }))), 'nonce_cache_full');
  now = at + 61_000; // Starts a new generation. Nonces from the end of the previous one are still known.
  assert.equal(reason(verifyRequest(v, last)), 'replayed');
  assert.equal(reason(verifyRequest(v, signed({ now }))), 'ok');
});

test('a forged request does not use up its nonce', () => {
  const v = verifier();
  const request = signed();
  assert.equal(reason(verifyRequest(v, { ...request, method: 'PUT' })), 'bad_signature');
  assert.equal(reason(verifyRequest(v, request)), 'ok');
});

test('refuses keys that are too short or badly named', () => {
  assert.throws(() => signingKey('k1', 'short'), /shorter than 16 bytes/);
  assert.throws(() => signingKey('k 1', 'a secret of enough bytes'), /key id/);
});

const room: SignedPrincipal = { audience: 'room:AB12:7' };

test('accepts a call for an audience; the signature covers the key after the identity', () => {
  const request = signed({ principal: room });
  assert.match(
    String(request.headers['signature-input']),
    /^sig1=\("@method" "@path" "content-digest" "x-audience" "x-request-id"\);/,
  );
  assert.deepEqual(verifyRequest(verifier(), request), { ok: true, principal: room, requestId: 'r-1', keyId: 'k1' });
});

test('an audience cannot be added, changed, removed, or mixed with a user', () => {
  const cases: [string, SignedPrincipal, (h: Record<string, string | string[] | undefined>) => unknown, string][] = [
    ['another key', room, (h) => (h['x-audience'] = 'room:AB12:8'), 'bad_signature'],
    ['removed', room, (h) => delete h['x-audience'], 'malformed'],
    ['repeated', room, (h) => (h['x-audience'] = ['room:AB12:7', 'room:CD:1']), 'malformed'],
    ['empty', room, (h) => (h['x-audience'] = ''), 'malformed'],
    ['blank inside', room, (h) => (h['x-audience'] = 'room: AB12'), 'malformed'],
    ['added for a stranger', {}, (h) => (h['x-audience'] = 'room:AB12:7'), 'malformed'],
    ['added to a user', anna, (h) => (h['x-audience'] = 'room:AB12:7'), 'malformed'],
    ['user added', room, (h) => (h['x-authenticated-userid'] = 'anna'), 'malformed'],
    ['signed with a user', { ...anna, ...room }, () => undefined, 'malformed'],
    ['signed with claims only', { userinfo: anna.userinfo!, ...room }, () => undefined, 'malformed'],
    ['signed with an empty key', { audience: '' }, () => undefined, 'malformed'],
    ['signed with a key too long', { audience: 'k'.repeat(256) }, () => undefined, 'malformed'],
    ['the longest key', { audience: 'k'.repeat(255) }, () => undefined, 'ok'],
  ];
  for (const [name, principal, change, expected] of cases) {
    const request = signed({ principal });
    change(request.headers);
    assert.equal(reason(verifyRequest(verifier(), request)), expected, name);
  }
});

test('subscribe for an audience: accepts it; refuses a changed, removed or mixed one', () => {
  const payload = (principal: SignedPrincipal, sent: object = principal) => {
    const operation = { query: 'subscription { a }', variables: {} };
    const identity = { ...principal, requestId: 'r-1' };
    const signature = signSubscribe(key, { operation, identity, target: 'teams', now: at });
    return { ...operation, extensions: { identity: { ...sent, requestId: 'r-1' }, signature } };
  };
  assert.deepEqual(verifySubscribe(verifier(), payload(room)), {
    ok: true,
    principal: room,
    requestId: 'r-1',
    keyId: 'k1',
  });
  const cases: [string, SignedPrincipal, object | undefined, string][] = [
    ['another key', room, { audience: 'room:AB12:8' }, 'bad_signature'],
    ['removed', room, {}, 'bad_signature'],
    ['added for a stranger', {}, room, 'bad_signature'],
    ['a user in its place', room, { userId: 'room:AB12:7' }, 'bad_signature'],
    ['signed with a user', { ...anna, ...room }, undefined, 'malformed'],
    ['signed with claims only', { userinfo: anna.userinfo!, ...room }, undefined, 'malformed'],
    ['not a text', room, { audience: 7 }, 'malformed'],
    ['blank inside', { audience: 'room: 1' }, undefined, 'malformed'],
    ['too long', { audience: 'k'.repeat(256) }, undefined, 'malformed'],
  ];
  for (const [name, principal, sent, expected] of cases)
    assert.equal(reason(verifySubscribe(verifier(), payload(principal, sent))), expected, name);
});

const subscribe = (over: { query?: string; variables?: Record<string, unknown>; operationName?: string } = {}) => {
  const operation = {
    query: over.query ?? 'subscription { a }',
    variables: over.variables ?? { room: 'r' },
    operationName: over.operationName,
  };
  const identity = { ...anna, requestId: 'r-1' };
  return {
    ...operation,
    extensions: { identity, signature: signSubscribe(key, { operation, identity, target: 'teams', now: at }) },
  };
};

test('subscribe: accepts it once; refuses a changed one', () => {
  const v = verifier();
  const payload = subscribe();
  assert.deepEqual(verifySubscribe(v, payload), { ok: true, principal: anna, requestId: 'r-1', keyId: 'k1' });
  assert.equal(reason(verifySubscribe(v, payload)), 'replayed');
  assert.equal(reason(verifySubscribe(v, { query: 'subscription { a }' })), 'unsigned');
  const changes: [string, (p: ReturnType<typeof subscribe>) => object, string][] = [
    ['query', (p) => ({ ...p, query: 'subscription { b }' }), 'bad_signature'],
    ['variables', (p) => ({ ...p, variables: { room: 's' } }), 'bad_signature'],
    ['operation name', (p) => ({ ...p, operationName: 'X' }), 'bad_signature'],
    [
      'user',
      (p) => ({ ...p, extensions: { ...p.extensions, identity: { ...p.extensions.identity, userId: 'boris' } } }),
      'bad_signature',
    ],
    ['no user', (p) => ({ ...p, extensions: { ...p.extensions, identity: { requestId: 'r-1' } } }), 'bad_signature'],
    ['no identity', (p) => ({ ...p, extensions: { signature: p.extensions.signature } }), 'malformed'],
    [
      'tag',
      (p) => ({ ...p, extensions: { ...p.extensions, signature: { ...p.extensions.signature, tag: 'users' } } }),
      'wrong_target',
    ],
    [
      'algorithm',
      (p) => ({ ...p, extensions: { ...p.extensions, signature: { ...p.extensions.signature, alg: 'none' } } }),
      'wrong_algorithm',
    ],
    ['not an object', (p) => ({ ...p, extensions: { ...p.extensions, signature: 'x' } }), 'malformed'],
  ];
  for (const [name, change, expected] of changes) {
    assert.equal(
      reason(verifySubscribe(verifier(), change(subscribe()) as ReturnType<typeof subscribe>)),
      expected,
      name,
    );
  }
});

test('subscribe: for any JSON variables both sides compute the same signature', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (variables, query) => {
      const wire = JSON.parse(JSON.stringify(subscribe({ variables, query }))) as ReturnType<typeof subscribe>;
      assert.equal(reason(verifySubscribe(verifier(), wire)), 'ok');
    }),
    { numRuns: 200 },
  );
});

test('userinfo survives encoding and decoding; garbage decodes to undefined', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (claims) => {
      assert.deepEqual(decodeUserinfo(encodeUserinfo(claims)), JSON.parse(JSON.stringify(claims)));
    }),
    { numRuns: 100 },
  );
  assert.equal(decodeUserinfo('%%%'), undefined);
  assert.equal(decodeUserinfo(Buffer.from('[1]').toString('base64url')), undefined);
});
