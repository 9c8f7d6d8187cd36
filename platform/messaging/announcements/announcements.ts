import type pg from 'pg';
import { qualified } from '../../postgres/transactions.ts';

/** Progress of the announcement of a topic. */
export interface Announcement {
  readonly topic: string;
  /** When the announcement was requested: RFC 3339, UTC. */
  readonly askedAt: string;
  /** The number of keys whose state was added to the outbox so far. */
  readonly keys: number;
  readonly finished: boolean;
  /** Why the announcement is blocked. */
  readonly error?: string;
}

/**
 * Requests to announce topics. A request is a row in the owner's database, and the owner polls it. So the caller need
 * not reach the owner's process.
 */
export class Announcements {
  readonly #pool: pg.Pool;
  readonly #table: string;

  /** @param service the owner of the topics; also the name of its schema */
  constructor(pool: pg.Pool, service: string) {
    this.#pool = pool;
    this.#table = qualified(service, 'announcement');
  }

  /** Requests the state of every key of the topic. A running announcement continues; a finished one starts again. */
  async ask(topic: string): Promise<void> {
    await this.#pool.query(
      `INSERT INTO ${this.#table} AS a (topic) VALUES ($1)
       ON CONFLICT (topic) DO UPDATE SET asked_at = now(), after_key = NULL, keys = 0, finished_at = NULL, error = NULL WHERE a.finished_at IS NOT NULL`,
      [topic],
    );
  }

  async of(topic: string): Promise<Announcement | undefined> {
    const {
      rows: [row],
    } = await this.#pool.query<{ asked_at: Date; keys: number; finished: boolean; error: string | null }>(
      `SELECT asked_at, keys, finished_at IS NOT NULL AS finished, error FROM ${this.#table} WHERE topic = $1`,
      [topic],
    );
    return (
      row && {
        topic,
        askedAt: row.asked_at.toISOString(),
        keys: row.keys,
        finished: row.finished,
        ...(row.error !== null && { error: row.error }),
      }
    );
  }

  /** The topics among these whose announcement is not finished. */
  async due(topics: readonly string[]): Promise<readonly string[]> {
    const { rows } = await this.#pool.query<{ topic: string }>(
      `SELECT topic FROM ${this.#table} WHERE finished_at IS NULL AND topic = ANY ($1) ORDER BY asked_at`,
      [topics],
    );
    return rows.map(({ topic }) => topic);
  }

  async failed(topic: string, error: Error): Promise<void> {
    await this.#pool.query(`UPDATE ${this.#table} SET error = $2 WHERE topic = $1 AND finished_at IS NULL`, [
      topic,
      error.message.slice(0, 1000),
    ]);
  }
}
