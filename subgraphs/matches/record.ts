import type { Emit } from '../../platform/messaging/outbox/outbox.ts';
import {
  MatchEventRecorded,
  type MatchEventDetail,
  type MatchFacts,
  type MatchScore,
  playerOfV1,
} from '../../schema/messages/matches.ts';
import { profileOf } from '../../schema/sports.ts';
import type { Match, MatchEvent as Row, Prisma } from './generated/prisma/client.ts';
import type { MatchEvent } from './mappers.ts';
import { userError } from './reasons.ts';
import { type Progress, advance, resultCounts, winnerOf } from './score.ts';

/** A bound, far above what a match can have: taking an event back counts all of them anew. */
const MAX_EVENTS = 5000;

/** What is to be put on record. `score` is given where it does not follow from the last one. */
export interface Entry {
  readonly detail: MatchEventDetail;
  readonly clientEventId?: string;
  readonly score?: MatchScore;
}

/** What is recorded also when a match is full: it can still be ended and decided. */
const ALWAYS: readonly MatchEventDetail['kind'][] = ['STATE', 'RESULT', 'CONFIRMATION', 'PROTEST', 'REPLAY'];

/** Columns of a match that do not follow from what is on record. */
export type Moved = Pick<
  Prisma.MatchUncheckedUpdateInput,
  'confirmsAt' | 'homeConfirmedBy' | 'awayConfirmedBy' | 'kickoffAt' | 'kickoffIsEstimate' | 'venue' | 'refereeId'
>;

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
  moved: Moved = {},
): Promise<{ match: Match; events: MatchEvent[] }> {
  const fits = entries.every(({ detail }) => ALWAYS.includes(detail.kind));
  if (!fits && match.lastSeq + entries.length > MAX_EVENTS) throw userError('TOO_MANY_EVENTS', { max: MAX_EVENTS });
  // Not the database's now(): that is when the transaction began, which may be before the event that held the lock.
  const recordedAt = new Date();
  let progress = progressOf(match);
  const steps: Progress[] = [];
  const rows = entries.map(({ detail, clientEventId, score }, index) => {
    progress = advance(profileOf(match.sport), progress, detail);
    if (score) progress = { ...progress, score };
    steps.push(progress);
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
  const now = await tx.match.update({
    where: { id: match.id },
    data: { ...progress, ...moved, lastSeq: match.lastSeq + rows.length },
  });
  // Who plays then is said anew.
  if (entries.some(({ detail }) => detail.kind === 'REPLAY'))
    await tx.squadMember.deleteMany({ where: { matchId: match.id } });
  const stored = await tx.matchEvent.createManyAndReturn({ data: rows });
  const events = stored.map(toEvent).sort((a, b) => a.seq - b.seq);
  for (const [index, event] of events.entries())
    emit(MatchEventRecorded, told(event, factsOf(now, steps[index] ?? progress)));
  return { match: now, events };
}

export function progressOf({ state, period, shootout, score, how, nobodyWins }: Match): Progress {
  return { state, period, shootout, score: score as MatchScore, how: how as Progress['how'], nobodyWins };
}

/** What the topic says of a match. */
export function factsOf(match: Match, progress: Progress = progressOf(match)): MatchFacts {
  const { sport, homeTeamId, awayTeamId, tournamentId, kickoffAt } = match;
  return {
    sport,
    homeTeamId,
    awayTeamId,
    tournamentId,
    kickoffAt: kickoffAt.toISOString(),
    state: progress.state,
    counts: resultCounts(progress.state),
    how: progress.how,
    winner: winnerOf(progress),
  };
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
    const sheet = version === 1 ? playerOfV1(detail) : undefined;
    return { ...eventOf(seq, MatchEventRecorded.read(version, payload, `match_events ${id}`)), sheet };
  }
  // This service alone writes both columns, through the types that they are read as.
  return { id, matchId, seq, recordedAt, detail: detail as MatchEventDetail, score: score as MatchScore };
}

const eventOf = (
  seq: number,
  { eventId: id, matchId, recordedAt, detail, score }: ReturnType<typeof MatchEventRecorded.read>,
): MatchEvent => ({ id, matchId, seq, recordedAt: new Date(recordedAt), detail, score });

/** The event as the topic carries it. */
export function told({ id: eventId, matchId, seq, recordedAt, detail, score }: MatchEvent, match: MatchFacts) {
  const occurredAt = recordedAt.toISOString();
  return { seq, eventId, occurredAt, payload: { matchId, eventId, recordedAt: occurredAt, match, detail, score } };
}

/** The other way: null for what is read from the table, an older version too, whose row names persons. */
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
  if (type !== MatchEventRecorded.type || version !== MatchEventRecorded.version) return null;
  const read = MatchEventRecorded.tryRead(version, payload);
  return read && eventOf(seq, read);
}
