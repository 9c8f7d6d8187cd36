import { Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { MatchEventVoided } from '../mappers.ts';

@Resolver('MatchEventVoided')
export class MatchEventVoidedResolver {
  @ResolveField()
  voids(@Parent() { detail }: MatchEventVoided): number {
    return detail.voids;
  }

  @ResolveField()
  reason(@Parent() { detail }: MatchEventVoided): string | null {
    return detail.reason;
  }
}
