import { randomUUID } from 'node:crypto';
import { Nack } from '@golevelup/nestjs-rabbitmq';
import type { Logger } from '@nestjs/common';
import type { ConfirmChannel, ConsumeMessage } from 'amqplib';
import { checkJob, deliver, isPermanent, reasonOf, retryDelayMs } from '../envelope.ts';
import type { Job, JobWorker, QueueDefinition, WorkOptions } from '../job-queue.ts';
import { RabbitMqConnection } from './rabbitmq-connection.ts';
import type { RabbitMqTopology } from './rabbitmq-topology.ts';
import { RunningJobs } from '../running-jobs.ts';

const ATTEMPT = 'x-attempt';
export const REASON = 'x-reason';
export const DIED_AT = 'x-died-at';

export interface RabbitMqWorkerOptions extends WorkOptions {
  readonly url: string;
  readonly topology: RabbitMqTopology;
  readonly definition: QueueDefinition;
  readonly closeGraceMs: number;
  /** Called at the first delivery of a job, with the time when the job arrived, in milliseconds. */
  readonly onFirstDelivery: (arrivedAt: number) => void;
  readonly log: Logger;
}

/** A worker's answer to a probe. */
export interface ProbeAnswer {
  readonly queue: string;
  readonly running: number;
}

/**
 * One consumer on a connection of its own. Its prefetch count is the concurrency.
 *
 * A failed delivery is published again, to the wait queue or the dead queue, and acknowledged only afterwards. A crash
 * between the two repeats the job, and nothing loses it. A delivery that this process cannot read is refused (NACK),
 * and the broker moves it to the dead queue.
 */
export class RabbitMqWorker implements JobWorker {
  readonly #options: RabbitMqWorkerOptions;
  readonly #connection: RabbitMqConnection;
  readonly #running = new RunningJobs<ConsumeMessage>();
  readonly #consumerTag: string;
  #closing: Promise<void> | undefined;

  private constructor(options: RabbitMqWorkerOptions, connection: RabbitMqConnection) {
    this.#options = options;
    this.#connection = connection;
    this.#consumerTag = `${options.definition.name}-${randomUUID()}`;
  }

  static async open(options: RabbitMqWorkerOptions): Promise<RabbitMqWorker> {
    const { name } = options.definition;
    const connection = await RabbitMqConnection.open(options.url, `worker ${name}`, options.concurrency, options.log);
    const worker = new RabbitMqWorker(options, connection);
    try {
      await connection.amqp.managedChannel.addSetup((channel: ConfirmChannel) => worker.#answerProbes(channel));
      await connection.amqp.createSubscriber<Buffer>(
        (_content, message) => worker.#receive(message),
        {
          queue: name,
          createQueueIfNotExists: false,
          deserializer: (content) => content,
          // Called when an acknowledgement is too late for its channel. The broker has already requeued the message.
          errorHandler: () => undefined,
        },
        name,
        { consumerTag: worker.#consumerTag },
      );
    } catch (error) {
      await connection.close();
      throw error;
    }
    return worker;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // Cancelling the consumer fails when the connection is lost. That does not matter, because nothing is delivered
    // then.
    await this.#connection.amqp.cancelConsumer(this.#consumerTag).catch(() => undefined);
    const unfinished = await this.#running.drain(this.#options.closeGraceMs);
    // AmqpConnection.close() sends the last acknowledgements, but waits for handlers without a limit.
    if (unfinished.length === 0 && this.#connection.amqp.connected)
      await this.#connection.amqp.close().catch(() => undefined);
    await this.#connection.close();
  }

  async #receive(message: ConsumeMessage | undefined): Promise<Nack | undefined> {
    if (!message) return undefined;
    let answer: Nack | undefined;
    const work = this.#deliver(message).then((result) => {
      answer = result;
    });
    this.#running.add(message, work);
    await work;
    return answer;
  }

  /**
   * Never rejects. Resolves to a Nack when the broker must requeue or dead-letter the delivery, otherwise to undefined.
   */
  async #deliver(message: ConsumeMessage): Promise<Nack | undefined> {
    const { definition, log, onFirstDelivery } = this.#options;
    let job: Job;
    try {
      job = checkJob(JSON.parse(message.content.toString('utf8')));
    } catch (error) {
      log.error(`Unreadable message in ${definition.name}, goes to the dead queue: ${reasonOf(error)}`);
      return new Nack(false);
    }
    const attempt = attemptOf(message);
    const { timestamp } = message.properties as { timestamp?: unknown };
    if (attempt === 1 && typeof timestamp === 'number') onFirstDelivery(timestamp * 1000);
    try {
      await deliver(definition, this.#options, { ...job, attempt });
      return undefined;
    } catch (error) {
      return await this.#fail(message, job, attempt, error);
    }
  }

  async #fail(message: ConsumeMessage, job: Job, attempt: number, error: unknown): Promise<Nack | undefined> {
    const { definition, log, topology } = this.#options;
    const dies = isPermanent(error) || attempt >= definition.maxDeliveries;
    const what = `Job ${job.id} of ${definition.name}, delivery ${attempt} of ${definition.maxDeliveries}`;
    log.warn(`${what}${dies ? ', goes to the dead queue' : ''}: ${reasonOf(error)}`);
    const [exchange, headers] = dies
      ? [topology.dead, { [ATTEMPT]: attempt, [REASON]: reasonOf(error), [DIED_AT]: new Date().toISOString() }]
      : [topology.wait(retryDelayMs(definition, attempt)), { [ATTEMPT]: attempt + 1 }];
    try {
      await this.#connection.publish(exchange, definition.name, message.content, {
        messageId: job.id,
        type: job.kind,
        headers,
      });
      return undefined;
    } catch (failure) {
      log.error(`${what}, cannot be put aside and is delivered again: ${reasonOf(failure)}`);
      return new Nack(true);
    }
  }

  async #answerProbes(channel: ConfirmChannel): Promise<void> {
    const { queue } = await channel.assertQueue('', { exclusive: true, autoDelete: true });
    await channel.bindQueue(queue, this.#options.topology.probe, '');
    await channel.consume(
      queue,
      (probe) => {
        if (!probe) return;
        const answer: ProbeAnswer = { queue: this.#options.definition.name, running: this.#running.size };
        channel.sendToQueue(probe.properties.replyTo as string, Buffer.from(JSON.stringify(answer)));
      },
      { noAck: true },
    );
  }
}

/**
 * Number of deliveries including this one. Our header counts the failed ones and the next one; without it, no delivery
 * has failed. The broker counts those whose worker vanished since.
 */
function attemptOf({ properties: { headers } }: ConsumeMessage): number {
  const failed: unknown = headers?.[ATTEMPT];
  const lost: unknown = headers?.['x-delivery-count'];
  return (typeof failed === 'number' ? failed : 1) + (typeof lost === 'number' ? lost : 0);
}
