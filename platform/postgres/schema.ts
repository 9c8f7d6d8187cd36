import pg from 'pg';

/**
 * The key that Prisma's own `migrate deploy` takes in pg_advisory_lock, so that all who change a database wait for each
 * other.
 */
export const LOCK_KEY = 72_707_369;

/**
 * A statement that creates the schema unless it is there. `IF NOT EXISTS` alone wants the right to create schemas,
 * which an owner of one has not.
 */
export function createSchema(schema: string): string {
  return `DO $do$ BEGIN IF to_regnamespace(${pg.escapeLiteral(pg.escapeIdentifier(schema))}) IS NULL THEN CREATE SCHEMA ${pg.escapeIdentifier(schema)}; END IF; END $do$`;
}
