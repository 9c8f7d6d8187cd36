// Threat: people put passwords into any field, and answers with errors are copied into logs, consoles and error
// trackers. Safe means, for a secret in every argument and input type of the schema, valid and invalid, over every
// transport:
// - no answer of the router or of a subgraph repeats it, and the router's refusals have a code that shows whose mistake
//   it is;
// - no log line contains it, not even at debug level, so no error report does: the reporter writes to the log, with
//   stacks and causes;
// - a body that is not JSON and an operation of another name are refused without a quotation.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { buildSchema } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { documentOf } from '../../platform/subgraph/sdl.ts';
import { signingKey, signSubscribe } from '../../signature/signature.ts';
import { openProduct, signedUser } from '../../product/product.fixture.ts';
import { PrismaClient } from '../../subgraphs/users/generated/prisma/client.ts';
import { subgraphs } from '../../subgraphs/registry.ts';
import { UsersService } from '../../subgraphs/users/users.service.ts';
import { type Planted, planted, SECRET } from './planted.fixture.ts';

const SCHEMAS = path.join(import.meta.dirname, '../../schema');
const cases = [...planted(buildSchema(readFileSync(path.join(SCHEMAS, 'api.graphql'), 'utf8')))];
const ofSubgraph = (name: string): Planted[] => [...planted(buildSubgraphSchema(documentOf(name)))];

/** Matches the codes of errors that the client caused. */
const CLIENTS_FAULT =
  /"code":"(?:BAD_USER_INPUT|BAD_REQUEST|GRAPHQL_PARSE_FAILED|GRAPHQL_VALIDATION_FAILED|METHOD_NOT_ALLOWED|RATE_LIMITED)"/;

/**
 * Wrong values that nobody reads. The router accepts any value for a custom scalar, and a subgraph checks the value.
 * But no subgraph is asked for fields of an object that is null.
 */
