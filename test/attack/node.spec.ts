// Threat: a guest looks up invented ids by the thousand. An id is cheap to write, and each field asks the subgraph that
// the id belongs to. Safe means: all fields `node` and `nodes` of an operation together look up at most 100 ids, under
// any aliases. An operation with more fails with a code.
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

describe('invented ids', () => {
  it('are looked up a hundred at most, under any number of aliases', async () => {
    const aliases = Array.from({ length: 29 }, (_, index) => `a${index}: nodes(ids: $ids) { id }`).join(' ');
    const answer = await network.guest.execute<Record<string, unknown>>(
      `query ($ids: [ID!]!) { first: nodes(ids: $ids) { id } ${aliases} }`,
      { ids: ids(100) },
    );
    assert.equal(answer.data, null);
    assert.deepEqual([answer.errors?.[0]?.path, answer.errors?.[0]?.extensions?.['code']], [['a0'], 'BAD_USER_INPUT']);
  });

  it('count in node fields too', async () => {
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
