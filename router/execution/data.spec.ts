import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject } from '../collections/json-object.ts';
import type { PathStep } from '../planning/plan-nodes.ts';
import type { TypeConditions } from '../supergraph/supergraph.ts';
import { ErrorList } from './errors.ts';
import { merge } from './merge.ts';
import { compileRepresentation } from './representations.ts';
import { isQuery } from './result.ts';
import { compileRewrites } from './rewrites.ts';
import { collectTargets, pathOf } from './targets.ts';

const types: TypeConditions = {
  includes: (condition, typename) =>
    condition === typename || (condition === 'Media' && (typename === 'Book' || typename === 'Movie')),
  isAbstract: (typename) => typename === 'Media',
};

test('merge: null never replaces a value, the most specific type wins, lists of equal length are merged by index', () => {
  const target: JsonObject = {
    __typename: 'Book',
    a: 1,
    b: null,
    c: { x: 1 },
    d: [{ x: 1 }, null, [{ y: 1 }]],
    e: [1, 2],
    f: 0,
  };
  merge(
    target,
    { __typename: 'Media', a: null, b: { z: 0 }, c: { y: '' }, d: [{ y: 2 }, { x: 3 }, [{ z: 1 }]], e: [3], f: '' },
    types,
  );
  assert.deepEqual(target, {
    __typename: 'Book',
    a: 1,
    b: { z: 0 },
    c: { x: 1, y: '' },
    d: [{ x: 1, y: 2 }, { x: 3 }, [{ y: 1, z: 1 }]],
    e: [3],
    f: '',
  });
  const unknown: JsonObject = { __typename: 'Media' };
  merge(unknown, { __typename: 'Movie', constructor: 1 }, types);
  assert.deepEqual(unknown, { __typename: 'Movie', constructor: 1 });
});

test('representations: combines several fragments, keeps null, refuses missing fields, equal ones have equal keys', () => {
  const represent = compileRepresentation(
    [
      { type: 'Media', inner: [{ field: '__typename' }, { field: 'dims', inner: [{ field: 'w' }] }] },
      { type: 'Book', inner: [{ field: 'dims', inner: [{ field: 'h' }] }, { field: 'tags' }] },
    ],
    types,
  );
  const of = (object: JsonObject) => represent(object, {});
  const book = { __typename: 'Book', dims: { w: 1, h: null, more: 1 }, tags: [['']], more: 1 };
  assert.deepEqual(of(book)?.value, { __typename: 'Book', dims: { w: 1, h: null }, tags: [['']] });
  assert.equal(of(book)?.key, of(structuredClone({ ...book, more: 2 }))?.key);
  assert.notEqual(of(book)?.key, of({ ...book, tags: [[], ''] })?.key);
  assert.deepEqual(of({ __typename: 'Movie', dims: null })?.value, { __typename: 'Movie', dims: null });
  assert.deepEqual(of({ __typename: 'Movie', dims: [[{ w: 1 }], null] })?.value, {
    __typename: 'Movie',
    dims: [[{ w: 1 }], null],
  });
  assert.equal(of({ ...book, dims: { w: 1 } }), undefined);
  assert.equal(of({ ...book, tags: undefined }), undefined);
  assert.equal(of({ __typename: 'Other' }), undefined);
  assert.equal(
    compileRepresentation([{ field: '__typename' }, { field: 'constructor' }], types)({ __typename: 'Book' }, {}),
    undefined,
  );
});

test('representations: renamed fields, and parts that depend on variables', () => {
  const of = compileRepresentation(
    [
      { field: '__typename' },
      { field: 'price_1', as: 'price' },
      { type: 'Book', inner: [{ field: 'a' }], includeIf: 'yes' },
      { inner: [{ field: 'b' }], skipIf: 'yes' },
    ],
    types,
  );
  const book = { __typename: 'Book', price_1: 0, price: 5, a: 'a', b: 'b' };
  assert.deepEqual(of(book, { yes: true })?.value, { __typename: 'Book', price: 0, a: 'a' });
  assert.deepEqual(of(book, { yes: false })?.value, { __typename: 'Book', price: 0, b: 'b' });
});

