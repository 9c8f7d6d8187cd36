import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { Emit } from '../../platform/messaging/outbox/outbox.ts';
import type { Timers } from '../../platform/messaging/timers/timers.ts';
import { TIMERS } from '../../platform/injection/tokens.ts';
import { MatchEventRecorded } from '../../schema/messages/matches.ts';
import type {
  MatchForfeited,
  MatchPlanned,
  MatchReplanned,
  MatchUnplanned,
  TournamentCreated,
  TournamentSnapshot,
} from '../../schema/messages/tournaments.ts';
import { endConfirmation } from './confirmation-timer.ts';
import type { Match, Prisma } from './generated/prisma/client.ts';
import { type Plan, replanned } from './match-moves.service.ts';
import { append, factsOf, told, toEvent } from './record.ts';
import { isWonBy, walkoverEntries } from './results.service.ts';
import { lockMatch } from './rights.ts';
import { BEFORE } from './score.ts';
import { mayFrom } from './transitions.ts';

type Tx = Prisma.TransactionClient;
type PayloadOf<D extends { readonly payload: z.ZodType }> = z.output<D['payload']>;
type Planned = PayloadOf<typeof MatchPlanned>;

/**
 * Carries out the plans of tournaments: a tournament plans its matches, and this service owns them. The methods that
 * change matches do nothing for a repeated event, or for one that the state of the match no longer allows.
 */
@Injectable()
export class TournamentMatchesService {
  constructor(@Inject(TIMERS) private readonly timers: Timers) {}

  /** Stores the organizers of the tournament, who are officials of its matches, its state and its time to protest. */
  async keep(tx: Tx, tournament: PayloadOf<typeof TournamentCreated>): Promise<void> {
    const { tournamentId: id, state, organizerIds, protestHours } = tournament;
    const known = { state, organizerIds, protestHours };
    await tx.knownTournament.upsert({ where: { id }, create: { id, ...known }, update: known });
  }

  async forget(tx: Tx, { tournamentId: id }: { readonly tournamentId: string }): Promise<void> {
    await tx.knownTournament.deleteMany({ where: { id } });
  }

