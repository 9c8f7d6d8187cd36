import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { FLOWS } from '../flows/flows.ts';
import type { QueryGenerationArgs, ResolversTypes } from '../generated/graphql.ts';
import { GenerationsService } from '../generations.service.ts';

@Resolver()
export class QueryResolver {
  constructor(private readonly generations: GenerationsService) {}

  @Query()
  availableFlows(): ResolversTypes['GenerationFlow'][] {
    return this.generations.available().map((name) => FLOWS[name].value);
  }

  @Query()
  generation(
    @Args() { clientId }: QueryGenerationArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['Generation'] | null> {
    return this.generations.byClientId(principal, clientId);
  }
}
