import type { Channel, Options } from 'amqplib';
import { JobQueueError, MOST_DELIVERIES, deadQueueOf, retryDelayMs } from '../envelope.ts';
import type { QueueDefinition } from '../job-queue.ts';

/**
 * The delivery limit of the dead queues. Reading a dead queue returns its messages, and RabbitMQ 4 drops a message
 * after 20 returns from a quorum queue without a limit of its own.
 */
const MOST_LOOKS = 1_000_000;

const atLeastOnce = { 'x-dead-letter-strategy': 'at-least-once', 'x-overflow': 'reject-publish' };

/**
 * The names of the exchanges and queues, all derived from one direct exchange `<exchange>` that routes by queue name:
 * - `<exchange>.wait.<ms>` holds failed jobs until their delay is over, then routes them back by their routing key.
 *   Each delay has a queue of its own, because messages of different delays in one queue would wait for each other. All
 *   job queues share it.
 * - `<exchange>.dead` routes jobs that cannot be handled to `<queue>.dead`.
 * - `<exchange>.probe` asks all workers what they are doing.
 */
export class RabbitMqTopology {
  readonly exchange: string;
  readonly dead: string;
  readonly probe: string;

  constructor(exchange: string) {
    this.exchange = exchange;
    this.dead = `${exchange}.dead`;
    this.probe = `${exchange}.probe`;
  }

  /** The name of the exchange and of its queue. */
  wait(delayMs: number): string {
    return `${this.exchange}.wait.${delayMs}`;
  }

  /**
   * Creates the queues and exchanges of a definition. @throws {JobQueueError} JOB_QUEUE_CONFLICT when a queue or
   * exchange of that name has other arguments
   */
  async declare(channel: Channel, definition: QueueDefinition): Promise<void> {
    const { name } = definition;
    const dead = deadQueueOf(name);
    await this.#assert(this.exchange, () => channel.assertExchange(this.exchange, 'direct', { durable: true }));
    await this.#assert(this.dead, () => channel.assertExchange(this.dead, 'direct', { durable: true }));
    await this.#assert(this.probe, () => channel.assertExchange(this.probe, 'fanout', { durable: true }));
    await this.#queue(channel, dead, { 'x-delivery-limit': MOST_LOOKS });
    await channel.bindQueue(dead, this.dead, name);
    await this.#queue(channel, name, {
      ...atLeastOnce,
      'x-delivery-limit': MOST_DELIVERIES,
      'x-dead-letter-exchange': this.dead,
      'x-dead-letter-routing-key': name,
    });
    await channel.bindQueue(name, this.exchange, name);
    for (const delay of delaysOf(definition)) {
      const wait = this.wait(delay);
      await this.#assert(wait, () => channel.assertExchange(wait, 'fanout', { durable: true }));
      await this.#queue(channel, wait, {
        ...atLeastOnce,
        'x-message-ttl': delay,
        'x-dead-letter-exchange': this.exchange,
      });
      await channel.bindQueue(wait, wait, '');
    }
  }

  #queue(channel: Channel, name: string, args: Record<string, unknown>): Promise<void> {
    const options: Options.AssertQueue = { durable: true, arguments: { 'x-queue-type': 'quorum', ...args } };
    return this.#assert(name, () => channel.assertQueue(name, options));
  }

  async #assert(name: string, declare: () => Promise<unknown>): Promise<void> {
    try {
      await declare();
    } catch (error) {
      if (!isPreconditionFailed(error)) throw error;
      const text = `RabbitMQ has "${name}" with other arguments; let it run empty, delete it, and start again: ${error.message}`;
      throw new JobQueueError('JOB_QUEUE_CONFLICT', text, { cause: error });
    }
  }
}

/**
 * The distinct delays between the deliveries of one job. If the first delay is a second or longer, there are at most
 * seven.
 */
export function delaysOf(definition: QueueDefinition): number[] {
  const retries = Array.from({ length: definition.maxDeliveries - 1 }, (_, index) =>
    retryDelayMs(definition, index + 1),
  );
  return [...new Set(retries)];
}

function isPreconditionFailed(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 406;
}
