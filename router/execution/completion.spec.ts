import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import fc from 'fast-check';
import {
  Kind,
  buildSchema,
  executeSync,
  isAbstractType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  validate,
} from 'graphql';
import type { FragmentDefinitionNode, GraphQLOutputType, GraphQLNamedType, OperationDefinitionNode } from 'graphql';
import type { JsonObject } from '../collections/json-object.ts';
import { compileCompletion } from './completion.ts';
import { ErrorList } from './errors.ts';

const schema = buildSchema(/* GraphQL */ `
  type Query {
    node: Node
    nodes: [Node!]
    strict: [[A!]!]!
    any: [Any]
    a: A!
    b: B
    i: Int!
    e: [E!]
    constructor: String
  }
  interface Node {
    id: ID!
    next: Node
    name: String!
  }
  type A implements Node {
    id: ID!
    next: Node
    name: String!
    n: Int
    b: B!
    list: [Int!]
    f: Float!
  }
  type B implements Node {
    id: ID!
    next: Node
    name: String!
    t: Boolean
    e: E!
    s: S
    matrix: [[String!]]
    a: A
  }
  union Any = A | B
  enum E {
    X
    Y
  }
  scalar S
`);

// graphql-js accepts any value for an object unless the type has isTypeOf.
for (const name of ['A', 'B']) {
  const type = schema.getType(name);
  if (isObjectType(type)) type.isTypeOf = (value) => typeof value === 'object' && !Array.isArray(value);
}

interface Compiled {
  readonly text: string;
  complete(data: JsonObject, variables: JsonObject): { data: unknown; errors: string[] };
}

function compile(text: string): Compiled {
  const document = parse(text);
  assert.deepEqual(validate(schema, document), []);
  const fragments = new Map<string, FragmentDefinitionNode>();
  let operation: OperationDefinitionNode | undefined;
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    else if (definition.kind === Kind.OPERATION_DEFINITION) operation = definition;
  }
  assert.ok(operation);
  const completeData = compileCompletion(schema, operation, fragments);
  return {
    text,
    complete(data, variables) {
      const errors = new ErrorList(1_000);
      const completed = completeData(data, { errors, variables, introspection: undefined, path: [], conditions: [] });
      return {
        data: completed,
        errors: errors
          .toArray()
          .map(({ path }) => JSON.stringify(path))
          .sort(),
      };
    },
  };
}

const operations = [
  'query($x: Boolean!, $y: Boolean!) { node { id name ...N next { ...N next { __typename } } } } fragment N on Node { name ... on A { n list @skip(if: $x) } ... on B { s e @include(if: $y) } }',
  'query($x: Boolean!, $y: Boolean!) { nodes { __typename kind: __typename ... on A { b { t a @include(if: $x) { f } a { id @skip(if: $y) name } } } ... on B { matrix } } strict { f n } }',
  'query($x: Boolean!, $y: Boolean!) { any { ... on Node { id } ... @include(if: $x) { ... on A { n f } } ...B @skip(if: $y) ...B } i e } fragment B on B { t e a { n ...C } } fragment C on A { next { name } }',
  'query($x: Boolean!, $y: Boolean!) { a { ...F @include(if: $x) b { t } list } b { e @skip(if: $x) matrix s } i @include(if: $y) } fragment F on A { b { s a { list } } name }',
  '{ e i b { e: s x: e t a { b { name } f } } constructor toString: i }',
].map(compile);

/** JSON for a type. It is mostly valid, sometimes null or of another kind. `at` limits the depth. */
function valueOf(type: GraphQLOutputType, at: number): fc.Arbitrary<unknown> {
  if (isNonNullType(type)) return valueOf(type.ofType, at);
  if (isListType(type)) return mostly(fc.array(valueOf(type.ofType, at - 1), { maxLength: 3 }));
  if (isEnumType(type)) return mostly(fc.constantFrom('X', 'Y'));
  if (isLeafType(type)) return mostly(leafOf(type));
  const members = isAbstractType(type) ? schema.getPossibleTypes(type) : [type];
  if (at <= 0) return fc.constant(null);
  return mostly(fc.constantFrom(...members).chain((member) => objectOf(member.name, at - 1)));
}

function leafOf(type: GraphQLNamedType): fc.Arbitrary<unknown> {
  switch (type.name) {
    case 'Int':
      return fc.oneof(fc.integer(), fc.constantFrom(0, -1, 2 ** 31, 1.5));
    case 'Float':
      return fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(0));
    case 'Boolean':
      return fc.boolean();
    case 'S':
      return fc.jsonValue();
    default:
      return fc.oneof(fc.string(), fc.constant(''));
  }
}

function mostly(right: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 20, arbitrary: right },
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constantFrom<unknown>('Z', true, 7) },
  );
}

/** An object with the response names that the operations use: field names and aliases. */
function objectOf(typename: string, at: number): fc.Arbitrary<JsonObject> {
  const type = schema.getType(typename);
  assert.ok(type !== undefined && 'getFields' in type);
  const entries: Record<string, fc.Arbitrary<unknown>> = { __typename: fc.constant(typename) };
  for (const field of Object.values(type.getFields())) {
    if ('args' in field) entries[field.name] = valueOf(field.type, at);
  }
  return fc.record(entries, { requiredKeys: ['__typename'] });
}

test('completes any data as graphql-js does', () => {
  const data = objectOf('Query', 5);
  fc.assert(
    fc.property(fc.constantFrom(...operations), data, fc.boolean(), fc.boolean(), ({ text, complete }, root, x, y) => {
      // The generated data has values under field names only, so a value under an alias is missing. The alias
      // `toString` is the exception: it gets the value of `i`.
      const rootValue = { ...root, toString: (root['i'] ?? null) as unknown };
      const reference = executeSync({
        schema,
        document: parse(text),
        rootValue,
        variableValues: { x, y },
        fieldResolver: (source: JsonObject, _args, _context, { path }) =>
          Object.hasOwn(source, path.key) ? source[path.key] : undefined,
      });
      const ours = complete(rootValue, { x, y });
      assert.equal(JSON.stringify(ours.data), JSON.stringify(reference.data));
      assert.deepEqual(ours.errors, (reference.errors ?? []).map(({ path }) => JSON.stringify(path)).sort());
    }),
    { numRuns: 300 },
  );
});

test('completes an object of which only the interface is known', () => {
  const { complete } = compile('{ node { id next { name ... on A { n } ... on Node { id } } } }');
  const data = { node: { __typename: 'Node', id: 1, next: { id: 'x', name: 'n', n: 5 } } };
  assert.deepEqual(complete(data, {}), { data: { node: { id: '1', next: { name: 'n', id: 'x' } } }, errors: [] });
  const { complete: withName } = compile('{ node { __typename id } }');
  assert.deepEqual(withName({ node: { id: 1 } }, {}), { data: { node: null }, errors: ['["node","__typename"]'] });
});

test('compiles nested selections of many types once each', () => {
  // 2 types at each of 60 levels. A tree would have 2^60 nodes.
  const nest = (depth: number): string =>
    depth === 0 ? 'id' : `id next { ... on A { n } ... on B { t } ${nest(depth - 1)} }`;
  const { complete } = compile(`{ node { ${nest(60)} } }`);
  const build = (depth: number, typename: string): JsonObject => ({
    __typename: typename,
    id: String(depth),
    n: 1,
    t: true,
    next: depth === 0 ? null : build(depth - 1, depth % 2 === 0 ? 'A' : 'B'),
  });
  assert.deepEqual(complete({ node: build(60, 'A') }, {}).errors, []);
});
