import { GraphQLError } from 'graphql';
import type { SubgraphSource } from './source.ts';

type Row = Record<string, unknown>;

const products: Row[] = [
  {
    upc: 'p1',
    sku: { code: 'c1', region: 'eu' },
    name: 'Table',
    price: 899,
    weight: 100.5,
    color: 'RED',
    dims: { w: 1, h: 2 },
    tags: ['wood', ''],
  },
  {
    upc: 'p2',
    sku: { code: 'c2', region: 'us' },
    name: '',
    price: 0,
    weight: 0,
    color: 'GREEN',
    dims: { w: 0, h: 0 },
    tags: [],
  },
  {
    upc: 'p3',
    sku: { code: 'c3', region: 'eu' },
    name: null,
    price: null,
    weight: null,
    color: null,
    dims: null,
    tags: null,
  },
  {
    upc: 'p4',
    sku: { code: 'c4', region: 'eu' },
    name: 'Odd',
    price: 5,
    weight: 1.25,
    color: 'SECRET',
    dims: { w: 3, h: null },
    tags: ['x'],
  },
];
/** A product that only other subgraphs know. */
const phantom = (upc: string): Row => ({ upc, sku: { code: 'none', region: 'none' } });
const find = (upc: unknown) => products.find((product) => product['upc'] === upc);

const media: Row[] = [
  { __typename: 'Book', id: 'm1', title: 'Go', pages: 100, size: 3, isbn: 'i-1' },
  { __typename: 'Movie', id: 'm2', title: 'Ran', minutes: 162, size: 'XL' },
  { __typename: 'Book', id: 'm3', title: null, pages: 0, size: 0, isbn: '' },
];

