import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { ConfirmChannel, GetMessage } from 'amqplib';
import { JobQueueError, checkDefinition, checkJob, deadQueueOf, reasonOf } from '../envelope.ts';
import type { Backlog, DeadJob, Job, JobQueue, JobWorker, QueueDefinition, WorkOptions } from '../job-queue.ts';
import { RabbitMqConnection } from './rabbitmq-connection.ts';
import { RabbitMqTopology, delaysOf } from './rabbitmq-topology.ts';
import { DIED_AT, REASON, RabbitMqWorker } from './rabbitmq-worker.ts';
import type { ProbeAnswer } from './rabbitmq-worker.ts';

const PUBLISH_BATCH = 500;
const MOST_DEAD_AT_ONCE = 1000;
const PROBE_TIMEOUT_MS = 1000;

export interface RabbitMqJobQueueOptions {
  /** The URL of the broker, with the scheme `amqp:` or `amqps:`. */
  readonly url: string;
  readonly exchange?: string;
  /** Milliseconds that `close` waits for handlers before their jobs return to the queue. */
  readonly closeGraceMs?: number;
  readonly settleTimeoutMs?: number;
  /**
   * How many dead jobs are read to find one by its id. No other reader sees them until the search is over. Default
   * 10,000.
   */
  readonly mostSearched?: number;
}

/**
 * Work queues on RabbitMQ: quorum queues, persistent messages, publisher confirms, explicit acknowledgement.
 *
 * The broker does not know ids, so a job that is enqueued twice is delivered twice. Handlers must be idempotent by
 * `job.id`, which is also the id of the message. When the connection is lost, running deliveries return to the queue
 * immediately. When a worker closes, deliveries that still run after `closeGraceMs` return to it.
 */
export class RabbitMqJobQueue implements JobQueue {
  readonly #connection: RabbitMqConnection;
  readonly #topology: RabbitMqTopology;
  readonly #options: Required<RabbitMqJobQueueOptions>;
  readonly #log: Logger;
  readonly #definitions = new Map<string, QueueDefinition>();
  readonly #workers = new Set<RabbitMqWorker>();
  /** For each queue: an estimate of when its oldest waiting job arrived, in milliseconds since the epoch. */
  readonly #noneBefore = new Map<string, number>();
  #deadChannel: ConfirmChannel | undefined;
  #deadTurn: Promise<void> = Promise.resolve();

  private constructor(options: Required<RabbitMqJobQueueOptions>, connection: RabbitMqConnection, log: Logger) {
    this.#options = options;
    this.#topology = new RabbitMqTopology(options.exchange);
    this.#connection = connection;
    this.#log = log;
  }

