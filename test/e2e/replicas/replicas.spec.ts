import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFull, type Network, type Person, startNetwork } from '../../network.ts';
import { RoomEvents, SendMessage } from '../operations.ts';
import { createTeam, join, roomOfTeam } from '../play.ts';
import { take, upTo } from '../reading.ts';

const COUNT = 200;

(isFull ? describe : describe.skip)('two routers and two chats', () => {
  let network: Network;
  beforeAll(async () => {
    network = await startNetwork({ routers: 2, chats: 2 });
  });
  afterAll(() => network?.stop());

  it('deliver a message written through one to a reader of the other, once and in order', async () => {
    const [anna, boris] = (await Promise.all([network.user('anna'), network.user('boris')])) as [Person, Person];
    const teamId = await createTeam(anna, 'Yard Foxes');
    await join(anna, teamId, boris);
    const roomId = await roomOfTeam(boris, teamId);
    await network.settled();
    const there = boris.at(network.routers[1]?.url ?? '');
    const people = [
      { client: anna, name: 'anna' },
      { client: there, name: 'boris' },
    ];

    const readers = people.map(({ client }) => client.subscribe(RoomEvents, { roomId, afterSeq: 2 }));
    const reading = readers.map((reader) => take(reader, 2 * COUNT));
    await Promise.all(
      people.map(async ({ client, name }) => {
        for (let n = 1; n <= COUNT; n++) {
          const { sendMessage } = await client.request(SendMessage, {
            input: { roomId, clientMessageId: `${name} ${n}`, text: String(n) },
          });
          assert.deepEqual(sendMessage.userErrors, []);
        }
      }),
    );
    for (const seen of await Promise.all(reading)) {
      const events = seen.map(({ messageEvents }) => messageEvents);
      assert.deepEqual(
        events.map(({ seq }) => seq),
        upTo(2 * COUNT + 2, 3),
      );
      for (const { name } of people) {
        const texts = events.flatMap((event) =>
          event.__typename === 'MessageSent' && event.message.author?.displayName === name ? [event.message.text] : [],
        );
        assert.deepEqual(texts, upTo(COUNT).map(String));
      }
    }
    await Promise.all(readers.map((reader) => reader.return()));
    await there.close();
  });

  it('share persisted queries: one knows the hash of a query that the other has stored', async () => {
    const query = `query Learned { __typename } # ${randomUUID()}`;
    const extensions = { persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') } };
    const ask = async (router: number, body: object): Promise<unknown> => {
      const answer = await fetch(network.routers[router]?.url ?? '', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const { data, errors } = (await answer.json()) as { data?: unknown; errors?: { extensions: { code: string } }[] };
      return errors?.[0]?.extensions.code ?? data;
    };
    assert.equal(await ask(1, { extensions }), 'PERSISTED_QUERY_NOT_FOUND');
    assert.deepEqual(await ask(0, { query, extensions }), { __typename: 'Query' });
    // The first router answers before Redis has stored the text, so the second router may not know the text yet.
    while ((await ask(1, { extensions })) === 'PERSISTED_QUERY_NOT_FOUND') await sleep(20);
    assert.deepEqual(await ask(1, { extensions }), { __typename: 'Query' });
  });
});
