import { Context, Parent, ResolveField, ResolveReference, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { find } from '../../../platform/graphql/entity.resolver.ts';
import type { FileWithVariants } from '../media.service.ts';
import { UsesService } from '../uses.service.ts';

interface User {
  /** The global id. */
  readonly id: string;
}

@Resolver('User')
export class UserResolver {
  constructor(private readonly uses: UsesService) {}

  @ResolveReference()
  reference({ id }: User): User {
    return { id };
  }

  @ResolveField()
  async avatar(@Parent() { id }: User, @Context() context: GraphQLContext): Promise<FileWithVariants | null> {
    return (await find(context, 'User', id, this.uses.ofUser))?.[0] ?? null;
  }
}
