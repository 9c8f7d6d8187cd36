// Uses the pages of the real Keycloak as a browser does, with a mailbox of this spec. A new address must be confirmed
// before its owner can sign in. A forgotten password is replaced through the address.
import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { Keycloak } from '../../platform/identity/keycloak.ts';
import { passwordGrant, tokenOf } from '../network/accounts.ts';
import { type Mailbox, smtpMailbox } from '../network/mailbox.ts';
import { until } from '../network/until.ts';
import { backendClient } from './ports.ts';
import { deployedRealm } from './realm.ts';

const issuer = process.env.KEYCLOAK_ISSUER ?? '';
const realmUrl = issuer.replace('/realms/', '/admin/realms/');
const PASSWORD = 'correct horse battery';
const CALLBACK = 'http://localhost:3000/signed-in';

(issuer ? describe : describe.skip)('mail of Keycloak', () => {
  let mailbox: Mailbox;
  let keycloak: Keycloak;
  let imported: Record<string, unknown>;
  const created: string[] = [];

  beforeAll(async () => {
    mailbox = await smtpMailbox();
    keycloak = new Keycloak({ realmUrl: issuer, clientId: backendClient.id, clientSecret: backendClient.secret });
    imported = (await (await admin('GET', '')).json()) as Record<string, unknown>;
    const { hostname: host, port } = new URL(mailbox.url ?? '');
    await admin('PUT', '', { verifyEmail: true, smtpServer: { ...(imported.smtpServer as object), host, port } });
  });
  afterAll(async () => {
    for (const userId of created) await keycloak.deleteIdentity(userId);
    if (imported) await admin('PUT', '', { verifyEmail: imported.verifyEmail, smtpServer: imported.smtpServer });
    await keycloak.close();
    await mailbox.close();
  });

  /** Calls Keycloak's admin API. Each call gets a new token of the console's administrator. */
  async function admin(method: string, path: string, body?: object): Promise<Response> {
    const master = issuer.replace(/realms\/.*/, 'realms/master');
    const form = new URLSearchParams({
      grant_type: 'password',
      client_id: 'admin-cli',
      username: 'admin',
      password: 'admin',
    });
    const token = await tokenOf(await fetch(`${master}/protocol/openid-connect/token`, { method: 'POST', body: form }));
    const response = await fetch(realmUrl + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    assert.ok(response.ok, `${method} ${path}: ${response.status}`);
    return response;
  }

  async function register(): Promise<{ username: string; email: string; userId: string }> {
    const username = `m-${randomUUID().slice(0, 12)}`;
    const email = `${username}@example.test`;
    const outcome = await keycloak.createIdentity({ username, email, password: PASSWORD });
    assert.ok('userId' in outcome, JSON.stringify(outcome));
    created.push(outcome.userId);
    return { username, email, userId: outcome.userId };
  }

  /** The link in the newest mail to this address. */
  async function linkTo(address: string): Promise<string> {
    let link = '';
    await until(`a mail to ${address}`, async () => {
      for (const { raw } of await mailbox.to(address)) {
        const [, found = ''] =
          /(http:\/\/\S+action-token\?\S+)/.exec(raw.replace(/=\r\n/g, '').replace(/=3D/g, '=')) ?? [];
        link = found.replace(/&amp;/g, '&');
      }
      return link !== '';
    });
    return link;
  }

  it('is configured by the realm file, from the environment', () => {
    const { smtpServer, verifyEmail, resetPasswordAllowed } = deployedRealm();
    assert.deepEqual([verifyEmail, resetPasswordAllowed], [true, true]);
    assert.deepEqual(Object.keys(smtpServer as object).sort(), [
      'auth',
      'from',
      'fromDisplayName',
      'host',
      'password',
      'port',
      'ssl',
      'starttls',
      'user',
    ]);
    const { host, port, from, starttls, auth } = imported.smtpServer as Record<string, string>;
    assert.deepEqual(
      { host, port, from, starttls, auth },
      { host: '127.0.0.1', port: '1025', from: 'no-reply@prodvor.example', starttls: 'true', auth: 'false' },
    );
  });

  it('requires a confirmed address before the first sign-in', async () => {
    const { username, email, userId } = await register();
    const browser = new Browser();
    await browser.open(authorization(browser.challenge));
    await browser.submit({ username, password: PASSWORD });
    assert.ok(!browser.url.startsWith(CALLBACK), 'not yet in');
    await browser.open(await linkTo(email));
    if (!browser.url.startsWith(CALLBACK)) await browser.follow();
    const claims = decodeJwt(await browser.token());
    assert.deepEqual([claims.sub, claims.email, claims.email_verified], [userId, email, true]);
  });

  it('replaces a forgotten password through the address only', async () => {
    const { username, email, userId } = await register();
    await admin('PUT', `/users/${userId}`, { emailVerified: true });
    const browser = new Browser();
    await browser.open(authorization(browser.challenge));
    await browser.open(browser.link(/reset-credentials/));
    await browser.submit({ username });
    await browser.open(await linkTo(email));
    if (!browser.hasField('password-new')) await browser.follow();
    await browser.submit({
      'password-new': 'another good pass phrase',
      'password-confirm': 'another good pass phrase',
    });
    await assert.rejects(
      passwordGrant(`${issuer}/protocol/openid-connect/token`, username, PASSWORD),
      /Invalid user credentials/,
    );
    await passwordGrant(`${issuer}/protocol/openid-connect/token`, username, 'another good pass phrase');
  });

  it('answers the same for an unknown address', async () => {
    const { username } = await register();
    const seen = await Promise.all(
      [username, `nobody-${randomUUID()}`].map(async (name) => {
        const browser = new Browser();
        await browser.open(authorization(browser.challenge));
        await browser.open(browser.link(/reset-credentials/));
        await browser.submit({ username: name });
        return browser.message();
      }),
    );
    assert.ok(seen[0]);
    assert.equal(seen[0], seen[1]);
  });
});

function authorization(challenge: string): string {
  return `${issuer}/protocol/openid-connect/auth?${new URLSearchParams({
    client_id: 'prodvor-web',
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope: 'openid',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  })}`;
}

/** A minimal browser for these pages: cookies, redirects, one form and links. */
class Browser {
  readonly #verifier = randomBytes(32).toString('base64url');
  readonly challenge = createHash('sha256').update(this.#verifier).digest('base64url');
  readonly #cookies = new Map<string, string>();
  url = '';
  #page = '';

  async open(address: string, init: RequestInit = {}): Promise<void> {
    let next = address;
    for (let hops = 0; hops < 10; hops++) {
      this.url = next;
      if (next.startsWith(CALLBACK)) return;
      const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(next, { ...(hops === 0 ? init : {}), redirect: 'manual', headers: { cookie } });
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        this.#cookies.set(name, value);
      }
      this.#page = await response.text();
      const location = response.headers.get('location');
      if (!location) return;
      next = new URL(location, next).href;
    }
    throw new Error('too many redirects');
  }

  submit(fields: Readonly<Record<string, string>>): Promise<void> {
    const [, action] = /<form[^>]*action="([^"]+)"/.exec(this.#page) ?? [];
    if (action === undefined) throw new Error(`no form at ${this.url}`);
    return this.open(new URL(unescape(action), this.url).href, { method: 'POST', body: new URLSearchParams(fields) });
  }

  link(pattern: RegExp): string {
    const found = [...this.#page.matchAll(/href="([^"]+)"/g)]
      .map(([, href = '']) => unescape(href))
      .find((href) => pattern.test(href));
    if (found === undefined) throw new Error(`no link ${pattern} at ${this.url}`);
    return new URL(found, this.url).href;
  }

  /** Follows the link of a page that only asks to continue. */
  follow(): Promise<void> {
    return this.open(this.link(/action-token|required-action|login-actions/));
  }

  hasField(name: string): boolean {
    return this.#page.includes(`name="${name}"`);
  }

  message(): string {
    return (
      /kc-feedback-text[^>]*>\s*([^<]+)|pf-v5-c-alert__title[^>]*>\s*([^<]+)|alert[^>]*title[^>]*>\s*([^<]+)/
        .exec(this.#page)
        ?.slice(1)
        .find(Boolean)
        ?.trim() ?? ''
    );
  }

  async token(): Promise<string> {
    const code = new URL(this.url).searchParams.get('code');
    if (!code) throw new Error(`no code at ${this.url}`);
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: 'prodvor-web',
      code,
      redirect_uri: CALLBACK,
      code_verifier: this.#verifier,
    });
    return tokenOf(await fetch(`${issuer}/protocol/openid-connect/token`, { method: 'POST', body: form }));
  }
}

const unescape = (html: string): string =>
  html
    .replace(/&amp;/g, '&')
    .replace(/&#x2F;/gi, '/')
    .replace(/&#x3D;/gi, '=');
