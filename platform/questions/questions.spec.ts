import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { readPrincipal } from '../identity/principal.ts';
import { createNonceCache } from '../../signature/nonces.ts';
import { keyRing, signingKey, type Verifier, verifyRequest } from '../../signature/signature.ts';
import { publicError } from '../observability/format-error.ts';
import { type AskedQuestion, runInContext } from '../observability/request-context.ts';
import { askedOf, msLeft, stopWhenLate } from './asked.ts';
import { defineExistence, defineQuestion, defineWhich, entitiesOf, NoAnswer } from './definition.ts';
import { readOwnCopy } from './own-copy.ts';
import { QuestionRefused, Questions, type QuestionsOptions, whereTrue } from './questions.ts';
import { SubgraphCalls } from './subgraph-calls.ts';

const KEY = signingKey('test', 'a secret of enough bytes');
const Age = defineQuestion({
  to: 'other',
  field: 'ages',
  argument: 'of',
  type: 'ID!',
  item: z.string(),
  answer: z.int().nullable(),
});
const IsOld = defineWhich({ to: 'other', field: 'theOld', argument: 'among' });
const ThingExists = defineExistence({ to: 'other', type: 'Thing' });

interface Body {
  readonly query: string;
  readonly variables: { readonly of: readonly string[] };
  readonly extensions: { readonly question: { readonly path: string[]; readonly ms: number } };
}

/**
 * A subgraph named "other" that accepts signed calls only. `answers` returns the next answer, and `seen` records the
 * calls.
 */
let server: Server;
let url: string;
const seen: { principal: unknown; requestId: string; body: Body }[] = [];
let answers: (
  body: Body,
  req: IncomingMessage,
) => { status?: number; body?: unknown } | 'cut' | 'silence' | Promise<{ body: unknown }>;
/** Answers Age with the number in the id. */
const ages = ({ variables: { of } }: Body): { body: unknown } => ({
  body: { data: { ages: of.map((id) => Number(id)) } },
});

beforeAll(async () => {
  const verifier: Verifier = { target: 'other', keys: keyRing(KEY), nonces: createNonceCache() };
  server = createServer(
    (req, res) =>
      void (async () => {
        const body = await text(req);
        const verified = verifyRequest(verifier, {
          method: req.method ?? '',
          path: req.url ?? '',
          headers: req.headers,
          body,
        });
        if (!verified.ok) return res.writeHead(401).end(verified.reason);
        const parsed = JSON.parse(body) as Body;
        seen.push({ principal: readPrincipal(verified.principal), requestId: verified.requestId, body: parsed });
        const answer = await answers(parsed, req);
        if (answer === 'silence') return;
        if (answer === 'cut') return req.socket.destroy();
        const status = 'status' in answer ? answer.status : undefined;
        res
          .writeHead(status ?? 200, { 'content-type': 'application/json' })
          .end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
      })(),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
});
beforeEach(() => {
  seen.length = 0;
  answers = ages;
});
const opened: SubgraphCalls[] = [];
afterEach(() => Promise.all(opened.splice(0).map((calls) => calls.close())));
afterAll(() => void server.close());

const callsWith = (key = KEY, urls: [string, string][] = [['other', url]]): SubgraphCalls => {
  const calls = new SubgraphCalls({ key, urls });
  opened.push(calls);
  return calls;
};
const asking = (options: Partial<QuestionsOptions> = {}): Questions =>
  new Questions({ service: 'asker', asks: ['other'], calls: callsWith(), ...options });
const noAnswer =
  (reason: RegExp) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof NoAnswer, String(error));
    assert.match(error.message, reason);
    assert.deepEqual(publicError(error), { code: 'UNAVAILABLE', message: 'Temporarily unavailable', unexpected: true });
    return true;
  };
const answering = <T>(question: AskedQuestion, work: () => T): T =>
  runInContext({ requestId: 'r', service: 'asker', question }, work);

