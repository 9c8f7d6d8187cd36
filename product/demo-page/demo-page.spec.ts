// The demo page in a real browser, where one is installed. The browser has no push service here, so its subscription is
// replaced by one at a push service of this process, which decrypts the product's messages.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type AiProvider, startAiProvider } from '../../test/ai-provider/server.ts';
import { type Browser, CERTIFICATE, type PushService, startPushService } from '../../test/network/push-service.ts';
import { until } from '../../test/network/until.ts';
import { chromium, openBrowser, type Page } from '../browser.fixture.ts';
import { explorer, pagesOf, startDemo } from '../demo.ts';
import { openProduct } from '../product.fixture.ts';

const text = (id: string): string => `document.getElementById('${id}').textContent`;
const press = (id: string): string => `document.getElementById('${id}').click()`;
/** A header by which a proxy reports a client elsewhere. */
const ELSEWHERE = { 'x-forwarded-for': '203.0.113.7' };

(chromium === undefined ? describe.skip : describe)('the demo page in a browser', () => {
  let product: Awaited<ReturnType<typeof openProduct>>;
  let service: PushService;
  let provider: AiProvider;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    service = await startPushService();
    provider = await startAiProvider();
    setDefaultCACertificates([...getCACertificates('default'), CERTIFICATE]);
    browser = service.browser();
    product = await openProduct({
      demo: true,
      explorer,
      pages: pagesOf,
      env: { PUSH_HOSTS: service.host, ...provider.env },
    });
    await startDemo(product, undefined, { stepMs: 20 });
    page = await openBrowser(chromium ?? '');
    await page.call('Browser.grantPermissions', { origin: product.origin, permissions: ['notifications'] });
    await page.call('ServiceWorker.enable');
    await page.call('Log.enable');
    await page.open(`${product.origin}/demo/`);
    await page.until("document.querySelector('#sign-in button')");
  });
  afterAll(async () => {
    await page?.close();
    await product?.close();
    await provider?.close();
    await service?.close();
  });

  const signIn = async (name: string): Promise<void> => {
    const button = `[...document.querySelectorAll('#sign-in button')].find((b) => b.textContent.startsWith('${name}'))`;
    await page.evaluate(`${button}.getAttribute('aria-pressed') === 'true' || ${button}.click()`);
    await page.until(`${button}.getAttribute('aria-pressed') === 'true'`);
  };

  it('shows the teams with their logos', async () => {
    const query =
      '{ tournaments(last: 1) { edges { node { entries(first: 20) { edges { node { team { logo { id } } } } } } } } }';
    await until(
      'eight logos',
      async () => (await product.post(`${product.origin}/graphql`, { query })).text.split('"logo":{').length === 9,
      60_000,
    );
    await page.evaluate(press('teams-load'));
    await page.until(
      "[...document.querySelectorAll('#teams-list img')].filter((image) => image.naturalWidth > 0).length === 8",
      text('teams-list'),
    );
  });

  it('says what to do to a guest', async () => {
    await page.evaluate(press('report-write'));
    await page.until(`${text('report-status')}.startsWith('Sign in first')`, text('report-status'));
  });

  it('lists the notifications of the person, live, and marks them as read', async () => {
    await signIn('anna');
    await page.until(`${text('inbox-list')}.includes('Yard Cup')`, text('inbox-list'));
    await page.evaluate(press('inbox-read'));
    await page.until("document.querySelector('#inbox-list span')", "document.getElementById('inbox').innerHTML");
  });

  it('writes a report with progress and a link, and shows its push message, which opens the page', async () => {
    await signIn('olga');
    await page.evaluate(
      `PushManager.prototype.subscribe = async (options) => {
        window.asked = options;
        const { endpoint, ...keys } = ${JSON.stringify(browser.web)};
        return { toJSON: () => ({ endpoint, keys }) };
      }`,
    );
    await page.evaluate(press('push-on'));
    await page.until(`${text('push-status')}.startsWith('This browser shows')`, text('push-status'));
    assert.deepEqual(await page.evaluate('window.asked'), {
      userVisibleOnly: true,
      applicationServerKey: (await product.post(`${product.origin}/graphql`, { query: '{ pushKey }' })).body.data?.[
        'pushKey'
      ],
    });

    await until('a cup', async () => {
      await page.evaluate(press('report-write'));
      await page.until(
        `document.querySelector('#report-file a') ?? ${text('report-status')}.startsWith('The cup begins')`,
        text('report-status'),
      );
      return await page.evaluate<boolean>("document.querySelector('#report-file a') !== null");
    });
    const file = await fetch(await page.evaluate<string>("document.querySelector('#report-file a').href"));
    assert.deepEqual([file.status, file.headers.get('content-type')], [200, 'application/pdf']);

    const { message } = await until('the push message', async () =>
      browser.messages.find(({ message: { kind } }) => kind === 'REPORT_READY'),
    );
    const { registrationId } = await until('the registration', async () =>
      page
        .eventsOf<{ registrations: { registrationId: string; scopeURL: string }[] }>(
          'ServiceWorker.workerRegistrationUpdated',
        )
        .flatMap(({ registrations }) => registrations)
        .find(({ scopeURL }) => scopeURL === `${product.origin}/demo/`),
    );
    await page.call('ServiceWorker.deliverPushMessage', {
      origin: product.origin,
      registrationId,
      data: JSON.stringify(message),
    });
    const shown = 'navigator.serviceWorker.getRegistration("/demo/").then((r) => r.getNotifications())';
    await page.until(`${shown}.then((all) => all.length === 1)`, `${shown}.then(JSON.stringify)`);
    assert.deepEqual(
      await page.evaluate(
        `${shown}.then(([{ title, body, tag, lang, data }]) => ({ title, body, tag, lang, kind: data.kind }))`,
      ),
      { title: message['title'], body: message['body'], tag: message['tag'], lang: 'en', kind: 'REPORT_READY' },
    );
    assert.match(String(message['body']), /report/i);

    // A browser opens a window only for a click of a person, so the call is recorded.
    const worker = await page.serviceWorker(`${product.origin}/demo/push.js`);
    await worker.evaluate(`(async () => {
      self.clients.openWindow = async (url) => { self.opened = url; };
      const [notification] = await self.registration.getNotifications();
      self.dispatchEvent(new NotificationEvent('notificationclick', { notification }));
    })()`);
    await worker.until("self.opened === '/demo/'", 'self.opened');
    await page.until(`${shown}.then((all) => all.length === 0)`, `${shown}.then(JSON.stringify)`);

    await page.evaluate(press('push-off'));
    await page.until(`${text('push-status')} === 'This browser shows no push messages.'`, text('push-status'));
  });

  it('refuses a mailing of anybody but the organizer', async () => {
    await signIn('dina');
    await page.evaluate(press('mailing-preview'));
    await page.until(`${text('mailing-status')}.startsWith('FORBIDDEN: ')`, text('mailing-status'));
  });

  it('shows, sends and follows a mailing of the organizer, whose e-mails are on a page', async () => {
    await signIn('olga');
    await page.evaluate(press('mailing-preview'));
    await page.until(`${text('mailing-shown')}.includes('The next match begins in an hour.')`, text('mailing-status'));
    assert.equal(await page.evaluate(text('mailing-status')), '5 people, of whom 0 get no mailings by e-mail.');
    await page.evaluate(press('mailing-send'));
    await page.until(`${text('mailing-status')}.startsWith('LATER: ')`, text('mailing-status'));
    assert.equal(
      await page.evaluate(text('mailing-status')),
      'LATER: 4 sent, 0 failed, 0 skipped, 1 waiting',
      'anna has a digest',
    );
    const list = await (await fetch(`${product.origin}/demo/mails/`)).text();
    const mails = [...list.matchAll(/<a href="(\/demo\/mails\/\w+)">([^<]*)<\/a> to (\w+)@/g)];
    const mailed = mails.filter(([, , subject]) => subject?.includes('Bring both shirts'));
    assert.deepEqual(mailed.map(([, , , to]) => to).sort(), ['boris', 'dina', 'emil', 'vera']);
    const [, path = ''] = mailed[0] ?? [];
    const mail = await fetch(product.origin + path);
    assert.match(mail.headers.get('content-security-policy') ?? '', /default-src 'none';.*sandbox/);
    assert.match(await mail.text(), /The next match begins in an hour\./);
    assert.equal((await fetch(`${product.origin}/demo/mails/0123456789abcdef`)).status, 404);
  });

  it('shows no e-mail to other people, and nothing to clients elsewhere', async () => {
    await product.signUp('zoe');
    const folder = join(product.data, 'mail');
    await until('the welcome', async () => {
      const mails = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')));
      return mails.some((mail) => mail.includes('To: zoe@'));
    });
    assert.doesNotMatch(await (await fetch(`${product.origin}/demo/mails/`)).text(), /zoe@/);
    for (const path of ['/demo/', '/demo/page.js', '/demo/mails/'])
      assert.equal((await fetch(product.origin + path, { headers: ELSEWHERE })).status, 404, path);
  });

  it('streams a text of the model', async () => {
    await until('a text', async () => {
      await page.evaluate(press('text-write'));
      await page.until(`/complete|CONFLICT|begins/.test(${text('text-status')})`, text('text-status'));
      return await page.evaluate<boolean>(`${text('text-status')} === 'The text is complete.'`);
    });
    assert.match(await page.evaluate(text('text-shown')), /The match of /);
  });

  it('breaks no rule of its policy, and names every control', async () => {
    const entries = page.eventsOf<{ entry: { level: string; text: string } }>('Log.entryAdded');
    assert.deepEqual(
      entries.map(({ entry }) => entry.text).filter((line) => /policy/i.test(line)),
      [],
    );
    const unnamed = await page.evaluate(
      `[...document.querySelectorAll('button, a, input, textarea, progress')].filter((e) => !(e.textContent.trim() || e.labels?.length || e.ariaLabel)).map((e) => e.outerHTML)`,
    );
    assert.deepEqual(unnamed, []);
  });
});
