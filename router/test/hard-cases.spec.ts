// Supergraphs on which gateways are known to fail, with the expected responses. Either planner may plan the operations.
import assert from 'node:assert/strict';
import { afterAll, test } from '@jest/globals';
import { ask, createNetwork, engineFor, plannerFor } from './harness.ts';
import type { SubgraphSource } from './supergraph/source.ts';

type Row = Record<string, unknown>;
interface HardCase {
  readonly name: string;
  readonly subgraphs: readonly SubgraphSource[];
  readonly answers: readonly (readonly [query: string, data: unknown, variables?: Row])[];
}

const TRACKS: Row[] = [
  { id: 't1', album: 'x', artist: 'ann', title: 'one' },
  { id: 't2', album: 'x', artist: 'ann', title: 'two' },
  { id: 't3', album: 'x', artist: 'bo', title: 'three' },
  { id: 't4', album: 'y', artist: 'cy', title: 'four' },
  { id: 't5', album: 'y', artist: 'cy', title: 'five' },
  { id: 't6', album: 'y', artist: 'ann', title: 'three' },
];
const tracksOf = (album: unknown, limit: unknown) =>
  TRACKS.filter((track) => track['album'] === album)
    .slice(0, Number(limit))
    .map(({ id }) => ({ id }));

const requiresWithArguments: HardCase = {
  name: '@requires with arguments: beside other arguments of the client, through lists, through entities of entities',
  subgraphs: [
    {
      name: 'listing',
      imports: ['@key', '@external', '@requires'],
      sdl: /* GraphQL */ `
        type Query {
          albums: [Album]
        }
        type Album @key(fields: "id") {
          id: ID!
          tracks(limit: Int!): [Track] @external
        }
        type Track @key(fields: "id") {
          id: ID!
          artist: ID
          title: String!
          elsewhere: [Album] @external
          isCover: Boolean @requires(fields: "elsewhere { tracks(limit: 50) { id } }")
        }
      `,
      resolvers: () => ({
        Query: { albums: () => [{ id: 'x' }, { id: 'y' }] },
        Album: { __resolveReference: ({ id }: Row) => ({ id }) },
        Track: {
          __resolveReference: ({ id, elsewhere }: Row) => ({
            ...TRACKS.find((track) => track['id'] === id),
            elsewhere,
          }),
          isCover: ({ elsewhere }: Row) =>
            (elsewhere as { tracks: Row[] }[]).some(({ tracks }) => tracks.length > 1 && tracks.every(({ id }) => id)),
        },
      }),
    },
    {
      name: 'playing',
      imports: ['@key', '@external', '@requires'],
      sdl: /* GraphQL */ `
        type Album @key(fields: "id") {
          id: ID!
          tracks(limit: Int!): [Track]
          author: Artist @requires(fields: "tracks(limit: 3) { artist }")
        }
        type Track @key(fields: "id") {
          id: ID!
          artist: ID @external
          elsewhere: [Album]
        }
        type Artist {
          id: ID!
        }
      `,
      resolvers: () => ({
        Album: {
          __resolveReference: ({ id, tracks }: Row) => ({ id, given: tracks }),
          tracks: ({ id }: Row, { limit }: Row) => tracksOf(id, limit),
          author: ({ given }: Row) => ({
            id: (given as Row[]).length === 3 ? (given as Row[])[2]?.['artist'] : 'wrong',
          }),
        },
        Track: {
          __resolveReference: ({ id }: Row) => ({ id }),
          elsewhere: ({ id }: Row) => {
            const own = TRACKS.find((track) => track['id'] === id);
            return TRACKS.filter((track) => track['title'] === own?.['title'] && track['album'] !== own?.['album']).map(
              (track) => ({ id: track['album'] }),
            );
          },
        },
      }),
    },
  ],
  answers: [
    ['{ albums { author { id } } }', { albums: [{ author: { id: 'bo' } }, { author: { id: 'ann' } }] }],
    [
      '{ albums { author { id } tracks(limit: 1) { id } } }',
      {
        albums: [
          { author: { id: 'bo' }, tracks: [{ id: 't1' }] },
          { author: { id: 'ann' }, tracks: [{ id: 't4' }] },
        ],
      },
    ],
    [
      '{ albums { tracks(limit: 3) { isCover } } }',
      {
        albums: [
          { tracks: [false, false, true].map((isCover) => ({ isCover })) },
          { tracks: [false, false, true].map((isCover) => ({ isCover })) },
        ],
      },
    ],
    [
      'query($n: Int = 1) { albums { author { id } ...A ...B } } fragment A on Album { tracks(limit: $n) { id } } fragment B on Album { tracks(limit: $n) { title } }',
      {
        albums: [
          { author: { id: 'bo' }, tracks: [{ id: 't1', title: 'one' }] },
          { author: { id: 'ann' }, tracks: [{ id: 't4', title: 'four' }] },
        ],
      },
    ],
    [
      'query($n: Int!) { albums { tracks: author { id } author: tracks(limit: $n) { id } } }',
      {
        albums: [
          { tracks: { id: 'bo' }, author: [{ id: 't1' }, { id: 't2' }] },
          { tracks: { id: 'ann' }, author: [{ id: 't4' }, { id: 't5' }] },
        ],
      },
      { n: 2 },
    ],
  ],
};

