// Responses in parts (@defer) over real connections.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import type { OperationInfo } from './config/observers.ts';
import { StreamClient } from './http.fixture.ts';
import { startNetwork, until } from './server.fixture.ts';
import type { Network } from './server.fixture.ts';
import { afterTest } from '../test/after-test.ts';

const OLD = 'multipart/mixed;deferSpec=20220824,application/json';
const NEW = 'multipart/mixed;incrementalSpec=v0.2,application/json';
const HEAD = '\r\n---\r\n';
const part = (payload: string, last = false): string =>
  `content-type: application/json; charset=utf-8\r\n\r\n${payload}\r\n---${last ? '--' : ''}\r\n`;

let network: Network;
const operations: OperationInfo[] = [];
beforeAll(async () => {
  network = await startNetwork({ onOperation: (info) => operations.push(info) });
});
afterAll(() => network.close());

const ask = (query: string, accept: string, headers: Record<string, string> = {}, to = network): StreamClient =>
  new StreamClient(to.origin, { headers: { accept, 'x-request-id': 'r', ...headers }, body: { query } });
const release = async (): Promise<void> => {
  await until(() => network.users.waiting.length > 0);
  for (const go of network.users.waiting.splice(0)) go();
};

test("sends each part as soon as it is ready, in the format of Apollo's clients", async () => {
  operations.length = 0;
  const client = ask('query Q { user(id: "slow") { id ... @defer(label: "n") { name } } echo(text: "hé") }', OLD);
  const first = `${HEAD}${part('{"data":{"user":{"id":"slow"},"echo":"hé"},"hasNext":true}')}`;
  await client.until(() => client.text === first);
  assert.equal(client.status, 200);
  assert.equal(client.headers['content-type'], 'multipart/mixed; boundary="-"; deferSpec=20220824');
  assert.equal(client.headers['x-request-id'], 'r');
  assert.equal(client.headers['content-length'], undefined);
  assert.equal(client.ended, false);
  await release();
  await client.until(() => client.ended);
  assert.equal(
    client.text,
    first + part('{"incremental":[{"data":{"name":"late"},"path":["user"],"label":"n"}],"hasNext":false}', true),
  );
  await until(() => operations.length === 1);
  assert.deepEqual(
    { ...operations[0], durationMs: 0 },
    { kind: 'query', name: 'Q', errors: 0, requestId: 'r', transport: 'http', durationMs: 0 },
  );
});

test('the format of the proposal to the specification announces parts and completes them by id', async () => {
  for (const accept of [NEW, 'multipart/mixed, application/json;q=0.9', 'multipart/mixed;incrementalSpec=v0.2']) {
    const client = ask(
      '{ user(id: "slow") { id ... @defer(label: "n") { name ... @defer { friend { name } } } } }',
      accept,
    );
    const first = `${HEAD}${part('{"data":{"user":{"id":"slow"}},"pending":[{"id":"0","path":["user"],"label":"n"}],"hasNext":true}')}`;
    await client.until(() => client.text === first);
    assert.equal(client.headers['content-type'], 'multipart/mixed; boundary="-"; incrementalSpec=v0.2');
    await release();
    await client.until(() => client.ended);
    const inner =
      '{"incremental":[{"id":"0","data":{"name":"late"}},{"id":"1","data":{"friend":{"name":"name of f"}}}],"completed":[{"id":"0"},{"id":"1"}],"hasNext":false}';
    const apart = [
      '{"pending":[{"id":"1","path":["user"]}],"incremental":[{"id":"0","data":{"name":"late"}}],"completed":[{"id":"0"}],"hasNext":true}',
      '{"incremental":[{"id":"1","data":{"friend":{"name":"name of f"}}}],"completed":[{"id":"1"}],"hasNext":false}',
    ];
    const possible = [
      first + part(inner.replace('{"incremental"', '{"pending":[{"id":"1","path":["user"]}],"incremental"'), true),
      first + part(apart[0] ?? '') + part(apart[1] ?? '', true),
    ];
    assert.ok(possible.includes(client.text), client.text);
  }
});

