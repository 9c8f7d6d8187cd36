import type pg from 'pg';
import { qualified } from '../../postgres/transactions.ts';

/** How far the announcement of a topic is. */
export interface Announcement {
  readonly topic: string;
  /** RFC 3339, UTC. */
  readonly askedAt: string;
  /** Keys whose state is in the outbox. */
  readonly keys: number;
  readonly finished: boolean;
  /** Why it does not go on. */
  readonly error?: string;
}

/**
 * What owners of topics were asked to announce. Whoever asks need not reach the owner: the request is in its database,
 * and it looks there.
 */
export class Announcements {
  readonly #pool: pg.Pool;
  readonly #table: string;

  /** @param service the owner; also the name of its schema */
  constructor(pool: pg.Pool, service: string) {
    this.#pool = pool;
    this.#table = qualified(service, 'announcement');
  }

  /**
   * Asks for the state of every key of the topic. An announcement that is under way goes on; a finished one begins
   * anew.
   */
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

  /** Those of the topics that are not finished. */
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