const PRICES: Readonly<Record<string, number>> = { EUR: 1, USD: 100 };

const computedTwice: HardCase = {
  name: "one field required with several arguments at once, with and without conditions, beside the client's own",
  subgraphs: [
    {
      name: 'goods',
      imports: ['@key'],
      sdl: 'enum Currency { EUR USD } type Query { goods: [Good!] } type Good @key(fields: "id") { id: ID! price(in: Currency! = EUR): Int weight: Int }',
      resolvers: () => {
        const good = { id: 'g', weight: 3, price: ({ in: currency }: Row) => PRICES[String(currency)] };
        return { Query: { goods: () => [good] }, Good: { __resolveReference: () => good } };
      },
    },
    {
      name: 'duty',
      imports: ['@key', '@external', '@requires'],
      sdl: /* GraphQL */ `
        enum Currency {
          EUR
          USD
        }
        type Good @key(fields: "id") {
          id: ID!
          price(in: Currency! = EUR): Int @external
          weight: Int @external
          eur: Int @requires(fields: "price(in: EUR)")
          usd: Int @requires(fields: "price(in: USD)")
          heavy: Int @requires(fields: "weight")
        }
      `,
      resolvers: () => ({
        Good: {
          __resolveReference: (reference: Row) => reference,
          eur: ({ price }: Row) => price,
          usd: ({ price }: Row) => price,
          heavy: ({ weight }: Row) => weight,
        },
      }),
    },
  ],
  answers: [
    ['{ goods { heavy eur usd } }', { goods: [{ heavy: 3, eur: 1, usd: 100 }] }],
    ['{ goods { usd eur price a: price(in: USD) } }', { goods: [{ usd: 100, eur: 1, price: 1, a: 100 }] }],
    ['{ goods { heavy usd price(in: EUR) id: eur } }', { goods: [{ heavy: 3, usd: 100, price: 1, id: 1 }] }],
    [
      'query($no: Boolean!) { goods { eur usd @include(if: $no) heavy @skip(if: $no) } }',
      { goods: [{ eur: 1, heavy: 3 }] },
      { no: false },
    ],
    [
      'query($no: Boolean!) { goods { eur usd @include(if: $no) heavy @skip(if: $no) } }',
      { goods: [{ eur: 1, usd: 100 }] },
      { no: true },
    ],
    [
      'query($a: Boolean!, $b: Boolean!) { goods { ... @include(if: $a) { eur ... @skip(if: $b) { usd id: heavy } } weight @include(if: $b) } }',
      { goods: [{ eur: 1, usd: 100, id: 3 }] },
      { a: true, b: false },
    ],
  ],
};