const UNREAD = /^\w+(?:\.\w+)+\(.*\binstead of DateTime\b/;

describe('a secret in an input', () => {
  let p: Awaited<ReturnType<typeof openProduct>>;
  let signedIn: Record<string, string>;
  /** Output that libraries write past the log. */
  const stderr: string[] = [];
  const write = process.stderr.write.bind(process.stderr);
  beforeAll(async () => {
    process.stderr.write = ((chunk: string | Uint8Array, ...rest: []) =>
      stderr.push(String(chunk)) > 0 && write(chunk, ...rest)) as typeof process.stderr.write;
    p = await openProduct();
    signedIn = await p.signUp('olga');
  });
  afterAll(async () => {
    process.stderr.write = write;
    await p?.close();
  });

  /** Sends all requests, twenty at a time, and checks each answer. */
  async function check(sent: readonly Planted[], ask: (one: Planted) => Promise<string>): Promise<void> {
    const left = [...sent];
    const next = async (): Promise<void> => {
      for (let one = left.shift(); one; one = left.shift()) {
        const answer = await ask(one);
        assert.ok(!answer.includes(SECRET), `${one.what} comes back: ${answer}`);
        if (!one.fits && !UNREAD.test(one.what)) assert.match(answer, CLIENTS_FAULT, one.what);
        assert.ok(!answer.includes('"INTERNAL"'), `${one.what}: ${answer}`);
      }
    };
    await Promise.all(Array.from({ length: 20 }, next));
  }

  /** Sends a request over HTTP, and returns what arrives. A stream is closed after its first event. */
  const http =
    (accept: string) =>
    async ({ query, variables }: Planted): Promise<string> => {
      const leave = new AbortController();
      const body = JSON.stringify({ query, variables });
      const answer = await fetch(`${p.origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept, ...signedIn },
        body,
        signal: leave.signal,
      });
      if (/json|text\/plain/.test(answer.headers.get('content-type') ?? '')) return answer.text();
      const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
      const first = await reader?.read();
      leave.abort();
      return first?.value ?? '';
    };

  /** The first result over a socket: an event, errors, or the reason of its close. */
  const socket =
    (client: Client, extensions: (one: Planted) => Record<string, unknown> | undefined = () => undefined) =>
    async (one: Planted): Promise<string> => {
      const events = client.iterate({ query: one.query, variables: one.variables, extensions: extensions(one) });
      try {
        return JSON.stringify((await events.next()).value ?? null);
      } catch (error) {
        return Array.isArray(error) ? JSON.stringify(error) : String((error as { reason?: string }).reason ?? error);
      } finally {
        await events.return?.();
      }
    };

  it('is planted in every input type and argument', () => {
    const places = new Set(cases.map(({ what }) => what));
    for (const name of [
      'register(input).password',
      'scheduleMatch(input).kickoffAt',
      'recordMatchEvent(input).goal.player.name',
      'node.members(after)',
      'node.members(before)',
      'matchEvents(afterSeq)',
    ]) {
      assert.ok(
        [...places].some((what) => what.startsWith(`${name}:`)),
        name,
      );
    }
    assert.ok(cases.length > 500, String(cases.length));
  });

  it('is not repeated by the router: JSON', () =>
    check(cases, http('application/graphql-response+json, application/json;q=0.9')));

  it('is not repeated by the router: GET', () =>
    check(
      cases.filter(({ kind }) => kind === 'query'),
      async ({ query, variables }) => {
        const search = new URLSearchParams({ query, variables: JSON.stringify(variables) });
        return (await fetch(`${p.origin}/graphql?${search}`, { headers: { 'apollo-require-preflight': '1' } })).text();
      },
    ));

  /**
   * Every third of the requests. The text of an error does not depend on the transport, so the transports beside plain
   * HTTP share the requests.
   */
  const third = (of: readonly Planted[], n: number): Planted[] => of.filter((_, index) => index % 3 === n);
  const unfit = cases.filter(({ fits }) => !fits);

  it('is not repeated by the router: events and parts', async () => {
    await check(third(unfit, 0), http('text/event-stream'));
    await check(
      third(unfit, 1),
      http('multipart/mixed;subscriptionSpec=1.0, multipart/mixed;deferSpec=20220824, application/json;q=0.5'),
    );
  });

  it('is not repeated by the router: sockets', async () => {
    const client = createClient({
      url: `${p.origin.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: signedIn,
    });
    await check(
      third(
        cases.filter(({ fits, kind }) => !fits || kind !== 'subscription'),
        2,
      ),
      socket(client),
    );
    await client.dispose();
  });

  for (const name of Object.keys(subgraphs)) {
    it(`is not repeated by the subgraph ${name}, over HTTP and sockets`, async () => {
      const principal = signedUser(randomUUID(), 'organizer', 'admin');
      const sent = ofSubgraph(name).filter(({ query }) => !query.includes('_entities'));
      await check(
        sent.filter(({ kind }) => kind !== 'subscription'),
        async ({ query, variables }) => (await p.call(name, query, { variables, principal })).text,
      );
      const key = signingKey('test', 'a secret of enough bytes');
      const client = createClient({
        url: `${p.originOf(name).replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        retryAttempts: 0,
      });
      await check(
        third(
          sent.filter(({ fits, kind }) => !fits || kind !== 'subscription'),
          0,
        ),
        socket(client, ({ query, variables }) => {
          const identity = { ...principal, requestId: randomUUID() };
          return {
            identity,
            signature: signSubscribe(key, { operation: { query, variables }, identity, target: name }),
          };
        }),
      );
      await client.dispose();
    });
  }

  it('is not repeated from bodies that are not JSON, nor from an operation that does not exist', async () => {
    const query = '{ __typename }';
    for (const body of [
      SECRET,
      `{"password": ${SECRET}}`,
      `{"password": "${SECRET}`,
      `{"password": "${SECRET}" "${SECRET}"}`,
      `{"password": "${SECRET}",}`,
    ]) {
      const of = [
        p.post(`${p.origin}/graphql`, body),
        p.post(`${p.origin}/register`, body),
        p.post(`${p.originOf('users')}/register`, body),
      ];
      for (const { status, text } of await Promise.all(of))
        assert.deepEqual([status, text.includes(SECRET)], [400, false], text);
      const search = new URLSearchParams({ query, variables: body });
      const { status, text } = await fetch(`${p.origin}/graphql?${search}`, {
        headers: { 'apollo-require-preflight': '1' },
      }).then(async (answer) => ({ status: answer.status, text: await answer.text() }));
      assert.deepEqual([status, text.includes(SECRET)], [400, false], text);
    }
    const { text } = await p.post(`${p.origin}/graphql`, { query, operationName: SECRET });
    assert.match(text, /OPERATION_RESOLUTION_FAILURE/);
    assert.ok(!text.includes(SECRET), text);
    for (const input of [
      { username: [SECRET], password: { text: SECRET } },
      { username: SECRET, email: SECRET, password: 'x', surplus: SECRET, sports: [SECRET] },
    ]) {
      const registered = await p.post(`${p.origin}/register`, input);
      assert.deepEqual([registered.status, registered.text.includes(SECRET)], [422, false], registered.text);
    }
  });

  it('is in no line of the log', () => {
    assert.ok(p.lines.length > 1000, String(p.lines.length));
    const leak = p.lines.find((line) => JSON.stringify(line).includes(SECRET));
    assert.equal(leak, undefined, JSON.stringify(leak));
    assert.equal(
      stderr.find((text) => text.includes(SECRET)),
      undefined,
    );
  });

  it('is not in the errors of Prisma and PostgreSQL that the log contains', async () => {
    const users = p.apps.get('users') ?? assert.fail();
    const prisma = users.get(PrismaClient, { strict: false });
    const service = users.get(UsersService, { strict: false }) as { byIds: unknown };
    const failures: (readonly [complaint: RegExp, fails: () => Promise<unknown>])[] = [
      [
        /Argument `username` is missing/,
        () =>
          prisma.user.create({ data: { id: randomUUID(), displayName: SECRET, password: `${SECRET}\n}\n` } as never }),
      ],
      [
        /Argument `lastSeq`: Invalid value provided/,
        () => prisma.user.findMany({ where: { displayName: SECRET, lastSeq: SECRET as never } }),
      ],
      [/invalid input syntax for type uuid/, () => prisma.user.findMany({ where: { id: { in: [SECRET] } } })],
      [/invalid input syntax for type uuid/, () => prisma.$queryRaw`SELECT ${SECRET}::uuid`],
      [/out of range/, () => prisma.$queryRaw`SELECT ${'31415926535'}::int`],
      [/not valid JSON|\[redacted\]/, async () => JSON.parse(`{"password": ${SECRET}}`) as unknown],
    ];
    for (const [complaint, fails] of failures) {
      p.lines.length = 0;
      service.byIds = fails;
      const { text } = await p.call('users', `{ user(id: "${toGlobalId('User', randomUUID())}") { id } }`);
      delete service.byIds;
      assert.match(text, /"INTERNAL"/);
      const log = p.lines.map((line) => JSON.stringify(line)).join('\n');
      assert.match(log, complaint);
      assert.doesNotMatch(`${text}${log}`, new RegExp(`${SECRET}|31415926535`));
    }
  });
});
