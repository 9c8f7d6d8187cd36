import { NewerVersion } from '../definitions.ts';
import type { LoggedEvent } from '../event-log/event-log.ts';
import { asError } from '../../async/retry.ts';
import { isNotNow } from '../../observability/not-now.ts';
import { qualified } from '../../postgres/transactions.ts';
import type { RawTransaction, Transactional } from '../../postgres/transactions.ts';

export interface InboxOptions {
  /** The service's PostgreSQL schema, which has the `inbox` tables. */
  readonly schema: string;
  /**
   * How often an effect may throw in one process until its event is parked. Default 8, which takes 10 to 13 seconds
   * with the delays of the event log. An effect that failed because a server was away or slow, or because it lost a
   * conflict with another transaction, counts as an eighth of an attempt: the fault is not the event's. That is 64
   * attempts, about ten minutes.
   */
  readonly maxAttempts?: number;
  /**
   * Called when events before this one are missing: the log's retention deleted them before this consumer handled them.
   * The event itself is handled. Not called before the first event of a key, nor for a compacted topic.
   */
  readonly onHole?: (consumer: string, event: LoggedEvent, lastSeq: number) => void;
  readonly onParked?: (consumer: string, event: LoggedEvent, error: Error) => void;
  /** Called when this program does not know the version of the event. The event waits for a program that does. */
  readonly onHeldBack?: (consumer: string, event: LoggedEvent, error: NewerVersion) => void;
}

export type Outcome =
  /** The effect ran and is committed. */
  | 'handled'
  /** The event was handled before. */
  | 'repeat'
  /**
   * The event is in `inbox_parked`: its effect threw too often or threw a permanent error, its version is not known
   * yet, or an earlier event of its key is parked.
   */
  | 'parked';

interface Position {
  readonly last_seq: number;
  readonly parked: boolean;
  /** Whether events before the position were never handled here. Only a snapshot can replace them. */
  readonly incomplete: boolean;
}

/** Whether the consumer has already handled this event, or needs no state from this snapshot. */
const isPast = ({ seq, snapshot }: LoggedEvent, { last_seq: last, incomplete }: Position): boolean =>
  seq < last || (seq === last && !(snapshot && incomplete));

/**
 * Whether events directly before this one were never handled here. In a compacted topic that is normal: compaction
 * deletes superseded events.
 */
const isAfterHole = ({ seq, snapshot }: LoggedEvent, { last_seq: last }: Position, isCompacted: boolean): boolean =>
  !snapshot && !isCompacted && seq > last + 1;

/**
 * The failed attempts of at most this many events are counted at the same time. Above that the oldest counts are
 * dropped, and these events start with a new count.
 */
const MAX_COUNTED = 1000;

/** A failure that is not the event's fault counts as this part of an attempt. */
const NOT_NOW = 1 / 8;

/**
 * Milliseconds that an effect may take, the wait for locks included. Longer than for a request: nobody waits for the
 * answer, and an effect that is too slow would be repeated and then be as slow again.
 */
const LIMIT = { timeout: 30_000 } as const;