describe('a question to another subgraph', () => {
  it("is signed, names the asking subgraph and the viewer, and carries the request's id", async () => {
    const viewer = { userId: randomUUID(), roles: ['captain'], username: 'änna', email: 'anna@prodvor.example' };
    assert.equal(
      await runInContext({ requestId: 'request-1', service: 'asker' }, () => asking().ask(Age, '7', viewer)),
      7,
    );
    const [{ principal, requestId, body } = assert.fail()] = seen;
    assert.deepEqual([principal, requestId], [viewer, 'request-1']);
    const {
      extensions: {
        question: { path, ms },
      },
      ...rest
    } = body;
    assert.deepEqual(rest, { query: 'query ($of: [ID!]!) { ages(of: $of) }', variables: { of: ['7'] } });
    assert.deepEqual(path, ['asker']);
    assert.ok(ms > 1_000 && ms <= 2_000, String(ms));
    // Another subgraph cannot interpret an audience's key.
    for (const other of [undefined, { audience: 'chat:1', roles: [] }]) await asking().ask(Age, '7', other);
    assert.deepEqual(
      seen.slice(1).map((one) => one.principal),
      [{ roles: [] }, { roles: [] }],
    );
  });

  it('has an answer for each item, in every form of the field', async () => {
    answers = () => ({ body: { data: { theOld: ['b'] } } });
    assert.deepEqual(await asking().askAll(IsOld, ['a', 'b']), [false, true]);
    answers = ({ variables: { of } }) => ({
      body: {
        data: {
          _entities: of.map((one) =>
            (one as unknown as { id: string }).id === 'gone' ? null : { __typename: 'Thing' },
          ),
        },
      },
    });
    assert.deepEqual(await asking().askAll(ThingExists, ['a', 'gone']), [true, false]);
    assert.deepEqual(
      await asking().askAll(entitiesOf('other'), [
        { __typename: 'Thing', id: 'gone' },
        { __typename: 'Event', id: 'b' },
      ]),
      [false, true],
    );
    assert.deepEqual(seen.at(-1)?.body.variables.of, [
      { __typename: 'Thing', id: 'gone' },
      { __typename: 'Event', id: 'b' },
    ]);
    assert.deepEqual(await whereTrue(['x', 'y'], asking().askAll(ThingExists, ['gone', 'a'])), ['y']);
    const before = seen.length;
    assert.deepEqual(await asking().askAll(ThingExists, []), []);
    assert.equal(seen.length, before);
  });

  it('fails only the item that has an error', async () => {
    const error = { message: 'no', extensions: { code: 'BROKEN' } };
    answers = () => ({ body: { data: { ages: [1, null, null, 'old'] }, errors: [{ ...error, path: ['ages', 1] }] } });
    const [one, two, three, four] = await asking().askAll(Age, ['1', '2', '3', '4']);
    assert.deepEqual([one, three], [1, null]);
    assert.ok(noAnswer(/^other answered BROKEN: no$/)(two) && noAnswer(/^other answered ages.3 in a form/)(four));
    // An error whose path does not lead to an item fails all items.
    answers = () => ({ body: { data: { ages: [1, 2] }, errors: [{ ...error, path: ['other', 1] }] } });
    for (const answer of await asking().askAll(Age, ['1', '2'])) noAnswer(/BROKEN/)(answer);
    answers = () => ({ body: { data: { ages: [1] } } });
    for (const answer of await asking().askAll(Age, ['1', '2'])) noAnswer(/^other answered 1 of 2$/)(answer);
  });

  it('is UNAVAILABLE without an answer, and only the log has the reason', async () => {
    const cases: [RegExp, Questions, typeof answers][] = [
      [
        /^other answered FORBIDDEN: no$/,
        asking(),
        () => ({ body: { data: null, errors: [{ message: 'no', extensions: { code: 'FORBIDDEN' } }] } }),
      ],
      [/^other answered nothing$/, asking(), () => ({ body: {} })],
      [/^other cannot be asked: HTTP 503$/, asking(), () => ({ status: 503, body: 'away' })],
      [
        /^other cannot be asked: HTTP 401$/,
        asking({ calls: callsWith(signingKey('test', 'another secret altogether')) }),
        () => ({ body: {} }),
      ],
      [/^other cannot be asked: .*JSON/, asking(), () => ({ body: '<html>' })],
      [/^other cannot be asked: fetch failed/, asking(), () => 'cut'],
      [/^other cannot be asked: .*timeout/, asking({ timeoutMs: 100 }), () => 'silence'],
      [/^SUBGRAPH_URLS has no URL of other$/, asking({ calls: callsWith(KEY, []) }), () => ({})],
      [
        /there is no key to sign with/,
        asking({ calls: new SubgraphCalls({ key: undefined, urls: [['other', url]] }) }),
        () => ({}),
      ],
    ];
    for (const [reason, questions, answer] of cases) {
      answers = answer;
      await assert.rejects(questions.ask(Age, '1'), noAnswer(reason), String(reason));
    }
  });

  it('is sent again with a new signature when the connection ended', async () => {
    let calls = 0;
    answers = (body) => (++calls === 1 ? 'cut' : ages(body));
    assert.equal(await asking().ask(Age, '2'), 2);
    assert.equal(calls, 2);
  });

  it("waits for one of few connections when there are many calls, and fails with the calls' dispatcher", async () => {
    const sockets = new Set<unknown>();
    answers = (body, req) => (sockets.add(req.socket), ages(body));
    const calls = callsWith();
    const questions = asking({ calls, maxItems: 1, timeoutMs: 30_000 });
    assert.deepEqual(
      await questions.askAll(
        Age,
        Array.from({ length: 300 }, (_, n) => String(n)),
      ),
      Array.from({ length: 300 }, (_, n) => n),
    );
    assert.equal(seen.length, 300);
    assert.ok(sockets.size > 1 && sockets.size <= 32, `${sockets.size} connections`);
    answers = () => 'silence';
    const asked = assert.rejects(questions.ask(Age, '1'), noAnswer(/^other cannot be asked/));
    await sleep(20);
    await calls.close();
    await asked;
  });

  it('finds the subgraphs of its own process, unless the configuration has another URL', async () => {
    const calls = callsWith(KEY, []);
    calls.setLocalUrl('other', url);
    calls.setLocalUrl('other', 'http://127.0.0.1:1/graphql');
    assert.equal(await asking({ calls }).ask(Age, '3'), 3);
  });
});

