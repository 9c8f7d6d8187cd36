import type pg from 'pg';
import { pgTransactions, qualified } from '../../postgres/transactions.ts';
import { type EventDefinition, HELD_BACK } from '../definitions.ts';
import type { LoggedEvent } from '../event-log/event-log.ts';
import type { Drop, WaitingCount, ParkedMessage, Selection } from './parked-message.ts';

/** A key of a consumer's topic. */
export interface InboxKey {
  readonly consumer: string;
  readonly topic: string;
  readonly key: string;
}

interface Row {
  readonly consumer: string;
  readonly event: LoggedEvent;
  readonly error: string | null;
  readonly parked_at: Date;
}

/** The condition for the selected messages. $1 is the id and $2 the type; null stands for all. */
const SELECTED = `($1::text IS NULL OR event->>'eventId' = $1) AND ($2::text IS NULL OR event->>'type' = $2)`;
const values = ({ id, type }: Selection): [string | null, string | null] => [id ?? null, type ?? null];

/** The parked events of a service's consumers: for an operator, and for the consumer that handles them again. */
export class ParkedInbox {
  readonly #pool: pg.Pool;
  readonly #service: string;
  readonly #inbox: string;
  readonly #parked: string;

  /** @param service also the name of the service's schema */
  constructor(pool: pg.Pool, service: string) {
    this.#pool = pool;
    this.#service = service;
    this.#inbox = qualified(service, 'inbox');
    this.#parked = qualified(service, 'inbox_parked');
  }

