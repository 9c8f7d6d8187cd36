import { GraphQLError } from 'graphql';
import { createNetwork } from '../harness.ts';
import type { SubgraphSource } from './source.ts';

type Row = Record<string, unknown>;
const ids = ['1', '2', '3'];
const product = (id: unknown): Row => ({
  __typename: 'Product',
  id,
  name: `Product ${String(id)}`,
  price: id === '2' ? null : Number(id) * 10,
});
const user = (id: unknown): Row => ({
  __typename: 'User',
  id,
  name: id === '2' ? null : `User ${String(id)}`,
  friends: ids.filter((other) => other !== id).map((other) => ({ id: other })),
});
const reviewIds = ['1', '2', '3', '4'];
const review = (id: unknown): Row => ({
  id,
  body: `Review ${String(id)}`,
  product: { id: String((Number(id) % 3) + 1) },
  author: id === '4' ? null : { id: String(((Number(id) + 1) % 3) + 1) },
});
const book = (id: unknown): Row => ({ __typename: 'Book', id, title: `Book ${String(id)}`, pages: 7 });
const movie = (id: unknown): Row => ({ __typename: 'Movie', id, title: null, minutes: 90 });
const medium = (id: unknown): Row => (id === '2' ? movie(id) : book(id));
const fails =
  (what: string) =>
  ({ id }: Row): never => {
    throw new GraphQLError(`${what} of ${String(id)}`, { extensions: { code: 'FLAKY' } });
  };

const sources: readonly SubgraphSource[] = [
  {
    name: 'catalog',
    imports: ['@key'],
    sdl: /* GraphQL */ `
      type Query {
        products: [Product!]!
        product(id: ID!): Product
        media: [Media]
        found: [Found]
        shelf: [[Product]]
      }
      interface Media {
        id: ID!
        title: String
      }
      union Found = Product | Book | Movie
      type Product @key(fields: "id") {
        id: ID!
        name: String
        price: Int
        flaky: Int
        cover: Media
      }
      type Book implements Media @key(fields: "id") {
        id: ID!
        title: String
        pages: Int
      }
      type Movie implements Media @key(fields: "id") {
        id: ID!
        title: String
        minutes: Int
      }
    `,
    resolvers: () => ({
      Query: {
        products: () => ids.map(product),
        product: (_: unknown, { id }: Row) => (ids.includes(String(id)) ? product(id) : null),
        media: () => [book('1'), movie('2'), null],
        found: () => [product('1'), movie('2'), null, book('3')],
        shelf: () => [[product('1'), null], [], null, [product('3')]],
      },
      Product: {
        __resolveReference: ({ id }: Row) => product(id),
        flaky: fails('flaky'),
        cover: ({ id }: Row) => medium(id),
      },
      Book: { __resolveReference: ({ id }: Row) => book(id) },
      Movie: { __resolveReference: ({ id }: Row) => movie(id) },
    }),
  },
  {
    name: 'reviews',
    imports: ['@key'],
    sdl: /* GraphQL */ `
      type Query {
        reviews: [Review]
      }
      type Review @key(fields: "id") {
        id: ID!
        body: String
        product: Product!
        author: User
      }
      type Product @key(fields: "id") {
        id: ID!
        reviews: [Review!]
      }
      type User @key(fields: "id") {
        id: ID!
        reviews: [Review]
      }
    `,
    resolvers: () => ({
      Query: { reviews: () => reviewIds.map(review) },
      Review: { __resolveReference: ({ id }: Row) => review(id) },
      Product: {
        __resolveReference: ({ id }: Row) => ({ id }),
        reviews: ({ id }: Row) => reviewIds.map(review).filter((one) => (one['product'] as Row)['id'] === id),
      },
      User: {
        __resolveReference: ({ id }: Row) => ({ id }),
        reviews: ({ id }: Row) => reviewIds.map(review).filter((one) => (one['author'] as Row | null)?.['id'] === id),
      },
    }),
  },
  {
    name: 'accounts',
    imports: ['@key'],
    sdl: /* GraphQL */ `
      type Query {
        me: User
        users: [User!]
      }
      type User @key(fields: "id") {
        id: ID!
        name: String
        friends: [User]
        flaky: Int
      }
    `,
    resolvers: () => ({
      Query: { me: () => user('1'), users: () => ids.map(user) },
      User: {
        __resolveReference: ({ id }: Row) => user(id),
        flaky: fails('flaky'),
        friends: ({ id }: Row) => (user(id)['friends'] as Row[]).map((friend) => user(friend['id'])),
      },
    }),
  },
  {
    name: 'stock',
    imports: ['@key', '@requires', '@external'],
    sdl: /* GraphQL */ `
      type Query {
        version: String
      }
      type Product @key(fields: "id") {
        id: ID!
        price: Int @external
        inStock: Boolean
        estimate: String @requires(fields: "price")
        strict: Int!
      }
      type Book @key(fields: "id") {
        id: ID!
        copies: Int
      }
    `,
    resolvers: () => ({
      Query: { version: () => '1' },
      Product: {
        __resolveReference: (reference: Row) => reference,
        inStock: ({ id }: Row) => id === '1',
        estimate: ({ price }: Row) => `for ${JSON.stringify(price)}`,
        strict: fails('strict'),
      },
      Book: { __resolveReference: ({ id }: Row) => ({ id }), copies: ({ id }: Row) => Number(id) },
    }),
  },
];

/** A supergraph in which a field has the same value on every path, so that different plans can be compared. */
export const createShop = () => createNetwork(sources);
