import { Context, Parent, ResolveField, ResolveReference, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { find } from '../../../platform/graphql/entity.resolver.ts';
import type { FileWithVariants } from '../media.service.ts';
import { UsesService } from '../uses.service.ts';

interface Team {
  /** The global id. */
  readonly id: string;
}

@Resolver('Team')
export class TeamResolver {
  constructor(private readonly uses: UsesService) {}

  @ResolveReference()
  reference({ id }: Team): Team {
    return { id };
  }

  @ResolveField()
  async logo(@Parent() { id }: Team, @Context() context: GraphQLContext): Promise<FileWithVariants | null> {
    return (await find(context, 'Team', id, this.uses.ofTeam))?.[0] ?? null;
  }
}