  /**
   * Creates the matches that do not exist. A friendly with the id of a planned match joins the tournament if one of the
   * tournament's organizers scheduled it, for the same sport and teams.
   */
  async plan(tx: Tx, emit: Emit, planned: readonly Planned[]): Promise<void> {
    const [first] = planned;
    if (!first) return;
    const { organizerIds } = await tx.knownTournament.findUniqueOrThrow({ where: { id: first.tournamentId } });
    const [organizerId] = organizerIds;
    if (organizerId === undefined) throw new Error(`tournament ${first.tournamentId} has no organizer`);
    const there = await tx.match.findMany({ where: { id: { in: planned.map(({ matchId }) => matchId) } } });
    const known = new Map(there.map((match) => [match.id, match]));
    await this.#create(
      tx,
      emit,
      organizerId,
      planned.filter(({ matchId }) => !known.has(matchId)),
    );
    for (const plan of planned) {
      const match = known.get(plan.matchId);
      if (match?.tournamentId === null && organizerIds.includes(match.organizerId)) await this.#adopt(tx, emit, plan);
    }
  }

  /**
   * Changes the time, place or referee of a match, unless it is being played, has ended or is cancelled.
   */
  async replan(
    tx: Tx,
    emit: Emit,
    { matchId, tournamentId, ...plan }: PayloadOf<typeof MatchReplanned>,
  ): Promise<void> {
    const match = await this.#lock(tx, matchId, tournamentId);
    if (!match || !mayFrom('reschedule', match.state)) return;
    const next: Plan = {
      kickoffAt: new Date(plan.kickoffAt),
      kickoffIsEstimate: plan.kickoffIsEstimate,
      venue: plan.venue,
      refereeId: plan.refereeId,
    };
    // A postponed or abandoned match is scheduled again only if its time changes, not if only the referee does.
    const hasNewTime = next.kickoffAt.getTime() !== match.kickoffAt.getTime();
    const { entries, moved } = replanned(match, next, hasNewTime);
    if (entries.length > 0) await append(tx, emit, match, match.organizerId, entries, moved);
  }

  /**
   * Cancels the match: it no longer counts anywhere, even if it was played. An open protest becomes ANNULLED. The
   * history of the match stays.
   */
  async unplan(tx: Tx, emit: Emit, { matchId, tournamentId, reason }: PayloadOf<typeof MatchUnplanned>): Promise<void> {
    const match = await this.#lock(tx, matchId, tournamentId);
    if (!match || !mayFrom('unplan', match.state)) return;
    await tx.protest.updateMany({
      where: { matchId, decision: null },
      data: { decision: 'ANNULLED', answer: reason, decidedAt: new Date() },
    });
    const moved = await endConfirmation(tx, this.timers, match);
    const entries = [{ detail: { kind: 'STATE' as const, state: 'CANCELLED' as const, reason } }];
    await append(tx, emit, match, match.organizerId, entries, moved);
  }

  /** Gives a walkover, unless the match has a result, also a provisional one, or is cancelled. */
  async forfeit(
    tx: Tx,
    emit: Emit,
    { matchId, tournamentId, winner }: PayloadOf<typeof MatchForfeited>,
  ): Promise<void> {
    const match = await this.#lock(tx, matchId, tournamentId);
    const side = winner === 'NONE' ? null : winner;
    if (!match || !mayFrom('forfeit', match.state) || (match.state === 'WALKOVER' && isWonBy(match, side))) return;
    await append(tx, emit, match, match.organizerId, walkoverEntries(match, side, null));
  }

  /** Applies a snapshot: creates and replans its matches, and cancels the tournament's matches that are not in it. */
  async restore(tx: Tx, emit: Emit, { matches, ...tournament }: PayloadOf<typeof TournamentSnapshot>): Promise<void> {
    const { tournamentId } = tournament;
    await this.keep(tx, tournament);
    await this.plan(tx, emit, matches);
    for (const match of matches) await this.replan(tx, emit, match);
    const planned = matches.map(({ matchId }) => matchId);
    const unplanned = await tx.match.findMany({
      where: { tournamentId, id: { notIn: planned }, state: { not: 'CANCELLED' } },
      select: { id: true },
    });
    for (const { id: matchId } of unplanned)
      await this.unplan(tx, emit, { matchId, tournamentId, reason: 'not in the plan' });
  }

  async #create(tx: Tx, emit: Emit, organizerId: string, planned: readonly Planned[]): Promise<void> {
    if (planned.length === 0) return;
    const matches = await tx.match.createManyAndReturn({
      data: planned.map(({ matchId: id, kickoffAt, tie, ...plan }) => ({
        ...plan,
        ...legOf(tie),
        id,
        kickoffAt: new Date(kickoffAt),
        organizerId,
        clientId: `tournament:${id}`,
        score: BEFORE.score,
        lastSeq: 1,
      })),
    });
    const recordedAt = new Date();
    const detail = { kind: 'STATE' as const, state: 'SCHEDULED' as const, reason: null };
    const rows = await tx.matchEvent.createManyAndReturn({
      data: matches.map(({ id: matchId }) => ({
        matchId,
        seq: 1,
        recordedBy: organizerId,
        recordedAt,
        version: MatchEventRecorded.version,
        kind: detail.kind,
        detail,
        score: BEFORE.score,
      })),
    });
    const byId = new Map(matches.map((match) => [match.id, match]));
    for (const row of rows) {
      const match = byId.get(row.matchId);
      if (match) emit(MatchEventRecorded, told(toEvent(row), factsOf(match)));
    }
  }

  /** Takes a friendly into the tournament. An older version imported the matches of a competition as friendlies. */
  async #adopt(tx: Tx, emit: Emit, plan: Planned): Promise<void> {
    const match = await lockMatch(tx, plan.matchId);
    const isSame =
      match.sport === plan.sport && match.homeTeamId === plan.homeTeamId && match.awayTeamId === plan.awayTeamId;
    if (!isSame || match.tournamentId !== null) return;
    const { tournamentId, competition, round, group, needsWinner, tie, protestHours, walkoverScore } = plan;
    const adopted = await tx.match.update({
      where: { id: match.id },
      data: { tournamentId, competition, round, group, needsWinner, ...legOf(tie), protestHours, walkoverScore },
    });
    const { kickoffAt, kickoffIsEstimate, venue, refereeId } = adopted;
    const detail = { kind: 'PLAN' as const, kickoffAt: kickoffAt.toISOString(), kickoffIsEstimate, venue, refereeId };
    await append(tx, emit, adopted, adopted.organizerId, [{ detail }]);
  }

  /**
   * Locks a match of the tournament and returns it. Null for a match that does not exist or belongs to another
   * tournament.
   */
  async #lock(tx: Tx, id: string, tournamentId: string): Promise<Match | null> {
    if ((await tx.match.count({ where: { id, tournamentId } })) === 0) return null;
    return lockMatch(tx, id);
  }
}

const legOf = (tie: Planned['tie']): { tie: string | null; leg: number | null } => ({
  tie: tie?.key ?? null,
  leg: tie?.leg ?? null,
});
