import { isDeepStrictEqual } from 'node:util';
import type { Emit } from '../../platform/messaging/outbox/outbox.ts';
import {
  MatchEventRecorded,
  type MatchEventDetail,
  type MatchFacts,
  type MatchScore,
  playerOfV1,
} from '../../schema/messages/matches.ts';
import { profileOf } from '../../schema/sports.ts';
import { NOBODY } from './confirmation-timer.ts';
import type { Match, MatchEvent as Row, Prisma } from './generated/prisma/client.ts';
import type { MatchEvent } from './mappers.ts';
import { userError } from './reasons.ts';
import { type Progress, advance, ENDED, NO_LEG, resultCounts, winnerOf } from './score.ts';

/**
 * The largest number of events of a match, far above those of a real one. More are refused, except the kinds in ALWAYS.
 * The limit exists because voiding an event counts all events of the match again.
 */
const MAX_EVENTS = 5000;

/** An event to record. `score` is the score after a VOID, which the event alone does not tell. */
export interface Entry {
  readonly detail: MatchEventDetail;
  readonly clientEventId?: string;
  readonly score?: MatchScore;
}

/** Kinds that are recorded even when a match has the maximum of events: it can still be ended and decided. */
const ALWAYS: readonly MatchEventDetail['kind'][] = ['STATE', 'RESULT', 'CONFIRMATION', 'PROTEST', 'REPLAY'];

/** Columns of a match that `advance` does not compute from its events. */
export type Moved = Pick<
  Prisma.MatchUncheckedUpdateInput,
  'confirmsAt' | 'homeConfirmedBy' | 'awayConfirmedBy' | 'kickoffAt' | 'kickoffIsEstimate' | 'venue' | 'refereeId'
>;

/**
 * Records the entries, updates the match and emits the new events. The caller has locked the match, or created it in
 * this transaction.
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
  // This is the time of this process. The database's now() is the begin of the transaction, and an earlier event may
  // have happened after that.
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
  // The sides confirmed the result that they knew, and not another one.
  const isOther =
    entries.some(({ detail }) => detail.kind === 'RESULT') ||
    !isDeepStrictEqual(progress.score, progressOf(match).score);
  const now = await tx.match.update({
    where: { id: match.id },
    data: { ...progress, ...(isOther && NOBODY), ...moved, lastSeq: match.lastSeq + rows.length },
  });
  // Deletes the lineups of a match that is replayed: the sides set new ones.
  if (entries.some(({ detail }) => detail.kind === 'REPLAY'))
    await tx.squadMember.deleteMany({ where: { matchId: match.id } });
  const stored = await tx.matchEvent.createManyAndReturn({ data: rows });
  const events = stored.map(toEvent).sort((a, b) => a.seq - b.seq);
  for (const [index, event] of events.entries())
    emit(MatchEventRecorded, told(event, factsOf(now, steps[index] ?? progress)));
  return { match: now, events };
}

/**
 * The score of the first leg, with home and away of this match. 0:0 if there is no first leg between these teams that
 * is over. A first leg of other teams with the same key does not count: it was cancelled when the tie was planned
 * again.
 */
export async function firstLegOf(tx: Prisma.TransactionClient, match: Match): Promise<{ home: number; away: number }> {
  const { tournamentId, tie, leg, homeTeamId, awayTeamId } = match;
  if (tournamentId === null || tie === null || leg !== 2) return NO_LEG;
  const first = await tx.match.findFirst({
    where: {
      ...{ tournamentId, tie, leg: 1, homeTeamId: awayTeamId, awayTeamId: homeTeamId },
      state: { in: [...ENDED] },
    },
    orderBy: { id: 'desc' },
  });
  if (!first) return NO_LEG;
  const { home, away } = progressOf(first).score;
  return { home: away, away: home };
}

export function progressOf({ state, period, shootout, score, how, nobodyWins }: Match): Progress {
  return { state, period, shootout, score: score as MatchScore, how: how as Progress['how'], nobodyWins };
}

/** The facts of a match in the shape of the topic. */
export function factsOf(match: Match, progress: Progress = progressOf(match)): MatchFacts {
  const { sport, homeTeamId, awayTeamId, tournamentId, kickoffAt, kickoffIsEstimate } = match;
  return {
    sport,
    homeTeamId,
    awayTeamId,
    tournamentId,
    kickoffAt: kickoffAt.toISOString(),
    kickoffIsEstimate,
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
  // The casts are safe, because only this service writes the columns `detail` and `score`, with these types.
  return { id, matchId, seq, recordedAt, detail: detail as MatchEventDetail, score: score as MatchScore };
}

const eventOf = (
  seq: number,
  { eventId: id, matchId, recordedAt, detail, score }: ReturnType<typeof MatchEventRecorded.read>,
): MatchEvent => ({ id, matchId, seq, recordedAt: new Date(recordedAt), detail, score });

/** The event as the topic carries it, for `emit`. */
export function told({ id: eventId, matchId, seq, recordedAt, detail, score }: MatchEvent, match: MatchFacts) {
  const occurredAt = recordedAt.toISOString();
  return { seq, eventId, occurredAt, payload: { matchId, eventId, recordedAt: occurredAt, match, detail, score } };
}

/**
 * Reads an event of the topic. Null for another type, for version 1 and for an unknown version: then the stream reads
 * the row in the table, because only the row has the persons that an event of version 1 names.
 */
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
