import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import type { EventLog } from './event-log/event-log.ts';
import type { DeliveredJob, JobQueue } from './job-queue/job-queue.ts';
import { eventLogOf, jobQueueOf } from './service-ports.ts';
import { delivered } from '../testing/service.testing.ts';
import { currentContext } from '../observability/request-context.ts';

const consumer = { close: async () => undefined };

describe('the ports of a service', () => {
  it('run each event’s consumer and each job within the request that caused it', async () => {
    let handle: Parameters<EventLog['consume']>[0]['handler'] = async () => undefined;
    let work: (job: DeliveredJob) => Promise<void> = async () => undefined;
    const log = { consume: async ({ handler }: { handler: typeof handle }) => ((handle = handler), consumer) } as unknown as EventLog;
    const jobs = { work: async (_queue: string, { handler }: { handler: typeof work }) => ((work = handler), consumer) } as unknown as JobQueue;
    const seen: unknown[] = [];
    const look = async (): Promise<void> => {
      await Promise.resolve();
      seen.push(currentContext()?.service, currentContext()?.requestId);
    };
    assert.equal(await eventLogOf('chat', log).consume({ group: 'chat', topics: ['teams.v1'], handler: look }), consumer);
    assert.equal(await jobQueueOf('users', jobs).work('email-sender', { concurrency: 1, handler: look }), consumer);
    const [requestId, other] = [randomUUID(), randomUUID()];
    const job = { id: randomUUID(), queue: 'email-sender', kind: 'WelcomeEmail', version: 1, payload: {}, attempt: 1 };
    await handle({ ...delivered({ topic: 'teams.v1', key: 'k', seq: 1, type: 'TeamCreated', payload: {} }), requestId });
    await work({ ...job, requestId: other });
    assert.deepEqual(seen.splice(0), ['chat', requestId, 'users', other]);
    await handle(delivered({ topic: 'teams.v1', key: 'k', seq: 2, type: 'TeamCreated', payload: {} }));
    assert.match(String(seen[1]), /^[\w-]{12}-[0-9a-z]+$/);
  });
});