describe('questions of several requests at once', () => {
  const anna = { userId: randomUUID(), roles: [] };
  const inRequest = <T>(n: number, work: () => T): T =>
    runInContext({ requestId: `request-${n}`, service: 'asker' }, work);

  it('share one call for each viewer, question and subgraph, up to a number of items', async () => {
    const questions = asking();
    const hundred = Array.from({ length: 100 }, (_, n) => n);
    assert.deepEqual(await Promise.all(hundred.map((n) => inRequest(n, () => questions.ask(Age, String(n))))), hundred);
    assert.deepEqual(
      seen.map(({ body, requestId }) => [body.variables.of.length, requestId]),
      [[100, 'request-0']],
    );
    seen.length = 0;
    assert.equal(
      (
        await questions.askAll(
          Age,
          Array.from({ length: 250 }, (_, n) => String(n)),
        )
      ).length,
      250,
    );
    assert.deepEqual(
      seen.map(({ body }) => body.variables.of.length),
      [100, 100, 50],
    );
    seen.length = 0;
    assert.deepEqual(await Promise.all(['7', '7', '8'].map((id) => questions.ask(Age, id))), [7, 7, 8]);
    assert.deepEqual(
      seen.map(({ body }) => body.variables.of),
      [['7', '8']],
      'the same item is asked about once',
    );
    await questions.ask(Age, '7');
    assert.equal(seen.length, 2, 'and again when it is asked later');
  });

  it('keep rights apart: another viewer, other roles, or a guest need another call', async () => {
    const questions = asking();
    const viewers = [undefined, anna, { ...anna, roles: ['admin'] }, { userId: randomUUID(), roles: [] }];
    answers = ({ variables: { of } }) => ({ body: { data: { ages: of.map(() => null) } } });
    await Promise.all([...viewers, ...viewers].map((viewer, n) => questions.ask(Age, String(n), viewer)));
    assert.deepEqual(
      new Set(seen.map(({ principal }) => JSON.stringify(principal))),
      new Set(viewers.map((viewer) => JSON.stringify(viewer ?? { roles: [] }))),
    );
    assert.deepEqual(
      seen.map(({ body }) => body.variables.of.length),
      [2, 2, 2, 2],
    );
  });

  it('are faster together: p50 of 100 at once', async () => {
    const median = async (questions: Questions): Promise<number> => {
      const times: number[] = [];
      for (let round = 0; round < 6; round++) {
        const took = await Promise.all(
          Array.from({ length: 100 }, async (_, n) => {
            const began = performance.now();
            await inRequest(n, () => questions.ask(Age, String(n), anna));
            return performance.now() - began;
          }),
        );
        if (round > 0) times.push(...took);
      }
      return times.toSorted((a, b) => a - b)[times.length / 2] ?? 0;
    };
    const [alone, together] = [
      await median(asking({ maxItems: 1, timeoutMs: 30_000 })),
      await median(asking({ timeoutMs: 30_000 })),
    ];
    assert.ok(together < alone);
  }, 60_000);
});

