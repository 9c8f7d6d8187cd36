import { Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { PeriodStarted } from '../mappers.ts';

@Resolver('PeriodStarted')
export class PeriodStartedResolver {
  @ResolveField()
  period(@Parent() { detail }: PeriodStarted): number | null {
    return detail.period;
  }
}
