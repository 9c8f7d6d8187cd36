import { Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { ResolversTypes } from '../generated/graphql.ts';
import type { Score } from '../mappers.ts';

@Resolver('Score')
export class ScoreResolver {
  @ResolveField()
  periods(@Parent() score: Score): Awaited<ResolversTypes['PeriodScore']>[] {
    return score.periods.map((points, index) => ({ period: index + 1, ...points }));
  }
}