describe('a question while another one is answered', () => {
  const asked = (ms: number, ...path: string[]): AskedQuestion => ({ path, until: performance.now() + ms });

  it('has only the remaining time of that question', async () => {
    const questions = asking();
    await answering(asked(500, 'first'), () => questions.ask(Age, '1'));
    const [
      {
        body: {
          extensions: {
            question: { path, ms },
          },
        },
      } = assert.fail(),
    ] = seen;
    assert.deepEqual(path, ['first', 'asker']);
    assert.ok(ms > 100 && ms <= 500, String(ms));
    await assert.rejects(
      answering(asked(0, 'first'), () => questions.ask(Age, '1')),
      noAnswer(/in the 0 ms that were left/),
    );
    assert.equal(seen.length, 1, 'is not sent');
    answers = () => 'silence';
    const began = performance.now();
    // Both questions are in one batch, and the other one has more time.
    const [hurried, patient] = [
      answering(asked(100, 'first'), () => questions.ask(Age, '1')),
      answering(asked(700, 'first'), () => questions.ask(Age, '2')),
    ];
    const refused = assert.rejects(patient, noAnswer(/timeout|ms that were left/));
    await assert.rejects(hurried, noAnswer(/in the \d+ ms that were left/));
    const first = performance.now() - began;
    await refused;
    assert.ok(first < performance.now() - began - 200, 'each has its own time');
    assert.equal(seen.length, 2);
  });

  it('stops work that nobody waits for', async () => {
    let reads = 0;
    const began = performance.now();
    await answering(asked(50, 'first'), () =>
      readOwnCopy(
        async () => ++reads,
        () => false,
      ),
    );
    assert.ok(performance.now() - began < 1_500);
    assert.throws(() => stopWhenLate(asked(0, 'first')), { extensions: { code: 'UNAVAILABLE' } });
    stopWhenLate(asked(1_000, 'first'));
    stopWhenLate(undefined);
    assert.equal(msLeft(undefined, 5), 5);
    assert.equal(msLeft(asked(1_000, 'first'), 5), 5);
    assert.equal(msLeft(asked(-1, 'first'), 5), 0);
  });

  it('is refused before it is sent when it would close a cycle or is not declared', async () => {
    const refused = (work: Promise<unknown>, reason: RegExp) =>
      assert.rejects(work, (error: unknown) => {
        assert.ok(error instanceof QuestionRefused);
        assert.match(error.message, reason);
        assert.equal(publicError(error).code, 'INTERNAL');
        return true;
      });
    await refused(
      answering(asked(500, 'other', 'third'), () => asking().ask(Age, '1')),
      /cycle: other asks third asks asker asks other$/,
    );
    await refused(asking({ service: 'other', asks: ['other'] }).ask(Age, '1'), /cycle: other asks other$/);
    await refused(
      asking({ asks: ['third'] }).ask(Age, '1'),
      /^asker does not declare in its manifest that it asks other$/,
    );
    await refused(asking({ asks: [] }).askAll(Age, ['1']), /manifest/);
    assert.deepEqual(seen, []);
  });
});

describe('the metadata in a body', () => {
  const mayAsk = (service: string): boolean => service === 'asker';
  const of = (question: unknown): unknown => askedOf({ query: '{ it }', extensions: { question } }, 'other', mayAsk);

  it('belongs to a question of a declared subgraph, or is absent for the router', () => {
    const asked = of({ path: ['first', 'asker'], ms: 1_000 }) as AskedQuestion;
    assert.deepEqual(asked.path, ['first', 'asker']);
    assert.ok(msLeft(asked, 60_000) > 500 && msLeft(asked, 60_000) <= 1_000);
    for (const body of [undefined, null, 'x', [], { query: '{ it }' }, { extensions: null }, { extensions: {} }])
      assert.equal(askedOf(body, 'other', mayAsk), undefined);
  });

  it('is refused in any other form', () => {
    assert.equal(of({ path: ['stranger'], ms: 1 }), 'question_undeclared');
    assert.equal(of({ path: ['asker', 'stranger'], ms: 1 }), 'question_undeclared');
    assert.equal(of({ path: ['other', 'asker'], ms: 1 }), 'question_in_a_cycle');
    for (const wrong of [
      null,
      1,
      {},
      { path: [], ms: 1 },
      { path: ['asker'] },
      { path: ['asker'], ms: -1 },
      { path: ['asker'], ms: 1e9 },
      { path: ['Asker\n'], ms: 1 },
      { path: Array(33).fill('asker'), ms: 1 },
    ]) {
      assert.equal(of(wrong), 'question_malformed', JSON.stringify(wrong));
    }
  });
});

describe('the own copy', () => {
  it('is read again until it is caught up or the time is over', async () => {
    let reads = 0;
    assert.equal(
      await readOwnCopy(
        async () => ++reads,
        (value) => value === 3,
      ),
      3,
    );
    assert.equal(reads, 3);
    const began = performance.now();
    assert.equal(
      await readOwnCopy(
        async () => 'old',
        () => false,
        100,
      ),
      'old',
    );
    assert.ok(performance.now() - began < 5_000);
  });
});
