import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { RawTransaction, Transactional } from '../../postgres/transactions.ts';
import { acceptRequestId } from '../../http/request-id.ts';
import { runInContext } from '../../observability/request-context.ts';
import { isDefined, JobDefinition, SnapshotDefinition, snapshotOf, UnreadableMessage } from '../definitions.ts';
import type { EventLog, LoggedEvent, Topic } from '../event-log/event-log.ts';
import type { Inbox } from '../inbox/inbox.ts';
import type { DeliveredJob, JobQueue, QueueDefinition } from '../job-queue/job-queue.ts';
import { emitting } from '../outbox/emitting.ts';
import type { Emit, Outbox } from '../outbox/outbox.ts';
import type { Redriver } from '../parked/redriver.ts';
import type { Consumption, Work } from './declare.ts';

export interface ConsumersOptions {
  /** The service that owns these consumers; logs carry its name. */
  readonly service: string;
  readonly log: Pick<EventLog, 'consume'>;
  readonly jobs: Pick<JobQueue, 'work'>;
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  /** Redelivers parked events to their groups. */
  readonly redriver?: Pick<Redriver, 'serve'>;
  /** When the group started for the first time. Absent: no event is older than the group. */
  readonly startOf?: (group: string) => Promise<Date>;
  /** Whether this process consumes events. Default true. */
  readonly events?: boolean;
  /** Whether this process does the jobs of a queue. Default: it does the jobs of every queue. */
  readonly works?: (queue: string) => boolean;
  /** Called for each queue of the service, also if only other processes do its jobs. */
  readonly onQueue?: (queue: string) => void;
  /** Called when a delivery begins. The returned function is called at its end, with the error if it failed. */
  readonly onJob?: (queue: string, kind: string) => (error?: unknown) => void;
  /**
   * Called once for each group and event type that this program does not know, for the first 1000 of them. A newer
   * program emits such a type, and no consumer here needs it.
   */
  readonly onUnknown?: (group: string, event: LoggedEvent) => void;
}

type Handler = (event: LoggedEvent) => Promise<void>;
type HandlerOfAll = (events: readonly LoggedEvent[]) => Promise<readonly LoggedEvent[]>;

interface Running {
  close(): Promise<void>;
}

/** The value of the label `kind` in metrics for all kinds of jobs that this program has no handler for. */
const UNKNOWN_KIND = 'unknown';
/** At most this many unknown types are remembered, so that each is reported once. */
const MAX_UNKNOWN = 1000;

/**
 * The consumers and workers of a service. They are declared while Nest builds the service, and start with it. Each
 * handler runs in the context of the request that caused its event or job.
 */