/** The main subgraph: several kinds of keys, abstract types, nested lists, scalars, and errors at every depth. */
export const catalog: SubgraphSource = {
  name: 'catalog',
  imports: ['@key', '@shareable', '@inaccessible', '@tag'],
  sdl: /* GraphQL */ `
    type Query {
      products(first: Int = 10): [Product!]!
      product(upc: ID!): Product
      sure(upc: ID!): Product!
      phantoms: [Product]
      search(text: String): [SearchResult]
      media: [Media]
      medium(id: ID!): Media
      matrix: [[Cell!]]!
      grid: [[Product]]
      filter(by: Filter!): [Product!]
      echo(value: JSON, n: Int, f: Float, s: String, b: Boolean, color: Color, list: [Int!], id: ID): Echo!
      broken: String
      brokenStrict: String!
      brokenDeep: Deep
      version: String! @shareable
      constructor: Int
    }
    type Mutation {
      setPrice(upc: ID!, price: Int): Product
      fail(message: String!): Int
      step(name: String!): [String!]! @shareable
    }
    scalar JSON
    enum Color {
      RED
      GREEN
      SECRET @inaccessible
    }
    enum Currency {
      EUR
      USD
    }
    input Filter {
      colors: [Color!]
      price: Range
      text: String = ""
      hidden: Int @inaccessible
    }
    input Range {
      min: Int = 0
      max: Int
    }
    type Echo {
      value: JSON
      n: Int
      f: Float
      s: String
      b: Boolean
      color: Color
      list: [Int!]
      id: ID
    }
    type Cell {
      x: Int!
      y: Int
      product: Product
    }
    type Deep {
      ok: Int
      list: [Deep!]
      item: Deep
      bad: Int!
      soft: Int
    }
    union SearchResult = Product | Book | Movie | Hidden
    type Hidden @inaccessible {
      x: Int
    }
    interface Named {
      name: String
    }
    interface Media @key(fields: "id") {
      id: ID!
      title: String
    }
    type Book implements Media @key(fields: "id") {
      id: ID!
      title: String
      pages: Int
      size: Int
      isbn: String!
    }
    type Movie implements Media @key(fields: "id") {
      id: ID!
      title: String
      minutes: Int
      size: String
    }
    type Sku @shareable {
      code: ID!
      region: String!
    }
    type Dims @shareable {
      w: Int
      h: Int
    }
    type Product implements Named @key(fields: "upc") @key(fields: "sku { code region }") {
      upc: ID!
      sku: Sku!
      name: String
      price: Int
      weight: Float
      color: Color
      dims: Dims
      tags: [String!]
      mustName: String!
      related: [Product!]
      meta: JSON
      stockNote: String
      priceIn(currency: Currency! = EUR): Int
      badField: String
      internal: String @inaccessible
    }
  `,
  resolvers: ({ log }) => ({
    Query: {
      products: (_: unknown, { first }: { first: number }) => products.slice(0, first),
      product: (_: unknown, { upc }: { upc: string }) => find(upc),
      sure: (_: unknown, { upc }: { upc: string }) => find(upc),
      phantoms: () => [find('p1'), phantom('gone'), phantom('boom'), null, find('p1'), phantom('boom')],
      search: () => [products[0], media[0], media[1], null, { __typename: 'Hidden', x: 1 }, products[1]],
      media: () => media,
      medium: (_: unknown, { id }: { id: string }) => media.find((medium) => medium['id'] === id),
      matrix: () => [
        [
          { x: 0, y: 0, product: find('p1') },
          { x: 1, y: null, product: find('p2') },
        ],
        null,
        [],
        [{ x: null }],
      ],
      grid: () => [[find('p1'), null], [], null, [find('p2'), find('p1')]],
      filter: (
        _: unknown,
        { by }: { by: { colors?: string[]; price?: { min: number; max?: number }; text: string } },
      ) =>
        products.filter(
          (product) =>
            (by.colors === undefined || by.colors.includes(product['color'] as string)) &&
            (by.price === undefined ||
              ((product['price'] as number) >= by.price.min &&
                (product['price'] as number) <= (by.price.max ?? 1e9))) &&
            (by.text === '' || product['name'] === by.text),
        ),
      echo: (_: unknown, args: Row) => args,
      broken: () => {
        throw new GraphQLError('broken', {
          extensions: { code: 'BROKEN', detail: { reason: 'test' }, stacktrace: ['at x'] },
        });
      },
      brokenStrict: () => {
        throw new Error('broken strictly');
      },
      brokenDeep: () => ({ ok: 0, item: { ok: 1, bad: 1 }, list: [{ ok: 2, bad: 1 }, { ok: 3 }] }),
      version: () => '1',
      constructor: () => 7,
    },
    Deep: {
      bad: (deep: Row) => {
        if (deep['bad'] === undefined) throw new GraphQLError('bad', { extensions: { code: 'BAD' } });
        return deep['bad'];
      },
      soft: (deep: Row) => {
        throw new GraphQLError(`soft ${String(deep['ok'])}`, { extensions: { code: 'SOFT' } });
      },
    },
    Mutation: {
      setPrice: (_: unknown, { upc, price }: { upc: string; price: number | null }) => {
        log.push(`setPrice ${upc} ${price}`);
        const product = find(upc);
        return product && { ...product, price };
      },
      fail: (_: unknown, { message }: { message: string }) => {
        throw new GraphQLError(message, { extensions: { code: 'FAILED' } });
      },
      step: (_: unknown, { name }: { name: string }) => {
        log.push(`catalog ${name}`);
        return [...log];
      },
    },
    SearchResult: { __resolveType: (object: Row) => object['__typename'] ?? 'Product' },
    Named: { __resolveType: () => 'Product' },
    Media: {
      __resolveType: (object: Row) => object['__typename'],
      __resolveReference: ({ id }: Row) => media.find((medium) => medium['id'] === id),
    },
    Book: { __resolveReference: ({ id }: Row) => media.find((medium) => medium['id'] === id) },
    Movie: { __resolveReference: ({ id }: Row) => media.find((medium) => medium['id'] === id) },
    Product: {
      // Asynchronous, so that the error affects only this entity. A synchronous error fails all entities of the request
      // (accounts does that).
      __resolveReference: async ({ upc, sku }: { upc?: string; sku?: { code: string; region: string } }) => {
        if (upc === 'boom')
          throw new GraphQLError('no such product', { extensions: { code: 'NOT_FOUND', serviceName: 'x' } });
        return upc !== undefined
          ? find(upc)
          : products.find((product) => (product['sku'] as Row)['code'] === sku?.code);
      },
      mustName: (product: Row) => product['name'] ?? null,
      related: (product: Row) => products.filter((other) => other['upc'] !== product['upc']).slice(0, 2),
      meta: (product: Row) => ({ nested: [1, { zero: 0, empty: '', none: null, flag: false }], upc: product['upc'] }),
      stockNote: () => 'from catalog',
      priceIn: (product: Row, { currency }: { currency: string }) =>
        product['price'] === null || product['price'] === undefined
          ? null
          : Number(product['price']) * (currency === 'EUR' ? 10 : 100),
      badField: (product: Row) => {
        throw new GraphQLError(`bad field of ${String(product['upc'])}`, { extensions: { code: 'BAD_FIELD' } });
      },
    },
  }),
};
