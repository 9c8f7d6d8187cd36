import type { SubgraphSource } from './source.ts';

type Row = Record<string, unknown>;

/**
 * Knows the interface Media as one object type. It has `Int!` where another subgraph has `Int`, so fields with the same
 * name need aliases.
 */
export const scores: SubgraphSource = {
  name: 'scores',
  imports: ['@key', '@interfaceObject', '@shareable', '@external', '@requires'],
  sdl: /* GraphQL */ `
    type Query {
      best: Media
      ranked: [Media!]
      any: [Ranked]
    }
    union Ranked = Product | User
    type Media @key(fields: "id") @interfaceObject {
      id: ID!
      score: Int
      title: String @external
      headline: String @requires(fields: "title")
      rival: Media
    }
    type Product @key(fields: "upc") {
      upc: ID!
      rank: Int! @shareable
      note(loud: Boolean = false): String
      badge: Badge
    }
    type User @key(fields: "id") {
      id: ID!
      rank: Int
      note(loud: Boolean = false): String
      badge: Badge
    }
    type Badge @key(fields: "id") {
      id: ID!
    }
  `,
  resolvers: () => ({
    Query: {
      best: () => ({ id: 'm2', score: 0 }),
      ranked: () => [
        { id: 'm1', score: 1 },
        { id: 'm2', score: 0 },
        { id: 'm3', score: null },
      ],
      any: () => [{ upc: 'p1' }, { id: 'u1' }, { upc: 'p2' }, null, { id: 'u2' }],
    },
    Ranked: { __resolveType: (object: Row) => ('upc' in object ? 'Product' : 'User') },
    Media: {
      __resolveReference: ({ id, title }: Row) => ({ id, title, score: id === 'm1' ? 1 : 0 }),
      headline: ({ title }: Row) => `*${JSON.stringify(title)}*`,
      rival: ({ id }: Row) => (id === 'm1' ? { id: 'm2' } : null),
    },
    Product: {
      __resolveReference: ({ upc }: Row) => ({ upc }),
      rank: ({ upc }: Row) => (upc === 'p1' ? 0 : 2),
      note: ({ upc }: Row, { loud }: { loud: boolean }) => (loud ? `P ${String(upc)}!` : ''),
      badge: () => ({ id: 'b1' }),
    },
    User: {
      __resolveReference: ({ id }: Row) => ({ id }),
      rank: ({ id }: Row) => (id === 'u1' ? 0 : 2),
      note: ({ id }: Row, { loud }: { loud: boolean }) => (loud ? `U ${String(id)}!` : ''),
      badge: () => ({ id: 'b1' }),
    },
  }),
};
