import { createSchema } from '../../../postgres/schema.ts';

/** The schema of everything that the PostgreSQL event log stores. */
export const SCHEMA = 'event_log';
export const CHANNEL = 'event_log';

/** The key of the advisory lock of the installation: any number that no other advisory lock of this database uses. */
const INSTALL_LOCK = 7_317_541_220_419;

/**
 * Creates the tables, in one transaction, because the statements are sent as one simple query. An append takes its
 * offsets from `partitions.next_offset` and locks that row until it commits. So rows become visible in the order of
 * their offsets. With the numbers of a sequence they would not, and readers would skip rows.
 */
export const INSTALL = `
SELECT pg_advisory_xact_lock(${INSTALL_LOCK});
${createSchema(SCHEMA)};
CREATE TABLE IF NOT EXISTS ${SCHEMA}.topics (
  name text PRIMARY KEY,
  -- Older programs, before retention_hours, read and write this column.
  retention_days integer,
  pruned_at timestamptz NOT NULL DEFAULT 'epoch'
);
ALTER TABLE ${SCHEMA}.topics ADD COLUMN IF NOT EXISTS retention_hours integer;
ALTER TABLE ${SCHEMA}.topics ADD COLUMN IF NOT EXISTS compacted boolean NOT NULL DEFAULT false;
CREATE TABLE IF NOT EXISTS ${SCHEMA}.partitions (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic text NOT NULL,
  partition integer NOT NULL,
  next_offset bigint NOT NULL DEFAULT 0,
  UNIQUE (topic, partition)
) WITH (fillfactor = 50);
CREATE TABLE IF NOT EXISTS ${SCHEMA}.events (
  partition_id integer NOT NULL,
  "offset" bigint NOT NULL,
  key text NOT NULL,
  record json NOT NULL,
  appended_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (partition_id, "offset")
);
CREATE TABLE IF NOT EXISTS ${SCHEMA}.group_members (
  group_name text NOT NULL,
  member uuid NOT NULL,
  topics text[] NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (group_name, member)
);
CREATE TABLE IF NOT EXISTS ${SCHEMA}.group_partitions (
  group_name text NOT NULL,
  partition_id integer NOT NULL,
  next_offset bigint NOT NULL DEFAULT 0,
  member uuid,
  lease_until timestamptz NOT NULL DEFAULT 'epoch',
  PRIMARY KEY (group_name, partition_id)
) WITH (fillfactor = 50);`;

/**
 * Creates the partitions of a topic. An existing topic keeps its number of partitions; otherwise keys would change
 * their partition. $1 is the topic, $2 the number of partitions.
 */
export const CREATE_TOPIC = `
INSERT INTO ${SCHEMA}.partitions (topic, partition)
SELECT $1, n FROM generate_series(0, $2::int - 1) AS n
WHERE NOT EXISTS (SELECT FROM ${SCHEMA}.partitions WHERE topic = $1)
ON CONFLICT DO NOTHING`;

/**
 * Stores the retention of a topic. $1 is the topic, $2 the hours (null for ever), $3 whether the topic is compacted.
 */
export const SET_RETENTION = `
INSERT INTO ${SCHEMA}.topics AS t (name, retention_hours, compacted) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET retention_hours = excluded.retention_hours, compacted = excluded.compacted
WHERE (t.retention_hours, t.compacted) IS DISTINCT FROM (excluded.retention_hours, excluded.compacted)`;

export const LOCK_INSTALLATION = `SELECT pg_advisory_xact_lock(${INSTALL_LOCK})`;

export const PARTITIONS = `SELECT id, topic, partition, next_offset FROM ${SCHEMA}.partitions WHERE topic = ANY($1) ORDER BY topic, partition`;

export const ENDS = `SELECT id, next_offset FROM ${SCHEMA}.partitions WHERE id = ANY($1)`;

/** The partition of a key, by FNV-1a with 32 bits. It must never change. */
export function partitionOf(key: string, partitions: number): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(key)) value = Math.imul(value ^ byte, 0x01000193);
  return (value >>> 0) % partitions;
}

export interface AppendRow {
  readonly partitionId: number;
  readonly key: string;
  readonly record: string;
}

/**
 * A whole append is one statement, one round trip and one transaction, so a process that freezes cannot hold the locks.
 * The rows of `partitions` are locked in the order of their ids, so two appends cannot deadlock. `RETURNING` sees the
 * row as it is under the lock, not as it was in the statement's snapshot.
 */
