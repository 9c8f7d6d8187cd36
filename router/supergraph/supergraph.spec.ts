import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { createHardNetwork } from '../test/supergraph/network.ts';
import { SupergraphError, loadSupergraph } from './supergraph.ts';

const { sdl } = createHardNetwork();

test('loads a supergraph: the API schema, the subgraphs and all types', () => {
  const { id, apiSchema, subgraphs, types } = loadSupergraph(sdl);
  assert.match(id, /^[0-9a-f]{16}$/);
  assert.notEqual(loadSupergraph(`${sdl}\n`).id, id);
  assert.equal(apiSchema.getType('Hidden'), undefined);
  assert.equal(apiSchema.getType('join__Graph'), undefined);
  assert.deepEqual(
    [...subgraphs].sort(),
    ['accounts', 'catalog', 'inventory', 'reviews', 'scores'].map((name) => [name, `http://${name}.test`]),
  );
  assert.ok(
    types.includes('Media', 'Book') && types.includes('Book', 'Book') && types.includes('SearchResult', 'Hidden'),
  );
  assert.ok(!types.includes('Media', 'Product') && !types.includes('Book', 'Media'));
  assert.ok(types.isAbstract('SearchResult') && types.isAbstract('Media') && !types.isAbstract('Book'));
});

for (const [what, text, message] of [
  ['nothing', ' \n', /empty/],
  ['broken SDL', 'type Query {', /Syntax Error.*line 1, column 13/],
  ['an ordinary schema', 'type Query { a: Int }', /supergraph/i],
  ['JSON', '{"a": 1}', /Syntax Error/],
  [
    'a feature that is not supported',
    sdl.replace('schema\n', 'schema\n  @link(url: "https://specs.apollo.dev/unknown/v9.9", for: SECURITY)\n'),
    /unknown/,
  ],
  [
    'a missing type',
    sdl.replaceAll(/\bWarehouse\b/g, 'Warehous').replace('type Warehous', 'type Warehouse'),
    /Warehous/,
  ],
] as const) {
  test(`refuses ${what} with one line`, () => {
    assert.throws(
      () => loadSupergraph(text),
      (error) => {
        assert.ok(error instanceof SupergraphError);
        assert.match(error.message, message);
        assert.ok(!error.message.includes('\n') && error.message.length < 700);
        return true;
      },
    );
  });
}
