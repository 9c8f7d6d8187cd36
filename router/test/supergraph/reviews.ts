import { GraphQLError } from 'graphql';
import type { SubgraphSource } from './source.ts';

type Row = Record<string, unknown>;

const reviews: Row[] = [
  {
    id: 'r1',
    body: 'fine',
    stars: 5,
    product: { upc: 'p1' },
    author: { org: { id: 'o1' }, login: 'ada', displayName: 'Ada (r)' },
    media: { id: 'm1' },
  },
  {
    id: 'r2',
    body: '',
    stars: 0,
    product: { upc: 'p2' },
    author: { org: { id: 'o1' }, login: 'bob', displayName: 'Bob (r)' },
    media: { id: 'm2' },
  },
  {
    id: 'r3',
    body: null,
    stars: null,
    product: { upc: 'p1' },
    author: { org: { id: 'o1' }, login: 'ada', displayName: 'Ada (r)' },
    media: null,
  },
  { id: 'r4', body: 'lost', stars: 1, product: { upc: 'gone' }, author: null, media: { id: 'm9' } },
  {
    id: 'r5',
    body: 'boom',
    stars: 2,
    product: { upc: 'boom' },
    author: { org: { id: 'o2' }, login: 'ada', displayName: 'Other' },
    media: { id: 'm3' },
  },
];

async function* events(name: string, rows: readonly Row[]) {
  for (const row of rows) yield { [name]: row };
}

/** References entities of all other subgraphs: composite keys, @provides, interfaces, unions, subscriptions. */
export const reviewing: SubgraphSource = {
  name: 'reviews',
  imports: ['@key', '@shareable', '@provides', '@external', '@interfaceObject'],
  sdl: /* GraphQL */ `
    type Query {
      reviews(first: Int = 5): [Review]
      review(id: ID!): Review
      latest: Review!
      feed: [FeedItem!]
      version: String! @shareable
      home: Home
    }
    type Mutation {
      addReview(input: NewReview!): AddReviewPayload
      step(name: String!): [String!]! @shareable
      stepReview(name: String!): [String!]!
    }
    type Subscription {
      reviewAdded(upc: ID): Review
      reviewStrict: Review!
      feedItem: FeedItem
      refused: Int
      many(count: Int!): Review
    }
    input NewReview {
      upc: ID!
      body: String = "none"
      stars: Int
      flags: [Boolean]
    }
    type AddReviewPayload {
      review: Review
      query: Query
      flags: [Boolean]
    }
    type Home {
      query: Query!
      greeting: String
    }
    union FeedItem = Review | Note
    type Note {
      text: String
      by: User
    }
    type Review @key(fields: "id") {
      id: ID!
      body: String
      stars: Int
      product: Product
      author: User @provides(fields: "displayName")
      writer: User
      media: Media
      strictProduct: Product!
      internal: String
    }
    type Product @key(fields: "upc") {
      upc: ID!
      reviews(first: Int): [Review!]
      topReview: Review
    }
    type User @key(fields: "org { id } login") {
      org: Org!
      login: String!
      displayName: String @external
      reviewCount: Int
    }
    type Org @key(fields: "id") {
      id: ID!
    }
    type Media @key(fields: "id") @interfaceObject {
      id: ID!
    }
  `,
  resolvers: ({ log }) => ({
    Query: {
      reviews: (_: unknown, { first }: { first: number }) => reviews.slice(0, first),
      review: (_: unknown, { id }: { id: string }) => reviews.find((review) => review['id'] === id),
      latest: () => reviews[0],
      feed: () => [
        reviews[0],
        { text: 'hi', by: { org: { id: 'o1' }, login: 'bob' } },
        reviews[3],
        { text: null, by: null },
      ],
      version: () => '1',
      home: () => ({ greeting: '' }),
    },
    Home: { query: () => ({}) },
    Mutation: {
      addReview: (_: unknown, { input }: { input: Row }) => {
        log.push(`addReview ${String(input['upc'])}`);
        return {
          review: { id: 'r9', body: input['body'], stars: input['stars'], product: { upc: input['upc'] } },
          flags: input['flags'],
          query: {},
        };
      },
      step: (_: unknown, { name }: { name: string }) => {
        log.push(`reviews ${name}`);
        return [...log];
      },
      stepReview: (_: unknown, { name }: { name: string }) => {
        log.push(`reviews ${name}`);
        return [...log];
      },
    },
    Subscription: {
      reviewAdded: {
        subscribe: (_: unknown, { upc }: { upc?: string }) =>
          events(
            'reviewAdded',
            reviews.filter((review) => upc === undefined || (review['product'] as Row)['upc'] === upc),
          ),
      },
      reviewStrict: {
        subscribe: () => events('reviewStrict', [reviews[0] ?? {}, null as unknown as Row, reviews[1] ?? {}]),
      },
      feedItem: {
        subscribe: () =>
          events('feedItem', [{ text: 'note', by: { org: { id: 'o1' }, login: 'ada' } }, reviews[1] ?? {}]),
      },
      refused: {
        subscribe: () => {
          throw new GraphQLError('not for you', { extensions: { code: 'FORBIDDEN' } });
        },
      },
      many: {
        subscribe: (_: unknown, { count }: { count: number }) =>
          events(
            'many',
            Array.from({ length: count }, (_unused, index) => ({ ...reviews[index % 3], id: `e${index}` })),
          ),
      },
    },
    FeedItem: { __resolveType: (object: Row) => ('text' in object ? 'Note' : 'Review') },
    Review: {
      __resolveReference: ({ id }: Row) => reviews.find((review) => review['id'] === id),
      writer: (review: Row) =>
        review['author'] && { org: (review['author'] as Row)['org'], login: (review['author'] as Row)['login'] },
      strictProduct: (review: Row) => review['product'],
      internal: () => {
        throw new Error('nope');
      },
    },
    Product: {
      __resolveReference: (reference: Row) => reference,
      reviews: (product: Row, { first }: { first?: number }) =>
        reviews.filter((review) => (review['product'] as Row)['upc'] === product['upc']).slice(0, first ?? 10),
      topReview: (product: Row) => reviews.find((review) => (review['product'] as Row)['upc'] === product['upc']),
    },
    User: {
      __resolveReference: (reference: Row) => reference,
      reviewCount: (user: Row) =>
        reviews.filter((review) => (review['author'] as Row | null)?.['login'] === user['login']).length,
    },
  }),
};
