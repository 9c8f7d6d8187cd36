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

/** Milliseconds between two polls for a requested announcement. */
const LOOK_EVERY_MS = 1000;
const TRY_AGAIN_MS = 5000;
const TRANSACTION_MS = 30_000;
/**
 * No page is added while this many rows or more wait in the outbox. Otherwise new events would have to wait behind the
 * snapshots.
 */
const MOST_WAITING = 1000;
const ROOM_EVERY_MS = 50;

/** The UUID that sorts before all others. */
export const NIL = '00000000-0000-0000-0000-000000000000';

/** A page of keys in ascending order. */
export interface Page {
  /** The last key of the previous page; null for the first page. */
  readonly after: string | null;
  readonly limit: number;
}

/** The state of an aggregate after its event `seq`. */
export interface State<T> {
  readonly seq: number;
  readonly payload: T;
}

/** The states that a service reads to announce this snapshot. */
export type StatesOf<D> = D extends SnapshotDefinition<infer T> ? readonly State<T>[] : never;

/**
 * Reads the next states in the order of their keys. Returns fewer than the limit only at the end. Locks the rows as a
 * change would, so that `seq` and state match.
 */
export type ReadStates<T, Tx> = (tx: Tx, page: Page) => Promise<readonly State<T>[]>;

export interface AnnouncerOptions {
  /** A pool of the service's database. Its owner closes it. */
  readonly pool: pg.Pool;
  /** Also the name of its schema. */
  readonly service: string;
  readonly outbox: Outbox;
  /** Keys per transaction. All their rows are locked until it ends. Default 100. */
  readonly keys?: number;
  /** Whether this process leaves announcements to other processes. Default false. */
  readonly idle?: boolean;
  readonly onError: (error: Error, doing: string) => void;
}

interface Owned {
  readonly snapshot: SnapshotDefinition<unknown>;
  /** Announces the next page of keys. Resolves to whether there are more. */
  batch(): Promise<boolean>;
}

/**
 * Publishes the state of a service's aggregates as snapshots when an operator requests it. One transaction emits a page
 * of keys and saves the progress, so no key is skipped after a stop or a crash, and a second replica does not repeat or
 * block the work. Snapshots go through the outbox under the lock of each row: a snapshot follows the event whose `seq`
 * it repeats, and precedes the next event.
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

  /** Topics that this service announces on request. */
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

  /** Nest calls this when the service starts. */
  onApplicationBootstrap(): void {
    if (this.#owned.size > 0 && !this.#options.idle) this.#running = this.#run();
  }

  /** Called by Nest. Resolves when the current page is committed. */
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
          // A request id of its own, so that the statements and events of the announcement can be found in the log.
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
        if (!row) return false; // finished, or locked by another replica
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

  /** Resolves when fewer than {@link MOST_WAITING} rows wait in the outbox. */
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
