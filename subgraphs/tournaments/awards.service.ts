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
import { PlayerExists } from '../../schema/questions/matches.ts';
import { PrismaClient, type Tournament } from './generated/prisma/client.ts';
import { userError } from './reasons.ts';
import { lockAsOrganizer } from './record.ts';

/** A row of a list of players. Players with the same number share the rank. */
export interface PlayerRow {
  readonly rank: number;
  readonly playerId: string;
  readonly teamId: string;
  readonly goals: number;
  readonly points: number;
  readonly assists: number;
}

/** A row of the fair-play list. */
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

/** Lists of players and teams of a tournament, and its best player. They count every match that is not annulled. */
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

  /** Public, as the tournaments are. */
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

  /** Public, as the tournaments are. */
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

  /** Public, as the tournaments are. Teams without a card are in it, too. */
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
            ON d.tournament_id = e.tournament_id AND d.team_id = e.team_id
          WHERE e.tournament_id = ANY (${[...ids]}::uuid[]) AND e.seed IS NOT NULL
          GROUP BY e.tournament_id, e.team_id
        ) cards
        WINDOW by_points AS (PARTITION BY "tournamentId" ORDER BY points DESC)
      ) ranked WHERE place <= ${pageSize(first)} ORDER BY place`;
    return Map.groupBy(rows, ({ tournamentId }) => tournamentId);
  }

  /** Organizers may, until the tournament is archived. @throws UserErrors; NoAnswer */
  async chooseBestPlayer(viewer: Principal, input: unknown): Promise<Tournament> {
    requireUser(viewer);
    const { tournamentId, playerId } = parseInput(chooseBestPlayerInput, input);
    const bestPlayerId = playerId == null ? null : fromGlobalId('Player', playerId);
    if (playerId != null && (bestPlayerId === null || !(await this.questions.ask(PlayerExists, playerId))))
      throw userError('PLAYER_NOT_FOUND', 'playerId');
    return this.outbox.transaction(this.prisma, async (tx) => {
      const { id, state } = await lockAsOrganizer(tx, viewer, tournamentId);
      if (state === 'ARCHIVED' || state === 'CANCELLED')
        throw userError('TOURNAMENT_STATE', { state, needed: 'COMPLETED' }, 'tournamentId');
      return tx.tournament.update({ where: { id }, data: { bestPlayerId } });
    });
  }
}