export class Consumers implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #options: ConsumersOptions;
  readonly #declared: (() => Promise<Running>)[] = [];
  readonly #unknown = new Set<string>();
  #running: Promise<Running>[] = [];

  constructor(options: ConsumersOptions) {
    this.#options = options;
  }

  /**
   * Handles each event once, in the order of its key: the handler's changes and the group's position commit together.
   * Events of the same topics that the group does not consume move the position too. For snapshots, and for events
   * older than the group, the handler's jobs that reach people are dropped.
   * @param group also the name in the inbox. A renamed group would handle every event again that the log still has.
   * @throws Error when an event is consumed twice, or when a topic is consumed without its snapshot
   */
  group<Tx extends RawTransaction>(
    group: string,
    prisma: Transactional<Tx>,
    consumptions: readonly Consumption<NoInfer<Tx>>[],
  ): void {
    const handlers = new Map(
      consumptions.map((consumption) => [`${consumption.event.topic.name}\0${consumption.event.type}`, consumption]),
    );
    if (handlers.size < consumptions.length) throw new Error(`${group} consumes an event twice`);
    const topics = new Map(consumptions.map(({ event: { topic } }) => [topic.name, topic]));
    for (const topic of topics.values()) {
      const snapshot = snapshotOf(topic);
      if (snapshot && !handlers.has(`${topic.name}\0${snapshot.type}`))
        throw new Error(
          `${group} consumes ${topic.name}, so it must consume ${snapshot.type}: in an old installation only snapshots contain the earlier state`,
        );
    }
    const { inbox, outbox, redriver, startOf } = this.#options;
    let start = new Date(0);
    const of = ({ topic, type }: LoggedEvent): Consumption<Tx> | undefined => handlers.get(`${topic}\0${type}`);
    const handle = async (logged: LoggedEvent): Promise<void> => {
      const consumption = of(logged);
      // Any event of a snapshot's type is a snapshot, even without the flag: during a deploy, the relay of an older
      // process may publish one that way.
      const event = consumption?.event instanceof SnapshotDefinition ? { ...logged, snapshot: true } : logged;
      if (!consumption) this.#passed(group, event);
      const isCompacted = topics.get(event.topic)?.cleanup === 'compact';
      await inbox.once(
        // The handled event is a possible cause (`because`) of jobs that the handler emits.
        emitting(outbox, prisma, [event.eventId]),
        group,
        event,
        async ({ db: tx, emit }) => {
          const isOld = event.snapshot === true || new Date(event.occurredAt) < start;
          return consumption?.handle(event, { tx, emit: isOld ? sendingNothing(emit) : emit, isOld });
        },
        { isCompacted },
      );
    };
    /** Events without a handler move the position too. All events of a key stay together, so that they stay in order. */
    const handleAll: HandlerOfAll = async (events) => {
      const alone = new Set(
        events.flatMap((event) => {
          const consumption = of(event);
          const isSnapshot = event.snapshot === true || consumption?.event instanceof SnapshotDefinition;
          if (!consumption) this.#passed(group, event);
          return isSnapshot || (consumption && !consumption.handleAll) ? [event.key] : [];
        }),
      );
      const together = events.filter(({ key }) => !alone.has(key));
      const left = await inbox.together(emitting(outbox, prisma), group, together, async ({ db: tx }, entered) => {
        for (const [consumption, some] of Map.groupBy(entered, of)) await consumption?.handleAll?.(some, tx);
      });
      return events.filter((event) => alone.has(event.key) || left.has(event.key));
    };
    this.#consume(group, [...topics.values()], handle, {
      handleAll: consumptions.some((consumption) => consumption.handleAll) ? handleAll : undefined,
      before:
        startOf &&
        (async () => {
          start = await startOf(group);
        }),
      joined: (handler) =>
        redriver?.serve(
          group,
          handler,
          consumptions.map(({ event }) => event),
        ),
    });
  }

  /**
   * Calls the handler at least once for every event of the topic, except for snapshots. Use it to invalidate something,
   * such as a cache entry. There is no position, no transaction and no parking. A handler that throws is called again.
   */
  notice(group: string, topic: Topic, handler: (key: string) => Promise<unknown>): void {
    this.#consume(group, [topic], async ({ key, snapshot }) => {
      if (!snapshot) await handler(key);
    });
  }

  /**
   * Does the jobs of a queue, at most `concurrency` at the same time in this process. Does nothing if this process
   * leaves the queue to other processes.
   */
  worker(queue: QueueDefinition, concurrency: number, works: readonly Work[]): void {
    const handlers = new Map(works.map((work) => [work.job.kind, work]));
    const { jobs, works: isWorked, onQueue, onJob, service } = this.#options;
    onQueue?.(queue.name);
    if (isWorked && !isWorked(queue.name)) return;
    const handle = async (job: DeliveredJob): Promise<void> => {
      const work = handlers.get(job.kind);
      const ended = onJob?.(queue.name, work ? job.kind : UNKNOWN_KIND);
      try {
        if (!work) throw new UnreadableMessage(`no handler for ${job.kind}`);
        await work.handle(job);
      } catch (error) {
        ended?.(error);
        throw error;
      }
      ended?.();
    };
    this.#declared.push(() =>
      jobs.work(queue.name, {
        concurrency,
        handler: (job) => runInContext({ requestId: acceptRequestId(job.requestId), service }, () => handle(job)),
        onLost: (job) =>
          runInContext({ requestId: acceptRequestId(job.requestId), service }, async () => {
            await handlers.get(job.kind)?.lost?.(job);
          }),
      }),
    );
  }

  /** Called by Nest. Resolves when all consumers have joined. */
  async onApplicationBootstrap(): Promise<void> {
    this.#running = this.#declared.map((start) => start());
    await Promise.all(this.#running);
  }

  /** Called by Nest. Resolves when the running handlers have finished; no other handler starts. */
  async onModuleDestroy(): Promise<void> {
    await Promise.all(
      (await Promise.allSettled(this.#running)).map((one) =>
        one.status === 'fulfilled' ? one.value.close() : undefined,
      ),
    );
  }

  #consume(
    group: string,
    topics: readonly Topic[],
    handle: Handler,
    more: {
      before?: (() => Promise<void>) | undefined;
      joined?: (handler: Handler) => void;
      /** Handles events together. @returns the events that must be handled alone */
      handleAll?: HandlerOfAll | undefined;
    } = {},
  ): void {
    const { log, service, events = true } = this.#options;
    if (!events) return;
    const { before, joined, handleAll } = more;
    const handler: Handler = (event) =>
      runInContext({ requestId: acceptRequestId(event.requestId), service }, () => handle(event));
    this.#declared.push(async () => {
      if (before) await before();
      const consumer = await log.consume({
        group,
        topics: topics.map(({ name }) => name),
        handler,
        handleAll:
          handleAll &&
          (async (events) => {
            const context = { requestId: acceptRequestId(undefined), service };
            for (const event of await runInContext(context, () => handleAll(events))) await handler(event);
          }),
      });
      joined?.(handler);
      return consumer;
    });
  }

  #passed(group: string, event: LoggedEvent): void {
    const name = `${group}\0${event.topic}\0${event.type}`;
    if (isDefined(event.topic, event.type) || this.#unknown.has(name) || this.#unknown.size >= MAX_UNKNOWN) return;
    this.#unknown.add(name);
    this.#options.onUnknown?.(group, event);
  }
}

/** The id that `emit` returns for a job that is dropped. */
const NOT_DONE = '00000000-0000-0000-0000-000000000000';

/** Wraps `emit`: drops jobs that send a mail or a push message, and emits everything else. */
const sendingNothing =
  (emit: Emit): Emit =>
  (definition, emitted) =>
    definition instanceof JobDefinition && definition.reachesPeople ? NOT_DONE : emit(definition, emitted);
