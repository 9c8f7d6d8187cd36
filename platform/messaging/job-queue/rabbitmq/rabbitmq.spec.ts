import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'amqplib';
import type { Channel, ChannelModel } from 'amqplib';
import { Logger } from '@nestjs/common';
import { Deliveries, defined, definition, jobsFor } from '../contract.ts';
import type { DeadJob } from '../job-queue.ts';
import { RabbitMqJobQueue } from './rabbitmq.ts';
import { removeFromRabbitMq, TestBroker } from './rabbitmq.broker.ts';
import { afterTest } from '../../../../test/after-test.ts';

Logger.overrideLogger(false);
const url = process.env.RABBITMQ_URL;

(url ? describe : describe.skip)('RabbitMQ', () => {
  const exchange = `test-${randomUUID()}`;
  let queue: RabbitMqJobQueue;
  let model: ChannelModel;
  let channel: Channel;

  beforeAll(async () => {
    queue = await RabbitMqJobQueue.open({ url: url!, exchange, settleTimeoutMs: 60_000 });
    model = await connect(url!);
    channel = await model.createChannel();
  });
  afterAll(async () => {
    await queue.close();
    await model.close();
    await removeFromRabbitMq(url!, exchange, defined);
  });

  /** The broker takes a moment to move a rejected message to the dead queue. Fails by the suite's timeout. */
  async function deadOf(name: string, count: number): Promise<readonly DeadJob[]> {
    for (;;) {
      const dead = await queue.dead(name, 10);
      if (dead.length >= count) return dead;
      await sleep(20);
    }
  }

  /**
   * Deletes a queue and waits until its consumers know. RabbitMQ 3.10 confirms nothing for a queue that is declared
   * again before that.
   */
  async function deleteQueue(name: string): Promise<void> {
    const noticed = Promise.withResolvers<void>();
    const witness = await model.createChannel();
    await witness.consume(name, (message) => {
      if (!message) noticed.resolve();
    });
    await channel.deleteQueue(name);
    await noticed.promise;
    await witness.close();
  }

  it('moves a message that is no job to the dead queue after one delivery, and continues', async () => {
    const queueA = definition();
    await queue.ensureQueues([queueA]);
    const deliveries = new Deliveries();
    const worker = await queue.work(queueA.name, { concurrency: 1, handler: deliveries.record });
    for (const poison of ['{"broken', '[]', JSON.stringify({ id: 'x' })]) {
      channel.publish(exchange, queueA.name, Buffer.from(poison), { persistent: true });
    }
    const jobs = jobsFor(queueA, 1);
    await queue.enqueue(jobs);
    await queue.settled([queueA.name]);
    await worker.close();
    assert.deepEqual(
      deliveries.all.map(({ id }) => id),
      jobs.map(({ id }) => id),
    );
    const dead = await deadOf(queueA.name, 3);
    assert.deepEqual(dead.map(({ kind, payload }) => [kind, payload]).sort(), [
      ['unreadable', '[]'],
      ['unreadable', '{"broken'],
      ['unreadable', '{"id":"x"}'],
    ]);
    for (const { reason, diedAt } of dead) {
      assert.match(reason, /^RabbitMQ: rejected: /);
      assert.ok(Math.abs(Date.now() - Date.parse(diedAt)) < 60_000);
    }
    const { messageCount } = await channel.checkQueue(queueA.name);
    assert.equal(messageCount, 0);
  });

  it('moves a job to the dead queue when each delivery loses its worker, and never exceeds the limit', async () => {
    const queueA = definition({ maxDeliveries: 2 });
    await queue.ensureQueues([queueA]);
    await queue.enqueue(jobsFor(queueA, 1));
    for (let lost = 1; lost <= 2; lost++) {
      const thief = await connect(url!);
      const taken = await (await thief.createChannel()).get(queueA.name);
      assert.ok(taken);
      await thief.close();
      while ((await channel.checkQueue(queueA.name)).messageCount === 0) await sleep(10);
    }
    const deliveries = new Deliveries();
    const worker = await queue.work(queueA.name, { concurrency: 1, handler: deliveries.record });
    await queue.settled([queueA.name]);
    await worker.close();
    assert.equal(deliveries.all.length, 0);
    assert.deepEqual(
      (await deadOf(queueA.name, 1)).map(({ reason }) => reason),
      ['Error: Its workers were lost while they ran it'],
    );
  });

  it('says so when a job is not among the dead jobs that it may search', async () => {
    const queueA = definition();
    const small = await RabbitMqJobQueue.open({ url: url!, exchange, mostSearched: 2 });
    try {
      await small.ensureQueues([queueA]);
      const jobs = jobsFor(queueA, 3);
      const ids = jobs.map(({ id }) => id);
      for (const job of jobs)
        channel.publish(`${exchange}.dead`, queueA.name, Buffer.from(JSON.stringify(job)), { messageId: job.id });
      await deadOf(queueA.name, 3);
      const found = await Promise.allSettled(ids.map((id) => small.dead(queueA.name, 10, id)));
      const missed = found.flatMap((one) => (one.status === 'rejected' ? [one.reason as { code?: string }] : []));
      assert.deepEqual(
        missed.map(({ code }) => code),
        ['JOB_QUEUE_TOO_MANY_DEAD'],
      );
      const unknown = randomUUID();
      for (const search of [small.redrive(queueA.name, 10, unknown), small.drop(queueA.name, unknown)])
        await assert.rejects(search, { code: 'JOB_QUEUE_TOO_MANY_DEAD' });
      assert.equal(await small.drop(queueA.name, (await small.dead(queueA.name, 1))[0]?.id ?? ''), 1);
      assert.equal(await small.drop(queueA.name, unknown), 0, 'now it can search all of them');
      assert.equal(await small.deadCount(queueA.name), 2);
    } finally {
      await small.close();
    }
  });

  it('names the queue that exists with other arguments, and continues to work', async () => {
    const conflicting = definition();
    const fine = definition();
    await channel.assertQueue(conflicting.name, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    await assert.rejects(queue.ensureQueues([conflicting]), (error: Error & { code?: string }) => {
      return error.code === 'JOB_QUEUE_CONFLICT' && error.message.includes(`"${conflicting.name}"`);
    });
    await queue.ensureQueues([fine]);
    await queue.enqueue(jobsFor(fine, 1));
  });

  it('consumes again after its queue was deleted and declared again', async () => {
    const queueA = definition();
    await queue.ensureQueues([queueA]);
    const deliveries = new Deliveries();
    const worker = await queue.work(queueA.name, { concurrency: 1, handler: deliveries.record });
    await deleteQueue(queueA.name);
    await queue.ensureQueues([queueA]);
    await queue.enqueue(jobsFor(queueA, 1));
    await deliveries.reach(1);
    await worker.close();
  });

  it('survives a handler whose channel has closed, and gets the delivery again', async () => {
    const queueA = definition();
    await queue.ensureQueues([queueA]);
    const deliveries = new Deliveries();
    const worker = await queue.work(queueA.name, {
      concurrency: 1,
      handler: async (job) => {
        await deliveries.record(job);
        if (job.attempt > 1) return;
        // The worker opens a new connection for that, so the broker no longer knows the delivery that this handler
        // acknowledges.
        await deleteQueue(queueA.name);
        await queue.ensureQueues([queueA]);
        await queue.enqueue([{ ...job, kind: 'Second' }]);
        await deliveries.reach(2);
        throw new Error('too late');
      },
    });
    await queue.enqueue(jobsFor(queueA, 1));
    while (!deliveries.all.some(({ kind }) => kind === 'Second')) await deliveries.reach(deliveries.all.length + 1);
    await worker.close();
  });
});

if (TestBroker.missing) console.log(`Killing the broker is not tested: ${TestBroker.missing}.`);

// These tests run concurrently, because each of them mostly waits.
describe('without RabbitMQ', () => {
  it('fails with one clear error when the broker never answers', async () => {
    await assert.rejects(RabbitMqJobQueue.open({ url: 'amqp://127.0.0.1:1' }), { code: 'JOB_QUEUE_UNAVAILABLE' });
  });

  (TestBroker.missing ? it.skip : it)(
    'is killed while a thousand jobs wait, and none is lost; workers and publishers continue by themselves',
    async () => {
      const broker = await TestBroker.start();
      afterTest(() => broker.stop());
      const queue = await RabbitMqJobQueue.open({ url: broker.url, settleTimeoutMs: 60_000 });
      const queueA = definition({ retryDelayMs: 1000, maxDeliveries: 50 });
      await queue.ensureQueues([queueA]);
      const jobs = jobsFor(queueA, 1020);
      const done = new Set<string>();
      const deliveries = new Deliveries();
      const worker = await queue.work(queueA.name, {
        concurrency: 20,
        handler: async (job) => {
          await deliveries.record(job);
          await sleep(20);
          // One job in three fails first, so that some wait for their delay while the broker is away.
          if (job.attempt === 1 && deliveries.all.length % 3 === 0) throw new Error('once');
          done.add(job.id);
        },
      });
      await queue.enqueue(jobs.slice(0, 1000));
      await deliveries.reach(10);
      await broker.kill();
      const late = queue.enqueue(jobs.slice(1000)).catch(() => queue.enqueue(jobs.slice(1000)));
      await broker.restart();
      await late;
      await queue.settled([queueA.name]).catch(() => queue.settled([queueA.name]));
      assert.deepEqual([...done].sort(), jobs.map(({ id }) => id).sort());
      assert.deepEqual(await queue.dead(queueA.name, 10), []);
      await worker.close();
      await queue.close();
    },
  );
});
