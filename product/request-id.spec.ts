import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import pg from 'pg';
import { type Line, openProduct } from './product.fixture.ts';

let p: Awaited<ReturnType<typeof openProduct>>;
let pool: pg.Pool;
beforeAll(async () => {
  p = await openProduct();
  pool = new pg.Pool({ connectionString: p.database.url, max: 1 });
  pool.on('error', () => undefined);
});
afterAll(async () => {
  await pool.end();
  await p.close();
});

const linesOf = (requestId: string): Line[] => p.lines.filter((line) => line.requestId === requestId);
const has = (requestId: string, service: string, context: string, message: RegExp): boolean =>
  linesOf(requestId).some(
    (line) => line.service === service && line.context === context && message.test(String(line.message)),
  );

/** Types of the outbox rows that were written because of this request. */
const outboxOf = async (schema: string, requestId: string): Promise<string[]> =>
  (
    await pool.query<{ type: string }>(`SELECT type FROM ${schema}.outbox WHERE request_id = $1 ORDER BY id`, [
      requestId,
    ])
  ).rows.map(({ type }) => type);

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, `${what} did not happen`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('the id of a request at the edge', () => {
  it('is in the log lines of the router, of each subgraph that works on the request, and of their SQL', async () => {
    const requestId = `edge-${randomUUID()}`;
    const headers = { ...(await p.signUp('anna')), 'x-request-id': requestId };
    const { body } = await p.post(
      `${p.origin}/graphql`,
      { query: 'query Both { me { username } teams { edges { node { name } } } }' },
      headers,
    );
    assert.deepEqual(body, { data: { me: { username: 'anna' }, teams: { edges: [] } } });
    await until(() => has(requestId, 'router', 'Router', /^query Both/), 'the line of the router');
    for (const subgraph of ['users', 'teams']) {
      await until(() => has(requestId, subgraph, 'HTTP', /^POST \/graphql 200/), `the line of ${subgraph}`);
      assert.ok(has(requestId, subgraph, 'SQL', /^\s*SELECT/), JSON.stringify(linesOf(requestId)));
    }
    assert.ok(
      p.lines.every(({ requestId: id, context }) => context !== 'SQL' || id !== undefined),
      'a statement without a request',
    );
  });

  it('may be as short as the router accepts', async () => {
    await p.post(`${p.origin}/graphql`, { query: '{ teams { edges { cursor } } }' }, { 'x-request-id': 'x' });
    assert.ok(has('x', 'teams', 'SQL', /^\s*SELECT/));
  });

  it('is passed on with events, into what their consumers do and emit in turn', async () => {
    const requestId = `event-${randomUUID()}`;
    const headers = { ...(await p.signUp('boris')), 'x-request-id': requestId };
    const query = `mutation { createTeam(input: { clientId: "1", name: "Foxes", sport: FOOTBALL }) { team { name } userErrors { code } } }`;
    const { body } = await p.post(`${p.origin}/graphql`, { query }, headers);
    assert.deepEqual(body, { data: { createTeam: { team: { name: 'Foxes' }, userErrors: [] } } });
    assert.deepEqual(await outboxOf('teams', requestId), ['TeamCreated', 'MemberJoinedTeam']);
    await until(async () => (await outboxOf('chat', requestId)).join() === 'RoomEventRecorded', 'the room');
    assert.ok(has(requestId, 'chat', 'SQL', /INSERT INTO "chat"\."room_members"/));
    await until(() => has(requestId, 'users', 'SQL', /INSERT INTO "users"\."team_memberships"/), 'the team mate');
  });

  it('is passed on with jobs', async () => {
    const requestId = `job-${randomUUID()}`;
    const account = { username: 'dina', email: 'dina@prodvor.example', password: 'correct horse' };
    assert.equal((await p.post(`${p.origin}/register`, account, { 'x-request-id': requestId })).status, 201);
    assert.deepEqual(await outboxOf('users', requestId), ['UserRegistered']);
    await until(async () => (await outboxOf('notifications', requestId)).join() === 'WelcomeEmail', 'the job');
  });

  it('is created when it is missing or is not safe in a log line', async () => {
    for (const given of ['', 'a b', 'x'.repeat(200)]) {
      const { body } = await p.post(
        `${p.origin}/graphql`,
        { query: '{ teams(first: 0) { edges { cursor } } }' },
        given ? { 'x-request-id': given } : {},
      );
      const [error] = body.errors ?? [];
      assert.equal(error?.extensions.code, 'BAD_USER_INPUT');
      assert.match(error.extensions.requestId ?? '', /^[\w-]{10,40}$/);
    }
  });
});
