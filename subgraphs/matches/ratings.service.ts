import { Injectable } from '@nestjs/common';
import { pageSize } from '../../platform/graphql/connection.ts';
import { batched } from '../../platform/graphql/loader.ts';
import { columnsOf } from '../../platform/postgres/columns.ts';
import { Prisma, PrismaClient, type RatingChange } from './generated/prisma/client.ts';
import { type Kind, ordinalOf } from './rating.ts';

/** Reads the ratings of teams and players. Everybody may read them. */
@Injectable()
export class RatingsService {
  /** The changes of each team or player, the newest first. */
  readonly history = batched((ids, _viewer, kind: Kind, sport: string, first: number) =>
    this.newest(kind, ids, sport, first),
  );

  constructor(private readonly prisma: PrismaClient) {}

  /** The newest changes of each team or player, in one statement. @throws BAD_USER_INPUT unless `first` is 1 to 100 */
  async newest(kind: Kind, ids: readonly string[], sport: string, first: number): Promise<Map<string, RatingChange[]>> {
    const rows = await this.prisma.$queryRaw<RatingChange[]>`
      SELECT ${Prisma.raw(columnsOf(Prisma.RatingChangeScalarFieldEnum))} FROM unnest(${[...ids]}::uuid[]) AS asked (id) CROSS JOIN LATERAL (
        SELECT * FROM matches.rating_changes c
        WHERE c.kind = ${kind} AND c.subject_id = asked.id AND c.sport = ${sport}
        ORDER BY c.kickoff_at DESC, c.match_id DESC LIMIT ${pageSize(first)}::int
      ) c`;
    return Map.groupBy(rows, ({ subjectId }) => subjectId);
  }

  /**
   * The ordinals of teams, in the order of the list; null for a team without a rating in the sport. One statement for
   * each sport.
   * @param of a team id that is null belongs to no team
   */
  async ordinals(
    of: readonly { readonly teamId: string | null; readonly sport: string }[],
  ): Promise<(number | null)[]> {
    const bySport = Map.groupBy(of, ({ sport }) => sport);
    const known = new Map<string, ReadonlyMap<string, readonly RatingChange[]>>();
    for (const [sport, teams] of bySport) {
      const ids = [...new Set(teams.flatMap(({ teamId }) => teamId ?? []))];
      known.set(sport, await this.newest('TEAM', ids, sport, 1));
    }
    return of.map(({ teamId, sport }) => {
      const [rating] = known.get(sport)?.get(teamId ?? '') ?? [];
      return rating ? ordinalOf(rating) : null;
    });
  }
}
