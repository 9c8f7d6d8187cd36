import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { LookupAddress } from 'node:dns';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, it } from '@jest/globals';
import { jwtVerify } from 'jose';
import { CERTIFICATE, type PushService, startPushService } from '../../test/network/push-service.ts';
import { Fcm } from './fcm.ts';
import { isPushHost, PUSH_HOSTS } from '../config/push-hosts.ts';
import { isPublicAddress, isPushEndpoint, publicLookup } from './push-hosts.ts';
import { PushError, type PushMessage, retryAfterOf } from './push-sender.ts';
import { newVapidKey, vapidKeyOf } from '../config/vapid.ts';
import { WebPush } from './web-push.ts';

const message: PushMessage = {
  title: 'ProDvor',
  body: 'Команда «Двор» — «Лисы»: 3:1',
  tag: 'tag-1',
  data: { kind: 'RESULT', url: 'https://web.example/open/x' },
  ttlSeconds: 3600,
};
const fails = (code: string, retryAfterMs?: number) => (error: unknown) => {
  assert.ok(error instanceof PushError, String(error));
  assert.deepEqual([error.code, error.retryAfterMs], [code, retryAfterMs]);
  assert.equal(error.permanent, code !== 'PUSH_UNAVAILABLE');
  return true;
};

describe('the addresses of push services', () => {
  it('are HTTPS on a host of the list and its port, without a user', () => {
    for (const good of [
      'https://fcm.googleapis.com/fcm/send/abc',
      'https://updates.push.services.mozilla.com/wpush/v2/abc',
      'https://web.push.apple.com/abc',
      'https://wns2-par02p.notify.windows.com/w/?token=abc',
    ])
      assert.equal(isPushEndpoint(good, PUSH_HOSTS), true, good);
    for (const wrong of [
      'http://fcm.googleapis.com/a',
      'https://fcm.googleapis.com:22/a',
      'https://fcm.googleapis.com.evil.example/a',
      'https://evilfcm.googleapis.com/a',
      'https://push.apple.com/a',
      'https://evil-push.apple.com/a',
      'https://user@fcm.googleapis.com/a',
      'https://evil.example/?fcm.googleapis.com',
      'https://127.0.0.1/a',
      'https://[::1]/a',
      'https://2130706433/a',
      'https://localhost/a',
      'file:///etc/passwd',
      '',
    ])
      assert.equal(isPushEndpoint(wrong, PUSH_HOSTS), false, wrong);
    assert.equal(isPushEndpoint('https://push.example.org:8443/a', ['push.example.org:8443']), true);
    assert.equal(isPushEndpoint('https://push.example.org/a', ['push.example.org:8443']), false);
    for (const wrong of ['*', '*.', 'https://x.example', 'x.example/', 'x.example:0', 'x y', '.com'])
      assert.equal(isPushHost(wrong), false, wrong);
  });

  it('are public: none of this machine or network, in any form', () => {
    for (const good of ['8.8.8.8', '142.250.1.95', '172.32.0.1', '2a00:1450:4001:80b::200a'])
      assert.equal(isPublicAddress(good), true, good);
    for (const wrong of [
      '0.0.0.0',
      '10.1.2.3',
      '100.64.0.1',
      '127.0.0.1',
      '169.254.169.254',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '198.18.0.1',
      '224.0.0.1',
      '255.255.255.255',
      '::',
      '::1',
      '::ffff:127.0.0.1',
      '::ffff:8.8.8.8',
      '64:ff9b::7f00:1',
      'fe80::1',
      'fd00::1',
      'ff02::1',
      '2002:7f00:1::',
      '2001:db8::1',
      'localhost',
    ])
      assert.equal(isPublicAddress(wrong), false, wrong);
  });

  it('are looked up once: a name with one private address is refused', async () => {
    const look = (addresses: LookupAddress[], options: { all?: boolean; family?: number }) =>
      new Promise((resolve, reject) =>
        publicLookup((_host, _options, done) => done(null, addresses))('push.example', options, (error, found) =>
          error ? reject(error) : resolve(found),
        ),
      );
    const four = { address: '8.8.8.8', family: 4 };
    const six = { address: '2a00:1450::1', family: 6 };
    assert.deepEqual(await look([four, six], { all: true }), [four, six]);
    assert.equal(await look([four, six], { family: 6 }), six.address);
    for (const addresses of [[], [four, { address: '10.0.0.1', family: 4 }], [{ address: '::1', family: 6 }]])
      await assert.rejects(look(addresses, { all: true }), fails('PUSH_REFUSED'));
  });
});

