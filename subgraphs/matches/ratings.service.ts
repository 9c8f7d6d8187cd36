import { Injectable } from '@nestjs/common';
import { pageSize } from '../../platform/graphql/connection.ts';
import { batched } from '../../platform/graphql/loader.ts';
import { columnsOf } from '../../platform/postgres/columns.ts';
import { Prisma, PrismaClient, type RatingChange } from './generated/prisma/client.ts';
import type { Kind } from './rating.ts';

/** Ratings of teams and players. Public. */
@Injectable()
export class RatingsService {
  /** By the team's or player's id: the newest changes first. */
  readonly history = batched((ids, _viewer, kind: Kind, sport: string, first: number) =>
    this.newest(kind, ids, sport, first),
  );

  constructor(private readonly prisma: PrismaClient) {}

  /** The newest changes of each, in one statement. @throws BAD_USER_INPUT unless `first` is 1 to 100 */
  async newest(kind: Kind, ids: readonly string[], sport: string, first: number): Promise<Map<string, RatingChange[]>> {
    const rows = await this.prisma.$queryRaw<RatingChange[]>`
      SELECT ${Prisma.raw(columnsOf(Prisma.RatingChangeScalarFieldEnum))} FROM unnest(${[...ids]}::uuid[]) AS asked (id) CROSS JOIN LATERAL (
        SELECT * FROM matches.rating_changes c
        WHERE c.kind = ${kind} AND c.subject_id = asked.id AND c.sport = ${sport}
        ORDER BY c.kickoff_at DESC, c.match_id DESC LIMIT ${pageSize(first)}::int
      ) c`;
    return Map.groupBy(rows, ({ subjectId }) => subjectId);
  }
}
