import { randomUUID } from 'node:crypto';
import { AmqpConnection, MessageHandlerErrorBehavior } from '@golevelup/nestjs-rabbitmq';
import { Logger } from '@nestjs/common';
import type { ChannelModel, ConfirmChannel, Options } from 'amqplib';
import { JobQueueError, reasonOf } from '../envelope.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const PUBLISH_TIMEOUT_MS = 10_000;
/** Between finding that a channel died alone and connecting anew; also how often a queue that is gone is looked for. */
const REPAIR_DELAY_MS = 1000;
const PUBLICATION = 'x-publication';

/**
 * A connection that mends itself, on golevelup's AmqpConnection.
 *
 * golevelup and amqp-connection-manager come back when the connection is lost, but not when only the channel is (a
 * setup that fails because a quorum queue has no leader yet, a 406, a delivery not acknowledged for half an hour), nor
 * when the broker cancels the consumer because its queue was deleted: then nothing is consumed any more, silently. Here
 * each of these leads to a new connection.
 */
export class RabbitMqConnection {
  readonly amqp: AmqpConnection;
  readonly #log: Logger;
  readonly #returned = new Set<string>();
  #repair: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(url: string, name: string, prefetch: number, log: Logger) {
    this.#log = log;
    this.amqp = new AmqpConnection({
      name,
      uri: url,
      prefetchCount: prefetch,
      enableDirectReplyTo: false,
      // the library's own default puts a message back at once, so one that always fails loops hot
      defaultSubscribeErrorBehavior: MessageHandlerErrorBehavior.NACK,
      connectionInitOptions: { wait: true, timeout: CONNECT_TIMEOUT_MS, reject: true },
      connectionManagerOptions: { heartbeatIntervalInSeconds: 5, reconnectTimeInSeconds: 1 },
      logger: {
        log: (message: unknown) => log.debug(message),
        debug: (message: unknown) => log.debug(message),
        warn: (message: unknown) => log.warn(message),
        // the second argument is a stack, of which the message says enough
        error: (message: unknown) => log.error(message),
      },
    });
  }

  /** @throws {JobQueueError} JOB_QUEUE_UNAVAILABLE when the broker does not answer within ten seconds */
  static async open(url: string, name: string, prefetch: number, log: Logger): Promise<RabbitMqConnection> {
    const connection = new RabbitMqConnection(url, name, prefetch, log);
    const { amqp } = connection;
    try {
      await amqp.init();
    } catch (error) {
      await amqp.managedConnection.close().catch(() => undefined);
      throw new JobQueueError('JOB_QUEUE_UNAVAILABLE', `RabbitMQ does not answer: ${reasonOf(error)}`, {
        cause: error,
      });
    }
    amqp.managedChannel.on('error', () => connection.#repairLater());
    await amqp.managedChannel.addSetup((channel: ConfirmChannel) => connection.#watch(channel));
    return connection;
  }

  /**
   * Resolves when the broker has the message on disk and in a queue.
   * @throws {JobQueueError} JOB_QUEUE_UNKNOWN when no queue takes it, JOB_QUEUE_UNAVAILABLE when it is not confirmed in
   *   ten seconds (it may have arrived all the same)
   */
  async publish(exchange: string, routingKey: string, content: Buffer, options: Options.Publish): Promise<void> {
    const publication = randomUUID();
    const headers: Record<string, unknown> = {
      ...(options.headers as Record<string, unknown> | undefined),
      [PUBLICATION]: publication,
    };
    const timed: Options.Publish & { timeout: number } = {
      ...options,
      headers,
      persistent: true,
      mandatory: true,
      timeout: PUBLISH_TIMEOUT_MS,
    };
    try {
      await this.amqp.publish(exchange, routingKey, content, timed);
    } catch (error) {
      throw new JobQueueError('JOB_QUEUE_UNAVAILABLE', `RabbitMQ did not confirm a job: ${reasonOf(error)}`, {
        cause: error,
      });
    }
    // the broker returns a message that no queue takes before it confirms it
    if (this.#returned.delete(publication)) {
      throw new JobQueueError('JOB_QUEUE_UNKNOWN', `Queue "${routingKey}" does not exist at the broker`);
    }
  }

  /**
   * A channel apart from publications and consumers, which an error on it leaves alone.
   * @throws {JobQueueError} JOB_QUEUE_UNAVAILABLE when not connected
   */
  async openChannel(onClose: () => void): Promise<ConfirmChannel> {
    const model = this.#model;
    if (!model) throw new JobQueueError('JOB_QUEUE_UNAVAILABLE', 'RabbitMQ is not connected');
    const channel = await model.createConfirmChannel();
    channel.on('error', () => undefined);
    channel.on('close', onClose);
    return channel;
  }

  /** A channel for one use. */
  async onChannel<T>(use: (channel: ConfirmChannel) => Promise<T>): Promise<T> {
    let open = true;
    const channel = await this.openChannel(() => {
      open = false;
    });
    try {
      return await use(channel);
    } finally {
      if (open) await channel.close().catch(() => undefined);
    }
  }

  /** Waits for nothing: unacknowledged deliveries go back to their queues. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#repair);
    await this.amqp.managedConnection.close();
  }

  get #model(): ChannelModel | undefined {
    return this.amqp.managedConnection.connection as ChannelModel | undefined;
  }

  #watch(channel: ConfirmChannel): Promise<void> {
    channel.on('return', (message) => {
      const publication: unknown = message.properties.headers?.[PUBLICATION];
      if (typeof publication === 'string') this.#returned.add(publication);
    });
    const repair = () => this.#repairLater();
    channel.on('error', (error: Error) => this.#log.warn(`RabbitMQ closed a channel: ${error.message}`));
    channel.once('close', repair);
    channel.once('cancel', () => {
      this.#log.warn('RabbitMQ cancelled a consumer, its queue is gone');
      repair();
    });
    return Promise.resolve();
  }

  #repairLater(): void {
    const broken = this.#model;
    if (this.#closed || this.#repair) return;
    this.#repair = setTimeout(() => {
      this.#repair = undefined;
      // a connection that was lost as a whole has been replaced by now, or will be
      if (this.#closed || !broken || this.#model !== broken) return;
      this.amqp.managedConnection.reconnect();
      // reconnect() takes all listeners off the old connection, and an error without one would end the process
      broken.on('error', () => undefined);
    }, REPAIR_DELAY_MS);
  }
}
