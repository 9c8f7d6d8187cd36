import type { z } from 'zod';
import type { Topic } from './event-log/event-log.ts';
import type { QueueDefinition } from './job-queue/job-queue.ts';

/**
 * The error for a message that does not match its definition, so this program can never read it. The text names the
 * place of the error and never contains the value.
 */
export class UnreadableMessage extends Error {
  readonly permanent = true;
  override readonly name = 'UnreadableMessage';
}

/**
 * The text of a {@link NewerVersion} begins with this word. A parked event stores the text as its error. The word
 * distinguishes an event that was held back from one that failed.
 */
export const HELD_BACK = 'NEWER_VERSION';

/**
 * The error when a newer program wrote this message, or this row of an events table. It is not a fault: a program that
 * knows the version reads it.
 */
export class NewerVersion extends Error {
  /** Clients see a temporary error: a newer process may answer the next attempt. */
  readonly code = 'UNAVAILABLE';
  override readonly name = 'NewerVersion';
  constructor(text: string) {
    super(`${HELD_BACK}: ${text}`);
  }
}

/**
 * The error when a service emits something that does not match its definition. The text names the place of the error
 * and never contains the value.
 */
export class MessageRefused extends Error {
  readonly code = 'MESSAGE_REFUSED';
  override readonly name = 'MessageRefused';
}

/** Reads the payload of an older version and converts it to the current version. */
export interface Upcast<T> {
  /** @throws UnreadableMessage */
  read(payload: unknown, where: string): T;
}

/** Defines an upcast: `payload` checks the older version, and `up` converts it to the current one. */
export function from<Old, T>(payload: z.ZodType<Old>, up: (old: Old) => T): Upcast<T> {
  return { read: (value, where) => up(checked(payload, value, where, UnreadableMessage)) };
}

export interface Versioned<T> {
  /**
   * 1, 2, 3 … Increase it when a consumer that knows the previous version cannot read the new payload, or would misread
   * it.
   */
  readonly version: number;
  /** The payload as JSON. The schema must not transform it, so that consumers read exactly the emitted payload. */
  readonly payload: z.ZodType<T, T>;
  /**
   * An upcast from each older version, by its number. The log, an outbox or a queue may still store messages of any
   * version.
   */
  readonly upcast?: Readonly<Record<number, Upcast<NoInfer<T>>>>;
}

export abstract class Message<T> {
  readonly version: number;
  readonly payload: z.ZodType<T, T>;
  readonly #upcast: Readonly<Record<number, Upcast<T>>>;
  /** The name in error messages and logs. */
  abstract readonly label: string;

  constructor({ version, payload, upcast = {} }: Versioned<T>) {
    this.version = version;
    this.payload = payload;
    this.#upcast = upcast;
  }

  /**
   * Checks that the definition is complete. @throws Error unless there is exactly one upcast from each older version
   */
  protected complete(): this {
    const older = Object.keys(this.#upcast)
      .map(Number)
      .sort((a, b) => a - b);
    const isComplete =
      Number.isSafeInteger(this.version) &&
      this.version >= 1 &&
      older.length === this.version - 1 &&
      older.every((version, index) => version === index + 1);
    if (!isComplete)
      throw new Error(
        `${this.label} version ${this.version} needs an upcast from each version before it, and from no other; there are: ${older.join(', ')}`,
      );
    return this;
  }

  /**
   * Reads a payload of this version or of an older one.
   * @param where the place that error messages name, for example `teams.v1/<key>#3`
   * @throws NewerVersion
   * @throws UnreadableMessage
   */
  read(version: number, payload: unknown, where: string): T {
    if (version === this.version) return checked(this.payload, payload, where, UnreadableMessage);
    if (version > this.version)
      throw new NewerVersion(`${where} is ${this.label} version ${version}; version ${this.version} can be read`);
    const upcast = this.#upcast[version];
    if (!upcast) throw new UnreadableMessage(`${where} is ${this.label} version ${version}, which never was`);
    return checked(
      this.payload,
      upcast.read(payload, `${where}, ${this.label} version ${version}`),
      where,
      UnreadableMessage,
    );
  }

  /** Like {@link read}, but returns null instead of throwing. For callers that can get the same data elsewhere. */
  tryRead(version: number, payload: unknown): T | null {
    try {
      return this.read(version, payload, '');
    } catch (error) {
      if (error instanceof NewerVersion || error instanceof UnreadableMessage) return null;
      throw error;
    }
  }
}

/** A kind of event of a topic's aggregates. */
export class EventDefinition<T> extends Message<T> {
  readonly topic: Topic;
  /** The name of the type, for example `MatchEventRecorded`. */
  readonly type: string;
  readonly label: string;
  /** The field of the payload that holds the aggregate's id. */
  readonly keyField: string;