const part = { one: '1', two: '2', three: '3' };
const mashedKeys: HardCase = {
  name: 'keys that share parts with each other, of which each subgraph has others',
  subgraphs: [
    {
      name: 'parts',
      imports: ['@key', '@shareable'],
      sdl: /* GraphQL */ `
        type Query {
          part: Part
        }
        type Part
          @key(fields: "id")
          @key(fields: "serial")
          @key(fields: "place { one two }")
          @key(fields: "id place { two three }") {
          id: ID!
          serial: ID!
          place: Place!
          name: String!
        }
        type Place @shareable {
          one: ID!
          two: ID!
          three: ID!
        }
      `,
      resolvers: () => ({
        Query: { part: () => ({ id: '1', serial: 's1', place: part, name: 'n1' }) },
        Part: {
          __resolveReference: (reference: Row) =>
            Object.keys(reference).length > 1 ? { id: '1', serial: 's1', place: part, name: 'n1' } : null,
        },
      }),
    },
    {
      name: 'machines',
      imports: ['@key', '@shareable', '@external', '@requires'],
      sdl: /* GraphQL */ `
        type Query {
          machine: Machine
        }
        type Machine {
          id: ID!
          parts: [Part!]!
        }
        type Part @key(fields: "id place { two three }") {
          id: ID!
          place: Place!
          name: String! @external
          label: String! @requires(fields: "name")
        }
        type Place @shareable {
          two: ID!
          three: ID!
        }
      `,
      resolvers: () => ({
        Query: { machine: () => ({ id: '100', parts: [{ id: '1', place: part }] }) },
        Part: {
          __resolveReference: (reference: Row) => ('place' in reference && 'id' in reference ? reference : null),
          label: ({ id, name, place }: Row) => `${String(id)} ${String(name)} ${String((place as Row)['three'])}`,
        },
      }),
    },
  ],
  answers: [
    [
      '{ machine { id parts { id name label } } }',
      { machine: { id: '100', parts: [{ id: '1', name: 'n1', label: '1 n1 3' }] } },
    ],
    ['{ part { label place { one two three } } }', { part: { label: '1 n1 3', place: part } }],
    ['{ machine { parts { serial place { one } } } }', { machine: { parts: [{ serial: 's1', place: { one: '1' } }] } }],
  ],
};

const interfaceObjects: HardCase = {
  name: 'an interface object that its subgraph gives but cannot be asked for',
  subgraphs: [
    {
      name: 'shop',
      imports: ['@key'],
      sdl: /* GraphQL */ `
        type Query {
          item: Item
        }
        interface Item @key(fields: "id") {
          id: ID!
        }
        type Chair implements Item @key(fields: "id") {
          id: ID!
          legs: Int
        }
        type Lamp implements Item @key(fields: "id") {
          id: ID!
          watts: Int
        }
      `,
      resolvers: () => {
        const find = ({ id }: Row) =>
          id === 'c1' ? { __typename: 'Chair', id, legs: 4 } : { __typename: 'Lamp', id, watts: 0 };
        return {
          Query: { item: () => find({ id: 'c1' }) },
          Item: { __resolveType: ({ __typename }: Row) => __typename, __resolveReference: find },
          Chair: { __resolveReference: find },
          Lamp: { __resolveReference: find },
        };
      },
    },
    {
      name: 'offers',
      imports: ['@key', '@interfaceObject'],
      sdl: /* GraphQL */ `
        type Query {
          offer: Item
          offers: [Item!]
        }
        type Item @key(fields: "id", resolvable: false) @interfaceObject {
          id: ID!
        }
      `,
      resolvers: () => ({ Query: { offer: () => ({ id: 'l1' }), offers: () => [{ id: 'l1' }, { id: 'c1' }] } }),
    },
  ],
  answers: [
    ['{ offer { id } item { id ... on Chair { legs } } }', { offer: { id: 'l1' }, item: { id: 'c1', legs: 4 } }],
    ['{ offer { __typename id } }', { offer: { __typename: 'Lamp', id: 'l1' } }],
    [
      '{ offers { ... on Lamp { watts } ... on Item { id } ... on Chair { legs __typename } } }',
      {
        offers: [
          { watts: 0, id: 'l1' },
          { id: 'c1', legs: 4, __typename: 'Chair' },
        ],
      },
    ],
    ['{ offers { n: __typename } }', { offers: [{ n: 'Lamp' }, { n: 'Chair' }] }],
  ],
};

