import { randomUUID } from 'node:crypto';
import { type ConsumeOptions, type LoggedEvent, MOST_TOGETHER } from '../event-log.ts';
import type { Reader, ReaderContext, TopicPartition } from './postgres-reader.ts';
import { BEHIND, CLAIM, COMMIT_OFFSETS, CREATE_GROUP, HEARTBEAT, LEAVE, RELEASE } from './postgres-group-sql.ts';
import { READ } from './postgres-sql.ts';
import type { ReadRow } from './postgres-sql.ts';
import { decodeEvent } from '../record.ts';
import { asError, backoff, pause, READ_AGAIN_MOST_MS, READ_AGAIN_MS } from '../../../async/retry.ts';

/** The largest number of rows of one partition that one statement reads. A page is handled together if possible. */
const PAGE = MOST_TOGETHER;
/**
 * Offsets are committed at the end of each page, and during a long page after this time. After a kill -9 of a member,
 * other members handle the events since its last commit again. Milliseconds.
 */
const COMMIT_EVERY_MS = 1000;

export interface GroupOptions extends ConsumeOptions {
  readonly partitions: readonly TopicPartition[];
}

/** A partition that this member holds. */
interface Lane {
  readonly at: TopicPartition;
  readonly stop: AbortController;
  /** The next offset to handle. */
  position: number;
  /** The offset that is committed in the database. */
  committed: number;
  /** The page that is being handled. */
  work: Promise<void> | undefined;
  release: Promise<void> | undefined;
}

/** Joins a group. Resolves after the first heartbeat, so that the other members see it. */
export async function joinGroup(context: ReaderContext, options: GroupOptions): Promise<Reader> {
  await context.pool.query(CREATE_GROUP, [options.group, options.partitions.map((partition) => partition.id)]);
  const member = new GroupMember(context, options);
  await member.join();
  return member;
}

/**
 * A member of a group. Every member computes the same assignment from the sorted list of living members, without
 * messages. A partition changes its holder only through its lease: the old holder releases the lease or stops renewing
 * it. A holder whose lease has expired by its own clock handles no further event. A holder that was frozen past its
 * lease commits nothing, because a commit checks the lease.
 */
