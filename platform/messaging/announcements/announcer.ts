import { randomUUID } from 'node:crypto';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type pg from 'pg';
import { asError, pause } from '../../async/retry.ts';
import { runInContext } from '../../observability/request-context.ts';
import { qualified } from '../../postgres/transactions.ts';
import type { RawTransaction, Transactional } from '../../postgres/transactions.ts';
import type { SnapshotDefinition } from '../definitions.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { Announcements } from './announcements.ts';

/** Between looks whether there is something to announce. Milliseconds. */
const LOOK_EVERY_MS = 1000;
const TRY_AGAIN_MS = 5000;
const TRANSACTION_MS = 30_000;
/**
 * While more rows than these wait in the outbox no others are added: what happens meanwhile is published behind them.
 */
const MOST_WAITING = 1000;
const ROOM_EVERY_MS = 50;

/** Before every other UUID. */
export const NIL = '00000000-0000-0000-0000-000000000000';

/** Where to go on: after this key, in the order of keys. */
export interface Page {
  /** Null at the beginning. */
  readonly after: string | null;
  readonly limit: number;
}

/** An aggregate as it is after its event `seq`. */
export interface State<T> {
  readonly seq: number;
  readonly payload: T;
}

/** What a service reads for the announcement of this snapshot. */
export type StatesOf<D> = D extends SnapshotDefinition<infer T> ? readonly State<T>[] : never;

/**
 * The next states in the order of their keys, fewer than the limit only at the end. Their rows are locked as for a
 * change: `seq` and state belong together.
 */
export type ReadStates<T, Tx> = (tx: Tx, page: Page) => Promise<readonly State<T>[]>;

export interface AnnouncerOptions {
  /** Of the service's database; stays its owner's to end. */
  readonly pool: pg.Pool;
  /** Also the name of its schema. */
  readonly service: string;
  readonly outbox: Outbox;
  /** Keys per transaction, all of whose rows are locked until it ends. Default 100. */
  readonly keys?: number;
  readonly onError: (error: Error, doing: string) => void;
}

interface Owned {
  readonly snapshot: SnapshotDefinition<unknown>;
  /** Announces the next keys; resolves to whether there are more. */
  batch(): Promise<boolean>;
}

/**
 * Publishes the state of a service's aggregates as snapshots, when an operator asks for it. Each page of keys is a
 * transaction with its place in the announcement, so a stop, a crash or a second replica neither skips nor holds
 * anything up. Through the outbox, under the lock of each row: a snapshot follows the event whose `seq` it repeats, and
 * precedes the next one.
 */
export class Announcer implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #options: AnnouncerOptions;
  readonly #owned = new Map<string, Owned>();
  readonly #closing = new AbortController();
  readonly #announcements: Announcements;
  #running: Promise<void> | undefined;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
    this.#announcements = new Announcements(options.pool, options.service);
  }

  /** Topics that are announced when somebody asks. */
  get topics(): readonly string[] {
    return [...this.#owned.keys()];
  }

  announces<T, Tx extends RawTransaction>(
    snapshot: SnapshotDefinition<T>,
    prisma: Transactional<Tx>,
    read: ReadStates<T, NoInfer<Tx>>,
  ): void {
    this.#owned.set(snapshot.topic.name, {
      snapshot: snapshot as SnapshotDefinition<unknown>,
      batch: () => this.#batch(snapshot, prisma, read),
    });
  }

  /** Nest calls it. */
  onApplicationBootstrap(): void {
    if (this.#owned.size > 0) this.#running = this.#run();
  }

  /** Nest calls it. Resolves when the page that is announced now is written. */
  async onModuleDestroy(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    const { service, onError } = this.#options;
    while (!signal.aborted) {
      try {
        for (const topic of await this.#announcements.due(this.topics)) {
          // Under an id of its own, as a request: its statements and events can be told apart in the log.
          await runInContext({ requestId: randomUUID(), service }, () => this.#announce(topic));
        }
      } catch (error) {
        onError(asError(error), `announcements of ${service}`);
      }
      await pause(LOOK_EVERY_MS, signal);
    }
  }

  async #announce(topic: string): Promise<void> {
    const { signal } = this.#closing;
    try {
      while (!signal.aborted && (await this.#owned.get(topic)?.batch())) await this.#room();
    } catch (error) {
      this.#options.onError(asError(error), `announcing ${topic}`);
      await this.#announcements.failed(topic, asError(error));
      await pause(TRY_AGAIN_MS, signal);
    }
  }

  #batch<T, Tx extends RawTransaction>(
    snapshot: SnapshotDefinition<T>,
    prisma: Transactional<Tx>,
    read: ReadStates<T, Tx>,
  ): Promise<boolean> {
    const { outbox, service, keys = 100 } = this.#options;
    const table = qualified(service, 'announcement');
    const {
      topic: { name },
    } = snapshot;
    return outbox.transaction(
      prisma,
      async (tx, emit) => {
        const [row] = await tx.$queryRawUnsafe<{ after_key: string | null }[]>(
          `SELECT after_key FROM ${table} WHERE topic = $1 AND finished_at IS NULL FOR UPDATE SKIP LOCKED`,
          name,
        );
        if (!row) return false; // it is finished, or another replica is at it
        const states = await read(tx, { after: row.after_key, limit: keys });
        const tell = emit as (definition: SnapshotDefinition<T>, emitted: State<T>) => string;
        for (const { seq, payload } of states) tell(snapshot, { seq, payload });
        const last = states.at(-1);
        const more = states.length >= keys;
        await tx.$executeRawUnsafe(
          `UPDATE ${table} SET after_key = $2, keys = keys + $3::int, finished_at = CASE WHEN $4::boolean THEN NULL ELSE now() END, error = NULL WHERE topic = $1`,
          name,
          last ? snapshot.checked(last.payload).key : row.after_key,
          states.length,
          more,
        );
        return more;
      },
      { timeout: TRANSACTION_MS },
    );
  }

  /** Resolves when the relay has come near. */
  async #room(): Promise<void> {
    const { signal } = this.#closing;
    const waiting = `SELECT count(*)::int AS n FROM (SELECT FROM ${qualified(this.#options.service, 'outbox')} WHERE published_at IS NULL AND parked_at IS NULL LIMIT ${MOST_WAITING}) AS waiting`;
    while (
      !signal.aborted &&
      ((await this.#options.pool.query<{ n: number }>(waiting)).rows[0]?.n ?? 0) >= MOST_WAITING
    )
      await pause(ROOM_EVERY_MS, signal);
  }
}
