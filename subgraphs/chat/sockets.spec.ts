import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import type { CallGuardOptions } from '../../platform/identity/signature.middleware.ts';
import { createNonceCache } from '../../signature/nonces.ts';
import { encodeUserinfo, keyRing, type SignedPrincipal, signingKey, signSubscribe } from '../../signature/signature.ts';
import { openSubgraph, person, type TestSubgraph } from '../../platform/testing/service.testing.ts';
import { LIVE_EVENTS, OUTBOX } from '../../platform/injection/tokens.ts';
import { openChat } from './chat.fixture.ts';
import { ChatModule } from './chat.module.ts';
import { PrismaClient } from './generated/prisma/client.ts';

const KEY = signingKey('k', 'a secret of enough bytes');
const GUARDS = {
  signed: { verifier: { target: 'chat', keys: keyRing(KEY), nonces: createNonceCache() }, allowUnsigned: false },
  unsigned: { verifier: undefined, allowUnsigned: true },
} satisfies Record<string, CallGuardOptions>;

let c: Awaited<ReturnType<typeof openChat>>;
const subgraphs: Partial<Record<keyof typeof GUARDS, TestSubgraph>> = {};

beforeAll(async () => {
  c = await openChat();
  const provided = new Map<symbol, unknown>([
    [OUTBOX, c.outbox],
    [LIVE_EVENTS, c.live],
  ]);
  for (const guard of ['signed', 'unsigned'] as const) {
    const subgraph = await openSubgraph(
      'chat',
      ChatModule,
      provided,
      new Map([[PrismaClient, c.prisma]]),
      GUARDS[guard],
    );
    await subgraph.app.listen(0, '127.0.0.1');
    subgraphs[guard] = subgraph;
  }
});
afterAll(async () => {
  for (const subgraph of Object.values(subgraphs)) await subgraph.close();
  await c.close();
});

interface Data {
  messageEvents: { __typename: string; seq: number; message?: object; room: { id: string } };
}

const signedAs = (userId: string): SignedPrincipal => ({ userId, userinfo: encodeUserinfo({ sub: userId }) });

/** Subscribes as the router does. */
function subscribe(
  roomId: string,
  afterSeq: number,
  principal: SignedPrincipal,
  guard: keyof typeof GUARDS = 'signed',
) {
  const { port } = (subgraphs[guard] ?? assert.fail()).app.getHttpServer().address() as AddressInfo;
  const client = createClient({ url: `ws://127.0.0.1:${port}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0 });
  const operation = {
    query:
      'subscription ($id: ID!, $afterSeq: Int) { messageEvents(roomId: $id, afterSeq: $afterSeq) { __typename seq room { id } ... on MessageSent { message { text author { id } room { id } } } } }',
    variables: { id: toGlobalId('Room', roomId), afterSeq },
  };
  const identity = { ...principal, requestId: 'test-1234' };
  const results = client.iterate<Data>({
    ...operation,
    extensions: {
      identity,
      ...(guard === 'signed' ? { signature: signSubscribe(KEY, { operation, identity, target: 'chat' }) } : {}),
    },
  });
  return {
    async next() {
      const result = await results.next();
      return result.done ? assert.fail('it ended') : result.value;
    },
    /** The code of the error with which the subscription is refused, or `none`. */
    async refusal(): Promise<unknown> {
      try {
        return (await this.next()).errors?.[0]?.extensions?.['code'] ?? 'none';
      } catch (errors) {
        return (errors as { extensions: { code: string } }[])[0]?.extensions.code;
      }
    },
    async stop(): Promise<void> {
      await results.return?.();
      await client.dispose();
    },
  };
}

describe('a socket to chat', () => {
  it('names to the router, in the event of a leaving, the users for whom the stream ends', async () => {
    const [anna, boris] = [person(), person()];
    const team = await c.teamRoom(anna, boris);
    const { key, position } = await c.rooms.audience(anna, team.roomId);
    const shared = subscribe(team.roomId, Number(position), { audience: key });
    const own = subscribe(team.roomId, Number(position), signedAs(anna.userId));
    await c.send(boris, team.roomId, 'farewell');
    await c.deliver(team.left(boris.userId));
    await c.send(anna, team.roomId, 'he is gone');
    await c.relay();
    const room = { id: toGlobalId('Room', team.roomId) };
    const said = (seq: number, text: string, { userId }: { userId: string }) => ({
      data: {
        messageEvents: {
          __typename: 'MessageSent',
          seq,
          room,
          message: { text, author: { id: toGlobalId('User', userId) }, room: { id: room.id } },
        },
      },
    });
    const left = { data: { messageEvents: { __typename: 'MemberLeft', seq: 4, room } } };
    assert.deepEqual(
      [await shared.next(), await shared.next(), await shared.next()],
      [said(3, 'farewell', boris), { ...left, extensions: { revoked: [boris.userId] } }, said(5, 'he is gone', anna)],
    );
    assert.deepEqual(
      [await own.next(), await own.next(), await own.next()],
      [said(3, 'farewell', boris), left, said(5, 'he is gone', anna)],
    );
    await Promise.all([shared.stop(), own.stop()]);
  });

  it('serves an audience its own room only, and accepts no audience without a signature', async () => {
    const anna = person();
    const [{ roomId }, other] = [await c.teamRoom(anna), await c.teamRoom(anna)];
    const { key } = await c.rooms.audience(anna, roomId);
    const cases: [Parameters<typeof subscribe>, string][] = [
      [[other.roomId, 0, { audience: key }], 'FORBIDDEN'],
      [[roomId, 0, { audience: `teams:${roomId}:0` }], 'FORBIDDEN'],
      [[roomId, 0, { audience: key, ...signedAs(anna.userId) }], 'SIGNATURE_INVALID'],
      [[roomId, 0, { audience: key }, 'unsigned'], 'NOT_FOUND'],
      [[roomId, 0, {}], 'NOT_FOUND'],
      [[toGlobalId('Room', randomUUID()), 0, signedAs(anna.userId)], 'NOT_FOUND'],
    ];
    for (const [args, code] of cases) {
      const stream = subscribe(...args);
      assert.equal(await stream.refusal(), code, JSON.stringify(args));
      await stream.stop();
    }
    const stream = subscribe(roomId, 0, { audience: key });
    assert.equal((await stream.next()).data?.messageEvents.seq, 1);
    await stream.stop();
  });
});
