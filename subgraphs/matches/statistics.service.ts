import { Injectable } from '@nestjs/common';
import { pageSize } from '../../platform/graphql/connection.ts';
import { badUserInput } from '../../platform/graphql/errors.ts';
import { fromGlobalId, toGlobalId } from '../../platform/graphql/global-id.ts';
import { batched } from '../../platform/graphql/loader.ts';
import { type Match, type Player, Prisma, PrismaClient } from './generated/prisma/client.ts';

/** The matches to count: of a sport, from `from` to before `to`, and of one tournament if it is given. */
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

/** The largest numbers of matches and players in the answer about one season. */
const MOST_MATCHES = 500;
const MOST_PLAYERS = 200;
/** The largest number of players of a team whose sums are read. */
const MOST_OF_TEAM = 2000;

/** A season of a team or a player. */
export interface SeasonOf {
  /** Global ids, the earliest match first. */
  readonly matchIds: readonly string[];
  /** Whether matches or players are left out. */
  readonly isCut: boolean;
  /** Null for a player. */
  readonly team: TeamSums | null;
  readonly players: readonly { readonly player: Player; readonly statistics: PlayerSums }[];
}

/** Reads sums over the matches whose results count: confirmed results and walkovers. Everybody may read them. */
@Injectable()
export class StatisticsService {
  readonly ofTeam = batched((ids, _viewer, season: Season) => this.teams(ids, season));
  readonly ofPlayer = batched((ids, _viewer, season: Season) => this.players(ids, season));

  constructor(private readonly prisma: PrismaClient) {}

  /** The sums of each team, in one statement; a team without such matches is not in the map. */
  async teams(ids: readonly string[], season: Season): Promise<Map<string, TeamSums>> {
    const rows = await this.prisma.$queryRaw<(TeamSums & { id: string })[]>`
      SELECT team_id AS id, ${TEAM_SUMS} FROM matches.team_results
      WHERE team_id = ANY (${[...ids]}::uuid[]) AND ${within(season)} GROUP BY team_id`;
    return new Map(rows.map(({ id, ...sums }) => [id, sums]));
  }

  /** The sums of each player, in one statement; a player without such matches is not in the map. */
  async players(ids: readonly string[], season: Season): Promise<Map<string, PlayerSums>> {
    const rows = await this.prisma.$queryRaw<(PlayerSums & { id: string })[]>`
      SELECT player_id AS id, count(*)::int AS played, sum(goals)::int AS goals, sum(penalties)::int AS penalties,
        sum(points)::int AS points, sum(own_goals)::int AS "ownGoals", sum(assists)::int AS assists,
        sum(yellow)::int AS yellow, sum(second_yellow)::int AS "secondYellow", sum(red)::int AS red
      FROM matches.player_results
      WHERE player_id = ANY (${[...ids]}::uuid[]) AND ${within(season)} GROUP BY player_id`;
    return new Map(rows.map(({ id, ...sums }) => [id, sums]));
  }

  /** The season of a team or a player by its global id. Empty for any other id. */
  async seasonOf(subjectId: string, season: Season): Promise<SeasonOf> {
    const [teamId, playerId] = [fromGlobalId('Team', subjectId), fromGlobalId('Player', subjectId)];
    const results = await this.prisma.$queryRaw<{ id: string }[]>`
      SELECT match_id::text AS id FROM ${teamId ? Prisma.sql`matches.team_results` : Prisma.sql`matches.player_results`}
      WHERE ${teamId ? Prisma.sql`team_id` : Prisma.sql`player_id`} = ${teamId ?? playerId}::uuid AND ${within(season)}
      ORDER BY kickoff_at, match_id LIMIT ${MOST_MATCHES + 1}::int`;
    const players = await this.prisma.player.findMany({
      where: teamId ? { teamId } : { id: { in: playerId ? [playerId] : [] } },
      take: MOST_OF_TEAM,
    });
    const sums = await this.players(
      players.map(({ id }) => id),
      season,
    );
    const played = players
      .flatMap((player) => {
        const statistics = sums.get(player.id) ?? (playerId ? NO_PLAYER_SUMS : undefined);
        return statistics ? [{ player, statistics }] : [];
      })
      .sort((a, b) => byPoints(a.statistics, b.statistics) || (a.player.name < b.player.name ? -1 : 1));
    return {
      matchIds: results.slice(0, MOST_MATCHES).map(({ id }) => toGlobalId('Match', id)),
      isCut: results.length > MOST_MATCHES || played.length > MOST_PLAYERS || players.length === MOST_OF_TEAM,
      team: teamId ? ((await this.teams([teamId], season)).get(teamId) ?? NO_TEAM_SUMS) : null,
      players: played.slice(0, MOST_PLAYERS),
    };
  }

  /**
   * The sums of the matches between two teams, from the view of the first one. Null unless both ids have the form of a
   * team's id; all sums are 0 for a team that does not exist.
   */
  async meetings(team: string, other: string, sport: string): Promise<Meetings | null> {
    const [teamId, otherTeamId] = [fromGlobalId('Team', team), fromGlobalId('Team', other)];
    if (!teamId || !otherTeamId) return null;
    const [sums] = await this.prisma.$queryRaw<TeamSums[]>`
      SELECT ${TEAM_SUMS} FROM matches.team_results
      WHERE team_id = ${teamId}::uuid AND opponent_id = ${otherTeamId}::uuid AND sport = ${sport}`;
    return { teamId, otherTeamId, sport, sums: sums ?? NO_TEAM_SUMS };
  }

  /** The matches of these meetings, the newest `first` ones. @throws BAD_USER_INPUT unless `first` is 1 to 100 */
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

const byPoints = (a: PlayerSums, b: PlayerSums): number =>
  b.points - a.points || b.assists - a.assists || b.played - a.played;

const TEAM_SUMS = Prisma.sql`count(*)::int AS played,
  (count(*) FILTER (WHERE outcome = 'WON'))::int AS won, (count(*) FILTER (WHERE outcome = 'DRAWN'))::int AS drawn,
  (count(*) FILTER (WHERE outcome = 'LOST'))::int AS lost,
  coalesce(sum(scored), 0)::int AS scored, coalesce(sum(conceded), 0)::int AS conceded`;

/** The season as an SQL condition. @throws BAD_USER_INPUT if `tournamentId` is not the id of a tournament */
function within({ sport, tournamentId, from, to }: Season): Prisma.Sql {
  const tournament = tournamentId == null ? null : fromGlobalId('Tournament', tournamentId);
  if (tournamentId != null && !tournament) throw badUserInput('tournamentId is not the id of a tournament');
  return Prisma.join(
    [
      Prisma.sql`sport = ${sport}`,
      ...(tournament ? [Prisma.sql`tournament_id = ${tournament}::uuid`] : []),
      // Converts the times, because a loader passes its arguments through JSON, so that they may be text here.
      ...(from ? [Prisma.sql`kickoff_at >= ${new Date(from)}`] : []),
      ...(to ? [Prisma.sql`kickoff_at < ${new Date(to)}`] : []),
    ],
    ' AND ',
  );
}
