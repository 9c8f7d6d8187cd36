import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { readPrincipal } from '../identity/principal.ts';
import { createNonceCache } from '../../signature/nonces.ts';
import { keyRing, signingKey, type Verifier, verifyRequest } from '../../signature/signature.ts';
import { publicError } from '../observability/format-error.ts';
import { runInContext } from '../observability/request-context.ts';
import { ownCopy } from './own-copy.ts';
import { NoAnswer, Questions } from './questions.ts';

const KEY = signingKey('test', 'a secret of enough bytes');

/** A subgraph of the name "other" that believes signed calls only; `answers` says what comes next, `seen` what was asked. */
let server: Server;
let url: string;
const seen: { principal: unknown; requestId: string; body: { query: string; variables: object } }[] = [];
let answers: (body: string, req: IncomingMessage) => { status?: number; body?: unknown } | 'cut' | 'silence';

before(async () => {
  const verifier: Verifier = { target: 'other', keys: keyRing(KEY), nonces: createNonceCache() };
  server = createServer((req, res) => void (async () => {
    const body = await text(req);
    const verified = verifyRequest(verifier, { method: req.method ?? '', path: req.url ?? '', headers: req.headers, body });
    if (!verified.ok) return res.writeHead(401).end(verified.reason);
    seen.push({ principal: readPrincipal(verified.principal), requestId: verified.requestId, body: JSON.parse(body) });
    const answer = answers(body, req);
    if (answer === 'silence') return;
    if (answer === 'cut') return req.socket.destroy();
    res.writeHead(answer.status ?? 200, { 'content-type': 'application/json' }).end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  })());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
});
after(async () => {
  await Promise.all(made.map((questions) => questions.close()));
  server.close();
});

const made: Questions[] = [];
const asking = (key = KEY, timeoutMs?: number): Questions => {
  const questions = new Questions({ key, urls: [['other', url]], timeoutMs });
  made.push(questions);
  return questions;
};
const noAnswer = (reason: RegExp) => (error: unknown): boolean => {
  assert.ok(error instanceof NoAnswer);
  assert.match(error.message, reason);
  assert.deepEqual(publicError(error), { code: 'UNAVAILABLE', message: 'Temporarily unavailable', unexpected: true });
  return true;
};

describe('a question to another subgraph', () => {
  it('is signed, for the viewer it is asked for, under the request that caused it', async () => {
    answers = () => ({ body: { data: { it: 1 } } });
    const viewer = { userId: randomUUID(), roles: ['captain'], username: 'änna', email: 'anna@prodvor.example' };
    seen.length = 0;
    const data = await runInContext({ requestId: 'request-1', service: 'test' }, () => asking().ask('other', { query: '{ it }', variables: { a: 'ü' }, viewer }));
    assert.deepEqual(data, { it: 1 });
    assert.deepEqual(seen, [{ principal: viewer, requestId: 'request-1', body: { query: '{ it }', variables: { a: 'ü' } } }]);
    // An audience's key means nothing to another subgraph.
    for (const other of [undefined, { audience: 'chat:1', roles: [] }]) await asking().ask('other', { query: '{ it }', viewer: other });
    assert.deepEqual(seen.slice(1).map(({ principal }) => principal), [{ roles: [] }, { roles: [] }]);
  });

  it('asks which entities exist', async () => {
    answers = () => ({ body: { data: { _entities: [{ id: 'a' }, null, { id: 'c' }] } } });
    assert.deepEqual([...await asking().existing('other', 'Thing', ['a', 'b', 'c'])], ['a', 'c']);
    assert.deepEqual(seen.at(-1)?.body, {
      query: 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Thing { id } } }',
      variables: { of: ['a', 'b', 'c'].map((id) => ({ __typename: 'Thing', id })) },
    });
    const before = seen.length;
    assert.equal((await asking().existing('other', 'Thing', [])).size, 0);
    assert.equal(seen.length, before);
  });

  it('that is not answered is UNAVAILABLE, and only the log says why', async () => {
    const cases: [RegExp, Questions, typeof answers][] = [
      [/^other answered FORBIDDEN: no$/, asking(), () => ({ body: { data: null, errors: [{ message: 'no', extensions: { code: 'FORBIDDEN' } }] } })],
      [/^other answered nothing$/, asking(), () => ({ body: {} })],
      [/^other cannot be asked: HTTP 503$/, asking(), () => ({ status: 503, body: 'away' })],
      [/^other cannot be asked: HTTP 401$/, asking(signingKey('test', 'another secret altogether')), () => ({ body: {} })],
      [/^other cannot be asked: .*JSON/, asking(), () => ({ body: '<html>' })],
      [/^other cannot be asked: fetch failed/, asking(), () => 'cut'],
      [/^other cannot be asked: .*timeout/, asking(KEY, 100), () => 'silence'],
      [/^SUBGRAPH_URLS does not say where other is$/, new Questions({ key: KEY }), () => ({})],
    ];
    for (const [reason, questions, answer] of cases) {
      answers = answer;
      await assert.rejects(questions.ask('other', { query: '{ it }' }), noAnswer(reason));
    }
  });

  it('is sent again when the connection ended, signed anew', async () => {
    let calls = 0;
    answers = () => (++calls === 1 ? 'cut' : { body: { data: { it: 2 } } });
    assert.deepEqual(await asking().ask('other', { query: '{ it }' }), { it: 2 });
    assert.equal(calls, 2);
  });

  it('waits for one of a few connections when there are many, and fails with what it asks through', async () => {
    const sockets = new Set<unknown>();
    answers = (_body, req) => (sockets.add(req.socket), { body: { data: { it: 4 } } });
    const questions = asking();
    const all = await Promise.all(Array.from({ length: 300 }, () => questions.ask('other', { query: '{ it }' })));
    assert.deepEqual([...new Set(all.map((answer) => JSON.stringify(answer)))], ['{"it":4}']);
    assert.ok(sockets.size > 1 && sockets.size <= 32, `${sockets.size} connections`);
    answers = () => 'silence';
    const asked = assert.rejects(questions.ask('other', { query: '{ it }' }), noAnswer(/^other cannot be asked/));
    await questions.close();
    await asked;
  });

  it('finds the subgraphs of its own process, unless the configuration names another place', async () => {
    answers = () => ({ body: { data: { it: 3 } } });
    const questions = new Questions({ key: KEY });
    made.push(questions);
    questions.learn('other', url);
    questions.learn('other', 'http://127.0.0.1:1/graphql');
    assert.deepEqual(await questions.ask('other', { query: '{ it }' }), { it: 3 });
  });
});

describe('the own copy', () => {
  it('is read again until it is here, or the time is over', async () => {
    let reads = 0;
    assert.equal(await ownCopy(async () => ++reads, (value) => value === 3), 3);
    assert.equal(reads, 3);
    const began = performance.now();
    assert.equal(await ownCopy(async () => 'old', () => false, 100), 'old');
    assert.ok(performance.now() - began < 5_000);
  });
});