class GroupMember implements Reader {
  readonly topics: readonly string[];
  readonly partitions: readonly TopicPartition[];
  readonly group: string;
  readonly #context: ReaderContext;
  readonly #handler: ConsumeOptions['handler'];
  readonly #handleAll: ConsumeOptions['handleAll'];
  readonly #member = randomUUID();
  readonly #lanes = new Map<number, Lane>();
  readonly #closing = new AbortController();
  #leaseUntil = 0;
  #wakes = 0;
  /** The number of wakes that the last read covers. */
  #seen = 0;
  #reading: Promise<void> | undefined;
  #beating: Promise<void> | undefined;
  #beatAgain = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(context: ReaderContext, options: GroupOptions) {
    this.#context = context;
    this.topics = options.topics;
    this.partitions = options.partitions;
    this.group = options.group;
    this.#handler = options.handler;
    this.#handleAll = options.handleAll;
  }

  async join(): Promise<void> {
    await this.#heartbeat();
    this.#timer = setInterval(() => this.rebalance(), this.#context.leaseMs / 5);
    this.#context.announceGroup(this.group);
  }

  wake(): void {
    this.#wakes++;
    this.#read();
  }

  rebalance(): void {
    this.#beatAgain = true;
    this.#beating ??= this.#beat().finally(() => (this.#beating = undefined));
  }

  async reached(ends: ReadonlyMap<number, number>): Promise<boolean> {
    const ids = this.partitions.map((partition) => partition.id);
    const targets = ids.map((id) => ends.get(id) ?? 0);
    const { rows } = await this.#context.pool.query<{ behind: number }>(BEHIND, [this.group, ids, targets]);
    return rows[0]?.behind === 0;
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    clearInterval(this.#timer);
    for (const lane of this.#lanes.values()) lane.stop.abort();
    await this.#beating;
    await this.#reading;
    await Promise.all([...this.#lanes.values()].map((lane) => this.#giveUp(lane)));
    try {
      await this.#context.pool.query(LEAVE, [this.group, this.#member]);
      this.#context.announceGroup(this.group);
    } catch (error) {
      this.#context.onError(asError(error), `leaving group ${this.group}`);
    }
  }

  async #beat(): Promise<void> {
    while (this.#beatAgain && !this.#closing.signal.aborted) {
      this.#beatAgain = false;
      try {
        await this.#heartbeat();
      } catch (error) {
        this.#context.onError(asError(error), `heartbeat of group ${this.group}`);
      }
    }
  }

  async #heartbeat(): Promise<void> {
    const { pool, leaseMs } = this.#context;
    const began = performance.now();
    const { rows } = await pool.query<{ mine: number[]; others: { member: string; topics: string[] }[] }>({
      name: 'event-log-heartbeat',
      text: HEARTBEAT,
      values: [this.group, this.#member, this.topics, leaseMs / 1000],
    });
    const { mine = [], others = [] } = rows[0] ?? {};
    this.#leaseUntil = began + leaseMs;
    const wanted = this.#share(others);
    for (const [id, lane] of this.#lanes) {
      if (!mine.includes(id)) this.#drop(lane);
      else if (!wanted.has(id)) void this.#giveUp(lane);
    }
    await this.#claim(wanted);
  }

  async #claim(wanted: ReadonlyMap<number, TopicPartition>): Promise<void> {
    const missing = [...wanted.keys()].filter((id) => !this.#lanes.has(id));
    if (missing.length === 0) return;
    const { pool, leaseMs } = this.#context;
    const { rows } = await pool.query<{ partition_id: number; next_offset: string }>(CLAIM, [
      this.group,
      this.#member,
      missing,
      leaseMs / 1000,
    ]);
    for (const row of rows) {
      const at = wanted.get(row.partition_id);
      const position = Number(row.next_offset);
      if (at !== undefined)
        this.#lanes.set(at.id, {
          at,
          position,
          committed: position,
          stop: new AbortController(),
          work: undefined,
          release: undefined,
        });
    }
    if (rows.length > 0) this.wake();
  }

  /**
   * This member's partitions of each topic. They are dealt in turn to the members that read the topic, sorted by id.
   */
  #share(others: readonly { member: string; topics: string[] }[]): Map<number, TopicPartition> {
    const share = new Map<number, TopicPartition>();
    this.topics.forEach((topic, turn) => {
      const members = [
        this.#member,
        ...others.filter((other) => other.topics.includes(topic)).map((other) => other.member),
      ].sort();
      for (const partition of this.partitions) {
        if (partition.topic === topic && members[(partition.partition + turn) % members.length] === this.#member)
          share.set(partition.id, partition);
      }
    });
    return share;
  }

  /** Reads the next pages of all idle partitions with one query. Each partition then handles its page independently. */
  #read(): void {
    if (this.#closing.signal.aborted) return;
    this.#reading ??= this.#readPages().finally(() => {
      this.#reading = undefined;
      if (this.#seen !== this.#wakes) this.#read();
    });
  }

  async #readPages(): Promise<void> {
    let failures = 0;
    do {
      const seen = (this.#seen = this.#wakes);
      const idle = [...this.#lanes.values()].filter((lane) => lane.work === undefined && !lane.stop.signal.aborted);
      if (idle.length === 0) return;
      try {
        const values = [idle.map((lane) => lane.at.id), idle.map((lane) => lane.position), PAGE];
        const { rows } = await this.#context.pool.query<ReadRow>({ name: 'event-log-read', text: READ, values });
        if (this.#closing.signal.aborted) return;
        const pages = Map.groupBy(rows, (row) => row.partition_id);
        for (const lane of idle) {
          const page = pages.get(lane.at.id);
          if (page !== undefined) lane.work = this.#handlePage(lane, page, seen);
        }
        failures = 0;
      } catch (error) {
        this.#context.onError(asError(error), `reading for group ${this.group}`);
        // The read failed, so this wake is not handled yet. After a lost connection the listener may be back while the
        // pool still hands out dying connections.
        this.#wakes++;
        await pause(backoff(failures++, READ_AGAIN_MS, READ_AGAIN_MOST_MS), this.#closing.signal);
      }
    } while (this.#seen !== this.#wakes && !this.#closing.signal.aborted);
  }

  async #handlePage(lane: Lane, page: readonly ReadRow[], seen: number): Promise<void> {
    let kept = performance.now();
    const done = await this.#handleTogether(lane, page);
    for (const row of done ? [] : page) {
      if (!(await this.#handle(lane, row))) break;
      lane.position = Number(row.offset) + 1;
      if (performance.now() - kept > COMMIT_EVERY_MS) {
        await this.#commit(lane);
        kept = performance.now();
      }
    }
    await this.#commit(lane);
    lane.work = undefined;
    if (page.length === PAGE || this.#wakes !== seen) this.wake();
  }

  /** Resolves to whether the rows are done. If not, each of them must be handled alone. */
  async #handleTogether(lane: Lane, page: readonly ReadRow[]): Promise<boolean> {
    const last = page.at(-1);
    if (!this.#handleAll || page.length < 2 || !last) return false;
    if (lane.stop.signal.aborted || performance.now() > this.#leaseUntil) return false;
    const { topic, partition } = lane.at;
    try {
      await this.#handleAll(
        page.map(({ key, offset, record }) => decodeEvent({ topic, partition, key, offset }, record)),
      );
    } catch (error) {
      const where = `${topic}[${partition}]@${page[0]?.offset} to ${last.offset}`;
      this.#context.onError(asError(error), `handler of group ${this.group}, ${where} together`);
      return false;
    }
    lane.position = Number(last.offset) + 1;
    return true;
  }

  /** Resolves to whether the row is done. It is not done when the partition is stopped. */
  async #handle(lane: Lane, row: ReadRow): Promise<boolean> {
    const { topic, partition } = lane.at;
    const { signal } = lane.stop;
    const where = `${topic}[${partition}]@${row.offset}`;
    let event: LoggedEvent;
    try {
      event = decodeEvent({ topic, partition, key: row.key, offset: row.offset }, row.record);
    } catch (error) {
      // A record that no event log wrote can never become readable, so it is skipped.
      this.#context.onError(asError(error), `unreadable record ${where}`);
      return true;
    }
    for (let failures = 0; ; failures++) {
      if (signal.aborted || performance.now() > this.#leaseUntil) return false;
      try {
        await this.#handler(event);
        return true;
      } catch (error) {
        this.#context.onError(asError(error), `handler of group ${this.group}, ${where}`);
        await pause(backoff(failures, 100, 10_000), signal);
      }
    }
  }

  async #commit(lane: Lane): Promise<void> {
    const { position } = lane;
    if (position === lane.committed) return;
    try {
      const values = [this.group, this.#member, [lane.at.id], [position]];
      const { rowCount } = await this.#context.pool.query({ name: 'event-log-commit', text: COMMIT_OFFSETS, values });
      if (rowCount === 0) this.#drop(lane);
      else lane.committed = position;
    } catch (error) {
      // The next commit covers these events. Without a next commit they are delivered again.
      this.#context.onError(asError(error), `keeping offsets of group ${this.group}`);
    }
  }

  /** Stops work on a partition that this member does not hold any more. */
  #drop(lane: Lane): void {
    lane.stop.abort();
    lane.release ??= Promise.resolve(lane.work).then(() => {
      this.#lanes.delete(lane.at.id);
    });
  }

  /** Lets the running event finish, commits the offset, and then releases the partition. */
  #giveUp(lane: Lane): Promise<void> {
    lane.stop.abort();
    lane.release ??= this.#release(lane);
    return lane.release;
  }

  async #release(lane: Lane): Promise<void> {
    await lane.work;
    await this.#commit(lane);
    try {
      await this.#context.pool.query(RELEASE, [this.group, this.#member, [lane.at.id]]);
    } catch (error) {
      this.#context.onError(asError(error), `giving up a partition of group ${this.group}`);
    }
    this.#lanes.delete(lane.at.id);
    this.#context.announceGroup(this.group);
  }
}