describe('push messages to browsers', () => {
  let service: PushService;
  let push: WebPush;
  const key = newVapidKey();
  const open = (options: Partial<ConstructorParameters<typeof WebPush>[0]> = {}) =>
    new WebPush({ hosts: [service.host], subject: 'mailto:push@prodvor.example', ca: CERTIFICATE, ...options });
  beforeAll(async () => {
    service = await startPushService();
    push = open();
  });
  afterAll(async () => {
    push.close();
    await service.close();
  });

  it('are signed, and only the browser can read them', async () => {
    const browser = service.browser();
    await push.send({ kind: 'WEB', ...browser.web }, message, key);
    const { title, body, tag, data } = message;
    assert.deepEqual(browser.messages, [{ topic: 'tag-1', ttl: 3600, message: { title, body, tag, ...data } }]);
  });

  it('end in one condition for each answer', async () => {
    const cases: [status: number, headers: Record<string, string>, code: string, retryAfterMs?: number][] = [
      [404, {}, 'PUSH_GONE'],
      [410, {}, 'PUSH_GONE'],
      [429, { 'retry-after': '120' }, 'PUSH_UNAVAILABLE', 120_000],
      [429, {}, 'PUSH_UNAVAILABLE'],
      [503, { 'retry-after': 'soon' }, 'PUSH_UNAVAILABLE'],
      [500, {}, 'PUSH_UNAVAILABLE'],
      [400, {}, 'PUSH_REFUSED'],
      [413, {}, 'PUSH_REFUSED'],
      [301, { location: 'https://127.0.0.1:1/' }, 'PUSH_REFUSED'],
    ];
    for (const [status, headers, code, retryAfterMs] of cases) {
      const browser = service.browser();
      browser.answer = { status, headers };
      await assert.rejects(
        push.send({ kind: 'WEB', ...browser.web }, message, key),
        fails(code, retryAfterMs),
        String(status),
      );
      assert.equal(browser.attempts, 1, 'a redirect is not followed, and nothing is repeated here');
    }
    const now = Date.parse('2026-05-01T12:00:00Z');
    assert.equal(retryAfterOf('Fri, 01 May 2026 12:01:00 GMT', now), 60_000);
    assert.equal(retryAfterOf('Fri, 01 May 2026 11:00:00 GMT', now), 0);
  });

  it('fail in limited time when the service is silent or away', async () => {
    const browser = service.browser();
    browser.answer = 'silent';
    const hasty = open({ timeoutMs: 100 });
    await assert.rejects(hasty.send({ kind: 'WEB', ...browser.web }, message, key), fails('PUSH_UNAVAILABLE'));
    hasty.close();
    const nowhere = open({ hosts: ['127.0.0.1:1'] });
    const web = { ...browser.web, endpoint: 'https://127.0.0.1:1/push' };
    await assert.rejects(nowhere.send({ kind: 'WEB', ...web }, message, key), fails('PUSH_UNAVAILABLE'));
    nowhere.close();
  });

  it('go to no other host, and to no name that leads to this machine', async () => {
    const browser = service.browser();
    const port = service.host.split(':')[1];
    const elsewhere = { ...browser.web, endpoint: browser.web.endpoint.replace('127.0.0.1', 'localhost') };
    await assert.rejects(push.send({ kind: 'WEB', ...elsewhere }, message, key), fails('PUSH_REFUSED'));
    const listed = open({ hosts: [`localhost:${port}`] });
    await assert.rejects(listed.send({ kind: 'WEB', ...elsewhere }, message, key), fails('PUSH_REFUSED'));
    listed.close();
    assert.equal(browser.attempts, 0);
  });

  it('are refused before they are sent when they, or the keys, are wrong', async () => {
    const browser = service.browser();
    for (const wrong of [{ tag: '' }, { tag: 'a b' }, { body: 'я'.repeat(700) }, { ttlSeconds: -1 }])
      await assert.rejects(
        push.send({ kind: 'WEB', ...browser.web }, { ...message, ...wrong }, key),
        fails('PUSH_REFUSED'),
      );
    const noKey = { ...browser.web, p256dh: randomBytes(65).toString('base64url') };
    await assert.rejects(push.send({ kind: 'WEB', ...noKey }, message, key), fails('PUSH_REFUSED'));
    assert.equal(browser.attempts, 0);
  });

  it('have a key that is made once', () => {
    for (let i = 0; i < 50; i++) {
      const { publicKey, privateKey } = newVapidKey();
      assert.deepEqual([Buffer.from(publicKey, 'base64url').length, privateKey.length], [65, 43]);
      assert.deepEqual(vapidKeyOf(privateKey), { publicKey, privateKey });
    }
  });
});

