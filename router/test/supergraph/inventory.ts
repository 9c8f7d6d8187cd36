import { GraphQLError } from 'graphql';
import type { SubgraphSource } from './source.ts';

type Row = Record<string, unknown>;

/** Fields that are computed from fields of other subgraphs. */
export const inventory: SubgraphSource = {
  name: 'inventory',
  imports: ['@key', '@requires', '@external', '@shareable'],
  sdl: /* GraphQL */ `
    type Query {
      warehouses: [Warehouse!]!
      stock: [Stock]
    }
    type Mutation {
      restock(upc: ID!): Product
      stepStock(name: String!): [String!]!
    }
    enum Currency {
      EUR
      USD
    }
    union Stock = Product | Warehouse | Unknown
    type Unknown {
      id: ID
    }
    type Sku @shareable {
      code: ID!
      region: String!
    }
    type Product @key(fields: "upc") @key(fields: "sku { code }") {
      upc: ID!
      sku: Sku!
      price: Int @external
      weight: Float @external
      dims: Dims @external
      priceIn(currency: Currency! = EUR): Int @external
      related: [Product!] @external
      name: String @external
      inStock: Boolean
      count: Int!
      shippingEstimate(zip: String = "0"): String @requires(fields: "price weight")
      boxed: String @requires(fields: "dims { w h }")
      taxUsd: Int @requires(fields: "priceIn(currency: USD)")
      taxEur: Int @requires(fields: "priceIn(currency: EUR)")
      bundle: String @requires(fields: "related { name price }")
      warehouse: Warehouse
      broken: Int
    }
    type Dims {
      w: Int @external
      h: Int @external
    }
    type Warehouse @key(fields: "id") {
      id: ID!
      city: String!
      products: [Product]
      size: String
    }
    type Badge @key(fields: "id") {
      id: ID!
      label(size: Int = 1): String
    }
    interface Media @key(fields: "id") {
      id: ID!
      copies: Int
    }
    type Book implements Media @key(fields: "id") {
      id: ID!
      copies: Int
    }
    type Movie implements Media @key(fields: "id") {
      id: ID!
      copies: Int
      reel: String
    }
  `,
  resolvers: ({ log }) => ({
    Query: {
      warehouses: () => [
        { id: 'w1', city: 'Here', upcs: ['p1', 'p2'] },
        { id: 'w2', city: '', upcs: ['gone', 'p2', null] },
      ],
      stock: () => [
        { upc: 'p1', sku: { code: 'c1', region: 'eu' } },
        { id: 'w1', city: 'Here', upcs: [] },
        null,
        { x: 1, id: null },
      ],
    },
    Mutation: {
      restock: (_: unknown, { upc }: { upc: string }) => {
        log.push(`restock ${upc}`);
        return { upc };
      },
      stepStock: (_: unknown, { name }: { name: string }) => {
        log.push(`inventory ${name}`);
        return [...log];
      },
    },
    Stock: {
      __resolveType: (object: Row) => ('upc' in object ? 'Product' : 'city' in object ? 'Warehouse' : 'Unknown'),
    },
    Product: {
      __resolveReference: (reference: Row) => ({
        upc: reference['upc'] ?? String((reference['sku'] as Row)['code']).replace('c', 'p'),
        ...reference,
      }),
      sku: (product: Row) => product['sku'] ?? { code: '?', region: '?' },
      inStock: ({ upc }: Row) => upc === 'p1',
      count: ({ upc }: Row) => {
        if (upc === 'p3') return null;
        return upc === 'p2' ? 0 : 12;
      },
      shippingEstimate: ({ price, weight }: Row, { zip }: { zip: string | null }) =>
        `${JSON.stringify(price)}/${JSON.stringify(weight)}/${JSON.stringify(zip)}`,
      boxed: ({ dims }: Row) => JSON.stringify(dims),
      taxUsd: ({ priceIn }: Row) => priceIn,
      taxEur: ({ priceIn }: Row) => priceIn,
      bundle: ({ related }: Row) =>
        JSON.stringify((related as Row[] | null)?.map(({ name, price }) => [name, price]) ?? null),
      warehouse: ({ upc }: Row) => (upc === 'p2' ? null : { id: 'w1', city: 'Here', upcs: ['p1'] }),
      broken: ({ upc }: Row) => {
        throw new GraphQLError(`broken ${String(upc)}`, { extensions: { code: 'BROKEN' } });
      },
    },
    Warehouse: {
      __resolveReference: ({ id }: Row) => ({ id, city: 'Here', upcs: [] }),
      products: ({ upcs }: Row) => (upcs as (string | null)[]).map((upc) => (upc === null ? null : { upc })),
      size: () => 'big',
    },
    Badge: {
      __resolveReference: ({ id }: Row) => ({ id }),
      label: ({ id }: Row, { size }: { size: number }) => `${String(id)}x${size}`,
    },
    Media: {
      __resolveType: ({ id }: Row) => (id === 'm2' ? 'Movie' : 'Book'),
      __resolveReference: ({ id }: Row) => ({ id, copies: id === 'm1' ? 0 : 3, reel: '' }),
    },
    Book: { __resolveReference: ({ id }: Row) => ({ id, copies: id === 'm1' ? 0 : 3 }) },
    Movie: { __resolveReference: ({ id }: Row) => ({ id, copies: 3, reel: '' }) },
  }),
};
