import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type Line, openProduct } from '../product.fixture.ts';
import { kindsOf, LIST_PAGES, readsOf, type Statement, statementsIn } from './list-pages.fixture.ts';
import { command, withClient } from './seed.fixture.ts';

let product: Awaited<ReturnType<typeof openProduct>>;
let data: string;
let anna: { authorization: string };
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'list-pages-'));
  product = await openProduct({}, async (url) => {
    const ran = await command(['--size', 'street', '--password', 'a password of ten'], {
      DATABASE_URL: url,
      PRODVOR_DATA: data,
    });
    assert.equal(ran.code, 0, ran.err);
  });
  anna = await product.signIn('anna', 'a password of ten');
});
afterAll(async () => {
  await product?.close();
  await rm(data, { recursive: true, force: true });
});

/**
 * How many fields of an operation may send the same kind of statement: lineups and goals both read their players, for
 * example. On the smaller page some of these fields may have no rows. So the larger page may send a statement up to
 * this often. A statement that is sent for each of the eight rows exceeds this.
 */
const PLACES = 3;

/** Sends the operation with pages of `n` rows. @returns the log lines that it causes */
async function linesOf(query: string, n: number): Promise<readonly Line[]> {
  const from = product.lines.length;
  const { body } = await product.post(`${product.origin}/graphql`, { query, variables: { n } }, anna);
  assert.equal(body.errors, undefined);
  return product.lines.slice(from);
}
const fetchesIn = (lines: readonly Line[]): number =>
  lines.filter(
    ({ context, service, operation }) => context === 'HTTP' && service !== 'router' && operation !== undefined,
  ).length;

describe('a page of a list', () => {
  for (const [name, query] of Object.entries(LIST_PAGES))
    it(`of ${name} takes as many statements and fetches for eight as for two`, async () => {
      // The first request fills the cache of teams, so that the measured requests find the same cache.
      await linesOf(query, 8);
      const [few, many] = [await linesOf(query, 2), await linesOf(query, 8)];
      const [before, after] = [kindsOf(statementsIn(few)), kindsOf(statementsIn(many))];
      assert.ok(before.size > 0 && fetchesIn(few) > 0);
      for (const [kind, calls] of after)
        assert.ok(calls <= Math.max(before.get(kind) ?? 0, PLACES), `${calls} times: ${kind}`);
      assert.equal(fetchesIn(many), fetchesIn(few));
    });

  it('reads no table from its beginning: an index serves every statement', async () => {
    const statements = new Map<string, Statement>();
    for (const query of Object.values(LIST_PAGES))
      for (const statement of statementsIn(await linesOf(query, 8)))
        statements.set(`${statement.service} ${statement.sql}`, statement);
    assert.ok(statements.size > 30, `${statements.size} statements`);
    const full = await withClient(product.database.url, async (client) => {
      const found: string[] = [];
      for (const statement of statements.values())
        for (const { way, table, index, isFull } of await readsOf(client, statement, true))
          if (isFull) found.push(`${statement.service}.${table}: ${way} ${index ?? ''}, ${statement.sql}`);
      return found;
    });
    assert.deepEqual(full, []);
  });
});
