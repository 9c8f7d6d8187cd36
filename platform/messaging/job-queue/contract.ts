import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { EventEmitter, on, once } from 'node:events';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { z } from 'zod';
import { openJobQueue } from './contract.adapters.ts';
import type { AdapterChoice } from './contract.adapters.ts';
import type { WorkerReport, WorkerRequest } from './contract.worker.ts';
import { checkJob } from './envelope.ts';
import type { Backlog, DeliveredJob, Job, JobQueue, QueueDefinition } from './job-queue.ts';
import { defineJob } from '../definitions.ts';

export interface ContractSubject {
  /** Chooses the adapter and its server. Called once, when the suite starts. */
  choose(): Promise<AdapterChoice>;
  /** Whether the adapter drops a second job with the same id. If not, handlers must be idempotent. */
  readonly remembersIds: boolean;
}

/** All queues that tests have defined in this process, for cleaning up. */
export const defined: QueueDefinition[] = [];

export function definition(changes: Partial<QueueDefinition> = {}): QueueDefinition {
  const made = { name: `t${randomUUID()}`, maxDeliveries: 3, retryDelayMs: 100, ...changes };
  defined.push(made);
  return made;
}

export function jobsFor({ name }: QueueDefinition, count: number): Job[] {
  return Array.from({ length: count }, (_, number) => {
    return {
      id: randomUUID(),
      queue: name,
      kind: 'Test',
      version: 1,
      requestId: 'request-1',
      payload: { number, text: 'Привет' },
    };
  });
}

/** Collects deliveries; `reach(n)` resolves at the n-th. */
export class Deliveries {
  readonly all: (DeliveredJob & { readonly at: number })[] = [];
  readonly #events = new EventEmitter();

  readonly record = async (job: DeliveredJob): Promise<void> => {
    this.all.push({ ...job, at: performance.now() });
    this.#events.emit('delivery');
  };

