// A guest looks up made-up ids by the thousand: an id is cheap to write, and one field after the other asks the
// subgraph that it belongs to. Safe means:
// - all fields `node` and `nodes` of an operation look up 100 ids together, whatever they are called; one that asks for
//   more fails with a code.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { type Network, startNetwork } from '../network.ts';

let network: Network;
beforeAll(async () => {
  network = await startNetwork();
});
afterAll(() => network?.stop());

const ids = (count: number): string[] => Array.from({ length: count }, () => toGlobalId('MatchEvent', randomUUID()));

describe('made-up ids', () => {
  it('are looked up a hundred at a time, under however many aliases', async () => {
    const aliases = Array.from({ length: 29 }, (_, index) => `a${index}: nodes(ids: $ids) { id }`).join(' ');
    const answer = await network.guest.execute<Record<string, unknown>>(
      `query ($ids: [ID!]!) { first: nodes(ids: $ids) { id } ${aliases} }`,
      { ids: ids(100) },
    );
    assert.equal(answer.data, null);
    assert.deepEqual([answer.errors?.[0]?.path, answer.errors?.[0]?.extensions?.['code']], [['a0'], 'BAD_USER_INPUT']);
  });

  it('by node count too', async () => {
    const answer = await network.guest.execute<Record<string, unknown>>(
      'query ($ids: [ID!]!, $id: ID!) { nodes(ids: $ids) { id } one: node(id: $id) { id } }',
      { ids: ids(100), id: ids(1)[0] },
    );
    assert.deepEqual(
      answer.errors?.map(({ path, extensions }) => [path, extensions?.['code']]),
      [[['one'], 'BAD_USER_INPUT']],
    );
  });
});
