import { SCHEMA } from './postgres-sql.ts';

/** Creates the rows of a group for these partitions if they are missing. $1 is the group, $2 the partition ids. */
export const CREATE_GROUP = `
INSERT INTO ${SCHEMA}.group_partitions (group_name, partition_id) SELECT $1, unnest($2::int[]) ON CONFLICT DO NOTHING`;

/**
 * The heartbeat of a member. It renews the membership and the leases, and returns the other living members and the
 * member's own partitions. An expired lease that no other member took still belongs to the member. $1 is the group, $2
 * the member, $3 the topics, $4 the seconds until the membership and the leases end.
 */
export const HEARTBEAT = `
WITH me AS (
  INSERT INTO ${SCHEMA}.group_members AS m (group_name, member, topics, expires_at)
  VALUES ($1, $2, $3, clock_timestamp() + make_interval(secs => $4))
  ON CONFLICT (group_name, member) DO UPDATE SET topics = EXCLUDED.topics, expires_at = EXCLUDED.expires_at
), renewed AS (
  UPDATE ${SCHEMA}.group_partitions SET lease_until = clock_timestamp() + make_interval(secs => $4)
  WHERE group_name = $1 AND member = $2 RETURNING partition_id
)
SELECT
  ARRAY(SELECT partition_id FROM renewed) AS mine,
  COALESCE((SELECT json_agg(json_build_object('member', m.member, 'topics', m.topics)) FROM ${SCHEMA}.group_members m
    WHERE m.group_name = $1 AND m.member <> $2 AND m.expires_at > clock_timestamp()), '[]') AS others`;

/**
 * Takes those of the wanted partitions that no member holds. $1 is the group, $2 the member, $3 the wanted partition
 * ids, $4 the seconds until the leases end.
 */
export const CLAIM = `
UPDATE ${SCHEMA}.group_partitions g SET member = $2, lease_until = clock_timestamp() + make_interval(secs => $4)
FROM (
  SELECT partition_id FROM ${SCHEMA}.group_partitions
  WHERE group_name = $1 AND partition_id = ANY($3) AND (member IS NULL OR lease_until < clock_timestamp())
  ORDER BY partition_id FOR UPDATE SKIP LOCKED
) free
WHERE g.group_name = $1 AND g.partition_id = free.partition_id
RETURNING g.partition_id, g.next_offset`;

/**
 * Stores the next offsets of partitions that the member still holds, and of no others. $1 is the group, $2 the member,
 * $3 the partition ids, $4 the next offsets.
 */
export const COMMIT_OFFSETS = `
UPDATE ${SCHEMA}.group_partitions g SET next_offset = c.next_offset
FROM unnest($3::int[], $4::bigint[]) AS c(partition_id, next_offset)
WHERE g.group_name = $1 AND g.member = $2 AND g.partition_id = c.partition_id
RETURNING g.partition_id`;

/** Ends the leases of partitions that the member holds. $1 is the group, $2 the member, $3 the partition ids. */
export const RELEASE = `
UPDATE ${SCHEMA}.group_partitions SET member = NULL, lease_until = 'epoch'
WHERE group_name = $1 AND member = $2 AND partition_id = ANY($3)`;

/** Deletes the member, and members that died more than an hour ago. $1 is the group, $2 the member. */
export const LEAVE = `
DELETE FROM ${SCHEMA}.group_members
WHERE group_name = $1 AND (member = $2 OR expires_at < clock_timestamp() - interval '1 hour')`;

/** Counts the partitions that are behind the given offset. $1 is the group, $2 the partition ids, $3 the offsets. */
export const BEHIND = `
SELECT count(*)::int AS behind FROM ${SCHEMA}.group_partitions g
JOIN unnest($2::int[], $3::bigint[]) AS t(partition_id, target) USING (partition_id)
WHERE g.group_name = $1 AND g.next_offset < t.target`;
