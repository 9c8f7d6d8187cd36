import { Kind, parse } from 'graphql';
import type { SubgraphSource } from '../supergraph/source.ts';
import { computed, find, root } from './store.ts';
import type { Thing } from './store.ts';

const SDL: Readonly<Record<string, string>> = {
  catalog: /* GraphQL */ `
    type Query {
      products(first: Int): [Product!]!
      product(upc: ID!): Product
      media: [Media]
      medium(id: ID!): Media
      search: [Found]
      nodes: [Node]
      version: String! @shareable
    }
    enum Currency {
      EUR
      USD
    }
    interface Node {
      id: ID!
    }
    union Found = Product | Book | Movie | User
    type Product @key(fields: "upc") @key(fields: "sku { code region }") {
      upc: ID!
      sku: Sku!
      title: String
      price: Int
      weight: Float
      dims: Dims
      related: [Product!]
      priceIn(currency: Currency! = EUR): Int
    }
    type Sku @shareable {
      code: ID!
      region: String!
    }
    type Dims @shareable {
      w: Int
      h: Int
    }
    interface Media @key(fields: "id") {
      id: ID!
      title: String
    }
    type Book implements Media @key(fields: "id") {
      id: ID!
      title: String
      pages: Int
      isbn: String!
      author: User
    }
    type Movie implements Media @key(fields: "id") {
      id: ID!
      title: String
      minutes: Int
      director: User
    }
    type User implements Node @key(fields: "id") {
      id: ID!
    }
    type Org implements Node @key(fields: "id") {
      id: ID!
    }
  `,
  accounts: /* GraphQL */ `
    type Query {
      me: User
      users: [User!]
      version: String! @shareable
    }
    enum Role {
      ADMIN
      USER
    }
    type User @key(fields: "id") @key(fields: "login org { id }") {
      id: ID!
      login: String!
      org: Org!
      name: String @shareable
      role: Role
      friends: [User]
      joined: String @override(from: "reviews")
    }
    type Org @key(fields: "id") {
      id: ID!
      title: String
      members: [User!]!
    }
    type Product @key(fields: "upc") {
      upc: ID!
      owner: User
    }
  `,
  inventory: /* GraphQL */ `
    type Query {
      places: [Place!]!
    }
    enum Currency {
      EUR
      USD
    }
    type Dims @shareable {
      w: Int @external
      h: Int @external
    }
    type Product @key(fields: "upc") {
      upc: ID!
      price: Int @external
      weight: Float @external
      dims: Dims @external
      title: String @external
      priceIn(currency: Currency! = EUR): Int @external
      related: [Product!] @external
      inStock: Boolean
      count: Int!
      grid: [[Place]]
      shipping(zip: String = "0"): String @requires(fields: "price weight")
      boxed: String @requires(fields: "dims { w h }")
      taxUsd: Int @requires(fields: "priceIn(currency: USD)")
      taxEur: Int @requires(fields: "priceIn(currency: EUR)")
      bundle: String @requires(fields: "related { title price }")
      reduced(by: Int!): Int @requires(fields: "priceIn(currency: USD)")
      costUsd: Cost @requires(fields: "priceIn(currency: USD)")
      costEur: Cost @requires(fields: "priceIn(currency: EUR) dims { w }")
    }
    type Cost {
      net: Int
      note: Note
    }
    interface Note {
      k: Int
    }
    type Wide implements Note {
      k: Int
      w: Int
    }
    type Narrow implements Note {
      k: Int
      text: String!
    }
    type Place @key(fields: "id") {
      id: ID!
      city: String!
      items: [Product]
    }
  `,
  reviews: /* GraphQL */ `
    type Query {
      reviews: [Review!]
      feed: [Item]
      version: String! @shareable
    }
    union Item = Review | User
    type Review @key(fields: "id") {
      id: ID!
      body: String
      stars: Int
      product: Product
      author: User @provides(fields: "name")
      about: Media
    }
    type Product @key(fields: "upc") {
      upc: ID!
      reviews(first: Int): [Review!]
      boxed: String @external
      label: String @requires(fields: "boxed")
    }
    type User @key(fields: "login org { id }") {
      login: String!
      org: Org!
      name: String @external
      age: Int
      joined: String
    }
    type Org @key(fields: "id") {
      id: ID!
      head: User
    }
    type Media @key(fields: "id") @interfaceObject {
      id: ID!
    }
  `,
  scores: /* GraphQL */ `
    type Query {
      ranked: [Media!]
      any: [Ranked]
    }
    union Ranked = Product | User | Film
    type Film {
      minutes: Int
    }
    type Media @key(fields: "id") @interfaceObject {
      id: ID!
      score: Int
      title: String @external
      headline: String @requires(fields: "title")
      rival: Media
      tagged(n: Int = 1): String
    }
    type Product @key(fields: "sku { code region }") {
      sku: Sku! @shareable
      rank: Int!
      note(loud: Boolean = false): String
    }
    type Sku @shareable {
      code: ID!
      region: String!
    }
    type User @key(fields: "id") {
      id: ID!
      age: Int @external
      name: String @external
      badge: String @requires(fields: "name age")
    }
    type Place @key(fields: "id") {
      id: ID!
      size: String
    }
  `,
};

/**
 * Resolvers that return values of the store. Fields that others are computed from come from the representation, so a
 * wrong representation shows up in the response.
 */
function resolversOf(sdl: string, fromRepresentation: boolean): Record<string, unknown> {
  const resolvers: Record<string, Record<string, unknown>> = {};
  for (const definition of parse(sdl).definitions) {
    if (definition.kind === Kind.UNION_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION) {
      resolvers[definition.name.value] = { __resolveType: ({ __typename }: Thing) => __typename };
    }
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    const {
      name: { value: type },
      fields = [],
      directives = [],
    } = definition;
    const own: Record<string, unknown> = resolvers[type] ?? {};
    if (directives.some(({ name }) => name.value === 'key'))
      own['__resolveReference'] = (reference: Thing) => find(type, reference);
    if (definition.kind === Kind.OBJECT_TYPE_DEFINITION && type !== 'Query') {
      for (const {
        name: { value: field },
      } of fields) {
        const compute = computed[type]?.[field];
        if (compute)
          own[field] = (thing: Thing, args: Thing) =>
            compute(fromRepresentation ? ((thing['$given'] as Thing) ?? {}) : thing, args);
      }
    }
    if (type === 'Query') {
      for (const {
        name: { value: field },
      } of fields)
        own[field] = (_: unknown, args: Thing) => (root[field] as (args: Thing) => unknown)(args);
    } else if (Object.keys(own).length === 0) own['__typename'] = undefined;
    delete own['__typename'];
    resolvers[type] = own;
  }
  return resolvers;
}

export const sources: readonly SubgraphSource[] = Object.entries(SDL).map(([name, sdl]) => ({
  name,
  sdl,
  imports: ['@key', '@shareable', '@external', '@requires', '@provides', '@override', '@interfaceObject'],
  resolvers: () => resolversOf(sdl, true),
}));
