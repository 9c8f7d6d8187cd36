import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { fromGlobalId } from '../../platform/graphql/global-id.ts';
import { hasRole, type Principal, requireUser } from '../../platform/identity/principal.ts';
import type { EventDefinition } from '../../platform/messaging/definitions.ts';
import type { LoggedEvent } from '../../platform/messaging/event-log/event-log.ts';
import type { Emit } from '../../platform/messaging/outbox/outbox.ts';
import { TOURNAMENT_EVENTS, TournamentChanged } from '../../schema/messages/tournaments.ts';
import type { Prisma, Tournament, TournamentEvent as Row } from './generated/prisma/client.ts';
import type { TournamentEvent } from './mappers.ts';
import { userError } from './reasons.ts';

type Tx = Prisma.TransactionClient;

/**
 * The time limit, in milliseconds, of a transaction that may change every match of a stage. The router waits a second
 * longer. So when the router reports UNAVAILABLE because of its limit, the transaction has been rolled back.
 */
export const WHOLE_STAGE = { timeout: 9_000 } as const;

/**
 * Locks the tournament until the transaction ends, so that its changes happen one after the other. Null if there is no
 * such tournament.
 */
export async function lock(tx: Tx, id: string | null): Promise<Tournament | null> {
  if (!id) return null;
  // Two statements: the second one sees what others committed while the first one waited for the lock.
  await tx.$queryRaw`SELECT id FROM tournaments.tournaments WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
  return tx.tournament.findUnique({ where: { id } });
}

const isOrganizer = async (tx: Tx, tournamentId: string, userId: string): Promise<boolean> =>
  (await tx.organizer.findUnique({ where: { tournamentId_userId: { tournamentId, userId } } })) !== null;

/**
 * {@link lock}s the tournament for its organizers and for administrators. An administrator does not see a draft.
 * @throws UserErrors NOT_FOUND, also for a draft that the viewer does not organize; FORBIDDEN for other viewers
 */
export async function lockAsOrganizer(
  tx: Tx,
  viewer: Principal,
  globalId: string,
  field = 'tournamentId',
): Promise<Tournament> {
  const { userId } = requireUser(viewer);
  const tournament = await lock(tx, fromGlobalId('Tournament', globalId));
  await requireOrganizer(tx, { ...viewer, userId }, tournament, field);
  return tournament as Tournament;
}

/**
 * Refuses a change of a tournament that is archived or cancelled.
 * @param needed the state that the error names
 * @throws UserErrors CONFLICT
 */
export function requireNotOver(
  { state }: Pick<Tournament, 'state'>,
  field = 'tournamentId',
  needed: 'RUNNING' | 'COMPLETED' = 'RUNNING',
): void {
  if (state === 'ARCHIVED' || state === 'CANCELLED') throw userError('TOURNAMENT_STATE', { state, needed }, field);
}

/** Checks that the viewer is an organizer or an administrator. @throws UserErrors as {@link lockAsOrganizer} */
export async function requireOrganizer(
  tx: Tx,
  viewer: Principal & { readonly userId: string },
  tournament: Tournament | null,
  field = 'tournamentId',
): Promise<void> {
  if (tournament && (await isOrganizer(tx, tournament.id, viewer.userId))) return;
  if (!tournament || tournament.state === 'DRAFT') throw userError('TOURNAMENT_NOT_FOUND', field);
  if (!hasRole(viewer, 'admin')) throw userError('NOT_ITS_ORGANIZER', field);
}

/** The facts of a tournament as its events carry them. The creator is the first organizer. */
export function factsOf(tournament: Tournament, organizers: readonly { readonly userId: string }[]) {
  const { id: tournamentId, name, sport, city, state, startsAt, protestHours } = tournament;
  return {
    tournamentId,
    name,
    sport,
    city,
    state,
    startsAt: startsAt.toISOString(),
    organizerIds: [
      tournament.creatorId,
      ...organizers.map(({ userId }) => userId).filter((userId) => userId !== tournament.creatorId),
    ],
    protestHours,
  };
}

/** An event that is not stored yet. */
export interface Happening<T = unknown> {
  readonly event: EventDefinition<T>;
  readonly payload: T;
}
export const happened = <T>(event: EventDefinition<T>, payload: NoInfer<T>): Happening<T> => ({ event, payload });

/**
 * Changes the tournament, stores its events in this order and emits them. The caller has locked the tournament, or
 * created it in this transaction. All stored events go through this function, so `seq` has no holes.
 * @returns the tournament after the change
 */
export async function append(
  tx: Tx,
  emit: Emit,
  tournament: Pick<Tournament, 'id' | 'lastSeq'>,
  happenings: readonly Happening[],
  data: Prisma.TournamentUpdateInput = {},
): Promise<Tournament> {
  const { id, lastSeq } = tournament;
  const moved = await tx.tournament.update({ where: { id }, data: { ...data, lastSeq: lastSeq + happenings.length } });
  // This is the time of this process. The database's now() is the begin of the transaction, and an earlier event may
  // have happened after that.
  const occurredAt = new Date();
  const rows = happenings.map(({ event, payload }, index) => ({
    id: randomUUID(),
    tournamentId: id,
    seq: lastSeq + 1 + index,
    type: event.type,
    version: event.version,
    payload: event.checked(payload).payload as Prisma.InputJsonObject,
    occurredAt,
  }));
  await tx.tournamentEvent.createMany({ data: rows });
  for (const [index, { event, payload }] of happenings.entries()) {
    const { id: eventId, seq } = rows[index] as (typeof rows)[number];
    emit(event, { seq, eventId, occurredAt: occurredAt.toISOString(), payload });
  }
  return moved;
}

/**
 * Changes columns of the tournament. Emits the given happenings first, then `event` with the new facts.
 * @param event TournamentChanged, or another event with the same payload
 */
export async function change(
  tx: Tx,
  emit: Emit,
  tournament: Tournament,
  data: Partial<Tournament>,
  happenings: readonly Happening[] = [],
  event: EventDefinition<z.output<typeof TournamentChanged.payload>> = TournamentChanged,
): Promise<Tournament> {
  const organizers = await tx.organizer.findMany({
    where: { tournamentId: tournament.id },
    orderBy: [{ appointedAt: 'asc' }, { userId: 'asc' }],
  });
  const facts = factsOf({ ...tournament, ...data }, organizers);
  return append(tx, emit, tournament, [...happenings, happened(event, facts)], data);
}

const DEFINITIONS: ReadonlyMap<string, EventDefinition<unknown>> = new Map(
  TOURNAMENT_EVENTS.map((event) => [event.type, event as EventDefinition<unknown>]),
);

/**
 * Reads a stored event, and upcasts an older version. @throws NewerVersion if a newer program wrote the event; Error
 * for an unknown type
 */
export function fromRow({ id, tournamentId, seq, type, version, payload, occurredAt }: Row): TournamentEvent {
  const definition = DEFINITIONS.get(type);
  if (!definition) throw new Error(`tournament_events ${id} is a ${type}, which there is not`);
  const read = definition.read(version, payload, `tournament_events ${id}`);
  return { tournamentId, seq, type, payload: read, occurredAt };
}

/** Reads an event of the topic. Null for an unknown type or version: then the stream reads the row in the table. */
export function fromLog({ key, type, version, payload, seq, occurredAt }: LoggedEvent): TournamentEvent | null {
  const read = DEFINITIONS.get(type)?.tryRead(version, payload) ?? null;
  return read === null ? null : { tournamentId: key, seq, type, payload: read, occurredAt: new Date(occurredAt) };
}

/** The payload of an event, typed by its definition. @throws for an event of another type */
export function payloadOf<T>(definition: EventDefinition<T>, { type, payload }: TournamentEvent): T {
  if (type !== definition.type) throw new Error(`${type} is no ${definition.type}`);
  return payload as T;
}
