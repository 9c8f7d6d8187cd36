// Tests of @context and @fromContext. They are not part of differential.spec.ts, because stock @apollo/gateway refuses
// supergraphs with @context.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { ask, createNetwork, engineFor } from './harness.ts';

type Row = Record<string, unknown>;
const owners: Row[] = [
  {
    __typename: 'Person',
    id: 'u1',
    locale: 'hr',
    place: { lang: 'sh' },
    kids: [{ id: 'k1' }, { id: 'k2' }],
    boss: { id: 'b1', kid: { id: 'k1' } },
  },
  {
    __typename: 'Person',
    id: 'u2',
    locale: '',
    place: null,
    kids: [{ id: 'k1' }],
    boss: { id: 'b1', kid: { id: 'k1' } },
  },
  { __typename: 'Company', id: 'c1', locale: 'de', kids: [{ id: 'k1' }], boss: null },
];

const network = createNetwork([
  {
    name: 'people',
    imports: ['@key', '@context', '@fromContext', '@shareable'],
    sdl: /* GraphQL */ `
      type Query {
        people: [Person]
        owners: [Owner]
      }
      union Owner = Person | Company
      type Person @key(fields: "id") @context(name: "owner") {
        id: ID!
        locale: String
        place: Place
        kids: [Kid!]
        boss: Boss
      }
      type Company @key(fields: "id") @context(name: "owner") {
        id: ID!
        locale: String
        kids: [Kid!]
      }
      type Place {
        lang: String
      }
      type Boss @key(fields: "id") {
        id: ID!
        kid: Kid
      }
      type Kid @key(fields: "id") {
        id: ID!
        greeting(loud: Boolean = false, locale: String @fromContext(field: "$owner { locale }")): String
      }
    `,
    resolvers: () => ({
      Query: { people: () => owners.slice(0, 2), owners: () => owners },
      Owner: { __resolveType: (owner: Row) => owner['__typename'] },
      Kid: {
        __resolveReference: ({ id }: Row) => ({ id }),
        greeting: ({ id }: Row, { loud, locale }: Row) =>
          `${String(id)} ${JSON.stringify(locale)}${loud === true ? '!' : ''}`,
      },
    }),
  },
  {
    name: 'friends',
    imports: ['@key'],
    sdl: 'type Kid @key(fields: "id") { id: ID! friend: Kid age: Int }',
    resolvers: () => ({
      Kid: { __resolveReference: ({ id }: Row) => ({ id }), friend: () => ({ id: 'k9' }), age: () => 0 },
    }),
  },
]);
const engine = engineFor(network);

test('fetches the same entity once for each value of the context', async () => {
  const { data, errors } = await ask(engine, '{ people { kids { id greeting(loud: true) age } } }');
  assert.equal(errors, undefined);
  assert.deepEqual(data?.['people'], [
    {
      kids: [
        { id: 'k1', greeting: 'k1 "hr"!', age: 0 },
        { id: 'k2', greeting: 'k2 "hr"!', age: 0 },
      ],
    },
    { kids: [{ id: 'k1', greeting: 'k1 ""!', age: 0 }] },
  ]);
  const asked = network.sent
    .filter(({ request }) => request.query.includes('contextualArgument'))
    .map(({ request }) => request.variables);
  assert.deepEqual(
    asked.map((variables) => [
      Object.values(variables ?? {})[0],
      (variables?.['representations'] as Row[]).map(({ id }) => id),
    ]),
    [
      ['hr', ['k1', 'k2']],
      ['', ['k1']],
    ],
  );
});

test('context from further up, and through entities that several objects share', async () => {
  const { data } = await ask(engine, '{ people { boss { kid { greeting } } kids { friend { greeting } } } }');
  assert.deepEqual(data?.['people'], [
    {
      boss: { kid: { greeting: 'k1 "hr"' } },
      kids: [{ friend: { greeting: 'k9 "hr"' } }, { friend: { greeting: 'k9 "hr"' } }],
    },
    { boss: { kid: { greeting: 'k1 ""' } }, kids: [{ friend: { greeting: 'k9 ""' } }] },
  ]);
});

test('context from any type that provides it', async () => {
  const { data } = await ask(
    engine,
    '{ owners { ... on Person { kids { greeting } } ... on Company { kids { greeting } } } }',
  );
  assert.deepEqual(data?.['owners'], [
    { kids: [{ greeting: 'k1 "hr"' }, { greeting: 'k2 "hr"' }] },
    { kids: [{ greeting: 'k1 ""' }] },
    { kids: [{ greeting: 'k1 "de"' }] },
  ]);
});
