import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, it } from '@jest/globals';
import { type Body, readBody } from './read-body.ts';

let read = Promise.withResolvers<Body>();
const server = createServer(
  (req, res) =>
    void readBody(req, 10).then((body) => {
      read.resolve(body);
      res.writeHead(200, { connection: 'close' }).end();
    }),
);
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => void server.close().closeAllConnections());

/** The result of reading a request with these bytes. `cut` ends the connection after them. */
async function reading(bytes: string, cut = false): Promise<string | number> {
  read = Promise.withResolvers();
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
  socket.write(`POST / HTTP/1.1\r\nHost: localhost\r\n${bytes}`, () => {
    if (cut) socket.destroy();
  });
  const body = await read.promise;
  socket.destroy();
  return 'status' in body ? body.status : body.bytes.toString();
}

it('reads a body up to its limit, in any chunks', async () => {
  assert.equal(await reading('\r\n'), '');
  assert.equal(await reading('Content-Length: 10\r\n\r\n0123456789'), '0123456789');
  assert.equal(await reading('Transfer-Encoding: chunked\r\n\r\n4\r\n0123\r\n6\r\n456789\r\n0\r\n\r\n'), '0123456789');
});

it('reports a missing body: too long, announced or not, or cut off', async () => {
  assert.equal(await reading('Content-Length: 11\r\n\r\n'), 413); // The answer precedes any byte of the body.
  // The answer precedes the end of the body.
  assert.equal(await reading('Transfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n6\r\n6789ab\r\n'), 413);
  assert.equal(await reading('Content-Length: 10\r\n\r\n012', true), 400);
});
