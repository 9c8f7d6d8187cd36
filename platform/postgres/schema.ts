import pg from 'pg';

/**
 * The key that Prisma's own `migrate deploy` uses for pg_advisory_lock, so that all programs that change a database
 * wait for each other.
 */
export const LOCK_KEY = 72_707_369;

/**
 * A statement that creates the schema if it is missing. `IF NOT EXISTS` alone requires the right to create schemas,
 * which an owner of one schema does not have.
 */
export function createSchema(schema: string): string {
  return `DO $do$ BEGIN IF to_regnamespace(${pg.escapeLiteral(pg.escapeIdentifier(schema))}) IS NULL THEN CREATE SCHEMA ${pg.escapeIdentifier(schema)}; END IF; END $do$`;
}
