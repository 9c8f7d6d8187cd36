// The guarantees of an input type with @oneOf and of a scalar with @specifiedBy, from the subgraph's SDL to the
// client's request. Also the schema file that shows them.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import {
  buildClientSchema,
  buildSchema,
  getIntrospectionQuery,
  isInputObjectType,
  parse,
  printSchema,
  lexicographicSortSchema,
} from 'graphql';
import type { IntrospectionQuery } from 'graphql';
import { createRouter } from './router.ts';
import { serve } from './serve.ts';
import { composeFor, startNetwork, startSubgraph } from './server.fixture.ts';
import type { Answer, Network } from './server.fixture.ts';
import { composeSubgraphs } from './supergraph/compose.ts';
import { loadSupergraph } from './supergraph/supergraph.ts';

const MODERN = { accept: 'application/graphql-response+json' };

let network: Network;
beforeAll(async () => void (network = await startNetwork()));
afterAll(() => network.close());

const asVariable = 'query ($choice: Choice) { choose(choice: $choice) }';
const REFUSED: [what: string, query: string, variables?: object][] = [
  ['two given', asVariable, { choice: { text: 'a', number: 1 } }],
  ['none given', asVariable, { choice: {} }],
  ['one null', asVariable, { choice: { text: null } }],
  ['one and one null', asVariable, { choice: { text: 'a', number: null } }],
  ['two given further in', asVariable, { choice: { more: { text: 'a', number: 1 } } }],
  ['two written out', '{ choose(choice: { text: "a", number: 1 }) }'],
  ['none written out', '{ choose(choice: {}) }'],
  ['null written out', '{ choose(choice: { text: null }) }'],
  ['one that may be null', 'query ($text: String) { choose(choice: { text: $text }) }', { text: 'a' }],
  [
    'two by variables',
    'query ($text: String!, $number: Int!) { choose(choice: { text: $text, number: $number }) }',
    { text: 'a', number: 1 },
  ],
  ['two by default', 'query ($choice: Choice = { text: "a", number: 1 }) { choose(choice: $choice) }'],
];
for (const [what, query, variables] of REFUSED) {
  test(`@oneOf: ${what} is refused, and no subgraph gets a request`, async () => {
    const before = network.rooms.requests.length;
    const { status, body } = await network.query(query, { variables: variables ?? {}, headers: MODERN });
    assert.equal(status, 400);
    assert.match(String(body.errors?.[0]?.extensions['code']), /^(BAD_USER_INPUT|GRAPHQL_VALIDATION_FAILED)$/);
    assert.equal(body.data, undefined);
    assert.equal(network.rooms.requests.length, before);
  });
}

const ALLOWED: [query: string, variables: object, choice: object | undefined][] = [
  [asVariable, { choice: { text: 'a' } }, { text: 'a' }],
  [asVariable, {}, undefined],
  [asVariable, { choice: { more: { number: 1 } } }, { more: { number: 1 } }],
  ['query ($text: String!) { choose(choice: { text: $text }) }', { text: 'b' }, { text: 'b' }],
  // Apollo's planner plans operations with deferred fragments, so this operation tests that planner too.
  [
    'query ($choice: Choice) { choose(choice: $choice) room(id: "r") { id ... @defer { messages { id } } } }',
    { choice: { number: 7 } },
    { number: 7 },
  ],
];
async function isServedBy({ query }: Pick<Network, 'query'>): Promise<void> {
  for (const [text, variables, choice] of ALLOWED) {
    const { body } = await query(text, { variables });
    assert.equal(body.errors, undefined, text);
    assert.equal(body.data?.['choose'], choice === undefined ? null : JSON.stringify(choice));
  }
}
test('@oneOf: exactly one field reaches the subgraph, with either planner', () => isServedBy(network));

