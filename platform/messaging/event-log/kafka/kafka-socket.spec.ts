import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import fc from 'fast-check';
import { connectFramed } from './kafka-socket.ts';

const response = (body: Uint8Array): Buffer => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
};

describe('a connection to a broker', () => {
  const broker = createServer({ noDelay: true });
  beforeAll(async () => void (await once(broker.listen(0, '127.0.0.1'), 'listening')));
  afterAll(() => void broker.close());

  async function connected(): Promise<{ client: Socket; peer: Socket; received: Buffer[] }> {
    const { port } = broker.address() as AddressInfo;
    const received: Buffer[] = [];
    const accepted = once(broker, 'connection') as Promise<[Socket]>;
    const client = connectFramed({ host: '127.0.0.1', port, ssl: undefined as never, onConnect: () => undefined });
    client.on('data', (bytes: Buffer) => received.push(bytes));
    const [peer] = await accepted;
    return { client, peer, received };
  }

  it('emits whole responses, for any cuts, and nothing of a response that never ended', async () => {
    const bodies = fc.array(fc.uint8Array({ minLength: 4, maxLength: 40 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(bodies, fc.array(fc.nat(200), { maxLength: 8 }), fc.nat(43), async (all, cuts, missing) => {
        const { client, peer, received } = await connected();
        const whole = all.map(response);
        const bytes = Buffer.concat(whole);
        const sent = bytes.subarray(0, Math.max(0, bytes.length - missing));
        const places = [0, ...cuts.filter((at) => at < sent.length).sort((a, b) => a - b), sent.length];
        // Node emits the bytes of one write together. These calls emit each part as a segment of its own.
        for (const [index, from] of places.slice(0, -1).entries())
          client.emit('data', sent.subarray(from, places[index + 1]));
        let end = 0;
        const complete = whole.filter((each) => (end += each.length) <= sent.length);
        assert.deepEqual(received, complete);
        peer.end();
        await once(client.resume(), 'close');
      }),
      { numRuns: 300 },
    );
  });

  it('reads what a broker writes', async () => {
    const { client, peer, received } = await connected();
    const large = response(Buffer.alloc(300_000, 7));
    peer.write(Buffer.concat([response(Buffer.from('first')), large]));
    peer.end(response(Buffer.from('last')));
    await once(client, 'close');
    assert.deepEqual(
      received.map((bytes) => bytes.length),
      [9, 300_004, 8],
    );
  });

  it('ends with an error at an impossible length', async () => {
    const { client, peer } = await connected();
    const failed = once(client, 'error') as Promise<[Error]>;
    peer.end(Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]));
    assert.match((await failed)[0].message, /response of -1 bytes/);
  });
});