  constructor({ topic, type, key, ...rest }: EventOptions<T>) {
    super(rest);
    this.topic = topic;
    this.type = this.label = type;
    this.keyField = key;
    this.complete();
    defined.types.add(`${topic.name}\0${type}`);
  }

  /**
   * Checks the payload and returns it with its key. The result contains only the fields that the definition names.
   * @throws MessageRefused
   */
  checked(payload: T): { readonly key: string; readonly payload: T } {
    const data = checked(this.payload, payload, this.type, MessageRefused);
    const key = (data as Readonly<Record<string, unknown>>)[this.keyField];
    if (typeof key !== 'string' || key === '')
      throw new MessageRefused(`${this.type}: ${this.keyField} is the key and must be a text`);
    return { key, payload: data };
  }
}

export interface EventOptions<T> extends Versioned<T> {
  readonly topic: Topic;
  readonly type: string;
  /** The field of the payload that holds the aggregate's id. Events of the same key keep their order. */
  readonly key: KeyOf<T>;
}
type KeyOf<T> = { [K in keyof T & string]: T[K] extends string ? K : never }[keyof T & string];

/** A topic has at most one kind of snapshot. */
const snapshots = new WeakMap<Topic, SnapshotDefinition<unknown>>();

/**
 * The whole state of an aggregate. The owner of the topic announces it for consumers that missed earlier events of the
 * aggregate. Every consumer of the topic must handle it: from any earlier state, the consumer sets its tables to the
 * state after all events up to the snapshot's `seq`.
 */
export class SnapshotDefinition<T> extends EventDefinition<T> {
  constructor(options: EventOptions<T>) {
    super(options);
    if (snapshots.has(this.topic)) throw new Error(`${this.topic.name} has two kinds of snapshots`);
    snapshots.set(this.topic, this as SnapshotDefinition<unknown>);
  }
}

/** The snapshot that the topic's owner announces; undefined when it announces none. */
export const snapshotOf = (topic: Topic): SnapshotDefinition<unknown> | undefined => snapshots.get(topic);

/** A kind of job in a queue. */
export class JobDefinition<T> extends Message<T> {
  readonly queue: QueueDefinition;
  /** The name of the kind, for example `WelcomeEmail`. */
  readonly kind: string;
  readonly label: string;
  readonly reachesPeople: boolean;