  /** Opens the job queue. @throws {JobQueueError} JOB_QUEUE_UNAVAILABLE when the broker does not answer */
  static async open(options: RabbitMqJobQueueOptions): Promise<RabbitMqJobQueue> {
    const log = new Logger('JobQueue');
    const connection = await RabbitMqConnection.open(options.url, 'jobs', 1, log);
    const defaults = { exchange: 'jobs', closeGraceMs: 30_000, settleTimeoutMs: 60_000, mostSearched: 10_000 };
    const complete = { ...defaults, ...options };
    const queue = new RabbitMqJobQueue(complete, connection, log);
    // Declares the queues again after a reconnect, because the broker may have lost its data.
    await connection.amqp.managedChannel.addSetup(() => queue.#redeclare());
    return queue;
  }

  async ensureQueues(queues: readonly QueueDefinition[]): Promise<void> {
    for (const definition of queues.map(checkDefinition)) {
      await this.#connection.onChannel((channel) => this.#topology.declare(channel, definition));
      this.#definitions.set(definition.name, definition);
    }
  }

  async #redeclare(): Promise<void> {
    try {
      await this.ensureQueues([...this.#definitions.values()]);
    } catch (error) {
      this.#log.error(`Cannot declare the queues again: ${reasonOf(error)}`);
    }
  }

  async enqueue(jobs: readonly Job[]): Promise<void> {
    const checked = jobs.map(checkJob);
    for (let start = 0; start < checked.length; start += PUBLISH_BATCH) {
      await Promise.all(checked.slice(start, start + PUBLISH_BATCH).map((job) => this.#publish(job)));
    }
  }

  async #publish(job: Job): Promise<void> {
    const properties = {
      messageId: job.id,
      type: job.kind,
      contentType: 'application/json',
      timestamp: Math.floor(Date.now() / 1000),
    };
    await this.#connection.publish(this.#topology.exchange, job.queue, Buffer.from(JSON.stringify(job)), properties);
  }

  async work(queue: string, options: WorkOptions): Promise<JobWorker> {
    const definition = this.#definitions.get(queue);
    if (!definition) throw unknownQueue(queue);
    await this.#connection.onChannel((channel) => channel.checkQueue(queue));
    const { url, closeGraceMs } = this.#options;
    const worker = await RabbitMqWorker.open({
      url,
      closeGraceMs,
      definition,
      topology: this.#topology,
      log: this.#log,
      onFirstDelivery: (arrivedAt) => this.#arrived(queue, arrivedAt),
      ...options,
    });
    this.#workers.add(worker);
    return {
      close: async () => {
        await worker.close();
        this.#workers.delete(worker);
      },
    };
  }

  /**
   * The oldest dead jobs. Reading takes the messages and returns them, so other readers do not see them for that
   * moment. A quorum queue puts a returned message behind those returned earlier. So this method takes all messages,
   * but at most a thousand, and returns the oldest of these. With an `id` it reads on until it has found the job.
   */
  async dead(queue: string, limit: number, id?: string): Promise<readonly DeadJob[]> {
    return this.#onDead(async (channel) => {
      const jobs: DeadJob[] = [];
      if (id !== undefined) {
        await this.#search(channel, queue, id, async (message) => jobs.push(deadJobOf(message, queue)) < limit);
        return jobs;
      }
      while (jobs.length < MOST_DEAD_AT_ONCE) {
        const message = await channel.get(deadQueueOf(queue), { noAck: false });
        if (!message) break;
        jobs.push(deadJobOf(message, queue));
      }
      return jobs.sort((a, b) => Date.parse(a.diedAt) - Date.parse(b.diedAt)).slice(0, limit);
    });
  }

  async deadCount(queue: string): Promise<number> {
    return this.#count(deadQueueOf(queue));
  }

  async backlog(queue: string): Promise<Backlog> {
    const looked = Date.now();
    const waiting = await this.#count(queue);
    if (waiting === 0 || !this.#noneBefore.has(queue)) this.#arrived(queue, looked);
    const oldest = this.#noneBefore.get(queue) ?? looked;
    return { waiting, oldestSeconds: waiting === 0 ? 0 : Math.max(0, (Date.now() - oldest) / 1000) };
  }

  /**
   * Notes when a delivered message had arrived. Messages leave a queue in the order of their arrival, so the messages
   * that still wait arrived at this time or later.
   */
  #arrived(queue: string, at: number): void {
    this.#noneBefore.set(queue, Math.max(at, this.#noneBefore.get(queue) ?? 0));
  }

  async #count(queue: string): Promise<number> {
    try {
      return await this.#connection.onChannel(async (channel) => (await channel.checkQueue(queue)).messageCount);
    } catch (error) {
      if ((error as { code?: unknown }).code === 404) throw unknownQueue(queue, error);
      throw error;
    }
  }