  async reach(count: number): Promise<void> {
    while (this.all.length < count) await once(this.#events, 'delivery');
  }
}

/** The contract that both adapters keep. */
export function jobQueueContract(subject: ContractSubject): void {
  describe('the contract of a job queue', () => {
    let choice: AdapterChoice;
    let queue: JobQueue;
    const processes = new Set<ChildProcess>();

    beforeAll(async () => {
      choice = await subject.choose();
      // Several processes that start at the same time create the same schema, exchange and queues.
      const shared = definition();
      const queues = await Promise.all([1, 2, 3].map(() => openJobQueue(choice)));
      await Promise.all(queues.map((each) => each.ensureQueues([shared])));
      queue = queues[0]!;
      await Promise.all(queues.slice(1).map((each) => each.close()));
    });
    afterAll(async () => {
      for (const child of processes) child.kill('SIGKILL');
      await queue.close();
    });

    async function startWorker(
      request: Omit<WorkerRequest, 'adapter'>,
    ): Promise<{ child: ChildProcess; seen: WorkerReport[] }> {
      const child = fork(new URL('./contract.worker.ts', import.meta.url), [
        JSON.stringify({ adapter: choice, ...request }),
      ]);
      processes.add(child);
      const seen: WorkerReport[] = [];
      child.on('message', (message) => seen.push(message as WorkerReport));
      await once(child, 'message');
      return { child, seen };
    }

    it('delivers each job once when its handler succeeds, with all its fields', async () => {
      const queueA = definition();
      await queue.ensureQueues([queueA]);
      const jobs = jobsFor(queueA, 40);
      const deliveries = new Deliveries();
      await queue.enqueue(jobs.slice(0, 20));
      const worker = await queue.work(queueA.name, { concurrency: 5, handler: deliveries.record });
      await queue.enqueue(jobs.slice(20));
      await queue.settled([queueA.name]);
      await worker.close();
      const byNumber = [...deliveries.all].sort((a, b) => numberOf(a) - numberOf(b));
      assert.deepEqual(
        byNumber.map(({ at: _at, ...job }) => job),
        jobs.map((job) => ({ ...job, attempt: 1 })),
      );
      assert.deepEqual(await queue.dead(queueA.name, 10), []);
    });

    it('answers a ping until it is closed', async () => {
      const other = await openJobQueue(choice);
      await other.ensureQueues([definition()]);
      await Promise.all([other.ping(), other.ping()]);
      await other.close();
      await assert.rejects(other.ping());
    });

    (subject.remembersIds ? it : it.skip)('drops a repeated id, waiting or done', async () => {
      const queueA = definition();
      await queue.ensureQueues([queueA]);
      const [job] = jobsFor(queueA, 1) as [Job];
      const deliveries = new Deliveries();
      await queue.enqueue([job, job]);
      await queue.enqueue([job]);
      const worker = await queue.work(queueA.name, { concurrency: 2, handler: deliveries.record });
      await queue.settled([queueA.name]);
      await queue.enqueue([job]);
      await queue.settled([queueA.name]);
      await worker.close();
      assert.equal(deliveries.all.length, 1);
    });

    it('delivers a failing job again after growing delays, then keeps it in the dead queue, and redrives it', async () => {
      const queueA = definition({ maxDeliveries: 3, retryDelayMs: 150 });
      await queue.ensureQueues([queueA]);
      const jobs = jobsFor(queueA, 2);
      const deliveries = new Deliveries();
      let broken = true;
      const worker = await queue.work(queueA.name, {
        concurrency: 2,
        handler: async (job) => {
          await deliveries.record(job);
          if (broken) throw new Error(`no luck with ${numberOf(job)}`);
        },
      });
      await queue.enqueue(jobs);
      await queue.settled([queueA.name]);
      for (const job of jobs) {
        const [first, second, third, ...more] = deliveries.all.filter(({ id }) => id === job.id);
        assert.deepEqual([first?.attempt, second?.attempt, third?.attempt, more.length], [1, 2, 3, 0]);
        const gaps = [second!.at - first!.at, third!.at - second!.at] as const;
        assert.ok(gaps[0] >= 145 && gaps[1] >= 295, `delays of ${gaps.join(' and ')} ms`);
      }
      const dead = await queue.dead(queueA.name, 10);
      assert.deepEqual(dead.map(({ id }) => id).sort(), jobs.map(({ id }) => id).sort());
      for (const { reason, diedAt, id, ...rest } of dead) {
        const { id: _id, ...given } = jobs.find((job) => job.id === id)!;
        assert.deepEqual(rest, given);
        assert.equal(reason, `Error: no luck with ${numberOf(rest)}`);
        assert.match(diedAt, /^\d{4}-\d\d-\d\dT.*Z$/);
        assert.ok(Math.abs(Date.now() - Date.parse(diedAt)) < 60_000);
      }
      assert.deepEqual(await queue.dead(queueA.name, 10), dead, 'looking takes nothing and keeps the order');
      assert.deepEqual(await queue.dead(queueA.name, 1), dead.slice(0, 1));

      broken = false;
      const before = deliveries.all.length;
      assert.equal(await queue.redrive(queueA.name, 1), 1);
      await queue.settled([queueA.name]);
      const redriven = deliveries.all.at(-1)!.id;
      assert.deepEqual(
        await queue.dead(queueA.name, 10),
        dead.filter(({ id }) => id !== redriven),
      );
      assert.equal(await queue.redrive(queueA.name, 10), 1);
      assert.equal(await queue.redrive(queueA.name, 10), 0);
      await queue.settled([queueA.name]);
      await worker.close();
      const again = deliveries.all.slice(before);
      assert.deepEqual(again.map(({ id }) => id).sort(), dead.map(({ id }) => id).sort());
      assert.deepEqual(
        again.map(({ attempt }) => attempt),
        [1, 1],
        'counted anew',
      );
    });

    it('counts dead jobs, and redrives or drops one by id', async () => {
      const queueA = definition({ maxDeliveries: 1 });
      await queue.ensureQueues([queueA]);
      assert.equal(await queue.deadCount(queueA.name), 0);
      const jobs = jobsFor(queueA, 4);
      const [again, gone] = [jobs[2]!.id, jobs[1]!.id];
      let broken = true;
      const deliveries = new Deliveries();
      const worker = await queue.work(queueA.name, {
        concurrency: 1,
        handler: async (job) => {
          if (broken) throw new Error('no luck');
          await deliveries.record(job);
        },
      });
      await queue.enqueue(jobs);
      await queue.settled([queueA.name]);
      broken = false;
      assert.equal(await queue.deadCount(queueA.name), 4);
      assert.deepEqual(
        (await queue.dead(queueA.name, 1, again)).map(({ id, payload }) => [id, payload]),
        [[again, jobs[2]!.payload]],
      );
      assert.deepEqual(await queue.dead(queueA.name, 1, randomUUID()), []);
      assert.equal(await queue.redrive(queueA.name, 10, again), 1);
      assert.equal(await queue.redrive(queueA.name, 10, again), 0, 'it is not there any more');
      assert.equal(await queue.drop(queueA.name, gone), 1);
      assert.equal(await queue.drop(queueA.name, gone), 0);
      await queue.settled([queueA.name]);
      assert.deepEqual(
        deliveries.all.map(({ id }) => id),
        [again],
      );
      const rest = jobs
        .map(({ id }) => id)
        .filter((id) => id !== again && id !== gone)
        .sort();
      assert.deepEqual((await queue.dead(queueA.name, 10)).map(({ id }) => id).sort(), rest);
      assert.equal(await queue.deadCount(queueA.name), 2);
      await worker.close();
      await assert.rejects(queue.deadCount('never-created'), { code: 'JOB_QUEUE_UNKNOWN' });
    });

    it('counts the jobs that wait for a worker, and tells how long the oldest has waited', async () => {
      const queueA = definition({ maxDeliveries: 2, retryDelayMs: 60_000 });
      await queue.ensureQueues([queueA]);
      assert.deepEqual(await queue.backlog(queueA.name), { waiting: 0, oldestSeconds: 0 });
      const jobs = jobsFor(queueA, 3);
      await queue.enqueue(jobs);
      const enqueued = performance.now();
      const first = await waiting(queueA.name, 3);
      const later = await waiting(queueA.name, 3);
      assert.ok(later.oldestSeconds >= first.oldestSeconds);
      // The age may be greater than that of the jobs, because it may begin when the queue was last seen empty.
      assert.ok(later.oldestSeconds <= (performance.now() - enqueued) / 1000 + 5, `${later.oldestSeconds} s`);
      const worker = await queue.work(queueA.name, {
        concurrency: 1,
        handler: async (job) => {
          if (numberOf(job) === 0) throw new Error('no luck');
        },
      });
      // The second delivery of the failed job is not due yet.
      assert.equal((await waiting(queueA.name, 0)).oldestSeconds, 0);
      await worker.close();
      await assert.rejects(queue.backlog('never-created'), { code: 'JOB_QUEUE_UNKNOWN' });
    });

    async function waiting(name: string, count: number): Promise<Backlog> {
      for (;;) {
        const backlog = await queue.backlog(name);
        if (backlog.waiting === count) return backlog;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }

    it('does not retry an error that the handler marks as permanent', async () => {
      const queueA = definition({ maxDeliveries: 5 });
      await queue.ensureQueues([queueA]);
      const deliveries = new Deliveries();
      const other = defineJob({
        queue: queueA,
        kind: 'Test',
        reachesPeople: false,
        version: 1,
        payload: z.object({ to: z.email() }),
      });
      const failures: (() => unknown)[] = [
        () => {
          throw Object.assign(new Error('no such mailbox'), { permanent: true });
        },
        () => other.read(deliveries.all[1]!.version, deliveries.all[1]!.payload, 'here'),
        () => checkJob({}),
      ];
      const worker = await queue.work(queueA.name, {
        concurrency: 1,
        handler: async (job) => {
          await deliveries.record(job);
          failures[deliveries.all.length - 1]?.();
        },
      });
      // The jobs are enqueued one after the other, because each delivery fails in another way.
      for (const job of jobsFor(queueA, failures.length)) {
        await queue.enqueue([job]);
        await queue.settled([queueA.name]);
      }
      await worker.close();
      assert.deepEqual(
        deliveries.all.map(({ attempt }) => attempt),
        [1, 1, 1],
      );
      assert.deepEqual(
        (await queue.dead(queueA.name, 10)).map(({ reason }) => reason.split(': ', 2)),
        [
          ['Error', 'no such mailbox'],
          ['UnreadableMessage', 'here'],
          ['JobQueueError', 'Invalid job'],
        ],
      );
    });

    it('shares the work among processes', async () => {
      const queueA = definition();
      await queue.ensureQueues([queueA]);
      const request = { definition: queueA, concurrency: 1, hold: false };
      const workers = await Promise.all([startWorker(request), startWorker(request)]);
      const jobs = jobsFor(queueA, 40);
      await queue.enqueue(jobs);
      await queue.settled([queueA.name]);
      for (const { child } of workers) {
        child.send('close');
        await once(child, 'exit');
      }
      const shares = workers.map(({ seen }) => seen.flatMap((report) => ('id' in report ? [report.id] : [])));
      assert.deepEqual(shares.flat().sort(), jobs.map(({ id }) => id).sort());
      assert.ok(
        shares.every((share) => share.length >= 5),
        `shares of ${shares.map((share) => share.length).join(' and ')}`,
      );
    });

    it('redelivers what a killed process was working on', async () => {
      const queueA = definition();
      await queue.ensureQueues([queueA]);
      const { child } = await startWorker({ definition: queueA, concurrency: 2, hold: true });
      const reports = on(child, 'message');
      const jobs = jobsFor(queueA, 2);
      await queue.enqueue(jobs);
      await reports.next();
      await reports.next();
      child.kill('SIGKILL');
      await once(child, 'exit');
      const deliveries = new Deliveries();
      const worker = await queue.work(queueA.name, { concurrency: 2, handler: deliveries.record });
      await deliveries.reach(2);
      await queue.settled([queueA.name]);
      await worker.close();
      assert.deepEqual(deliveries.all.map(({ id }) => id).sort(), jobs.map(({ id }) => id).sort());
      assert.deepEqual(
        deliveries.all.map(({ attempt }) => attempt),
        [2, 2],
      );
    });

    it('tells when the worker was killed at the last delivery, and keeps the job in the dead queue', async () => {
      const queueA = definition({ maxDeliveries: 1 });
      await queue.ensureQueues([queueA]);
      const { child } = await startWorker({ definition: queueA, concurrency: 2, hold: true });
      const reports = on(child, 'message');
      const jobs = jobsFor(queueA, 2);
      await queue.enqueue(jobs);
      await reports.next();
      await reports.next();
      child.kill('SIGKILL');
      await once(child, 'exit');
      const deliveries = new Deliveries();
      const lost: Job[] = [];
      const worker = await queue.work(queueA.name, {
        concurrency: 2,
        handler: deliveries.record,
        onLost: async (job) => {
          lost.push(job);
          if (job.id === jobs[0]?.id) throw new Error('no luck');
        },
      });
      await queue.settled([queueA.name]);
      await worker.close();
      const byId = (one: { readonly id: string }, other: { readonly id: string }) => (one.id < other.id ? -1 : 1);
      assert.deepEqual([deliveries.all, lost.toSorted(byId)], [[], jobs.toSorted(byId)]);
      const dead = new Map((await queue.dead(queueA.name, 10)).map(({ id, reason }) => [id, reason]));
      assert.deepEqual(
        jobs.map(({ id }) => dead.get(id)),
        ['. onLost failed: Error: no luck', ''].map((more) => `Error: Its workers were lost while they ran it${more}`),
      );
    });

    it('never runs more handlers than its concurrency, and uses all of it', async () => {
      const queueA = definition();
      await queue.ensureQueues([queueA]);
      await queue.enqueue(jobsFor(queueA, 12));
      let running = 0;
      let most = 0;
      const full = Promise.withResolvers<void>();
      const worker = await queue.work(queueA.name, {
        concurrency: 3,
        handler: async () => {
          most = Math.max(most, ++running);
          // Each handler waits until all three run, however slow the machine is, and then a little longer for a fourth.
          if (running >= 3) full.resolve();
          await full.promise;
          await new Promise((resolve) => {
            setTimeout(resolve, 30);
          });
          running--;
        },
      });
      await queue.settled([queueA.name]);
      await worker.close();
      assert.equal(most, 3);
    });

    it('closes when the running handlers have ended, and starts no other', async () => {
      const queueA = definition();
      await queue.ensureQueues([queueA]);
      const jobs = jobsFor(queueA, 3);
      await queue.enqueue(jobs);
      const deliveries = new Deliveries();
      const gate = Promise.withResolvers<void>();
      const worker = await queue.work(queueA.name, {
        concurrency: 1,
        handler: async (job) => {
          await deliveries.record(job);
          await gate.promise;
        },
      });
      await deliveries.reach(1);
      let closed = false;
      const closing = worker.close().then(() => {
        closed = true;
      });
      await new Promise((resolve) => {
        setTimeout(resolve, 200);
      });
      assert.equal(closed, false);
      gate.resolve();
      await closing;
      assert.equal(deliveries.all.length, 1);
      const next = await queue.work(queueA.name, { concurrency: 1, handler: deliveries.record });
      await queue.settled([queueA.name]);
      await next.close();
      assert.deepEqual(
        deliveries.all.map(({ id }) => id).sort(),
        jobs.map(({ id }) => id).sort(),
        'the first was acknowledged, no other taken',
      );
    });

    it('returns unfinished jobs to the queue after the grace time, and keeps jobs over a restart', async () => {
      const queueA = definition();
      const first = await openJobQueue(choice, { closeGraceMs: 50 });
      await first.ensureQueues([queueA]);
      const jobs = jobsFor(queueA, 2);
      await first.enqueue(jobs);
      const taken = new Deliveries();
      await first.work(queueA.name, {
        concurrency: 1,
        handler: async (job) => {
          await taken.record(job);
          await new Promise(() => undefined);
        },
      });
      await taken.reach(1);
      await first.close();

      const second = await openJobQueue(choice);
      await second.ensureQueues([queueA]);
      const deliveries = new Deliveries();
      await second.work(queueA.name, { concurrency: 1, handler: deliveries.record });
      await second.settled([queueA.name]);
      await second.close();
      assert.deepEqual(deliveries.all.map(({ id }) => id).sort(), jobs.map(({ id }) => id).sort());
    });

    it('refuses unknown queues and invalid jobs with a code, and then enqueues nothing', async () => {
      const queueA = definition();
      await queue.ensureQueues([queueA]);
      const [good, bad] = jobsFor(queueA, 2) as [Job, Job];
      await assert.rejects(queue.enqueue([{ ...good, queue: 'never-created' }]), { code: 'JOB_QUEUE_UNKNOWN' });
      await assert.rejects(queue.work('never-created', { concurrency: 1, handler: async () => undefined }), {
        code: 'JOB_QUEUE_UNKNOWN',
      });
      for (const wrong of [
        { id: 'no-uuid' },
        { queue: 'Wrong Name' },
        { kind: '' },
        { version: 0 },
        { payload: { of: 1n } },
      ]) {
        await assert.rejects(queue.enqueue([good, { ...bad, ...wrong }]), { code: 'JOB_INVALID' });
      }
      const deliveries = new Deliveries();
      const worker = await queue.work(queueA.name, { concurrency: 1, handler: deliveries.record });
      await queue.settled([queueA.name]);
      await worker.close();
      assert.deepEqual(deliveries.all, []);
      await assert.rejects(queue.ensureQueues([definition({ maxDeliveries: 0 })]), { code: 'JOB_INVALID' });
    });
  });
}

function numberOf({ payload }: { payload: unknown }): number {
  return (payload as { number: number }).number;
}
