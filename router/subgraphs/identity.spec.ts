import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { identityFor } from './identity.ts';

test('a user has the same identity for all subgraphs; an audience is never a user', () => {
  const user = { userId: 'anna', userinfo: 'e30' };
  assert.deepEqual([identityFor(user, 'chat'), identityFor({}, 'chat')], [user, {}]);
  for (const key of ['anna', 'chat:r', 'users:r', 'chat', 'x']) {
    const principal = { audience: { subgraph: 'chat', key } };
    for (const subgraph of ['chat', 'users']) {
      const told = identityFor(principal, subgraph);
      assert.deepEqual([told.userId, told.userinfo], [undefined, undefined]);
      assert.equal(told.audience, subgraph === 'chat' || key === 'chat:r' ? key : undefined, `${key} at ${subgraph}`);
    }
  }
});

test('a principal with both is sent as the audience', () => {
  assert.deepEqual(identityFor({ userId: 'anna', userinfo: 'e30', audience: { subgraph: 'chat', key: 'k' } }, 'chat'), {
    audience: 'k',
  });
});
