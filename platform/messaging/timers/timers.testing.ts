import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { createTestService, SCHEMA, type TestService } from '../outbox/outbox.testing.ts';
import { defineTimer } from './definition.ts';

export { SCHEMA, type TestService };

/** The timer that the tests set. */
export const Deadline = defineTimer({ name: 'deadline', version: 1, payload: z.object({ of: z.string() }) });

/** Creates a database with the tables of a service that has timers, and a table of what fired. */
export async function createTimerService(): Promise<TestService> {
  const service = await createTestService();
  const tables = await readFile(new URL('./tables.sql', import.meta.url), 'utf8');
  await service.pool.query(
    `SET search_path = ${SCHEMA}; ${tables}; CREATE TABLE fired (key text NOT NULL, id uuid NOT NULL, due_at timestamptz NOT NULL, by text); SET search_path = public`,
  );
  return service;
}

/** Records in the transaction that the timer fired. */
export const recordFired =
  (by: string) =>
  async ({
    tx,
    id,
    key,
    dueAt,
  }: {
    tx: { $executeRawUnsafe(sql: string, ...values: unknown[]): PromiseLike<number> };
    id: string;
    key: string;
    dueAt: Date;
  }): Promise<void> => {
    await tx.$executeRawUnsafe(
      `INSERT INTO ${SCHEMA}.fired VALUES ($1, $2::uuid, $3, $4)`,
      key,
      id,
      dueAt.toISOString(),
      by,
    );
  };