test('a client that accepts one document gets one; a client that accepts only parts gets one part', async () => {
  const query = '{ me ... @defer { echo(text: "x") } }';
  for (const accept of [
    'application/json',
    '*/*',
    'application/graphql-response+json',
    'multipart/mixed;subscriptionSpec=1.0, application/json',
  ]) {
    const client = ask(query, accept);
    await client.until(() => client.ended);
    assert.deepEqual(JSON.parse(client.text), { data: { me: null, echo: 'x' } }, accept);
  }
  const only = ask('{ me }', 'multipart/mixed');
  await only.until(() => only.ended);
  assert.equal(only.text, HEAD + part('{"data":{"me":null},"hasNext":false}', true));
  const conditional = ask('{ me ... @defer(if: false) { echo(text: "x") } }', OLD);
  await conditional.until(() => conditional.ended);
  assert.equal(conditional.text, '{"data":{"me":null,"echo":"x"}}', 'nothing is deferred: nothing of several parts');
  const refused = ask('{ me ... @defer { nothing } }', OLD);
  await refused.until(() => refused.ended);
  assert.equal(refused.headers['content-type'], 'application/json; charset=utf-8');
  assert.match(refused.text, /GRAPHQL_VALIDATION_FAILED/);
});

test('errors in a deferred part, and a subgraph that is down', async () => {
  const half = await startNetwork();
  afterTest(() => half.close());
  const query = '{ me ... @defer(label: "b") { broken } }';
  const error = '{"message":"no","path":["broken"],"extensions":{"code":"FORBIDDEN","requestId":"r"}}';
  const first = (accept: string) =>
    `${HEAD}${part(accept === OLD ? '{"data":{"me":null},"hasNext":true}' : '{"data":{"me":null},"pending":[{"id":"0","path":[],"label":"b"}],"hasNext":true}')}`;
  for (const [accept, second] of [
    [OLD, `{"incremental":[{"data":{"broken":null},"path":[],"errors":[${error}],"label":"b"}],"hasNext":false}`],
    [
      NEW,
      `{"incremental":[{"id":"0","data":{"broken":null},"errors":[${error}]}],"completed":[{"id":"0"}],"hasNext":false}`,
    ],
  ] as const) {
    const client = ask(query, accept, {}, half);
    await client.until(() => client.ended);
    assert.equal(client.text, first(accept) + part(second, true));
  }
  await half.rooms.close();
  const client = ask(query, OLD, {}, half);
  await client.until(() => client.ended);
  const gone = error.replace('no', 'A service cannot be reached').replace('FORBIDDEN', 'UNAVAILABLE');
  assert.equal(
    client.text,
    first(OLD) +
      part(`{"incremental":[{"data":{"broken":null},"path":[],"errors":[${gone}],"label":"b"}],"hasNext":false}`, true),
  );
});

test('a client that disconnects cancels deferred parts; parts that take too long end with an error', async () => {
  const client = ask('{ user(id: "slow") { id ... @defer { name } } }', OLD);
  await client.until(() => client.text.includes('hasNext'));
  await until(() => network.users.waiting.length > 0);
  assert.equal(network.router.stats().requests, 1);
  client.end();
  await until(() => network.router.stats().requests === 0);
  network.users.waiting.splice(0).forEach((go) => go());

  const hasty = await startNetwork({ limits: { operationMs: 2_000 } });
  afterTest(() => hasty.close());
  // The result does not matter: the request makes the planner load the code for such documents.
  const first = ask('{ user(id: "fast") { id ... @defer { name } } }', NEW, {}, hasty);
  await first.until(() => first.ended);
  const late = ask('{ user(id: "slow") { id ... @defer { name } } }', NEW, {}, hasty);
  await late.until(() => late.ended);
  assert.match(
    late.text,
    /"data":\{"name":null\},"errors":\[\{"message":"A service cannot be reached","path":\["user"\],"extensions":\{"code":"UNAVAILABLE","requestId":"r"\}\}\]/,
  );
  assert.ok(late.text.endsWith('\r\n-----\r\n'));
});
