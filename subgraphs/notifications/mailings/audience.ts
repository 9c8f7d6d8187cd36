import { Prisma } from '../generated/prisma/client.ts';
import { StoredKnown } from '../known.ts';
import { type About, type Audience, MOST_PEOPLE } from './mailing.ts';

type Tx = Prisma.TransactionClient;

/**
 * A query for the people of an audience, by this service's copies of other services' data. Each `user_id` occurs once.
 */
const peopleOf = ({ type, id, entryStates }: Audience): Prisma.Sql =>
  type === 'Team'
    ? Prisma.sql`SELECT k.user_id FROM notifications.known_members k WHERE k.team_id = ${id}::uuid`
    : Prisma.sql`
        SELECT DISTINCT k.user_id
        FROM notifications.known_entries e JOIN notifications.known_members k ON k.team_id = e.team_id
        WHERE e.tournament_id = ${id}::uuid AND e.state = ANY (${[...entryStates]})`;

/** An SQL condition: whether the person belongs to the audience now. */
export const belongs = ({ type, id, entryStates }: Audience, userId: string): Prisma.Sql =>
  type === 'Team'
    ? Prisma.sql`EXISTS (
        SELECT FROM notifications.known_members k WHERE k.user_id = ${userId}::uuid AND k.team_id = ${id}::uuid)`
    : Prisma.sql`EXISTS (
        SELECT FROM notifications.known_members k JOIN notifications.known_entries e ON e.team_id = k.team_id
        WHERE k.user_id = ${userId}::uuid AND e.tournament_id = ${id}::uuid AND e.state = ANY (${[...entryStates]}))`;

/** How many recipients a mailing would have. More than {@link MOST_PEOPLE} are counted as MOST_PEOPLE + 1. */
export async function countPeople(
  tx: Pick<Tx, '$queryRaw'>,
  audience: Audience,
): Promise<{ readonly people: number; readonly unsubscribed: number }> {
  const [counted] = await tx.$queryRaw<{ people: number; unsubscribed: number }[]>`
    SELECT count(*)::int AS people, count(p.user_id)::int AS unsubscribed
    FROM (SELECT a.user_id FROM (${peopleOf(audience)}) a LIMIT ${MOST_PEOPLE + 1}::int) found
    LEFT JOIN notifications.preferences p
      ON p.user_id = found.user_id AND p.kind = 'MAILING' AND p.channel = 'EMAIL' AND NOT p.is_on`;
  return counted ?? { people: 0, unsubscribed: 0 };
}

/**
 * Stores the recipients of a mailing, at most {@link MOST_PEOPLE} + 1 of them, so that the caller notices too many. A
 * person who is stored already is not added again.
 */
export async function choosePeople(tx: Tx, mailingId: string, audience: Audience, now: Date): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO notifications.mailing_recipients (mailing_id, user_id, due_at)
    SELECT ${mailingId}::uuid, a.user_id, ${now}::timestamptz FROM (${peopleOf(audience)}) a
    LIMIT ${MOST_PEOPLE + 1}::int
    ON CONFLICT DO NOTHING`;
}

/** The name of a tournament or team, by this service's copies. Null while the event with the name has not arrived. */
export async function nameOf(tx: Tx, { type, id }: About): Promise<string | null> {
  const known = new StoredKnown(tx);
  return type === 'Team' ? known.teamName(id) : known.tournamentName(id);
}
