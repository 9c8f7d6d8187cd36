/** Work to do later. Enqueueing the same `id` twice is one job. */
export interface Job {
  /** A UUID. For a job from an outbox: UUID version 5 of the event id and the kind. */
  readonly id: string;
  /** For example `email-sender`. */
  readonly queue: string;
  /** For example `WelcomeEmail`. Kind and `version` identify the payload's definition in schema/messages. */
  readonly kind: string;
  readonly version: number;
  readonly requestId?: string;
  readonly payload: unknown;
}

/** A delivery of a {@link Job}; `attempt` is 1 the first time. */
export interface DeliveredJob extends Job {
  readonly attempt: number;
}

/** A job that used up its deliveries and is in `<queue>.dead`. */
export interface DeadJob extends Job {
  readonly reason: string;
  /** RFC 3339, UTC. */
  readonly diedAt: string;
}

export interface QueueDefinition {
  readonly name: string;
  /** Deliveries, including the first one, before a job goes to `<name>.dead`. */
  readonly maxDeliveries: number;
  /** Milliseconds before the second delivery. The delay doubles each time, up to a minute. */
  readonly retryDelayMs: number;
}

export interface JobWorker {
  /** Resolves when the running handlers have finished. Unfinished deliveries return to the queue. */
  close(): Promise<void>;
}

/** Work queues with at-least-once delivery, a limit of deliveries, and a dead queue each. */
export interface JobQueue {
  /** Creates missing queues. Idempotent. */
  ensureQueues(queues: readonly QueueDefinition[]): Promise<void>;
  /**
   * Enqueues the jobs. They are durable when it resolves. PostgreSQL drops a job whose id was used before, for at least
   * a day. RabbitMQ does not know ids and delivers such a job again, so handlers must be idempotent.
   */
  enqueue(jobs: readonly Job[]): Promise<void>;
  /**
   * A handler that throws gets the job again after the queue's delay, until `maxDeliveries`. An error with
   * `permanent: true` makes the job dead at once.
   */
  work(
    queue: string,
    options: { concurrency: number; handler: (job: DeliveredJob) => Promise<void> },
  ): Promise<JobWorker>;
  /** The oldest `limit` dead jobs, without removing them. */
  dead(queue: string, limit: number): Promise<readonly DeadJob[]>;
  /** The number of dead jobs. @throws JobQueueError JOB_QUEUE_UNKNOWN when the server has no such queue */
  deadCount(queue: string): Promise<number>;
  /**
   * Moves up to `limit` dead jobs, or only those with this `id`, back to the queue with all their deliveries. Resolves
   * to their number.
   */
  redrive(queue: string, limit: number, id?: string): Promise<number>;
  /** Deletes the dead jobs with this id permanently. Resolves to their number. */
  drop(queue: string, id: string): Promise<number>;
  /** Resolves when no job of these queues waits, is delayed or runs. */
  settled(queues: readonly string[]): Promise<void>;
  /**
   * One cheap round trip over an open connection. Rejects, or stays pending, while the server is away. Rejects after
   * `close`.
   */
  ping(): Promise<void>;
  close(): Promise<void>;
}
