import { Injectable } from '@nestjs/common';
import { pageSize } from '../../platform/graphql/connection.ts';
import { badUserInput } from '../../platform/graphql/errors.ts';
import { fromGlobalId } from '../../platform/graphql/global-id.ts';
import { batched } from '../../platform/graphql/loader.ts';
import { type Match, Prisma, PrismaClient } from './generated/prisma/client.ts';

/** The matches to count. */
export interface Season {
  readonly sport: string;
  /** A global id. */
  readonly tournamentId?: string | null | undefined;
  readonly from?: Date | null | undefined;
  readonly to?: Date | null | undefined;
}

export interface TeamSums {
  readonly played: number;
  readonly won: number;
  readonly drawn: number;
  readonly lost: number;
  readonly scored: number;
  readonly conceded: number;
}
export const NO_TEAM_SUMS: TeamSums = { played: 0, won: 0, drawn: 0, lost: 0, scored: 0, conceded: 0 };

export interface PlayerSums {
  readonly played: number;
  readonly goals: number;
  readonly penalties: number;
  readonly points: number;
  readonly ownGoals: number;
  readonly assists: number;
  readonly yellow: number;
  readonly secondYellow: number;
  readonly red: number;
}
export const NO_PLAYER_SUMS: PlayerSums = {
  played: 0,
  goals: 0,
  penalties: 0,
  points: 0,
  ownGoals: 0,
  assists: 0,
  yellow: 0,
  secondYellow: 0,
  red: 0,
};

export interface Meetings {
  readonly teamId: string;
  readonly otherTeamId: string;
  readonly sport: string;
  readonly sums: TeamSums;
}

/** Sums over confirmed matches. Public. */
@Injectable()
export class StatisticsService {
  readonly ofTeam = batched((ids, _viewer, season: Season) => this.teams(ids, season));
  readonly ofPlayer = batched((ids, _viewer, season: Season) => this.players(ids, season));

  constructor(private readonly prisma: PrismaClient) {}

  /** The sums of each team, in one statement. */
  async teams(ids: readonly string[], season: Season): Promise<Map<string, TeamSums>> {
    const rows = await this.prisma.$queryRaw<(TeamSums & { id: string })[]>`
      SELECT team_id AS id, ${TEAM_SUMS} FROM matches.team_results
      WHERE team_id = ANY (${[...ids]}::uuid[]) AND ${within(season)} GROUP BY team_id`;
    return new Map(rows.map(({ id, ...sums }) => [id, sums]));
  }

  /** The sums of each player, in one statement. */
  async players(ids: readonly string[], season: Season): Promise<Map<string, PlayerSums>> {
    const rows = await this.prisma.$queryRaw<(PlayerSums & { id: string })[]>`
      SELECT player_id AS id, count(*)::int AS played, sum(goals)::int AS goals, sum(penalties)::int AS penalties,
        sum(points)::int AS points, sum(own_goals)::int AS "ownGoals", sum(assists)::int AS assists,
        sum(yellow)::int AS yellow, sum(second_yellow)::int AS "secondYellow", sum(red)::int AS red
      FROM matches.player_results
      WHERE player_id = ANY (${[...ids]}::uuid[]) AND ${within(season)} GROUP BY player_id`;
    return new Map(rows.map(({ id, ...sums }) => [id, sums]));
  }

  /** Two teams against each other, from the view of the first one. Null unless both ids are of teams. */
  async meetings(team: string, other: string, sport: string): Promise<Meetings | null> {
    const [teamId, otherTeamId] = [fromGlobalId('Team', team), fromGlobalId('Team', other)];
    if (!teamId || !otherTeamId) return null;
    const [sums] = await this.prisma.$queryRaw<TeamSums[]>`
      SELECT ${TEAM_SUMS} FROM matches.team_results
      WHERE team_id = ${teamId}::uuid AND opponent_id = ${otherTeamId}::uuid AND sport = ${sport}`;
    return { teamId, otherTeamId, sport, sums: sums ?? NO_TEAM_SUMS };
  }

  /** The newest of these meetings. @throws BAD_USER_INPUT unless `first` is 1 to 100 */
  async matchesOf({ teamId, otherTeamId: opponentId, sport }: Meetings, first: number): Promise<Match[]> {
    const results = await this.prisma.teamResult.findMany({
      where: { teamId, opponentId, sport },
      orderBy: [{ kickoffAt: 'desc' }, { matchId: 'desc' }],
      take: pageSize(first),
      select: { matchId: true },
    });
    return this.prisma.match.findMany({
      where: { id: { in: results.map(({ matchId }) => matchId) } },
      orderBy: [{ kickoffAt: 'desc' }, { id: 'desc' }],
    });
  }
}

const TEAM_SUMS = Prisma.sql`count(*)::int AS played,
  (count(*) FILTER (WHERE outcome = 'WON'))::int AS won, (count(*) FILTER (WHERE outcome = 'DRAWN'))::int AS drawn,
  (count(*) FILTER (WHERE outcome = 'LOST'))::int AS lost,
  coalesce(sum(scored), 0)::int AS scored, coalesce(sum(conceded), 0)::int AS conceded`;

/** @throws BAD_USER_INPUT for an id of something else */
function within({ sport, tournamentId, from, to }: Season): Prisma.Sql {
  const tournament = tournamentId == null ? null : fromGlobalId('Tournament', tournamentId);
  if (tournamentId != null && !tournament) throw badUserInput('tournamentId is not the id of a tournament');
  return Prisma.join(
    [
      Prisma.sql`sport = ${sport}`,
      ...(tournament ? [Prisma.sql`tournament_id = ${tournament}::uuid`] : []),
      // As JSON a loader's arguments lose their type: a time may be text here.
      ...(from ? [Prisma.sql`kickoff_at >= ${new Date(from)}`] : []),
      ...(to ? [Prisma.sql`kickoff_at < ${new Date(to)}`] : []),
    ],
    ' AND ',
  );
}
