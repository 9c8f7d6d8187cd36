import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from '@jest/globals';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { parse } from 'graphql';
import { afterTest } from '../../test/after-test.ts';
import { Api } from './api.ts';

const document = parse('{ __typename }') as TypedDocumentNode<{ __typename: string }, object>;

/** An API that accepts only the newest access token, and an issuer whose refresh tokens can be used once. */
async function issuer({ seconds }: { seconds: number }) {
  const calls: string[] = [];
  let issued = 0;
  let isDown = false;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const answer = (status: number, json: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    if (request.url === '/graphql') {
      const isNewest = request.headers.authorization === `Bearer access-${issued}`;
      calls.push(isNewest ? 'query' : '401');
      return isNewest
        ? answer(200, { data: { __typename: 'Query' } })
        : answer(401, { errors: [{ message: 'expired', extensions: { code: 'UNAUTHENTICATED' } }] });
    }
    calls.push(String(request.url));
    if (isDown) return answer(503, {});
    const isRefresh = request.url === '/identity/token';
    if (isRefresh && new URLSearchParams(body).get('refresh_token') !== `refresh-${issued}`)
      return answer(400, { error: 'invalid_grant' });
    issued++;
    return answer(200, { access_token: `access-${issued}`, refresh_token: `refresh-${issued}`, expires_in: seconds });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterTest(() => server.close());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    /** As if the last access token had expired. */
    expire: () => void issued++,
    down: (value: boolean) => void (isDown = value),
  };
}

const opened = (options: ConstructorParameters<typeof Api>[0]): Api => {
  const api = new Api(options);
  afterTest(() => api.close());
  return api;
};

describe('the token of import and replay', () => {
  it('of the demo organizer is renewed before it expires, once for all requests of that moment', async () => {
    const { url, calls } = await issuer({ seconds: 300 });
    const api = opened({ url });
    await Promise.all([1, 2, 3].map(() => api.request(document, {})));
    assert.deepEqual(calls, ['/identity/demo-token?user=olga', 'query', 'query', 'query']);
    const short = await issuer({ seconds: 59 });
    const late = opened({ url: short.url });
    await late.request(document, {});
    await late.request(document, {});
    // Less than a minute is left of each token.
    assert.deepEqual(short.calls, [
      ...['/identity/demo-token?user=olga', 'query'],
      ...['/identity/demo-token?user=olga', 'query'],
    ]);
  });

  it('is renewed when the API refuses it earlier, and the request is sent again', async () => {
    const { url, calls, expire } = await issuer({ seconds: 300 });
    const api = opened({ url });
    await api.request(document, {});
    expire();
    assert.equal((await api.request(document, {})).__typename, 'Query');
    assert.deepEqual(calls.slice(2), ['401', '/identity/demo-token?user=olga', 'query']);
  });

  it('is asked for again after the issuer was down', async () => {
    const { url, down } = await issuer({ seconds: 300 });
    const api = opened({ url });
    down(true);
    await assert.rejects(api.request(document, {}), /the demo organizer cannot sign in now: HTTP 503/);
    down(false);
    assert.equal((await api.request(document, {})).__typename, 'Query');
  });

  it('of a refresh token is renewed with the newest refresh token', async () => {
    const { url, calls } = await issuer({ seconds: 59 });
    const api = opened({ url, refreshToken: 'refresh-0' });
    for (let time = 0; time < 3; time++) await api.request(document, {});
    const once = ['/identity/token', 'query'];
    assert.deepEqual(calls, [...once, ...once, ...once]);
    const other = opened({ url, refreshToken: 'refresh-0' });
    await assert.rejects(other.request(document, {}), { name: 'Error', message: /^UNAUTHENTICATED: sign in again/ });
  });

  it('that was given alone is used as it is', async () => {
    const { url, calls, expire } = await issuer({ seconds: 300 });
    expire();
    const api = opened({ url, token: 'access-1' });
    await api.request(document, {});
    expire();
    await assert.rejects(api.request(document, {}), { message: 'UNAUTHENTICATED: expired' });
    assert.deepEqual(calls, ['query', '401']);
  });
});
