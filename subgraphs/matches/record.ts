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

/** A bound, far above the events of any real match. Voiding an event counts all events of the match again. */
const MAX_EVENTS = 5000;

/** An event to record. `score` is set when it does not follow from the previous score. */
export interface Entry {
  readonly detail: MatchEventDetail;
  readonly clientEventId?: string;
  readonly score?: MatchScore;
}

/** Kinds that are recorded even when a match has the maximum of events: it can still be ended and decided. */
const ALWAYS: readonly MatchEventDetail['kind'][] = ['STATE', 'RESULT', 'CONFIRMATION', 'PROTEST', 'REPLAY'];

/** Columns of a match that do not follow from its recorded events. */
export type Moved = Pick<
  Prisma.MatchUncheckedUpdateInput,
  'confirmsAt' | 'homeConfirmedBy' | 'awayConfirmedBy' | 'kickoffAt' | 'kickoffIsEstimate' | 'venue' | 'refereeId'
>;

/**
 * Records the entries, updates the match and emits the new events. The match is locked, or new in this transaction.
 * @returns the updated match and its new events
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
  // Not the database's now(): that is the start of the transaction, which may be before the event that held the lock.
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
  // The sides set new lineups for the replay.
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

/** The facts of a match in the shape of the topic. */
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

/** The event of a row, in this version's shape. @throws NewerVersion when a newer program wrote it */
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
  // Only this service writes both columns, with the same types.
  return { id, matchId, seq, recordedAt, detail: detail as MatchEventDetail, score: score as MatchScore };
}

const eventOf = (
  seq: number,
  { eventId: id, matchId, recordedAt, detail, score }: ReturnType<typeof MatchEventRecorded.read>,
): MatchEvent => ({ id, matchId, seq, recordedAt: new Date(recordedAt), detail, score });

/** The event in the shape of the topic. */
export function told({ id: eventId, matchId, seq, recordedAt, detail, score }: MatchEvent, match: MatchFacts) {
  const occurredAt = recordedAt.toISOString();
  return { seq, eventId, occurredAt, payload: { matchId, eventId, recordedAt: occurredAt, match, detail, score } };
}

/** The event of a message. Null for an older version, whose row in the table names persons, and for other types. */
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
