/**
 * Work to do later. Two jobs of a queue with the same `id` are the same work. PostgreSQL drops the second one, unless
 * the first ended more than seven days before. RabbitMQ delivers both.
 */
export interface Job {
  /** A UUID. For a job from an outbox: UUID version 5 of the id of its cause, the kind and the discriminator. */
  readonly id: string;
  /** The name of the queue, for example `email-sender`. */
  readonly queue: string;
  /**
   * The name of the job's kind, for example `WelcomeEmail`. Kind and `version` identify the payload's definition in
   * schema/messages.
   */
  readonly kind: string;
  readonly version: number;
  readonly requestId?: string;
  readonly payload: unknown;
}

/** A delivery of a {@link Job}; `attempt` is 1 the first time. */
export interface DeliveredJob extends Job {
  readonly attempt: number;
}

/** A job that is in `<queue>.dead`, because it used up its deliveries or can never succeed. */
export interface DeadJob extends Job {
  readonly reason: string;
  /** When the job became a dead job: RFC 3339, UTC. */
  readonly diedAt: string;
}

/** The jobs of a queue that wait for a worker now. A failed job does not count before its next delivery is due. */
export interface Backlog {
  /** PostgreSQL counts at most 10,000: if more jobs wait, this is 10,000. */
  readonly waiting: number;
  /**
   * Seconds since the oldest waiting job could be delivered; 0 when none waits. PostgreSQL looks only at the jobs that
   * it counts. RabbitMQ does not tell the age, so this process estimates it. The estimate begins at the latest of these
   * times: the queue was last seen empty; this process counted the queue for the first time; the job arrived that a
   * worker of this process received last.
   */
  readonly oldestSeconds: number;
}

export interface QueueDefinition {
  readonly name: string;
  /** Deliveries, including the first one, before a job goes to `<name>.dead`. */
  readonly maxDeliveries: number;
  /** Milliseconds before the second delivery. The delay doubles each time, up to a minute. */
  readonly retryDelayMs: number;
}

export interface WorkOptions {
  readonly concurrency: number;
  readonly handler: (job: DeliveredJob) => Promise<void>;
  /**
   * Called instead of the handler for a job whose workers were lost at each of its deliveries. Then the job is dead,
   * also if this function rejects.
   */
  readonly onLost?: ((job: Job) => Promise<void>) | undefined;
}

export interface JobWorker {
  /**
   * Resolves when the running handlers have finished, or when the queue's grace time is over. The jobs of handlers that
   * still run then return to the queue.
   */
  close(): Promise<void>;
}

/** Work queues with at-least-once delivery, a limit of deliveries, and a dead queue each. */
export interface JobQueue {
  /** Creates missing queues. Idempotent. */
  ensureQueues(queues: readonly QueueDefinition[]): Promise<void>;
  /**
   * Enqueues the jobs. They are durable when it resolves. PostgreSQL drops a job if its queue has a job with this id
   * that is not done, or that was done or died in the last seven days. RabbitMQ does not know ids and delivers such a
   * job again, so handlers must be idempotent.
   */
  enqueue(jobs: readonly Job[]): Promise<void>;
  /**
   * A handler that throws gets the job again after the queue's delay, until `maxDeliveries`. An error with `permanent:
   * true` makes the job dead without another delivery. A delivery whose worker dies counts too.
   */
  work(queue: string, options: WorkOptions): Promise<JobWorker>;
  /**
   * The oldest `limit` dead jobs, or only those with this `id`, without removing them.
   * @throws JobQueueError JOB_QUEUE_TOO_MANY_DEAD when RabbitMQ has more dead jobs than it can search, and did not find
   * the id
   */
  dead(queue: string, limit: number, id?: string): Promise<readonly DeadJob[]>;
  /** The number of dead jobs. @throws JobQueueError JOB_QUEUE_UNKNOWN when the server has no such queue */
  deadCount(queue: string): Promise<number>;
  /** The jobs that wait now. @throws JobQueueError JOB_QUEUE_UNKNOWN when the server has no such queue */
  backlog(queue: string): Promise<Backlog>;
  /**
   * Moves up to `limit` dead jobs, or only those with this `id`, back to the queue with all their deliveries. Resolves
   * to their number.
   * @throws JobQueueError JOB_QUEUE_TOO_MANY_DEAD, like {@link dead}
   */
  redrive(queue: string, limit: number, id?: string): Promise<number>;
  /**
   * Deletes the dead jobs with this id permanently. Resolves to their number.
   * @throws JobQueueError JOB_QUEUE_TOO_MANY_DEAD, like {@link dead}
   */
  drop(queue: string, id: string): Promise<number>;
  /**
   * Resolves when no job of these queues waits, is delayed or runs. @throws JobQueueError JOB_QUEUE_NOT_SETTLED when
   * that takes too long
   */
  settled(queues: readonly string[]): Promise<void>;
  /**
   * One cheap round trip over an open connection. Rejects, or stays pending, while the server is away. Rejects after
   * `close`.
   */
  ping(): Promise<void>;
  close(): Promise<void>;
}