  /** Counts the parked events of each consumer and topic. A pair without a parked event is left out. */
  async counts(): Promise<readonly WaitingCount[]> {
    const { rows } = await this.#pool.query<{
      consumer: string;
      topic: string;
      parked: number;
      behind: number;
      oldest: Date;
    }>(`
SELECT consumer, topic, count(*) FILTER (WHERE error IS NOT NULL)::int AS parked, count(*) FILTER (WHERE error IS NULL)::int AS behind, min(parked_at) AS oldest
FROM ${this.#parked} GROUP BY consumer, topic ORDER BY consumer, topic`);
    return rows.map(({ oldest, ...counts }) => ({
      place: 'inbox',
      service: this.#service,
      waiting: 0,
      ...counts,
      oldest: oldest.toISOString(),
    }));
  }

  /** Parked events, oldest first. */
  async list({ limit, ...selection }: Selection & { limit: number }): Promise<readonly ParkedMessage[]> {
    const { rows } = await this.#pool.query<Row>(
      `SELECT consumer, event, error, parked_at FROM ${this.#parked} WHERE ${SELECTED} ORDER BY parked_at, topic, key, seq LIMIT $3`,
      [...values(selection), limit],
    );
    return rows.map((row) => this.#message(row));
  }

  /**
   * Requests that every key with a selected event is handled again. The running consumer does that, or else the next
   * one that starts. @returns the number of parked events of these keys
   */
  async askForRedrive(selection: Selection): Promise<number> {
    const {
      rows: [asked],
    } = await this.#pool.query<{ events: number }>(
      `WITH keys AS (
         SELECT DISTINCT consumer, topic, key FROM ${this.#parked} WHERE ${SELECTED}
       ), asked AS (
         UPDATE ${this.#inbox} i SET redrive = true FROM keys k WHERE i.consumer = k.consumer AND i.topic = k.topic AND i.key = k.key RETURNING i.consumer, i.topic, i.key
       )
       SELECT count(*)::int AS events FROM ${this.#parked} JOIN asked USING (consumer, topic, key)`,
      values(selection),
    );
    return asked?.events ?? 0;
  }

  /**
   * Requests that up to `limit` keys are handled again: keys whose first parked event was held back for a newer version
   * that this program knows. The keys that waited longest are first. @returns the number of keys
   */
  async askForKnown(consumer: string, known: readonly EventDefinition<unknown>[], limit: number): Promise<number> {
    const { rowCount } = await this.#pool.query({
      name: `inbox-held-back-${this.#service}`,
      text: `
UPDATE ${this.#inbox} i SET redrive = true FROM (
  SELECT p.topic, p.key FROM ${this.#parked} p
  WHERE p.consumer = $1 AND p.error LIKE '${HELD_BACK}:%'
    AND NOT EXISTS (SELECT FROM ${this.#parked} e WHERE e.consumer = p.consumer AND e.topic = p.topic AND e.key = p.key AND e.seq < p.seq)
    AND NOT EXISTS (
      SELECT FROM unnest($2::text[], $3::text[], $4::int[]) AS k(topic, type, version)
      WHERE k.topic = p.topic AND k.type = p.event->>'type' AND k.version < (p.event->'version')::numeric
    )
  ORDER BY p.parked_at LIMIT $5
) h
WHERE i.consumer = $1 AND i.topic = h.topic AND i.key = h.key AND NOT i.redrive`,
      values: [
        consumer,
        known.map(({ topic }) => topic.name),
        known.map(({ type }) => type),
        known.map(({ version }) => version),
        limit,
      ],
    });
    return rowCount ?? 0;
  }

  /**
   * Deletes the event permanently, if it is the first parked event of its key, and moves the key's position past it.
   * The events behind it are then handled, as after {@link askForRedrive}. A snapshot whose `seq` equals the position
   * is then handled too, because events before it are missing.
   */
  async drop(consumer: string, id: string): Promise<Drop> {
    const {
      rows: [found],
    } = await this.#pool.query<{ topic: string; key: string; seq: number }>(
      `SELECT topic, key, seq FROM ${this.#parked} WHERE consumer = $3 AND ${SELECTED}`,
      [...values({ id }), consumer],
    );
    if (!found) return { dropped: false };
    const { topic, key, seq } = found;
    return this.#locked({ consumer, topic, key }, async (client, place) => {
      const {
        rows: [first],
      } = await client.query<{ seq: number; id: string }>(
        `SELECT seq, event->>'eventId' AS id FROM ${this.#parked} WHERE consumer = $1 AND topic = $2 AND key = $3 ORDER BY seq LIMIT 1`,
        [...place],
      );
      if (!first || first.seq > seq) return { dropped: false };
      if (first.seq < seq) return { dropped: false, behind: first.id };
      await this.#pass(client, place, seq);
      await client.query(
        `UPDATE ${this.#inbox} SET redrive = parked, incomplete = true WHERE consumer = $1 AND topic = $2 AND key = $3`,
        [...place],
      );
      return { dropped: true };
    });
  }

  /** Returns up to `limit` keys of these consumers whose parked events should be handled again. */
  async asked(consumers: readonly string[], limit: number): Promise<readonly InboxKey[]> {
    const { rows } = await this.#pool.query<InboxKey>({
      name: `inbox-asked-${this.#service}`,
      text: `SELECT consumer, topic, key FROM ${this.#inbox} WHERE redrive AND consumer = ANY($1) LIMIT $2`,
      values: [consumers, limit],
    });
    return rows;
  }

  /** The parked event of the key that must be handled first. */
  async first({ consumer, topic, key }: InboxKey): Promise<LoggedEvent | undefined> {
    const {
      rows: [row],
    } = await this.#pool.query<{ event: LoggedEvent }>(
      `SELECT event FROM ${this.#parked} WHERE consumer = $1 AND topic = $2 AND key = $3 ORDER BY seq LIMIT 1`,
      [consumer, topic, key],
    );
    return row?.event;
  }

  /**
   * The consumer is done with this event: deletes it and moves the position. Does nothing when the inbox has already
   * removed it.
   */
  async passed(key: InboxKey, seq: number): Promise<void> {
    await this.#locked(key, (client, place) => this.#pass(client, place, seq));
  }

  /** Records that the event failed again. The key stays parked until the next request. */
  async failed({ consumer, topic, key }: InboxKey, seq: number, error: Error): Promise<void> {
    await this.#pool.query(
      `WITH why AS (UPDATE ${this.#parked} SET error = $5 WHERE consumer = $1 AND topic = $2 AND key = $3 AND seq = $4)
       UPDATE ${this.#inbox} SET redrive = false WHERE consumer = $1 AND topic = $2 AND key = $3`,
      [consumer, topic, key, seq, error.message.slice(0, 1000)],
    );
  }

  /** Ends the request if no event of the key is parked any more. */
  async done({ consumer, topic, key }: InboxKey): Promise<void> {
    await this.#pool.query(
      `UPDATE ${this.#inbox} i SET redrive = false WHERE consumer = $1 AND topic = $2 AND key = $3
       AND NOT EXISTS (SELECT FROM ${this.#parked} p WHERE p.consumer = $1 AND p.topic = $2 AND p.key = $3)`,
      [consumer, topic, key],
    );
  }

  /**
   * Runs `work` in a transaction that holds the lock of the key. The consumer takes the same lock. Locking is a
   * statement of its own, so that later statements see what was committed during the wait. A single statement that
   * locks and reads would miss an event that was parked meanwhile.
   */
  async #locked<T>(
    { consumer, topic, key }: InboxKey,
    work: (client: pg.PoolClient, place: readonly [consumer: string, topic: string, key: string]) => Promise<T>,
  ): Promise<T> {
    return pgTransactions(this.#pool).$transaction(async ({ client }) => {
      const place = [consumer, topic, key] as const;
      await client.query(`SELECT FROM ${this.#inbox} WHERE consumer = $1 AND topic = $2 AND key = $3 FOR UPDATE`, [
        ...place,
      ]);
      return work(client, place);
    });
  }

  async #pass(client: pg.PoolClient, place: readonly string[], seq: number): Promise<void> {
    const { rowCount } = await client.query(
      `DELETE FROM ${this.#parked} WHERE consumer = $1 AND topic = $2 AND key = $3 AND seq = $4`,
      [...place, seq],
    );
    if (rowCount === 0) return;
    await client.query(
      `UPDATE ${this.#inbox} SET last_seq = greatest(last_seq, $4::int),
         parked = EXISTS (SELECT FROM ${this.#parked} p WHERE p.consumer = $1 AND p.topic = $2 AND p.key = $3)
       WHERE consumer = $1 AND topic = $2 AND key = $3`,
      [...place, seq],
    );
  }

  #message({ consumer, event, error, parked_at: parkedAt }: Row): ParkedMessage {
    const { topic, key, seq, eventId, type, version, occurredAt, requestId, payload } = event;
    return {
      id: eventId,
      place: 'inbox',
      service: this.#service,
      consumer,
      kind: 'event',
      topic,
      key,
      seq,
      type,
      version,
      state: error === null ? 'behind' : 'parked',
      occurredAt,
      parkedAt: parkedAt.toISOString(),
      ...(error !== null && { error }),
      ...(requestId !== undefined && { requestId }),
      payload,
    };
  }
}
