import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { pageSize } from '../../platform/graphql/connection.ts';
import { fromGlobalId } from '../../platform/graphql/global-id.ts';
import { parseInput } from '../../platform/graphql/input.ts';
import { batched } from '../../platform/graphql/loader.ts';
import { type Principal, requireUser } from '../../platform/identity/principal.ts';
import { OUTBOX, QUESTIONS } from '../../platform/injection/tokens.ts';
import type { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import type { Questions } from '../../platform/questions/questions.ts';
import { PlayerName } from '../../schema/questions/matches.ts';
import { PrismaClient, type Tournament } from './generated/prisma/client.ts';
import { userError } from './reasons.ts';
import { lockAsOrganizer, requireNotOver } from './record.ts';

/** A row of a list of players. The list is ordered by `points` or by `assists`; equal players share the rank. */
export interface PlayerRow {
  readonly rank: number;
  readonly playerId: string;
  readonly teamId: string;
  readonly goals: number;
  readonly points: number;
  readonly assists: number;
}

/** A row of the fair-play list. `points` is 0 or negative; the other numbers count cards. */
export interface FairPlayRow {
  readonly rank: number;
  readonly teamId: string;
  readonly points: number;
  readonly yellow: number;
  readonly secondYellow: number;
  readonly red: number;
}

interface RankedRow {
  readonly tournamentId: string;
}

export const chooseBestPlayerInput = z.object({ tournamentId: z.string(), playerId: z.string().nullish() });

/**
 * The lists of scorers, assists and fair play of a tournament, and its best player, whom an organizer or administrator
 * chooses. The lists count the goals and assists whose player was recorded, and all cards, also of a match in play. They
 * leave out own goals, voided events, annulled matches, what happened before a replay, and the kicks of shoot-outs.
 */
@Injectable()
export class AwardsService {
  readonly scorersOf = batched((ids, _viewer, first: number) => this.scorers(ids, first));
  readonly assistsOf = batched((ids, _viewer, first: number) => this.assists(ids, first));
  readonly fairPlayOf = batched((ids, _viewer, first: number) => this.fairPlay(ids, first));

  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(QUESTIONS) private readonly questions: Questions,
  ) {}

  /** The best scorers of each tournament. Everybody who may read the tournament may read them. */
  async scorers(ids: readonly string[], first: number): Promise<Map<string, PlayerRow[]>> {
    const rows = await this.prisma.$queryRaw<(PlayerRow & RankedRow)[]>`
      SELECT * FROM (
        SELECT d.tournament_id AS "tournamentId", d.player_id AS "playerId", d.team_id AS "teamId",
          sum(d.goals)::int AS goals, sum(d.points)::int AS points, sum(d.assists)::int AS assists,
          rank() OVER by_points::int AS rank,
          row_number() OVER (PARTITION BY d.tournament_id ORDER BY sum(d.points) DESC, d.player_id, d.team_id) AS place
        FROM tournaments.deeds d JOIN tournaments.results r ON r.match_id = d.match_id AND NOT r.annulled
        WHERE d.tournament_id = ANY (${[...ids]}::uuid[])
        GROUP BY d.tournament_id, d.player_id, d.team_id HAVING sum(d.goals) > 0
        WINDOW by_points AS (PARTITION BY d.tournament_id ORDER BY sum(d.points) DESC)
      ) ranked WHERE place <= ${pageSize(first)} ORDER BY place`;
    return Map.groupBy(rows, ({ tournamentId }) => tournamentId);
  }

  /** The players with the most assists of each tournament. Everybody who may read the tournament may read them. */
  async assists(ids: readonly string[], first: number): Promise<Map<string, PlayerRow[]>> {
    const rows = await this.prisma.$queryRaw<(PlayerRow & RankedRow)[]>`
      SELECT * FROM (
        SELECT d.tournament_id AS "tournamentId", d.player_id AS "playerId", d.team_id AS "teamId",
          sum(d.goals)::int AS goals, sum(d.points)::int AS points, sum(d.assists)::int AS assists,
          rank() OVER by_assists::int AS rank,
          row_number() OVER (PARTITION BY d.tournament_id ORDER BY sum(d.assists) DESC, d.player_id, d.team_id) AS place
        FROM tournaments.deeds d JOIN tournaments.results r ON r.match_id = d.match_id AND NOT r.annulled
        WHERE d.tournament_id = ANY (${[...ids]}::uuid[])
        GROUP BY d.tournament_id, d.player_id, d.team_id HAVING sum(d.assists) > 0
        WINDOW by_assists AS (PARTITION BY d.tournament_id ORDER BY sum(d.assists) DESC)
      ) ranked WHERE place <= ${pageSize(first)} ORDER BY place`;
    return Map.groupBy(rows, ({ tournamentId }) => tournamentId);
  }

  /** Everybody who may read the tournament may read this. The list has every drawn team, also a team without a card. */
  async fairPlay(ids: readonly string[], first: number): Promise<Map<string, FairPlayRow[]>> {
    const rows = await this.prisma.$queryRaw<(FairPlayRow & RankedRow)[]>`
      SELECT * FROM (
        SELECT *, rank() OVER by_points::int AS rank,
          row_number() OVER (PARTITION BY "tournamentId" ORDER BY points DESC, "teamId") AS place
        FROM (
          SELECT e.tournament_id AS "tournamentId", e.team_id AS "teamId",
            coalesce(sum(d.yellow), 0)::int AS yellow, coalesce(sum(d.second_yellow), 0)::int AS "secondYellow",
            coalesce(sum(d.red), 0)::int AS red,
            -coalesce(sum(d.yellow + 3 * d.second_yellow + 4 * d.red), 0)::int AS points
          FROM tournaments.entries e
          LEFT JOIN (tournaments.deeds d JOIN tournaments.results r ON r.match_id = d.match_id AND NOT r.annulled)
            -- The ids once more, so that an index gives the deeds of these tournaments only.
            ON d.tournament_id = e.tournament_id AND d.team_id = e.team_id AND d.tournament_id = ANY (${[...ids]}::uuid[])
          WHERE e.tournament_id = ANY (${[...ids]}::uuid[]) AND e.seed IS NOT NULL
          GROUP BY e.tournament_id, e.team_id
        ) cards
        WINDOW by_points AS (PARTITION BY "tournamentId" ORDER BY points DESC)
      ) ranked WHERE place <= ${pageSize(first)} ORDER BY place`;
    return Map.groupBy(rows, ({ tournamentId }) => tournamentId);
  }

  /**
   * Chooses the best player, or nobody. Organizers and administrators may do this, unless the tournament is archived or
   * cancelled. A player belongs to one team, which must have been drawn in the tournament: before the draw nobody has
   * played, and a team that left later has.
   * @throws UserErrors; NoAnswer when matches cannot answer now
   */
  async chooseBestPlayer(viewer: Principal, input: unknown): Promise<Tournament> {
    requireUser(viewer);
    const { tournamentId, playerId } = parseInput(chooseBestPlayerInput, input);
    const bestPlayerId = playerId == null ? null : fromGlobalId('Player', playerId);
    const player = playerId == null || bestPlayerId === null ? null : await this.questions.ask(PlayerName, playerId);
    if (playerId != null && !player) throw userError('PLAYER_NOT_FOUND', 'playerId');
    const teamId = fromGlobalId('Team', player?.team?.id ?? '');
    return this.outbox.transaction(this.prisma, async (tx) => {
      const tournament = await lockAsOrganizer(tx, viewer, tournamentId);
      requireNotOver(tournament, 'tournamentId', 'COMPLETED');
      const drawn = { tournamentId: tournament.id, seed: { not: null } };
      if (player && !(teamId && (await tx.entry.findFirst({ where: { ...drawn, teamId } }))))
        throw userError('PLAYER_OF_NO_TEAM', 'playerId');
      return tx.tournament.update({ where: { id: tournament.id }, data: { bestPlayerId } });
    });
  }
}
