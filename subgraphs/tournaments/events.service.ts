import { Inject, Injectable } from '@nestjs/common';
import { badUserInput, notFound } from '../../platform/graphql/errors.ts';
import { fromGlobalId } from '../../platform/graphql/global-id.ts';
import { type Principal, viewerOf } from '../../platform/identity/principal.ts';
import type { LiveEvents } from '../../platform/live/live-events.ts';
import { LIVE_EVENTS } from '../../platform/injection/tokens.ts';
import { Tournaments } from '../../schema/messages/tournaments.ts';
import { audienceKeyOf, audienceOf, draftsHidden } from './drafts.ts';
import { PrismaClient, type Tournament } from './generated/prisma/client.ts';
import type { TournamentEvent } from './mappers.ts';
import { fromLog, fromRow } from './record.ts';

/** Live streams of tournaments. */
@Injectable()
export class EventsService {
  constructor(
    private readonly prisma: PrismaClient,
    @Inject(LIVE_EVENTS) private readonly live: LiveEvents,
  ) {}

  /** The audience that the viewer may share a stream with. @throws NOT_FOUND */
  async audience(viewer: Principal, globalId: string): Promise<{ key: string; position: string }> {
    viewerOf(viewer);
    const tournament = await this.#reach(viewer, fromGlobalId('Tournament', globalId));
    return { key: audienceKeyOf(viewer, tournament), position: String(tournament.lastSeq) };
  }

  /**
   * A live stream of a tournament's events. Everybody may follow it; if the tournament is a draft, only its organizers.
   * @throws NOT_FOUND; BAD_USER_INPUT when `afterSeq` is negative
   */
  async stream(viewer: Principal, globalId: string, afterSeq: number): Promise<AsyncIterableIterator<TournamentEvent>> {
    const id = fromGlobalId('Tournament', globalId);
    if (afterSeq < 0) throw badUserInput('afterSeq must not be negative');
    if (viewer.audience !== undefined && audienceOf(viewer)?.tournamentId !== id) throw notFound(NONE);
    const { id: tournamentId } = await this.#reach(viewer, id);
    const newest = async (): Promise<number | null> =>
      (await this.prisma.tournament.findUnique({ where: { id: tournamentId }, select: { lastSeq: true } }))?.lastSeq ??
      null;
    const source = this.live.stream<TournamentEvent>({
      topic: Tournaments.name,
      key: tournamentId,
      afterSeq,
      read: async (after, limit) =>
        (
          await this.prisma.tournamentEvent.findMany({
            where: { tournamentId, seq: { gt: after } },
            orderBy: { seq: 'asc' },
            take: limit,
          })
        ).map((row) => ({ seq: row.seq, event: () => fromRow(row) })),
      newestSeq: async () => (await newest()) ?? 0,
      fromLog,
    });
    return this.#shown(source, viewer, tournamentId);
  }

  /**
   * Ends the stream when the viewer may not see the tournament any more. It checks this at each event of a draft,
   * because an organizer can be removed. It stops checking once the tournament is published, which cannot be undone.
   */
  #shown(
    source: AsyncIterableIterator<TournamentEvent>,
    viewer: Principal,
    tournamentId: string,
  ): AsyncIterableIterator<TournamentEvent> {
    let isPublic = false;
    let ended = false;
    // This is no generator function, because the return() of a generator would wait for the next event.
    const end = (): Promise<IteratorResult<TournamentEvent>> => {
      ended = true;
      return source.return?.() ?? Promise.resolve({ done: true, value: undefined });
    };
    const events: AsyncIterableIterator<TournamentEvent> = {
      next: async () => {
        const result = await source.next();
        if (result.done || ended) return { done: true, value: undefined };
        try {
          isPublic ||= await this.#isPublic(viewer, tournamentId);
          return { done: false, value: result.value };
        } catch (error) {
          await end();
          throw error;
        }
      },
      return: end,
      [Symbol.asyncIterator]: () => events,
    };
    return events;
  }

  /** Whether the tournament exists and is no draft. @throws NOT_FOUND for a draft that the viewer may not see */
  async #isPublic(viewer: Principal, id: string): Promise<boolean> {
    const row = await this.prisma.tournament.findUnique({ where: { id } });
    if (row) await this.#visible(viewer, row);
    return row !== null && row.state !== 'DRAFT';
  }

  async #reach(viewer: Principal, id: string | null): Promise<Tournament> {
    const row = id ? await this.prisma.tournament.findUnique({ where: { id } }) : null;
    if (!row) throw notFound(NONE);
    return this.#visible(viewer, row);
  }

  async #visible(viewer: Principal, row: Tournament): Promise<Tournament> {
    if ((await draftsHidden(this.prisma, viewer, [row])).size > 0) throw notFound(NONE);
    return row;
  }
}

const NONE = 'there is no such tournament';
