/** Work for later. The same `id` enqueued twice is one job. */
export interface Job {
  /** UUID (version 5 of event id and kind when it leaves through an outbox). */
  readonly id: string;
  /** For example `email-sender`. */
  readonly queue: string;
  /** For example `WelcomeEmail`; with `version` it names the payload's definition in schema/messages. */
  readonly kind: string;
  readonly version: number;
  readonly requestId?: string;
  readonly payload: unknown;
}

/** A delivery of a {@link Job}; `attempt` is 1 the first time. */
export interface DeliveredJob extends Job {
  readonly attempt: number;
}

/** A job that used up its deliveries and waits in `<queue>.dead`. */
export interface DeadJob extends Job {
  readonly reason: string;
  /** RFC 3339, UTC. */
  readonly diedAt: string;
}

export interface QueueDefinition {
  readonly name: string;
  /** Deliveries before a job goes to `<name>.dead`, the first one included. */
  readonly maxDeliveries: number;
  /** Milliseconds before the second delivery; doubles each time, up to a minute. */
  readonly retryDelayMs: number;
}

export interface JobWorker {
  /** Resolves when the handlers that run now have finished; unfinished deliveries go back to the queue. */
  close(): Promise<void>;
}

/** At-least-once work queues with bounded deliveries and a dead queue each. */
export interface JobQueue {
  /** Creates what does not exist yet; idempotent. */
  ensureQueues(queues: readonly QueueDefinition[]): Promise<void>;
  /**
   * Durable when it resolves. A repeated id is dropped for as long as the adapter states (never less than a day in
   * PostgreSQL; consumers stay idempotent on RabbitMQ).
   */
  enqueue(jobs: readonly Job[]): Promise<void>;
  /**
   * A handler that throws gets the job again after the queue's delay, until `maxDeliveries`; at once dead is the job of
   * an error with `permanent: true`.
   */
  work(
    queue: string,
    options: { concurrency: number; handler: (job: DeliveredJob) => Promise<void> },
  ): Promise<JobWorker>;
  /** The oldest `limit` dead jobs, without taking them. */
  dead(queue: string, limit: number): Promise<readonly DeadJob[]>;
  /** How many jobs are dead now. @throws JobQueueError JOB_QUEUE_UNKNOWN when the server has no such queue */
  deadCount(queue: string): Promise<number>;
  /**
   * Puts up to `limit` dead jobs back with their deliveries counted anew, or those of this `id`; resolves to how many.
   */
  redrive(queue: string, limit: number, id?: string): Promise<number>;
  /** Removes the dead jobs of this id for good; resolves to how many. */
  drop(queue: string, id: string): Promise<number>;
  /** Resolves when no job of these queues is waiting, delayed or running. */
  settled(queues: readonly string[]): Promise<void>;
  /**
   * One cheap round trip over a connection that exists. Rejects, or stays pending, while the server is away; rejects
   * after `close`.
   */
  ping(): Promise<void>;
  close(): Promise<void>;
}
