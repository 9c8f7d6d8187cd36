import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { PostgresJobQueue } from '../../platform/messaging/job-queue/postgres/postgres.ts';
import { Consumers } from '../../platform/messaging/consumers/consumers.ts';
import type { Job, JobQueue } from '../../platform/messaging/job-queue/job-queue.ts';
import { person } from '../../platform/testing/service.testing.ts';
import { Emails, WelcomeEmail } from '../../schema/messages/users.ts';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { UsersConsumers } from './consumers.ts';
import { openUsers } from './users.fixture.ts';

let u: Awaited<ReturnType<typeof openUsers>>;
let database: TestDatabase;
let queue: PostgresJobQueue;
const deliveries: { id: string; attempt: number }[] = [];

beforeAll(async () => {
  u = await openUsers();
  database = await createTestDatabase();
  queue = await PostgresJobQueue.open({ database: database.url });
  await queue.ensureQueues([Emails]);
  const jobs: Pick<JobQueue, 'work'> = {
    work: (name, options) =>
      queue.work(name, { ...options, handler: (job) => (deliveries.push(job), options.handler(job)) }),
  };
  const consumers = new Consumers({
    service: 'users',
    log: { consume: async () => ({ close: async () => undefined }) },
    jobs,
    inbox: u.inbox,
    outbox: u.outbox,
  });
  new UsersConsumers(consumers, u.prisma, u.users);
  await consumers.onApplicationBootstrap();
});
afterAll(async () => {
  await queue.close();
  await database.drop();
  await u.close();
});

describe('the jobs of users', () => {
  it('that cannot be done die at their first delivery, with a reason that does not contain the value', async () => {
    // The identity provider does not validate the address.
    await u.users.me({ ...person(), username: 'carla', email: 'carla at home' });
    const {
      jobs: [fromToken],
    } = await u.told();
    assert.ok(fromToken);
    const job = (changed: Partial<Job>): Job => ({
      id: randomUUID(),
      queue: Emails.name,
      kind: WelcomeEmail.kind,
      version: 1,
      payload: { userId: randomUUID(), to: 'anna@prodvor.example', displayName: 'Anna' },
      ...changed,
    });
    const bad = [
      job({ id: fromToken.id, payload: fromToken.payload as object }),
      job({ payload: {} }),
      job({ payload: null }),
      job({ kind: 'GoodbyeEmail' }),
    ];
    const good = job({});
    await queue.enqueue([...bad, good]);
    await queue.settled([Emails.name]);
    const dead = await queue.dead(Emails.name, 10);
    assert.deepEqual(dead.map(({ id }) => id).sort(), bad.map(({ id }) => id).sort());
    for (const { reason } of dead) {
      assert.match(reason, /^UnreadableMessage: /);
      assert.doesNotMatch(reason, /carla|home/);
    }
    assert.deepEqual(
      deliveries.map(({ attempt }) => attempt),
      [1, 1, 1, 1, 1],
    );
    assert.deepEqual(
      u.mails.map(({ messageId }) => messageId),
      [good.id],
    );
  });
});
