import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { pgTransactions, qualified } from '../../postgres/transactions.ts';
import { Outbox } from '../outbox/outbox.ts';
import type { RebuildJob } from './projection.ts';

/**
 * The name of the advisory lock that every rebuild shares. A process must hold it alone to delete events from the log.
 */
export const REBUILD_LOCK = 'prodvor.rebuild';

/** Runs that a projection keeps; older ones are deleted. */
const RUNS_KEPT = 20;
const MOST_ERROR = 500;
const UNIQUE_VIOLATION = '23505';

export type RunState = 'QUEUED' | 'RUNNING' | 'DONE' | 'FAILED' | 'CANCELLED';

/** A run of a rebuild. Times are RFC 3339, UTC. */
export interface Run extends RunProgress {
  readonly id: string;
  /** The name of the projection. */
  readonly name: string;
  readonly state: RunState;
  /** Whether the process of the command does the work. Otherwise a job does it. */
  readonly byCommand: boolean;
  readonly requestedAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  /** The last time that the running process stored its progress. */
  readonly seenAt: string | null;
  /** The number of the job's delivery, from 1; 0 before the first. */
  readonly attempt: number;
  readonly figures: Readonly<Record<string, number>> | null;
  /** Why the last delivery failed. */
  readonly error: string | null;
}

export interface RunProgress {
  readonly step: 'READING' | 'REPLACING' | null;
  /** Events that were read. */
  readonly events: number;
  /** About how many events there are. */
  readonly total: number;
}

/** The lock of a run. */
export interface RunLock {
  /** Aborts when the connection is lost, and the lock with it. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

const COLUMNS = `id, name, state, by_command AS "byCommand", requested_at AS "requestedAt", started_at AS "startedAt",
  finished_at AS "finishedAt", seen_at AS "seenAt", attempt, step, events, total, figures, error`;

/** The runs of a service's rebuilds: rows that the command writes, and the process that does the work. */
export class RebuildRuns {
  readonly #pool: pg.Pool;
  readonly #service: string;
  readonly #table: string;

  /** @param service the owner of the projections; also the name of its schema */
  constructor(pool: pg.Pool, service: string) {
    this.#pool = pool;
    this.#service = service;
    this.#table = qualified(service, 'rebuild_runs');
  }

  /**
   * Makes a run, and enqueues its job through the service's outbox.
   * @param job undefined: this process does the work, and holds the lock of the run
   * @returns the new run; or, with `isNew` false, the run of the projection that is not over
   */
  async request(name: string, job: RebuildJob | undefined): Promise<{ readonly run: Run; readonly isNew: boolean }> {
    const id = randomUUID();
    const outbox = new Outbox({ schema: this.#service });
    const row = await outbox.transaction(
      pgTransactions(this.#pool),
      async (tx, emit) => {
        // A command that was killed leaves its run behind. No other process continues it.
        const free = await tx.$queryRawUnsafe<{ free: boolean }[]>(
          'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS free',
          this.#lockName(name),
        );
        if (!job || free[0]?.free)
          await tx.$executeRawUnsafe(
            `UPDATE ${this.#table} SET state = 'FAILED', error = 'The process of the command ended', finished_at = now()
             WHERE name = $1 AND by_command AND state IN ('QUEUED', 'RUNNING')`,
            name,
          );
        const made = await tx.$queryRawUnsafe<Row[]>(
          `INSERT INTO ${this.#table} (id, name, by_command) VALUES ($1, $2, $3)
           ON CONFLICT (name) WHERE state IN ('QUEUED', 'RUNNING') DO NOTHING RETURNING ${COLUMNS}`,
          id,
          name,
          !job,
        );
        await tx.$executeRawUnsafe(
          `DELETE FROM ${this.#table} WHERE id IN (
            SELECT id FROM ${this.#table} WHERE name = $1 AND state NOT IN ('QUEUED', 'RUNNING')
            ORDER BY requested_at DESC, id OFFSET ${RUNS_KEPT - 1})`,
          name,
        );
        if (made[0] && job) emit(job, { because: id, payload: { runId: id } });
        return made[0];
      },
      undefined,
      [id],
    );
    if (row) return { run: runOf(row), isNew: true };
    const [open] = await this.#select(
      `WHERE name = $1 ORDER BY state IN ('QUEUED', 'RUNNING') DESC, requested_at DESC`,
      [name],
    );
    if (!open) throw new Error(`${name} has no run`);
    return { run: open, isNew: false };
  }

  /** The runs of the service, the newest first. @param name only those of this projection */
  list(name?: string): Promise<readonly Run[]> {
    return this.#select(`WHERE $1::text IS NULL OR name = $1 ORDER BY requested_at DESC, id`, [name ?? null]);
  }

  async byId(id: string): Promise<Run | undefined> {
    return (await this.#select('WHERE id = $1', [id]))[0];
  }

  /** Cancels the run of the projection that is queued or running. @returns it, or undefined if there is none */
  async cancel(name: string): Promise<Run | undefined> {
    return this.#update(
      `SET state = 'CANCELLED', finished_at = now() WHERE name = $1 AND state IN ('QUEUED', 'RUNNING')`,
      [name],
    );
  }

  /**
   * The run is running from now on. A failed run too, because its dead job was put back.
   * @returns undefined if the run is done or cancelled, or does not exist any more
   * @throws an error with `permanent: true` if another run of the projection is not over
   */
  async begin(id: string, attempt: number): Promise<Run | undefined> {
    try {
      return await this.#update(
        `SET state = 'RUNNING', attempt = $2, started_at = now(), seen_at = now(), finished_at = NULL, step = NULL,
           events = 0, total = 0, error = NULL
         WHERE id = $1 AND state IN ('QUEUED', 'RUNNING', 'FAILED')`,
        [id, attempt],
      );
    } catch (error) {
      if ((error as { code?: unknown }).code !== UNIQUE_VIOLATION) throw error;
      throw Object.assign(new Error('another run of this projection is not over'), { permanent: true });
    }
  }

  /** Stores the progress. @returns false if the run is not running any more, for example because it was cancelled */
  async seen(id: string, { step, events, total }: RunProgress): Promise<boolean> {
    const run = await this.#update(
      `SET seen_at = now(), step = $2, events = $3, total = $4 WHERE id = $1 AND state = 'RUNNING'`,
      [id, step, events, total],
    );
    return run !== undefined;
  }