describe('push messages to apps', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const asked: { url: string; headers: IncomingMessage['headers']; body: string }[] = [];
  let answers: Record<'token' | 'send', (res: ServerResponse) => void>;
  let google: ReturnType<typeof createServer>;
  let fcm: Fcm;
  const to = { kind: 'FCM', token: 'app:token' } as const;
  const json =
    (status: number, body: unknown, headers: Record<string, string> = {}) =>
    (res: ServerResponse) =>
      void res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  const refusal = (status: number, code: string, headers: Record<string, string> = {}) =>
    json(
      status,
      { error: { code: status, status: 'X', details: [{ '@type': 'type.googleapis.com/FcmError', errorCode: code }] } },
      headers,
    );
  const sends = () => asked.filter(({ url }) => url.endsWith(':send'));
  const usual = () => ({
    token: json(200, { access_token: 'token-1', expires_in: 3600, token_type: 'Bearer' }),
    send: json(200, { name: 'projects/prodvor/messages/1' }),
  });
  beforeAll(async () => {
    google = createServer((req, res) => {
      void text(req).then((body) => {
        asked.push({ url: req.url ?? '', headers: req.headers, body });
        answers[req.url === '/token' ? 'token' : 'send'](res);
      });
    });
    await new Promise<void>((resolve) => google.listen(0, '127.0.0.1', resolve));
  });
  const open = (timeoutMs = 2000) => {
    const url = `http://127.0.0.1:${(google.address() as AddressInfo).port}`;
    asked.length = 0;
    answers = usual();
    fcm = new Fcm({
      url,
      timeoutMs,
      account: {
        project_id: 'prodvor-test',
        client_email: 'push@prodvor.example',
        private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        token_uri: `${url}/token`,
      },
    });
    return url;
  };
  afterEach(() => google.closeIdleConnections());
  afterAll(() => {
    google.closeAllConnections();
    google.close();
  });

  it('have a token that is signed for the account and asked for once', async () => {
    const url = open();
    await fcm.send(to, message);
    await fcm.send(to, message);
    assert.deepEqual(
      asked.map((one) => one.url),
      ['/token', ...Array<string>(2).fill('/v1/projects/prodvor-test/messages:send')],
    );
    const form = new URLSearchParams(asked[0]?.body);
    assert.equal(form.get('grant_type'), 'urn:ietf:params:oauth:grant-type:jwt-bearer');
    const { payload } = await jwtVerify(form.get('assertion') ?? '', publicKey, { audience: `${url}/token` });
    assert.deepEqual(
      [payload.iss, payload['scope']],
      ['push@prodvor.example', 'https://www.googleapis.com/auth/firebase.messaging'],
    );
    const [sent] = sends();
    assert.equal(sent?.headers.authorization, 'Bearer token-1');
    const { message: body } = JSON.parse(sent?.body ?? '') as { message: Record<string, unknown> };
    assert.deepEqual(
      [body['token'], body['notification'], body['data']],
      [to.token, { title: message.title, body: message.body }, { ...message.data, tag: 'tag-1' }],
    );
    assert.deepEqual(body['android'], { collapse_key: 'tag-1', ttl: '3600s', notification: { tag: 'tag-1' } });
    assert.equal((body['apns'] as { headers: Record<string, string> }).headers['apns-collapse-id'], 'tag-1');
  });

  it('end in one condition for each answer', async () => {
    const cases: [(res: ServerResponse) => void, string, number?][] = [
      [refusal(404, 'UNREGISTERED'), 'PUSH_GONE'],
      [refusal(403, 'SENDER_ID_MISMATCH'), 'PUSH_GONE'],
      [refusal(400, 'INVALID_ARGUMENT'), 'PUSH_REFUSED'],
      [refusal(429, 'QUOTA_EXCEEDED', { 'retry-after': '60' }), 'PUSH_UNAVAILABLE', 60_000],
      [refusal(503, 'UNAVAILABLE'), 'PUSH_UNAVAILABLE'],
      [refusal(401, 'UNAUTHENTICATED'), 'PUSH_UNAVAILABLE'],
      [(res) => void res.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(), 'PUSH_REFUSED'],
      [(res) => void res.writeHead(500).end('<html>'), 'PUSH_UNAVAILABLE'],
      [(res) => void res.destroy(), 'PUSH_UNAVAILABLE'],
      [() => undefined, 'PUSH_UNAVAILABLE'],
    ];
    for (const [answer, code, retryAfterMs] of cases) {
      open(300);
      answers.send = answer;
      await assert.rejects(fcm.send(to, message), fails(code, retryAfterMs));
    }
  });

  it('wait while there is no token, and get another one after a refusal', async () => {
    open();
    answers.token = json(400, { error: 'invalid_grant' });
    await assert.rejects(fcm.send(to, message), fails('PUSH_UNAVAILABLE'));
    answers = usual();
    answers.send = refusal(401, 'UNAUTHENTICATED');
    await assert.rejects(fcm.send(to, message), fails('PUSH_UNAVAILABLE'));
    answers = { ...usual(), token: json(200, { access_token: 'token-2', expires_in: 3600 }) };
    await fcm.send(to, message);
    assert.equal(sends().at(-1)?.headers.authorization, 'Bearer token-2');
  });

  it('share one request for a token', async () => {
    open();
    await Promise.all(Array.from({ length: 5 }, () => fcm.send(to, message)));
    assert.equal(asked.filter(({ url }) => url === '/token').length, 1);
  });
});
