import { randomUUID } from 'node:crypto';
import { AmqpConnection, MessageHandlerErrorBehavior } from '@golevelup/nestjs-rabbitmq';
import { Logger } from '@nestjs/common';
import type { ChannelModel, ConfirmChannel, Options } from 'amqplib';
import { JobQueueError, reasonOf } from '../envelope.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const PUBLISH_TIMEOUT_MS = 10_000;
/**
 * Milliseconds between the loss of a channel and the reconnection, and between two attempts to find a deleted queue.
 */
const REPAIR_DELAY_MS = 1000;
const PUBLICATION = 'x-publication';

/**
 * A connection that repairs itself, on golevelup's AmqpConnection.
 *
 * golevelup and amqp-connection-manager reconnect when the connection is lost, but not in two other cases. One is the
 * loss of the channel alone: a setup that fails because a quorum queue has no leader yet, a 406, or a delivery that is
 * not acknowledged for half an hour. The other is that the broker cancels the consumer because its queue was deleted.
 * Then nothing is consumed any more, silently. This class opens a new connection in each of these cases.
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
      // The library's default requeues a message immediately, so a message that always fails would loop without a
      // pause.
      defaultSubscribeErrorBehavior: MessageHandlerErrorBehavior.NACK,
      connectionInitOptions: { wait: true, timeout: CONNECT_TIMEOUT_MS, reject: true },
      connectionManagerOptions: { heartbeatIntervalInSeconds: 5, reconnectTimeInSeconds: 1 },
      logger: {
        log: (message: unknown) => log.debug(message),
        debug: (message: unknown) => log.debug(message),
        warn: (message: unknown) => log.warn(message),
        // Nest's logger gets a stack as second argument, which is left out: the message is enough.
        error: (message: unknown) => log.error(message),
      },
    });
  }

  /**
   * Opens a connection. @throws {JobQueueError} JOB_QUEUE_UNAVAILABLE when the broker does not answer within ten
   * seconds
   */
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
   * @throws {JobQueueError} JOB_QUEUE_UNKNOWN when no queue takes the message; JOB_QUEUE_UNAVAILABLE when the broker
   * does not confirm it within ten seconds (it may have arrived anyway)
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
    // If no queue takes the message, the broker returns it before the confirmation, and `#returned` has it by now.
    if (this.#returned.delete(publication)) {
      throw new JobQueueError('JOB_QUEUE_UNKNOWN', `Queue "${routingKey}" does not exist at the broker`);
    }
  }

  /**
   * Opens a channel that is independent of publications and consumers, so an error on it does not affect them.
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

  /** Opens a channel for one use. */
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

  /** Closes without waiting for handlers: unacknowledged deliveries return to their queues. */
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
      // If the connection was lost too, the library has opened another one or will do so. Otherwise only the channel
      // was lost, and nothing but a new connection replaces it.
      if (this.#closed || !broken || this.#model !== broken) return;
      this.amqp.managedConnection.reconnect();
      // reconnect() removes all listeners from the old connection, and an error without a listener would end the
      // process.
      broken.on('error', () => undefined);
    }, REPAIR_DELAY_MS);
  }
}