const unresolvable: HardCase = {
  name: 'keys that only refer, nested @provides, unions and enums of which subgraphs know parts',
  subgraphs: [
    {
      name: 'people',
      imports: ['@key', '@shareable'],
      sdl: /* GraphQL */ `
        type Query {
          people: [Person]
          tone(of: Tone): Tone
        }
        type Person @key(fields: "id") {
          id: ID!
          name: String @shareable
          pet: Pet
        }
        union Pet = Cat | Dog
        type Cat @shareable {
          lives: Int
          name: String
        }
        type Dog @shareable {
          barks: Boolean
        }
        enum Tone {
          HIGH
          LOW
        }
      `,
      resolvers: () => {
        const people = [
          { id: 'a', name: 'Ann', pet: { __typename: 'Cat', lives: 9, name: '' } },
          { id: 'b', name: null, pet: { __typename: 'Dog', barks: false } },
          { id: 'c', name: 'Cy', pet: null },
        ];
        return {
          Query: { people: () => people, tone: (_: unknown, { of }: Row) => of },
          Person: { __resolveReference: ({ id }: Row) => people.find((one) => one.id === id) },
          Pet: { __resolveType: ({ __typename }: Row) => __typename },
        };
      },
    },
    {
      name: 'houses',
      imports: ['@key', '@external', '@provides', '@shareable'],
      sdl: /* GraphQL */ `
        type Query {
          houses: [House!]
        }
        type House @key(fields: "no street { name }") {
          no: Int!
          street: Street!
          owner: Person
          guests: Guests @provides(fields: "first { name }")
        }
        type Street @shareable {
          name: String!
        }
        type Guests {
          first: Person
          second: Person
        }
        type Person @key(fields: "id", resolvable: false) {
          id: ID!
          name: String @external
        }
      `,
      resolvers: () => ({
        Query: {
          houses: () => [
            {
              no: 1,
              street: { name: 'S' },
              owner: { id: 'b' },
              guests: { first: { id: 'a', name: 'provided' }, second: { id: 'c' } },
            },
            { no: 0, street: { name: '' }, owner: null, guests: null },
          ],
        },
      }),
    },
    {
      name: 'taxes',
      imports: ['@key', '@shareable'],
      sdl: 'type House @key(fields: "street { name } no") { no: Int! street: Street! tax: Int! } type Street @shareable { name: String! }',
      resolvers: () => ({
        House: {
          __resolveReference: ({ no, street }: Row) => ({
            no,
            street,
            tax: Number(no) * 10 + String((street as Row)['name']).length,
          }),
        },
      }),
    },
  ],
  answers: [
    [
      '{ houses { tax owner { name pet { __typename ... on Dog { barks } } } } }',
      {
        houses: [
          { tax: 11, owner: { name: null, pet: { __typename: 'Dog', barks: false } } },
          { tax: 0, owner: null },
        ],
      },
    ],
    [
      '{ houses { guests { first { id name } second { name pet { ... on Cat { lives } } } } } }',
      {
        houses: [
          { guests: { first: { id: 'a', name: 'provided' }, second: { name: 'Cy', pet: null } } },
          { guests: null },
        ],
      },
    ],
    [
      '{ people { pet { ... on Cat { lives a: name } ... on Dog { b: barks } } } high: tone(of: HIGH) }',
      { people: [{ pet: { lives: 9, a: '' } }, { pet: { b: false } }, { pet: null }], high: 'HIGH' },
    ],
  ],
};

for (const { name, subgraphs, answers } of [
  requiresWithArguments,
  computedTwice,
  mashedKeys,
  interfaceObjects,
  unresolvable,
]) {
  const network = createNetwork(subgraphs);
  const planner = plannerFor(network);
  const engine = engineFor(network, { planner });
  afterAll(() => planner.close());
  for (const [query, data, variables] of answers) {
    test(`${name}: ${query} ${JSON.stringify(variables ?? {})}`, async () =>
      assert.deepEqual(await ask(engine, query, variables), { data }));
  }
}
