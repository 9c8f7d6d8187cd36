// The explorer in a real browser, where one is installed. The logic of its script is tested without a browser in
// router/explorer and demo.spec.ts.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import pg from 'pg';
import { fillIn } from '../router/explorer/answers.js';
import { until } from '../test/network/until.ts';
import { chromium, openBrowser, type Page } from './browser.fixture.ts';
import { explorer, pagesOf, startDemo } from './demo.ts';
import { openProduct } from './product.fixture.ts';

const PANE = "document.querySelector('.result-window .CodeMirror').CodeMirror.getValue()";
const SHOWN = `JSON.parse(${PANE} || '{}')`;
const STATUS = "document.querySelector('#sign-in [role=status]').textContent";
const PLAY = "document.querySelector('.graphiql-execute-button')";
const button = (name: string): string =>
  `[...document.querySelectorAll('#sign-in button')].find(({ textContent }) => textContent.startsWith('${name}'))`;
const EDITOR = "document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror";

(chromium === undefined ? describe.skip : describe)('the explorer in a browser', () => {
  let product: Awaited<ReturnType<typeof openProduct>>;
  let page: Page;
  beforeAll(async () => {
    product = await openProduct({ demo: true, explorer, pages: pagesOf });
    await startDemo(product);
    await until('a live match', () => fillIn(explorer.variables, { query: explorer.defaultQuery ?? '' }, ask));
    page = await openBrowser(chromium ?? '');
    await page.open(product.origin);
    await page.until(`${PLAY} && document.querySelector('.result-window .CodeMirror')`);
  });
  const ask = async (query: string) => (await product.post(`${product.origin}/graphql`, { query })).body;
  afterAll(async () => {
    await page?.close();
    await product?.close();
  });

  /**
   * Runs an operation in the explorer. GraphiQL reads the text of the editor with a delay. So this function first waits
   * until GraphiQL knows the operation's name.
   */
  const run = async (name: string, query: string): Promise<void> => {
    await page.evaluate(`${EDITOR}.setValue(${JSON.stringify(query)})`);
    await page.until(`${EDITOR}.operationName === '${name}'`, `${EDITOR}.operationName`);
    await page.evaluate(`${PLAY}.click()`);
  };

  it('signs in, appends the events of the live match, and ends the stream when the person signs out', async () => {
    await page.evaluate(`${button('anna')}.click()`);
    await page.until(`${button('anna')}.getAttribute('aria-pressed') === 'true' && ${STATUS} === 'Signed in as'`);
    await page.evaluate(`${PLAY}.click()`);
    await page.until(`${SHOWN}.stream === 'live' && ${SHOWN}.events.length >= 4`, PANE);
    const { variables, events } = await page.evaluate<{ variables: object; events: { seq: number; time: string }[] }>(
      SHOWN,
    );
    assert.deepEqual(Object.keys(variables), ['matchId']);
    assert.deepEqual(
      events.map(({ seq }) => seq),
      events.map((_, index) => index + 1),
    );
    await page.evaluate(`${button('anna')}.click()`);
    await page.until(`${SHOWN}.stream === 'ended' && ${STATUS}.startsWith('You are a guest')`, PANE);
  });

  it('has a tab for each example, and finds the cup that they ask for', async () => {
    const tabs = "document.querySelectorAll('.graphiql-tab-button')";
    assert.equal(await page.evaluate(`${tabs}.length`), 1 + (explorer.examples?.length ?? 0));
    await page.evaluate(`${tabs}[1].click()`);
    await page.until(`${EDITOR}.operationName === 'Tables'`, `${EDITOR}.operationName`);
    await page.evaluate(`${PLAY}.click()`);
    await page.until(`${SHOWN}.data?.tournament?.stages[0].groups.length === 2`, PANE);
  });

  it('answers as the person who is signed in, and with the parts of @defer', async () => {
    await page.evaluate(`${button('boris')}.click()`);
    await page.until(`${button('boris')}.getAttribute('aria-pressed') === 'true'`);
    await run(
      'Deferred',
      'query Deferred { me { username } matches(first: 1) { edges { node { id ... @defer { homeTeam { name } } } } } }',
    );
    await page.until(`${SHOWN}.extensions?.explorer.parts.length === 2`, PANE);
    const { data, extensions } = await page.evaluate<{
      data: { me: object; matches: { edges: { node: object }[] } };
      extensions: { explorer: { parts: object[] } };
    }>(SHOWN);
    assert.deepEqual(data.me, { username: 'boris' });
    assert.deepEqual(Object.keys(data.matches.edges[0]?.node ?? {}), ['id', 'homeTeam']);
    assert.deepEqual(Object.keys(extensions.explorer.parts[1] ?? {}), ['afterMs', 'deferred']);
  });

  it('says that the person is signed out when the session has ended', async () => {
    const client = new pg.Client({ connectionString: product.database.url });
    await client.connect();
    await client.query('DELETE FROM identity.sessions');
    await client.end();
    // The API refuses the token. The page renews it immediately, and the API refuses the new token too.
    await page.evaluate(
      `{ const before = window.fetch; window.fetch = (...call) => (String(call[0]).endsWith('/graphql') && new Headers(call[1].headers).has('authorization') ? Promise.resolve(new Response('{}', { status: 401 })) : before(...call)); }`,
    );
    await run('Again', 'query Again { me { username } }');
    await page.until(
      `${STATUS}.startsWith('boris (owner of the Brick Rovers) is signed out (Invalid refresh token')`,
      STATUS,
    );
  });

  it('links the demo page, which says that there is no language model', async () => {
    await page.evaluate("document.querySelector('#sign-in a').click()");
    await page.until(`document.querySelector('h1')?.textContent.startsWith('The demo cup') && ${button('anna')}`);
    await page.evaluate(`${button('anna')}.click()`);
    await page.until(`${button('anna')}.getAttribute('aria-pressed') === 'true'`);
    await page.evaluate("document.getElementById('text-write').click()");
    await page.until(
      "document.getElementById('text-status').textContent.startsWith('AI_UNAVAILABLE: ')",
      "document.getElementById('text-status').textContent",
    );
  });
});