  constructor({ queue, kind, reachesPeople, ...rest }: JobOptions<T>) {
    super(rest);
    this.queue = queue;
    this.reachesPeople = reachesPeople;
    this.kind = this.label = kind;
    this.complete();
  }
}

export interface JobOptions<T> extends Versioned<T> {
  readonly queue: QueueDefinition;
  readonly kind: string;
  /**
   * Whether the job sends a mail or a push message. A consumer group enqueues no such job because of a snapshot, or
   * because of an event that is older than the group.
   */
  readonly reachesPeople: boolean;
}

/** Marks topics and queues for {@link messagesIn}, and lists each event type with its topic. */
const defined = { topics: new WeakSet<object>(), queues: new WeakSet<object>(), types: new Set<string>() };

/** Whether a loaded definition has this topic and type. */
export const isDefined = (topic: string, type: string): boolean => defined.types.has(`${topic}\0${type}`);

/** Checks a topic. @throws Error for an invalid name or setting, or for a compacted topic without `retentionHours` */
export function defineTopic(topic: Topic): Topic {
  const { name, partitions, retentionHours, cleanup } = topic;
  if (!/^[a-z][a-z0-9.-]{0,100}$/.test(name)) throw new Error(`not a name of a topic: ${name}`);
  if (!Number.isSafeInteger(partitions) || partitions < 1)
    throw new Error(`${name} needs a whole number of partitions`);
  if (retentionHours !== null && (!Number.isSafeInteger(retentionHours) || retentionHours < 0))
    throw new Error(`${name}: retentionHours must be a whole number, or null to keep events for ever`);
  if (cleanup === 'compact' && retentionHours === null)
    throw new Error(
      `${name} is compacted, so it needs retentionHours, after which an event may give way to a newer one of its key`,
    );
  defined.topics.add(topic);
  return topic;
}

/** {@link JobQueue.ensureQueues} checks the settings and throws when they are impossible. */
export function defineQueue(queue: QueueDefinition): QueueDefinition {
  defined.queues.add(queue);
  return queue;
}

export type Json = string | number | boolean | null | undefined | readonly Json[] | { readonly [field: string]: Json };

export const defineEvent = <T extends Json>(options: EventOptions<T>): EventDefinition<T> =>
  new EventDefinition(options);
export const defineSnapshot = <T>(options: EventOptions<T>): SnapshotDefinition<T> => new SnapshotDefinition(options);
export const defineJob = <T extends Json>(options: JobOptions<T>): JobDefinition<T> => new JobDefinition(options);

export interface Messages {
  readonly topics: readonly Topic[];
  readonly queues: readonly QueueDefinition[];
  readonly events: readonly EventDefinition<unknown>[];
  readonly jobs: readonly JobDefinition<unknown>[];
}

/** Everything that these modules define and export. @throws Error when two definitions have the same name */
export function messagesIn(modules: readonly object[]): Messages {
  const exported = modules.flatMap((module) => Object.values(module) as unknown[]);
  const events = unique(
    exported.filter((one) => one instanceof EventDefinition),
    ({ topic, type }) => `event ${topic.name} ${type}`,
  );
  const jobs = unique(
    exported.filter((one) => one instanceof JobDefinition),
    ({ queue, kind }) => `job ${queue.name} ${kind}`,
  );
  const topics = unique(
    exported.filter((one): one is Topic => defined.topics.has(one as object)),
    ({ name }) => `topic ${name}`,
  );
  const queues = unique(
    exported.filter((one): one is QueueDefinition => defined.queues.has(one as object)),
    ({ name }) => `queue ${name}`,
  );
  for (const { topic, type } of events)
    if (!topics.includes(topic)) throw new Error(`the topic of ${type} is not exported`);
  for (const { queue, kind } of jobs)
    if (!queues.includes(queue)) throw new Error(`the queue of ${kind} is not exported`);
  return { topics, queues, events, jobs };
}

function unique<M>(messages: readonly M[], nameOf: (message: M) => string): M[] {
  const byName = new Map<string, M>();
  for (const message of messages) {
    const name = nameOf(message);
    if ((byName.get(name) ?? message) !== message) throw new Error(`there are two definitions of ${name}`);
    byName.set(name, message);
  }
  return [...byName.values()];
}

export function checked<T>(
  schema: z.ZodType<T>,
  value: unknown,
  where: string,
  Failure: new (message: string) => Error,
): T {
  const { data, error } = schema.safeParse(value);
  if (!error) return data;
  const [issue] = error.issues;
  throw new Failure(`${where}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
}
