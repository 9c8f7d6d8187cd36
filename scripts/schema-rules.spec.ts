import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from '@jest/globals';
import { buildSchema } from 'graphql';
import { loadSupergraph } from '../router/composition.ts';
import { breachesIn, streamsWithoutListeners } from './schema-rules.ts';

const GOOD = `
  interface Node { id: ID! }
  type UserError { code: Code! }
  enum Code { NOT_FOUND, THREE_X3 }
  type PageInfo { endCursor: String }
  type Hall implements Node { id: ID!, name: String, log(afterSeq: Int, first: Int): [Hall!]! }
  type HallEdge { cursor: String!, node: Hall! }
  type HallConnection { edges: [HallEdge!]!, pageInfo: PageInfo!, totalCount: Int }
  input OpenHallInput { hallId: ID! }
  type OpenHallPayload { hall: Hall, userErrors: [UserError!]! }
  type Query { hall(id: ID!): Hall, halls(first: Int = 20, after: String, last: Int, before: String): HallConnection, nodes(ids: [ID!]!): [Node]!, listing: Int, getaway: Int }
  type Mutation { openHall(input: OpenHallInput!): OpenHallPayload }
`;

/** The breaches that are found when one part of the good schema is replaced. */
function breaches(part: string, other: string): string[] {
  assert.ok(GOOD.includes(part), part);
  return breachesIn(buildSchema(GOOD.replace(part, other)));
}

describe('the rules of the schema', () => {
  it('accept a schema that keeps them', () => assert.deepEqual(breachesIn(buildSchema(GOOD)), []));

  for (const [part, other, coordinate] of [
    // names
    ['NOT_FOUND', 'notFound', 'Code.notFound'],
    ['name: String', 'Name: String', 'Hall.Name'],
    ['hall(id: ID!)', 'hall(hall_id: ID!)', 'Query.hall.hall_id'],
    ['input OpenHallInput { hallId', 'input OpenHallInput { HallId', 'OpenHallInput.HallId'],
    ['type Hall implements', 'type LostPayload { a: Int } type Hall implements', 'LostPayload'],
    ['type Hall implements', 'type hallType { a: Int } type Hall implements', 'hallType'],
    ['type Hall implements', 'type HallInput { a: Int } type Hall implements', 'HallInput'],
    ['type Hall implements', 'input HallFilter { a: Int } type Hall implements', 'HallFilter'],
    ['listing: Int', 'getHall: Hall', 'Query.getHall'],
    // lists
    [
      'halls(first: Int = 20, after: String, last: Int, before: String): HallConnection',
      'halls: [Hall!]!',
      'Query.halls',
    ],
    ['nodes(ids: [ID!]!)', 'nodes', 'Query.nodes'],
    ['first: Int = 20, after: String, last', 'first: Int = 20, last', 'Query.halls'],
    ['first: Int = 20, after: String, last', 'first: Int!, after: String, last', 'Query.halls'],
    [', last: Int, before: String', ', last: Int', 'Query.halls'],
    ['edges: [HallEdge!]!', 'edges: [HallEdge]', 'HallConnection'],
    ['edges: [HallEdge!]!', 'nodes(first: Int): [Hall!]!', 'HallConnection'],
    ['cursor: String!', 'cursor: Int!', 'HallConnection'],
    ['pageInfo: PageInfo!', 'pageInfo: PageInfo', 'HallConnection'],
    // mutations
    ['openHall(input: OpenHallInput!)', 'openHall(input: OpenHallInput)', 'Mutation.openHall'],
    ['openHall(input: OpenHallInput!)', 'openHall(input: OpenHallInput!, now: Int)', 'Mutation.openHall'],
    ['): OpenHallPayload', '): OpenHallPayload!', 'Mutation.openHall'],
    ['): OpenHallPayload', '): Hall', 'Mutation.openHall'],
    ['hall: Hall, userErrors: [UserError!]!', 'hall: Hall', 'OpenHallPayload'],
    ['hall: Hall, userErrors', 'hall: Hall!, userErrors', 'OpenHallPayload.hall'],
  ] as const) {
    it(`see ${coordinate} in “${other}”`, () =>
      assert.ok(
        breaches(part, other).some((line) => line.startsWith(`${coordinate}: `)),
        breaches(part, other).join('\n') || 'nothing',
      ));
  }
});

describe('every stream', () => {
  const supergraph = readFileSync(path.join(import.meta.dirname, '../schema/supergraph.graphql'), 'utf8');
  const unsaid = (sdl: string): string[] =>
    streamsWithoutListeners(loadSupergraph(sdl)).map((line) => line.split(':')[0] ?? '');

  it('says who it is for', () => assert.deepEqual(unsaid(supergraph), []));

  for (const [field, directive] of [
    ['matchEvents', ' @audience '],
    ['messageEvents', ' @audience(check: "roomAudience") '],
    ['notificationEvents', ' @personal '],
  ] as const) {
    it(`is reported when ${field} loses its directive`, () => {
      const lines = supergraph.split('\n');
      const at = lines.findIndex((line) => line.trimStart().startsWith(`${field}(`));
      const last = lines.findIndex((line, index) => index >= at && line.includes('@resume'));
      assert.ok(at > 0 && lines[last]?.includes(directive), lines[last]);
      lines[last] = lines[last]?.replace(directive, ' ') ?? '';
      assert.deepEqual(unsaid(lines.join('\n')), [`Subscription.${field}`]);
    });
  }
});
