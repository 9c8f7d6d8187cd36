import type { z } from 'zod';
import type { Topic } from './event-log/event-log.ts';
import type { QueueDefinition } from './job-queue/job-queue.ts';

/**
 * A message that this program cannot read, however often it is delivered: it is not as its definition says. The text
 * names the place, never the value.
 */
export class UnreadableMessage extends Error {
  readonly permanent = true;
  override readonly name = 'UnreadableMessage';
}

/**
 * How the text of a {@link NewerVersion} begins: what is stored with an event tells one that is held back from one that
 * failed.
 */
export const HELD_BACK = 'NEWER_VERSION';

/**
 * A message, or a row of an events table, that a newer program wrote. Nothing is wrong with it: a program that knows
 * the version reads it.
 */
export class NewerVersion extends Error {
  /** To a client this is temporary. */
  readonly code = 'UNAVAILABLE';
  override readonly name = 'NewerVersion';
  constructor(text: string) {
    super(`${HELD_BACK}: ${text}`);
  }
}

/** What is emitted is not as its definition says. The text names the place, never the value. */
export class MessageRefused extends Error {
  readonly code = 'MESSAGE_REFUSED';
  override readonly name = 'MessageRefused';
}

/** An older version of a payload, and the way from there to the present one. */
export interface Upcast<T> {
  /** @throws UnreadableMessage */
  read(payload: unknown, where: string): T;
}

/** How a payload of an older version is read: as `payload` says, and made into the present one by `up`. */
export function from<Old, T>(payload: z.ZodType<Old>, up: (old: Old) => T): Upcast<T> {
  return { read: (value, where) => up(checked(payload, value, where, UnreadableMessage)) };
}

export interface Versioned<T> {
  /** 1, 2, 3 … It grows when a consumer of the version before could not read, or would misread, what is emitted. */
  readonly version: number;
  /** The payload as JSON: what is emitted and what is read are the same. */
  readonly payload: z.ZodType<T, T>;
  /**
   * A way from each older version to this one, by its number: messages of every version may still be stored somewhere.
   */
  readonly upcast?: Readonly<Record<number, Upcast<NoInfer<T>>>>;
}

export abstract class Message<T> {
  readonly version: number;
  readonly payload: z.ZodType<T, T>;
  readonly #upcast: Readonly<Record<number, Upcast<T>>>;
  /** For error messages and logs. */
  abstract readonly label: string;

  constructor({ version, payload, upcast = {} }: Versioned<T>) {
    this.version = version;
    this.payload = payload;
    this.#upcast = upcast;
  }

  /** @throws Error unless every older version can be read */
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
   * A payload of this version or of an older one.
   * @param where what the error message calls the place, for example `teams.v1/<key>#3`
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

  /** {@link read}, or null: for who can find the same elsewhere. */
  tryRead(version: number, payload: unknown): T | null {
    try {
      return this.read(version, payload, '');
    } catch (error) {
      if (error instanceof NewerVersion || error instanceof UnreadableMessage) return null;
      throw error;
    }
  }
}

/** What may happen to the aggregates of a topic. */
export class EventDefinition<T> extends Message<T> {
  readonly topic: Topic;
  /** For example `MatchEventRecorded`. */
  readonly type: string;
  readonly label: string;
  /** The field of the payload with the aggregate's id. */
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
   * The payload without anything that its definition does not name, and the key that it belongs to. @throws
   * MessageRefused
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
  /** The field of the payload with the aggregate's id: order is kept per key. */
  readonly key: KeyOf<T>;
}
type KeyOf<T> = { [K in keyof T & string]: T[K] extends string ? K : never }[keyof T & string];

/** By topic: there is one kind of snapshot in it, or none. */
const snapshots = new WeakMap<Topic, SnapshotDefinition<unknown>>();

/**
 * The whole state of an aggregate. The owner of the topic announces it for consumers that are younger than the
 * aggregate's events, so whoever consumes the topic handles it: it makes its own tables what they would be after all
 * events up to its `seq`, from whatever they are.
 */
export class SnapshotDefinition<T> extends EventDefinition<T> {
  constructor(options: EventOptions<T>) {
    super(options);
    if (snapshots.has(this.topic)) throw new Error(`${this.topic.name} has two kinds of snapshots`);
    snapshots.set(this.topic, this as SnapshotDefinition<unknown>);
  }
}

/** What the topic's owner announces; undefined when it announces nothing. */
export const snapshotOf = (topic: Topic): SnapshotDefinition<unknown> | undefined => snapshots.get(topic);

/** Work of a queue. */
export class JobDefinition<T> extends Message<T> {
  readonly queue: QueueDefinition;
  /** For example `WelcomeEmail`. */
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
   * Whether it ends as a mail or a push message. A consumer has no such job done because of an event that is older than
   * itself.
   */
  readonly reachesPeople: boolean;
}

/** So that {@link messagesIn} knows one when it sees it; types by their topic. */
const defined = { topics: new WeakSet<object>(), queues: new WeakSet<object>(), types: new Set<string>() };

/** Whether a definition that this program has loaded names this type. */
export const isDefined = (topic: string, type: string): boolean => defined.types.has(`${topic}\0${type}`);

/** @throws Error when the settings contradict each other */
export function defineTopic(topic: Topic): Topic {
  const { name, partitions, retentionHours, cleanup } = topic;
  if (!/^[a-z][a-z0-9.-]{0,100}$/.test(name)) throw new Error(`not a name of a topic: ${name}`);
  if (!Number.isSafeInteger(partitions) || partitions < 1)
    throw new Error(`${name} needs a whole number of partitions`);
  if (retentionHours !== null && (!Number.isSafeInteger(retentionHours) || retentionHours < 0))
    throw new Error(`${name}: retentionHours is a whole number, or null for ever`);
  if (cleanup === 'compact' && retentionHours === null)
    throw new Error(
      `${name} is compacted, so it needs retentionHours, after which an event may give way to a newer one of its key`,
    );
  defined.topics.add(topic);
  return topic;
}

/** @throws Error in {@link JobQueue.ensureQueues}, when the settings are not possible */
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

/** Everything that these modules define and export. @throws Error when two have the same name */
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
    if ((byName.get(name) ?? message) !== message) throw new Error(`there are two of ${name}`);
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