test('keys of representations are equal exactly if the representations are equal', () => {
  const represent = compileRepresentation(
    ['__typename', 'a', 'b'].map((field) => ({ field })),
    types,
  );
  const of = (object: JsonObject) => represent(object, {});
  const value = fc.oneof(
    fc.string({ maxLength: 4 }),
    fc.constantFrom('1', '"', '",', '"1:a', 'null', 'true'),
    fc.integer({ min: 0, max: 2 }),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 2 }),
  );
  const object = fc.record({ __typename: fc.constantFrom('A', 'A"'), a: value, b: value });
  fc.assert(
    fc.property(object, object, (one, two) => {
      const [first, second] = [of(one), of(two)];
      assert.equal(first?.key === second?.key, JSON.stringify(first?.value) === JSON.stringify(second?.value));
    }),
    { numRuns: 2_000 },
  );
});

test('rewrites apply in lists and under type conditions, also to falsy values', () => {
  const rename = compileRewrites(
    [
      { path: [{ field: 'list' }, { types: ['Media'] }, { field: 'a__1' }], rename: 'a' },
      { path: [{ types: ['Book'] }, { field: '__typename' }], set: 'Media' },
    ],
    types,
  );
  const data = {
    __typename: 'Book',
    list: [
      [{ a__1: 0 }, null],
      { __typename: 'Movie', a__1: '' },
      { __typename: 'Other', a__1: 1 },
      { __typename: 'Book' },
    ],
  };
  rename?.(data);
  assert.deepEqual(data, {
    __typename: 'Media',
    list: [[{ a: 0 }, null], { __typename: 'Movie', a: '' }, { __typename: 'Other', a__1: 1 }, { __typename: 'Book' }],
  });
});

test('paths of a plan: nested lists, types, and the path of each object', () => {
  const data = {
    rows: [
      [
        { __typename: 'Book', p: { id: 1 } },
        { __typename: 'Other', p: { id: 2 } },
      ],
      null,
      [
        { __typename: 'Movie', p: null },
        { __typename: 'Movie', p: { id: 3 } },
      ],
    ],
  };
  const rows: PathStep[] = [{ field: 'rows' }, { items: true }];
  const steps: PathStep[] = [...rows, { types: ['Book', 'Movie'] }, { field: 'p' }];
  const targets = collectTargets(data, steps, types);
  assert.deepEqual(targets.objects, [{ id: 1 }, { id: 3 }]);
  assert.deepEqual(pathOf(steps, targets, 1), ['rows', 2, 1, 'p']);
  assert.deepEqual(collectTargets(data, [{ field: 'rows' }, { field: 'p' }], types).objects, []);
  assert.deepEqual(
    collectTargets({ one: { __typename: 'Other' } }, [{ field: 'one' }, { types: ['Media'] }], types).objects,
    [],
  );
  assert.deepEqual(pathOf([], collectTargets(data, [], types), 0), []);
  // Lists of different depths, which no schema allows. The first object determines the depth, and objects at other
  // depths are left out.
  const odd = collectTargets({ rows: [[{ id: 1 }], { id: 2 }, [[{ id: 3 }]], [{ id: 4 }]] }, rows, types);
  assert.deepEqual(
    [odd.objects, pathOf(rows, odd, 1)],
    [
      [{ id: 1 }, { id: 4 }],
      ['rows', 3, 0],
    ],
  );
});

test('an error explains nulls at, above and below its path', () => {
  const errors = new ErrorList(10);
  assert.ok(!errors.explains(['a']));
  errors.add({ message: 'm', path: ['a', 0, 'b'] });
  for (const path of [['a'], ['a', 0], ['a', 0, 'b'], ['a', 0, 'b', 'c']])
    assert.ok(errors.explains(path), path.join());
  for (const path of [['b'], ['a', 1], ['a', 0, 'c']]) assert.ok(!errors.explains(path), path.join());
  errors.add({ message: 'm', path: ['b'] });
  assert.ok(errors.explains(['b']));
  errors.add({ message: 'about everything' });
  assert.ok(errors.explains(['c']));
});

test('isQuery recognises queries only', () => {
  for (const text of ['{ a }', 'query { a }', 'query A($b: Int) { a }', '{_entities}'])
    assert.equal(isQuery(text), true, text);
  for (const text of ['mutation { a }', 'subscription { a }', 'queryish', 'fragment F on A { a } query { a }', ''])
    assert.equal(isQuery(text), false, text);
});
