import type pg from 'pg';
import { PrismaClient as Chat } from '../subgraphs/chat/generated/prisma/client.ts';
import { roomIdOf } from '../subgraphs/chat/rooms.service.ts';
import { PrismaClient as Matches } from '../subgraphs/matches/generated/prisma/client.ts';
import { updateRatings } from '../subgraphs/matches/ratings.ts';
import { updateStatistics } from '../subgraphs/matches/statistics.ts';
import { PrismaClient as Notifications } from '../subgraphs/notifications/generated/prisma/client.ts';
import { PrismaClient as Tournaments } from '../subgraphs/tournaments/generated/prisma/client.ts';
import { REBUILD_LOCK } from '../platform/messaging/rebuilds/runs.ts';

const CLEAR_MS = 60_000;
const PATIENT = { timeout: CLEAR_MS, maxWait: CLEAR_MS };

export interface Stores {
  readonly matches: Matches;
  readonly tournaments: Tournaments;
  readonly chat: Chat;
  readonly notifications: Notifications;
  /** A pool with one connection, for the owner of the schema `event_log`. */
  readonly log: pg.Pool;
}

/** The tournaments to delete, with all their matches, and the matches without a tournament to delete. */
export interface Old {
  readonly tournamentIds: readonly string[];
  readonly matchIds: readonly string[];
}

/**
 * Deletes tournaments and matches from every service and from the event log, as if they had never existed. So a
 * rebuild, which reads the log, still makes the same rows as the live tables have. Nothing is deleted while a rebuild
 * runs, because the rebuild has read events that would be deleted. Tournaments are deleted last, because their rows
 * name the matches. So a clearing that was interrupted can be repeated.
 *
 * Call it only for tournaments and matches that are over, and whose events every consumer has handled.
 * @returns false when a rebuild runs: try again later
 */
export async function clearAway(
  { matches, tournaments, chat, notifications, log }: Stores,
  old: Old,
): Promise<boolean> {
  const tournamentIds = [...old.tournamentIds];
  const client = await log.connect();
  try {
    const { rows } = await client.query<{ free: boolean }>(
      'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS free',
      [REBUILD_LOCK],
    );
    if (!rows[0]?.free) return false;
    const planned = await tournaments.result.findMany({
      where: { slot: { stage: { tournamentId: { in: tournamentIds } } } },
      select: { matchId: true },
    });
    const created = await matches.match.findMany({
      where: { tournamentId: { in: tournamentIds } },
      select: { id: true },
    });
    const matchIds = [
      ...new Set([...old.matchIds, ...planned.map(({ matchId }) => matchId), ...created.map(({ id }) => id)]),
    ];
    const keys = [...matchIds, ...tournamentIds];
    const roomIds = matchIds.map((id) => roomIdOf('MATCH', id));
    await client.query('DELETE FROM event_log.events WHERE key = ANY ($1::text[])', [[...keys, ...roomIds]]);
    await deleteRooms(chat, roomIds, matchIds);
    await deleteNotifications(notifications, matchIds, tournamentIds);
    await deleteMatches(matches, matchIds, tournamentIds);
    await tournaments.$transaction(async (tx) => {
      await tx.tournament.deleteMany({ where: { id: { in: tournamentIds } } });
      await tx.timer.deleteMany({ where: { key: { in: tournamentIds } } });
      await tx.inboxPosition.deleteMany({ where: { key: { in: matchIds } } });
    }, PATIENT);
    return true;
  } finally {
    // If this statement fails, the connection is destroyed below, and that releases the lock too.
    const unlocked = await client.query('SELECT pg_advisory_unlock_all()').then(
      () => true,
      () => false,
    );
    client.release(!unlocked);
  }
}

/** Deletes matches, also from ratings and statistics. Later ratings are computed again without these matches. */
async function deleteMatches(matches: Matches, matchIds: string[], tournamentIds: string[]): Promise<void> {
  const ofThese = { matchId: { in: matchIds } };
  await matches.$transaction(async (tx) => {
    const rows = await tx.match.findMany({ where: { id: { in: matchIds } }, select: { id: true } });
    await tx.match.updateMany({ where: { id: { in: matchIds } }, data: { state: 'CANCELLED' } });
    for (const { id } of rows) {
      await updateStatistics(tx, id);
      await updateRatings(tx, id);
    }
    await tx.matchEvent.deleteMany({ where: ofThese });
    await tx.protest.deleteMany({ where: ofThese });
    await tx.squadMember.deleteMany({ where: ofThese });
    await tx.match.deleteMany({ where: { id: { in: matchIds } } });
    await tx.timer.deleteMany({ where: { key: { in: matchIds } } });
    await tx.knownTournament.deleteMany({ where: { id: { in: tournamentIds } } });
    await tx.inboxPosition.deleteMany({ where: { key: { in: [...matchIds, ...tournamentIds] } } });
  }, PATIENT);
}

async function deleteRooms(chat: Chat, roomIds: string[], matchIds: string[]): Promise<void> {
  const ofThese = { roomId: { in: roomIds } };
  await chat.$transaction(async (tx) => {
    await tx.roomEvent.deleteMany({ where: ofThese });
    await tx.roomMember.deleteMany({ where: ofThese });
    await tx.readMark.deleteMany({ where: ofThese });
    await tx.room.deleteMany({ where: { id: { in: roomIds } } });
    await tx.inboxPosition.deleteMany({ where: { key: { in: matchIds } } });
  }, PATIENT);
}

async function deleteNotifications(
  notifications: Notifications,
  matchIds: string[],
  tournamentIds: string[],
): Promise<void> {
  const keys = [...matchIds, ...tournamentIds];
  await notifications.$transaction(async (tx) => {
    // The service notifications locks inboxes in this order too before it changes them. So the two cannot deadlock.
    await tx.$queryRaw`SELECT 1 FROM notifications.inboxes ORDER BY user_id FOR NO KEY UPDATE`;
    await tx.$executeRaw`
      WITH gone AS (
        DELETE FROM notifications.notifications WHERE subject_id = ANY (${keys}::uuid[]) RETURNING user_id
      ), counted AS (SELECT user_id, count(*)::int AS rows FROM gone GROUP BY user_id)
      UPDATE notifications.inboxes i SET kept = kept - rows FROM counted WHERE counted.user_id = i.user_id`;
    await tx.knownMatch.deleteMany({ where: { id: { in: matchIds } } });
    await tx.knownEntry.deleteMany({ where: { tournamentId: { in: tournamentIds } } });
    await tx.knownTournament.deleteMany({ where: { id: { in: tournamentIds } } });
    await tx.timer.deleteMany({ where: { key: { in: matchIds } } });
    await tx.inboxPosition.deleteMany({ where: { key: { in: keys } } });
  }, PATIENT);
}
