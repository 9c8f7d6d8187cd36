import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import pg from 'pg';
import { migrate } from '../../platform/postgres/migrate.ts';
import { subgraphs } from '../../subgraphs/registry.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { readLines } from './lines.ts';
import { loadPostgres } from './postgres.ts';

interface Column {
  readonly name: string;
  /** Whether a writer that does not know the column may insert a row. */
  readonly optional: boolean;
}

/**
 * During a deploy, processes of the previous version use this version's tables. Their statements name the columns that
 * they know.
 */
describe('the tables, for processes of the newest recorded version', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  beforeAll(async () => {
    database = await createTestDatabase();
    pool = new pg.Pool({ connectionString: database.url, max: 1 });
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  const columns = async (): Promise<ReadonlyMap<string, readonly Column[]>> => {
    const { rows } = await pool.query<Column & { table: string }>(
      `SELECT table_schema || '.' || table_name AS table, column_name AS name, is_nullable = 'YES' OR column_default IS NOT NULL AS optional
       FROM information_schema.columns WHERE table_schema = ANY ($1)`,
      [Object.keys(subgraphs)],
    );
    return Map.groupBy(rows, ({ table }) => table);
  };

  it('have all columns that they had, and no new required column', async () => {
    const last =
      readdirSync(import.meta.dirname, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .sort()
        .at(-1) ?? '';
    await loadPostgres(
      database.url,
      await readLines(path.join(import.meta.dirname, last, 'full.jsonl'), { prefix: '' }),
    );
    const then = await columns();
    await migrate({ url: database.url, services: Object.keys(subgraphs) });
    const now = await columns();
    assert.ok(then.has('teams.teams'));
    const faults: string[] = [];
    for (const [table, known] of then) {
      const there = now.get(table) ?? [];
      for (const { name } of known)
        if (!there.some((column) => column.name === name)) faults.push(`${table}.${name} is gone`);
      for (const { name, optional } of there)
        if (!optional && !known.some((column) => column.name === name)) faults.push(`${table}.${name} is required`);
    }
    assert.deepEqual(faults, []);
  });
});