export function appendStatement(rows: readonly AppendRow[]): { name: string; text: string; values: unknown[] } {
  return {
    name: 'event-log-append',
    text: `
WITH input AS MATERIALIZED (
  SELECT partition_id, key, record, row_number() OVER (PARTITION BY partition_id ORDER BY ord) - 1 AS place
  FROM unnest($1::int[], $2::text[], $3::text[]) WITH ORDINALITY AS i(partition_id, key, record, ord)
), counts AS MATERIALIZED (
  SELECT partition_id, count(*) AS n FROM input GROUP BY partition_id
), locked AS MATERIALIZED (
  SELECT id FROM ${SCHEMA}.partitions WHERE id IN (SELECT partition_id FROM counts) ORDER BY id FOR UPDATE
), placed AS (
  UPDATE ${SCHEMA}.partitions p SET next_offset = p.next_offset + c.n
  FROM locked l JOIN counts c ON c.partition_id = l.id
  WHERE p.id = l.id
  RETURNING p.id, p.next_offset - c.n AS first
)
INSERT INTO ${SCHEMA}.events (partition_id, "offset", key, record)
SELECT i.partition_id, p.first + i.place, i.key, i.record::json FROM input i JOIN placed p ON p.id = i.partition_id`,
    values: [rows.map((row) => row.partitionId), rows.map((row) => row.key), rows.map((row) => row.record)],
  };
}

/** Reads a page of each partition. $1 are the partition ids, $2 the first offset of each, $3 the most rows of each. */
export const READ = `
SELECT e.partition_id, e."offset", e.key, e.record::text AS record
FROM unnest($1::int[], $2::bigint[]) AS p(id, start)
CROSS JOIN LATERAL (
  SELECT * FROM ${SCHEMA}.events e WHERE e.partition_id = p.id AND e."offset" >= p.start ORDER BY e."offset" LIMIT $3
) e
ORDER BY e.partition_id, e."offset"`;

export interface ReadRow {
  readonly partition_id: number;
  readonly offset: string;
  readonly key: string;
  readonly record: string;
}

/**
 * Deletes old events of a partition; it reads only the oldest rows. The newest row of a partition stays, so that a
 * reader that was away longer than the retention notices that events are missing. $1 is the partition id, $2 the hours,
 * $3 the most rows.
 */
export const PRUNE = `
WITH oldest AS (
  SELECT e."offset", e.appended_at FROM ${SCHEMA}.events e WHERE e.partition_id = $1 ORDER BY e."offset" LIMIT $3
)
DELETE FROM ${SCHEMA}.events e
USING oldest o
WHERE e.partition_id = $1 AND e."offset" = o."offset" AND o.appended_at < now() - make_interval(hours => $2)
  AND e."offset" < (SELECT max("offset") FROM ${SCHEMA}.events WHERE partition_id = $1)`;

/**
 * The offsets of old events whose key has a newer event. The statement reads the whole partition, which has about as
 * many rows as keys. $1 is the partition id, $2 the hours, $3 the most rows.
 */
export const SUPERSEDED = `
SELECT e."offset" FROM (
  SELECT "offset", appended_at, lead("offset") OVER (PARTITION BY key ORDER BY "offset") AS newer FROM ${SCHEMA}.events WHERE partition_id = $1
) e
WHERE e.newer IS NOT NULL AND e.appended_at < now() - make_interval(hours => $2) ORDER BY e."offset" LIMIT $3`;

/** Deletes the events at these offsets. $1 is the partition id, $2 the offsets. */
export const DELETE_EVENTS = `DELETE FROM ${SCHEMA}.events WHERE partition_id = $1 AND "offset" = ANY($2::bigint[])`;

/**
 * Marks the topics whose last pruning was long enough ago, so that only the first process gets them, and returns their
 * partitions. $1 is the number of seconds between two prunings of a topic.
 */
export const CLAIM_PRUNING = `
WITH claimed AS (
  UPDATE ${SCHEMA}.topics SET pruned_at = now()
  WHERE name IN (
    SELECT name FROM ${SCHEMA}.topics
    WHERE retention_hours IS NOT NULL AND pruned_at < now() - make_interval(secs => $1) FOR UPDATE SKIP LOCKED
  )
  RETURNING name, retention_hours, compacted
)
SELECT p.id AS partition_id, c.retention_hours, c.compacted FROM claimed c JOIN ${SCHEMA}.partitions p ON p.topic = c.name ORDER BY p.id`;
