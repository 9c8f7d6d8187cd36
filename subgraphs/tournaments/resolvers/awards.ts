import { Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { referenceTo } from '../../../platform/graphql/global-id.ts';
import type { FairPlayRow, PlayerRow } from '../awards.service.ts';
import type { ResolversTypes } from '../generated/graphql.ts';

@Resolver('TopScorer')
export class TopScorerResolver {
  @ResolveField()
  player(@Parent() { playerId }: PlayerRow): ResolversTypes['Player'] {
    return referenceTo('Player', playerId);
  }

  @ResolveField()
  team(@Parent() { teamId }: PlayerRow): ResolversTypes['Team'] {
    return referenceTo('Team', teamId);
  }
}

@Resolver('TopAssist')
export class TopAssistResolver {
  @ResolveField()
  player(@Parent() { playerId }: PlayerRow): ResolversTypes['Player'] {
    return referenceTo('Player', playerId);
  }

  @ResolveField()
  team(@Parent() { teamId }: PlayerRow): ResolversTypes['Team'] {
    return referenceTo('Team', teamId);
  }
}

@Resolver('FairPlayRow')
export class FairPlayRowResolver {
  @ResolveField()
  team(@Parent() { teamId }: FairPlayRow): ResolversTypes['Team'] {
    return referenceTo('Team', teamId);
  }
}
