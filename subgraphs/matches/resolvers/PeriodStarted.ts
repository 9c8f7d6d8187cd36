import { Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { PeriodStarted } from '../mappers.ts';
import { EventReference } from './MatchEvent.ts';

@Resolver('PeriodStarted')
export class PeriodStartedResolver extends EventReference {
  @ResolveField()
  period(@Parent() { detail }: PeriodStarted): number | null {
    return detail.period;
  }
}
