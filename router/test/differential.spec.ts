import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import { withoutValues } from '../../platform/observability/without-values.ts';
import type { ExecutionResponse } from '../execution/types.ts';
import { RequestError } from '../operation/request-error.ts';
import { corrections } from './corrections.ts';
import { ask, engineFor } from './harness.ts';
import { cases } from './operations.ts';
import { startStock } from './stock.ts';
import type { StockGateway } from './stock.ts';
import { createHardNetwork } from './supergraph/network.ts';

const network = createHardNetwork();
const engine = engineFor(network);
let stock: StockGateway;

beforeAll(async () => void (stock = await startStock(network)));
afterAll(() => stock.stop());
beforeEach(() => network.reset());

/**
 * The parts of a response that must be equal: the data with the order of its fields, and the path, message and code of
 * errors in any order. Values in messages are masked, because ours do not repeat them.
 */
function comparable({ data, errors = [] }: ExecutionResponse) {
  const facts = errors
    .map(({ path, message, extensions }) =>
      JSON.stringify([path ?? null, withoutValues(message), extensions?.['code']]),
    )
    .sort();
  return { data: JSON.stringify(data), errors: facts };
}

function title(query: string, variables: unknown): string {
  const text = query.replace(/\s+/g, ' ');
  return variables === undefined ? text : `${text} ${JSON.stringify(variables)}`;
}

test('there are enough operations', () => assert.ok(cases.length >= 100, `${cases.length} operations`));

for (const { query, variables, operationName } of cases) {
  test(`as stock: ${title(query, variables)}`, async () => {
    const ours = await ask(engine, query, variables, operationName);
    network.reset();
    const theirs = await stock.ask(query, variables, operationName);
    assert.deepEqual(comparable(ours), comparable(theirs));
  });
}

for (const { query, variables, operationName, why, data, errors = [], down = [], answers = {} } of corrections) {
  test(`unlike stock: ${title(query, variables)} (${why})`, async () => {
    const prepareNetwork = () => {
      network.reset();
      for (const name of down) network.down.add(name);
      network.intercept = (subgraph) => answers[subgraph];
    };
    const right: ExecutionResponse = {
      data: data as Record<string, unknown> | null,
      errors: errors.map(([path, message, code]) => ({ ...(path && { path }), message, extensions: { code } })),
    };
    prepareNetwork();
    assert.deepEqual(comparable(await ask(engine, query, variables, operationName)), comparable(right));
    prepareNetwork();
    const theirs = comparable(await stock.ask(query, variables, operationName));
    assert.notDeepEqual(theirs, comparable(right), 'stock is right by now: compare with it');
  });
}

for (const [query, variables, operationName] of [
  ['{', undefined, undefined],
  ['{ nothing }', undefined, undefined],
  ['{ products { secretNote internal } }', undefined, undefined],
  ['{ echo(color: SECRET) { n } }', undefined, undefined],
  ['query($c: Color) { echo(color: $c) { n } }', { c: 'SECRET' }, undefined],
  ['query($n: Int!) { products(first: $n) { upc } }', { n: 'x' }, undefined],
  ['query($n: Int!) { products(first: $n) { upc } }', {}, undefined],
  ['query($by: Filter!) { filter(by: $by) { upc } }', { by: { hidden: 1 } }, undefined],
  ['query A { version } query B { version }', undefined, undefined],
  ['query A { version } query B { version }', undefined, 'C'],
  ['fragment F on Product { upc }', undefined, undefined],
  ['subscription { reviewAdded { id } two: reviewAdded { id } }', undefined, undefined],
] as const) {
  test(`refused as by stock: ${title(query, variables)} ${operationName ?? ''}`, async () => {
    const theirs = await stock.ask(query, variables, operationName);
    assert.equal(theirs.data, undefined);
    await assert.rejects(ask(engine, query, variables, operationName), (error) => {
      assert.ok(error instanceof RequestError);
      assert.ok(error.errors.every(({ extensions }) => typeof extensions?.['code'] === 'string'));
      return true;
    });
    assert.equal(network.sent.length, 0);
  });
}