  /** @returns false if the run was cancelled meanwhile */
  async done(id: string, { events, total }: RunProgress, figures: Readonly<Record<string, number>>): Promise<boolean> {
    const run = await this.#update(
      `SET state = 'DONE', finished_at = now(), step = NULL, events = $2, total = $3, figures = $4
       WHERE id = $1 AND state = 'RUNNING'`,
      [id, events, total, JSON.stringify(figures)],
    );
    return run !== undefined;
  }

  /** Stores why a delivery failed, in one line. @param isLast whether no other delivery follows */
  async failed(id: string, error: Error, isLast: boolean): Promise<void> {
    await this.#update(
      `SET state = $2, error = $3, finished_at = CASE WHEN $2 = 'FAILED' THEN now() END
       WHERE id = $1 AND state IN ('QUEUED', 'RUNNING')`,
      [id, isLast ? 'FAILED' : 'QUEUED', error.message.trim().replaceAll(/\s+/g, ' ').slice(0, MOST_ERROR)],
    );
  }

  /**
   * Takes the lock of the projection's run, on a connection of its own. At first it waits while a process holds
   * {@link REBUILD_LOCK} alone.
   * @param url PostgreSQL URL of the service
   * @param signal ends the waiting
   * @returns undefined if another process has the lock and `waits` is false
   */
  async lock(url: string, name: string, waits: boolean, signal?: AbortSignal): Promise<RunLock | undefined> {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'rebuild',
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    });
    const lost = new AbortController();
    client.on('error', (error) => lost.abort(error));
    const close = (): Promise<void> => client.end().catch(() => undefined);
    const stop = (): void => void close();
    await client.connect();
    signal?.addEventListener('abort', stop);
    try {
      signal?.throwIfAborted();
      await client.query('SELECT pg_advisory_lock_shared(hashtextextended($1, 0))', [REBUILD_LOCK]);
      const { rows } = await client.query<{ free: boolean }>(
        waits
          ? 'SELECT true AS free FROM pg_advisory_lock(hashtextextended($1, 0))'
          : 'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS free',
        [this.#lockName(name)],
      );
      if (rows[0]?.free) return { lost: lost.signal, release: close };
    } catch (error) {
      await close();
      throw error;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
    await close();
    return undefined;
  }

  readonly #lockName = (name: string): string => `${REBUILD_LOCK} ${this.#service} ${name}`;

  async #select(condition: string, values: readonly unknown[]): Promise<Run[]> {
    const { rows } = await this.#pool.query<Row>(`SELECT ${COLUMNS} FROM ${this.#table} ${condition}`, [...values]);
    return rows.map(runOf);
  }

  async #update(change: string, values: readonly unknown[]): Promise<Run | undefined> {
    const { rows } = await this.#pool.query<Row>(`UPDATE ${this.#table} ${change} RETURNING ${COLUMNS}`, [...values]);
    return rows.map(runOf)[0];
  }
}

type Times = 'requestedAt' | 'startedAt' | 'finishedAt' | 'seenAt';
type Row = Omit<Run, Times> & {
  readonly requestedAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly seenAt: Date | null;
};

const runOf = ({ requestedAt, startedAt, finishedAt, seenAt, ...row }: Row): Run => ({
  ...row,
  requestedAt: requestedAt.toISOString(),
  startedAt: startedAt?.toISOString() ?? null,
  finishedAt: finishedAt?.toISOString() ?? null,
  seenAt: seenAt?.toISOString() ?? null,
});
