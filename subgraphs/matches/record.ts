import { fromGlobalId } from '../../platform/graphql/global-id.ts';
import { type Principal, hasRole, requireUser } from '../../platform/identity/principal.ts';
import type { Emit } from '../../platform/messaging/outbox/outbox.ts';
import { MatchEventRecorded, type MatchEventDetail, type MatchScore } from '../../schema/messages/matches.ts';
import { profileOf } from '../../schema/sports.ts';
import type { Match, MatchEvent as Row, Prisma } from './generated/prisma/client.ts';
import type { MatchEvent } from './mappers.ts';
import { userError } from './reasons.ts';
import { type Progress, advance } from './score.ts';

/** A bound, far above what a match can have: taking an event back counts all of them anew. */
const MAX_EVENTS = 5000;

/** What is to be put on record. `score` is given where it does not follow from the last one. */
export interface Entry {
  readonly detail: MatchEventDetail;
  readonly clientEventId?: string;
  readonly score?: MatchScore;
}

/**
 * The match, locked until the transaction ends: its events get their `seq` one after the other.
 * @throws UserErrors NOT_FOUND, FORBIDDEN unless the viewer is its organizer, its referee or an administrator
 */
export async function lockAsOfficial(
  tx: Prisma.TransactionClient,
  viewer: Principal,
  matchGlobalId: string,
): Promise<Match> {
  const { userId } = requireUser(viewer);
  const id = fromGlobalId('Match', matchGlobalId);
  // Two statements: the second one sees what was committed while the first one waited.
  if (id) await tx.$queryRaw`SELECT id FROM matches.matches WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
  const match = id ? await tx.match.findUnique({ where: { id } }) : null;
  if (!match) throw userError('MATCH_NOT_FOUND', 'matchId');
  if (userId !== match.organizerId && userId !== match.refereeId && !hasRole(viewer, 'admin')) {
    throw userError('NOT_AN_OFFICIAL', 'matchId');
  }
  return match;
}

/**
 * Puts entries on record, moves the match on and tells what is new; the match is locked, or new in this transaction.
 * @returns the match as it is now, and its new events
 */
export async function append(
  tx: Prisma.TransactionClient,
  emit: Emit,
  match: Match,
  recordedBy: string,
  entries: readonly Entry[],
): Promise<{ match: Match; events: MatchEvent[] }> {
  const ends = entries.every(({ detail }) => detail.kind === 'STATE'); // a match that is full can still be finished
  if (!ends && match.lastSeq + entries.length > MAX_EVENTS) throw userError('TOO_MANY_EVENTS', { max: MAX_EVENTS });
  // Not the database's now(): that is when the transaction began, which may be before the event that held the lock.
  const recordedAt = new Date();
  let progress = progressOf(match);
  const rows = entries.map(({ detail, clientEventId, score }, index) => {
    progress = advance(profileOf(match.sport), progress, detail);
    if (score) progress = { ...progress, score };
    return {
      matchId: match.id,
      seq: match.lastSeq + 1 + index,
      clientEventId: clientEventId ?? null,
      recordedBy,
      recordedAt,
      version: MatchEventRecorded.version,
      kind: detail.kind,
      voids: detail.kind === 'VOID' ? detail.voids : null,
      detail,
      score: progress.score,
    };
  });
  const { state, period, shootout, score } = progress;
  const moved = await tx.match.update({
    where: { id: match.id },
    data: { state, period, shootout, score, lastSeq: match.lastSeq + rows.length },
  });
  const events = (await tx.matchEvent.createManyAndReturn({ data: rows })).map(toEvent).sort((a, b) => a.seq - b.seq);
  for (const event of events) emit(MatchEventRecorded, told(event));
  return { match: moved, events };
}

export function progressOf({ state, period, shootout, score }: Match): Progress {
  return { state, period, shootout, score: score as MatchScore };
}

/** The row as this version of the program knows events. @throws NewerVersion when a newer one wrote it */
export function toEvent({
  id,
  matchId,
  seq,
  version,
  recordedAt,
  detail,
  score,
}: Omit<Row, 'kind' | 'voids' | 'clientEventId' | 'recordedBy'>): MatchEvent {
  if (version !== MatchEventRecorded.version) {
    const payload = { matchId, eventId: id, recordedAt: recordedAt.toISOString(), detail, score };
    return eventOf(seq, MatchEventRecorded.read(version, payload, `match_events ${id}`));
  }
  // This service alone writes both columns, through the types that they are read as.
  return { id, matchId, seq, recordedAt, detail: detail as MatchEventDetail, score: score as MatchScore };
}

const eventOf = (
  seq: number,
  { eventId: id, matchId, recordedAt, detail, score }: ReturnType<typeof MatchEventRecorded.read>,
): MatchEvent => ({ id, matchId, seq, recordedAt: new Date(recordedAt), detail, score });

/** The event as the topic carries it. */
function told({ id: eventId, matchId, seq, recordedAt, detail, score }: MatchEvent) {
  const occurredAt = recordedAt.toISOString();
  return { seq, eventId, occurredAt, payload: { matchId, eventId, recordedAt: occurredAt, detail, score } };
}

/** The other way: null for what this version does not know, which is read from the table then. */
export function received({
  type,
  version,
  seq,
  payload,
}: {
  type: string;
  version: number;
  seq: number;
  payload: unknown;
}): MatchEvent | null {
  const read = type === MatchEventRecorded.type ? MatchEventRecorded.tryRead(version, payload) : null;
  return read && eventOf(seq, read);
}