/**
 * Turns at-least-once delivery into exactly-once effects: the last `seq` of each (consumer, topic, key) is stored in
 * the effect's own transaction.
 */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #inbox: string;
  readonly #parked: string;
  readonly #attempts = new Map<string, number>();

  constructor(options: InboxOptions) {
    this.#options = options;
    this.#inbox = qualified(options.schema, 'inbox');
    this.#parked = qualified(options.schema, 'inbox_parked');
  }

  /**
   * Runs `effect` unless the event was handled before.
   * - An effect that throws: the error is rethrown, so that the event log delivers again. After `maxAttempts` the event
   * is parked, and later events of its key are parked behind it. An error with `permanent: true` parks the event at its
   * first failure. So does {@link NewerVersion}, which is not a fault.
   * - A snapshot: it runs when the position is before its `seq`, or at its `seq` while earlier events are missing.
   * Otherwise it is a repeat.
   * - A parked event that is redriven: it runs when it is the first parked event of its key; a snapshot runs only if it
   * is not a repeat. Errors of its effect are always rethrown.
   * @param isCompacted whether the topic is compacted, so that holes are expected
   */
  async once<Tx extends RawTransaction>(
    prisma: Transactional<Tx>,
    consumer: string,
    event: LoggedEvent,
    effect: (tx: Tx) => Promise<unknown>,
    { isCompacted = false }: { readonly isCompacted?: boolean } = {},
  ): Promise<Outcome> {
    if (event.redriven)
      return prisma.$transaction((tx) => this.#again(tx, consumer, event, effect, isCompacted), LIMIT);
    const { maxAttempts = 8, onParked, onHeldBack } = this.#options;
    const attempt = `${consumer}\0${event.topic}\0${event.key}\0${event.seq}`;
    let failure: Error;
    try {
      const outcome = await prisma.$transaction(async (tx) => {
        const entered = await this.#enter(tx, consumer, event, isCompacted);
        if (entered === 'handled') await effect(tx);
        return entered;
      }, LIMIT);
      this.#attempts.delete(attempt);
      return outcome;
    } catch (error) {
      failure = asError(error);
    }
    const attempts = (this.#attempts.get(attempt) ?? 0) + (isNotNow(failure) ? NOT_NOW : 1);
    if (attempts < maxAttempts && !(failure instanceof NewerVersion) && !isPermanent(failure)) {
      this.#attempts.set(attempt, attempts);
      for (const oldest of this.#attempts.keys()) {
        if (this.#attempts.size <= MAX_COUNTED) break;
        this.#attempts.delete(oldest);
      }
      throw failure;
    }
    const outcome = await prisma.$transaction(async (tx) => {
      if (isPast(event, await this.#lock(tx, consumer, event))) return 'repeat';
      await this.#park(tx, consumer, event, failure.message);
      return 'parked';
    });
    this.#attempts.delete(attempt);
    if (outcome === 'parked') {
      if (failure instanceof NewerVersion) onHeldBack?.(consumer, event, failure);
      else onParked?.(consumer, event, failure);
    }
    return outcome;
  }

  /**
   * Runs `effect` once for several events of one topic, in one transaction with all their positions. It takes the keys
   * whose events are exactly the next ones, without snapshots, redriven events, holes, repeats, and parked events. If
   * `effect` throws, nothing is changed or counted, and each event must be given to {@link once}.
   * @returns the keys whose events were not taken; each of these events must be given to {@link once}
   */
  async together<Tx extends RawTransaction>(
    prisma: Transactional<Tx>,
    consumer: string,
    events: readonly LoggedEvent[],
    effect: (tx: Tx, taken: readonly LoggedEvent[]) => Promise<unknown>,
  ): Promise<ReadonlySet<string>> {
    const topic = events[0]?.topic;
    const keys = [...Map.groupBy(events, ({ key }) => key)];
    const left = new Set(keys.map(([key]) => key));
    const runs = keys.flatMap(([key, of]) => {
      const first = of[0]!.seq;
      const isRun = of.every(
        (event, index) =>
          event.topic === topic && event.seq === first + index && event.snapshot !== true && event.redriven !== true,
      );
      return isRun ? [{ key, first, last: first + of.length - 1 }] : [];
    });
    if (topic === undefined || runs.length === 0) return left;
    const taken = await prisma.$transaction(async (tx) => {
      const entered = await this.#enterAll(tx, consumer, topic, runs);
      const some = events.filter(({ key }) => entered.has(key));
      if (some.length > 0) await effect(tx, some);
      return entered;
    }, LIMIT);
    for (const key of taken) left.delete(key);
    return left;
  }

  /**
   * Moves the positions of keys from before their first to their last event, under the locks of the rows.
   * @returns the keys that were at that position and are not parked, or are new and begin with event 1
   */
  async #enterAll(
    tx: RawTransaction,
    consumer: string,
    topic: string,
    runs: readonly { readonly key: string; readonly first: number; readonly last: number }[],
  ): Promise<Set<string>> {
    const rows = await tx.$queryRawUnsafe<{ key: string }[]>(
      `UPDATE ${this.#inbox} i SET last_seq = r.last FROM jsonb_to_recordset($3::jsonb) AS r(key text, first int, last int)
       WHERE i.consumer = $1 AND i.topic = $2 AND i.key = r.key AND i.last_seq = r.first - 1 AND NOT i.parked RETURNING i.key`,
      consumer,
      topic,
      JSON.stringify(runs),
    );
    const entered = new Set(rows.map(({ key }) => key));
    const fresh = runs.filter(({ key, first }) => first === 1 && !entered.has(key));
    if (fresh.length === 0) return entered;
    const begun = await tx.$queryRawUnsafe<{ key: string }[]>(
      `INSERT INTO ${this.#inbox} (consumer, topic, key, last_seq)
       SELECT $1, $2, r.key, r.last FROM jsonb_to_recordset($3::jsonb) AS r(key text, last int) ORDER BY r.key
       ON CONFLICT DO NOTHING RETURNING key`,
      consumer,
      topic,
      JSON.stringify(fresh),
    );
    for (const { key } of begun) entered.add(key);
    return entered;
  }

  /**
   * Handles a parked event if it is still the first of its key. If the effect throws, the caller gets the error and the
   * event stays parked.
   */
  async #again<Tx extends RawTransaction>(
    tx: Tx,
    consumer: string,
    event: LoggedEvent,
    effect: (tx: Tx) => Promise<unknown>,
    isCompacted: boolean,
  ): Promise<Outcome> {
    const { topic, key, seq, snapshot = false } = event;
    const position = await this.#lock(tx, consumer, event);
    const [first] = await tx.$queryRawUnsafe<{ seq: number }[]>(
      `SELECT seq FROM ${this.#parked} WHERE consumer = $1 AND topic = $2 AND key = $3 ORDER BY seq LIMIT 1`,
      consumer,
      topic,
      key,
    );
    if (first?.seq !== seq) return 'repeat';
    const isLate = snapshot && isPast(event, position);
    if (!isLate) await effect(tx);
    await tx.$executeRawUnsafe(
      `DELETE FROM ${this.#parked} WHERE consumer = $1 AND topic = $2 AND key = $3 AND seq = $4::int`,
      consumer,
      topic,
      key,
      seq,
    );
    await tx.$executeRawUnsafe(
      `UPDATE ${this.#inbox} SET last_seq = greatest(last_seq, $4::int), incomplete = $5::boolean,
         parked = EXISTS (SELECT FROM ${this.#parked} p WHERE p.consumer = $1 AND p.topic = $2 AND p.key = $3)
       WHERE consumer = $1 AND topic = $2 AND key = $3`,
      consumer,
      topic,
      key,
      seq,
      // The hole is looked for again. It was recorded when the event was first delivered, but the rollback of the
      // failed effect undid that.
      !snapshot && (position.incomplete || isAfterHole(event, position, isCompacted)),
    );
    return isLate ? 'repeat' : 'handled';
  }

  /**
   * Moves the position to the event, under the row's lock until the transaction ends. A repeat changes nothing, and an
   * event behind a parked one is parked. It takes one statement when the event is the next of its key.
   */
  async #enter(tx: RawTransaction, consumer: string, event: LoggedEvent, isCompacted: boolean): Promise<Outcome> {
    const { topic, key, seq, snapshot = false } = event;
    const next = snapshot
      ? 0
      : await tx.$executeRawUnsafe(
          `UPDATE ${this.#inbox} SET last_seq = $4::int WHERE consumer = $1 AND topic = $2 AND key = $3 AND last_seq = $4::int - 1 AND NOT parked`,
          consumer,
          topic,
          key,
          seq,
        );
    if (next === 1) return 'handled';
    const position = await this.#lock(tx, consumer, event);
    if (isPast(event, position)) return 'repeat';
    if (position.parked) {
      await this.#park(tx, consumer, event, null);
      return 'parked';
    }
    // A hole before the first event of a key is not reported, because the first event may have any seq: a consumer that
    // is younger than the log's retention never got the earlier ones.
    const isHole = isAfterHole(event, position, isCompacted);
    if (isHole && position.last_seq > 0) this.#options.onHole?.(consumer, event, position.last_seq);
    await tx.$executeRawUnsafe(
      `UPDATE ${this.#inbox} SET last_seq = $4::int, incomplete = $5::boolean WHERE consumer = $1 AND topic = $2 AND key = $3`,
      consumer,
      topic,
      key,
      seq,
      !snapshot && (position.incomplete || isHole),
    );
    return 'handled';
  }

  /**
   * Reads `parked` from the locked row itself. A query of the other table would use a database snapshot from before the
   * wait for the lock.
   */
  async #lock(tx: RawTransaction, consumer: string, { topic, key }: { topic: string; key: string }): Promise<Position> {
    const [row] = await tx.$queryRawUnsafe<Position[]>(
      `INSERT INTO ${this.#inbox} AS i (consumer, topic, key, last_seq) VALUES ($1, $2, $3, 0)
       ON CONFLICT (consumer, topic, key) DO UPDATE SET last_seq = i.last_seq RETURNING last_seq, parked, incomplete`,
      consumer,
      topic,
      key,
    );
    if (row === undefined) throw new Error('an upsert returned no row');
    return row;
  }

  async #park(tx: RawTransaction, consumer: string, event: LoggedEvent, error: string | null): Promise<void> {
    const { topic, key, seq } = event;
    await tx.$executeRawUnsafe(
      `INSERT INTO ${this.#parked} (consumer, topic, key, seq, event, error) VALUES ($1, $2, $3, $4::int, $5::jsonb, $6) ON CONFLICT DO NOTHING`,
      consumer,
      topic,
      key,
      seq,
      JSON.stringify(event),
      error?.slice(0, 1000) ?? null,
    );
    await tx.$executeRawUnsafe(
      `UPDATE ${this.#inbox} SET parked = true WHERE consumer = $1 AND topic = $2 AND key = $3`,
      consumer,
      topic,
      key,
    );
  }
}

const isPermanent = (error: Error): boolean => (error as { permanent?: unknown }).permanent === true;
