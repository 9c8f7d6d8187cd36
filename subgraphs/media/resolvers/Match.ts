import { Args, Context, Parent, ResolveField, ResolveReference, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { find } from '../../../platform/graphql/entity.resolver.ts';
import type { MatchPhotosArgs } from '../generated/graphql.ts';
import type { FileWithVariants } from '../media.service.ts';
import { UsesService } from '../uses.service.ts';

interface Match {
  /** The global id. */
  readonly id: string;
}

@Resolver('Match')
export class MatchResolver {
  constructor(private readonly uses: UsesService) {}

  @ResolveReference()
  reference({ id }: Match): Match {
    return { id };
  }

  @ResolveField()
  async photos(
    @Parent() { id }: Match,
    @Args() { first }: MatchPhotosArgs,
    @Context() context: GraphQLContext,
  ): Promise<readonly FileWithVariants[]> {
    return ((await find(context, 'Match', id, this.uses.ofMatch)) ?? []).slice(0, Math.max(first ?? 100, 0));
  }
}