  async redrive(queue: string, limit: number, id?: string): Promise<number> {
    return this.#takeDead(queue, limit, id, async (message) => {
      const { messageId, type, contentType } = message.properties as {
        messageId?: string;
        type?: string;
        contentType?: string;
      };
      await this.#connection.publish(this.#topology.exchange, queue, message.content, { messageId, type, contentType });
    });
  }

  async drop(queue: string, id: string): Promise<number> {
    return this.#takeDead(queue, MOST_DEAD_AT_ONCE, id, async () => undefined);
  }

  /**
   * Calls `found` for the dead jobs with this id, until it resolves to false. The messages that were read are returned
   * to the queue when the channel's use is over.
   * @throws {JobQueueError} JOB_QUEUE_TOO_MANY_DEAD when it finds none, and there are more dead jobs than it may read
   */
  async #search(
    channel: ConfirmChannel,
    queue: string,
    id: string,
    found: (message: GetMessage) => Promise<boolean>,
  ): Promise<void> {
    const { mostSearched } = this.#options;
    let isFound = false;
    for (let seen = 0; seen < mostSearched; seen++) {
      const message = await channel.get(deadQueueOf(queue), { noAck: false });
      if (!message) return;
      if (deadJobOf(message, queue).id !== id) continue;
      isFound = true;
      if (!(await found(message))) return;
    }
    const { messageCount: more } = await channel.checkQueue(deadQueueOf(queue));
    if (!isFound && more > 0) {
      throw new JobQueueError(
        'JOB_QUEUE_TOO_MANY_DEAD',
        `The job is not among ${mostSearched} dead jobs of ${queue}. ${more} more could not be searched: redrive or drop others first`,
      );
    }
  }

  /** Removes up to `limit` messages from the dead queue, each after `first` has resolved; with an `id` only this job. */
  #takeDead(
    queue: string,
    limit: number,
    id: string | undefined,
    first: (message: GetMessage) => Promise<void>,
  ): Promise<number> {
    return this.#onDead(async (channel) => {
      let taken = 0;
      const take = async (message: GetMessage): Promise<boolean> => {
        await first(message);
        channel.ack(message);
        return ++taken < limit;
      };
      if (id !== undefined) await this.#search(channel, queue, id, take);
      else
        for (let goesOn = true; goesOn;) {
          const message = await channel.get(deadQueueOf(queue), { noAck: false });
          goesOn = message !== false && (await take(message));
        }
      return taken;
    });
  }

  /**
   * Runs one use at a time, on one channel. A returned message is sure to be visible only for later reads on the same
   * channel.
   */
  #onDead<T>(use: (channel: ConfirmChannel) => Promise<T>): Promise<T> {
    const turn = this.#deadTurn.then(async () => {
      this.#deadChannel ??= await this.#connection.openChannel(() => {
        this.#deadChannel = undefined;
      });
      const channel = this.#deadChannel;
      try {
        return await use(channel);
      } finally {
        if (channel === this.#deadChannel) channel.nackAll(true);
      }
    });
    this.#deadTurn = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  /**
   * Resolves when the queues are idle: no message is ready in the queues or in the wait queues of their delays, and
   * every consumer that the broker counts answers a probe with no running handler. The wait queues are shared, so a
   * delayed job of another queue counts too. The queues must be idle twice in a row, because a message between two
   * queues is in neither, and because the broker counts wrongly right after a restart.
   */
  async settled(queues: readonly string[]): Promise<void> {
    const until = Date.now() + this.#options.settleTimeoutMs;
    for (let idle = 0; idle < 2;) {
      idle = (await this.#isIdle(queues)) ? idle + 1 : 0;
      if (idle < 2 && Date.now() > until) {
        throw new JobQueueError(
          'JOB_QUEUE_NOT_SETTLED',
          `Still unfinished after ${this.#options.settleTimeoutMs} ms: ${queues.join(', ')}`,
        );
      }
      await sleep(20);
    }
  }

  async #isIdle(queues: readonly string[]): Promise<boolean> {
    return this.#connection.onChannel(async (channel) => {
      let consumers = 0;
      for (const name of queues) {
        const definition = this.#definitions.get(name);
        if (!definition) throw unknownQueue(name);
        const { messageCount, consumerCount } = await channel.checkQueue(name);
        consumers += consumerCount;
        if (messageCount > 0) return false;
        for (const delay of delaysOf(definition)) {
          if ((await channel.checkQueue(this.#topology.wait(delay))).messageCount > 0) return false;
        }
      }
      return consumers === 0 || this.#allIdle(channel, queues, consumers);
    });
  }

  async #allIdle(channel: ConfirmChannel, queues: readonly string[], consumers: number): Promise<boolean> {
    const { queue: replies } = await channel.assertQueue('', { exclusive: true, autoDelete: true });
    return new Promise<boolean>((resolve, reject) => {
      let idle = 0;
      const timer = setTimeout(resolve, PROBE_TIMEOUT_MS, false);
      const decide = (answer: boolean) => {
        clearTimeout(timer);
        resolve(answer);
      };
      const hear = (reply: { content: Buffer } | null) => {
        if (!reply) return decide(false);
        const answer = JSON.parse(reply.content.toString()) as ProbeAnswer;
        if (!queues.includes(answer.queue)) return;
        if (answer.running > 0) return decide(false);
        idle += 1;
        if (idle === consumers) decide(true);
      };
      channel
        .consume(replies, hear, { noAck: true })
        .then(() => channel.publish(this.#topology.probe, '', Buffer.alloc(0), { replyTo: replies }), reject);
    });
  }

  async ping(): Promise<void> {
    // Opens and closes a channel, which needs answers of the broker.
    await this.#connection.onChannel(() => Promise.resolve());
  }

  async close(): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.close()));
    this.#workers.clear();
    await this.#connection.close();
  }
}

function unknownQueue(queue: string, cause?: unknown): JobQueueError {
  return new JobQueueError('JOB_QUEUE_UNKNOWN', `Queue "${queue}" was not created: ensureQueues comes first`, {
    cause,
  });
}

function deadJobOf(message: GetMessage, queue: string): DeadJob {
  const headers = (message.properties.headers ?? {}) as Record<string, unknown>;
  const death = (headers['x-death'] as { reason?: string; time?: { value?: number } }[] | undefined)?.[0];
  const diedAt =
    typeof headers[DIED_AT] === 'string' ? headers[DIED_AT] : new Date((death?.time?.value ?? 0) * 1000).toISOString();
  const reason = typeof headers[REASON] === 'string' ? headers[REASON] : `RabbitMQ: ${death?.reason ?? 'unknown'}`;
  const text = message.content.toString('utf8');
  try {
    return { ...checkJob(JSON.parse(text)), reason, diedAt };
  } catch (error) {
    const id = String(message.properties.messageId ?? '');
    return {
      id,
      queue,
      kind: 'unreadable',
      version: 0,
      payload: text.slice(0, 10_000),
      reason: `${reason}: ${reasonOf(error)}`,
      diedAt,
    };
  }
}