test('introspection and /schema.graphql agree on @oneOf, @specifiedBy and @defer', async () => {
  const { body } = await network.query(
    getIntrospectionQuery({
      oneOf: true,
      specifiedByUrl: true,
      inputValueDeprecation: true,
      directiveIsRepeatable: true,
    }),
  );
  const schema = buildClientSchema(body.data as unknown as IntrospectionQuery);
  const choice = schema.getType('Choice');
  assert.ok(isInputObjectType(choice) && choice.isOneOf);
  const file = await fetch(`${network.origin}/schema.graphql`);
  const text = await file.text();
  assert.equal(file.headers.get('content-type'), 'text/plain; charset=utf-8');
  assert.equal(text, `${printSchema(lexicographicSortSchema(schema))}\n`);
  assert.match(text, /^input Choice @oneOf \{$/m);
  assert.match(text, /^scalar Moment @specifiedBy\(url: "https:\/\/moments\.test\/"\)$/m);
  assert.match(text, /^directive @defer\(/m);
  buildSchema(text);
});

test('/schema.graphql answers 304 until the schema changes', async () => {
  const url = `${network.origin}/schema.graphql`;
  const { headers } = await fetch(url);
  const again = await fetch(url, { headers: { 'if-none-match': headers.get('etag') ?? '' } });
  assert.deepEqual([again.status, await again.text()], [304, '']);
  const head = await fetch(url, { method: 'HEAD' });
  assert.deepEqual([head.status, Number(head.headers.get('content-length')) > 1_000], [200, true]);
  const post = await fetch(url, { method: 'POST', body: 'x' });
  assert.deepEqual([post.status, post.headers.get('allow')], [405, 'GET, HEAD']);
});

test('/schema.graphql is not served if introspection is off', async () => {
  const router = createRouter({
    supergraph: composeFor({ users: network.users.url, rooms: network.rooms.url }),
    introspection: false,
  });
  const server = await serve(router, { port: 0 });
  try {
    const response = await fetch(`${server.origin}/schema.graphql`);
    assert.deepEqual(
      [response.status, ((await response.json()) as Answer).errors?.[0]?.extensions['code']],
      [404, 'NOT_FOUND'],
    );
  } finally {
    await server.close({ graceMs: 500 });
  }
});

test('a supergraph from another composer: @oneOf without a definition, or imported by a link', async () => {
  const [users, rooms] = await Promise.all([startSubgraph('users'), startSubgraph('rooms')]);
  const composed = composeFor({ users: users.url, rooms: rooms.url });
  const bare = composed.replace('directive @oneOf on INPUT_OBJECT\n', '');
  assert.notEqual(bare, composed);
  const linked = composed.replace(
    'schema\n',
    'schema\n  @link(url: "https://specs.example.org/oneOf/v1.0", import: ["@oneOf"])\n',
  );
  try {
    for (const supergraph of [bare, linked]) {
      const server = await serve(createRouter({ supergraph }), { port: 0 });
      const query: Network['query'] = async (text, { variables } = {}) => {
        const response = await fetch(`${server.origin}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query: text, variables }),
        });
        return { status: response.status, headers: response.headers, body: (await response.json()) as Answer };
      };
      try {
        await isServedBy({ query });
        const { body } = await query(asVariable, { variables: { choice: { text: 'a', number: 1 } } });
        assert.deepEqual([body.data, body.errors?.[0]?.extensions['code']], [undefined, 'BAD_USER_INPUT']);
        assert.match(await (await fetch(`${server.origin}/schema.graphql`)).text(), /^input Choice @oneOf \{$/m);
      } finally {
        await server.close({ graceMs: 500 });
      }
    }
  } finally {
    await Promise.all([users.close(), rooms.close()]);
  }
});

test("composition: subgraphs must agree on @oneOf, which may be on an extension; such an input's fields may be omitted", () => {
  const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';
  const composeOf = (...inputs: string[]) =>
    composeSubgraphs(
      inputs.map((input, index) => ({
        name: `s${index}`,
        url: 'http://s',
        typeDefs: parse(`${link} type Query { f${index}(i: I): Int } ${input}`),
      })),
    );
  const { supergraphSdl = '' } = composeOf(
    'directive @oneOf on INPUT_OBJECT input I @oneOf { a: Int b: Int }',
    'input I { a: Int b: Int } extend input I @oneOf',
  );
  const type = loadSupergraph(supergraphSdl).apiSchema.getType('I');
  assert.ok(isInputObjectType(type) && type.isOneOf);
  const { errors } = composeOf('input I @oneOf { a: Int b: Int }', 'input I { a: Int b: Int }');
  assert.deepEqual(
    errors.map(({ message, extensions }) => [extensions['code'], message]),
    [['ONE_OF_DIFFERS', '[s1] The input type "I" is not @oneOf here, but another subgraph has it as @oneOf']],
  );
  const needed = composeOf('input I @oneOf { a: Int! b: Int }');
  assert.throws(() => loadSupergraph(needed.supergraphSdl ?? ''), /OneOf input field I\.a must be nullable/);
});
