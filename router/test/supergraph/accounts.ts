import { GraphQLError } from 'graphql';
import type { SubgraphSource } from './source.ts';

type Row = Record<string, unknown>;

const users: Row[] = [
  {
    id: 'u1',
    org: { id: 'o1' },
    login: 'ada',
    displayName: 'Ada',
    email: 'ada@example.org',
    role: 'ADMIN',
    friends: ['u2', 'u3'],
  },
  { id: 'u2', org: { id: 'o1' }, login: 'bob', displayName: 'Bob', email: '', role: 'USER', friends: [] },
  { id: 'u3', org: { id: 'o2' }, login: 'ada', displayName: null, email: null, role: 'NOBODY', friends: ['u1', 'u9'] },
];
const orgs: Row[] = [
  { id: 'o1', name: 'One' },
  { id: 'o2', name: '' },
];
const byId = (id: unknown) => users.find((user) => user['id'] === id);

/** Users with two alternative keys, one of them nested, and enum values that only this subgraph knows. */
export const accounts: SubgraphSource = {
  name: 'accounts',
  imports: ['@key', '@shareable', '@override'],
  sdl: /* GraphQL */ `
    type Query {
      me: User
      user(id: ID!): User
      users: [User!]
      node(id: ID!): Node
      nodes: [Node]
      orgs: [Org]
    }
    interface Node {
      id: ID!
    }
    enum Role {
      ADMIN
      USER
    }
    type User implements Node @key(fields: "id") @key(fields: "org { id } login") {
      id: ID!
      org: Org!
      login: String!
      displayName: String @shareable
      email: String
      role: Role
      friends: [User]
      mustEmail: String!
    }
    type Org implements Node @key(fields: "id") {
      id: ID!
      name: String
      members: [User!]!
    }
    type Product @key(fields: "upc") {
      upc: ID!
      owner: User
      rank: Int @shareable
      stockNote: String @override(from: "catalog")
    }
  `,
  resolvers: () => ({
    Query: {
      me: () => users[0],
      user: (_: unknown, { id }: { id: string }) => byId(id),
      users: () => users,
      node: (_: unknown, { id }: { id: string }) => byId(id) ?? orgs.find((org) => org['id'] === id),
      nodes: () => [users[0], orgs[0], null, users[2]],
      orgs: () => orgs,
    },
    Node: { __resolveType: (object: Row) => ('login' in object ? 'User' : 'Org') },
    User: {
      __resolveReference: ({ id, org, login }: { id?: string; org?: { id: string }; login?: string }) =>
        id !== undefined
          ? byId(id)
          : users.find((user) => (user['org'] as Row)['id'] === org?.id && user['login'] === login),
      friends: (user: Row) => (user['friends'] as string[]).map(byId),
      mustEmail: (user: Row) => user['email'],
      org: (user: Row) => orgs.find((org) => org['id'] === (user['org'] as Row)['id']),
    },
    Org: {
      __resolveReference: ({ id }: Row) => orgs.find((org) => org['id'] === id),
      members: (org: Row) => users.filter((user) => (user['org'] as Row)['id'] === org['id']),
    },
    Product: {
      __resolveReference: ({ upc }: Row) => {
        if (upc === 'gone') return null;
        if (upc === 'boom') throw new GraphQLError('owner unknown', { extensions: { code: 'NO_OWNER' } });
        return { upc };
      },
      owner: ({ upc }: Row) => (upc === 'p1' ? users[0] : upc === 'p2' ? users[2] : null),
      rank: ({ upc }: Row) => (upc === 'p1' ? 0 : 2),
      stockNote: ({ upc }: Row) => `note ${String(upc)}`,
    },
  }),
};
