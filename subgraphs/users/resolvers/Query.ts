import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { fromGlobalId, toGlobalId } from '../../../platform/graphql/global-id.ts';
import type { QueryProfilesHiddenArgs, QueryUserArgs, ResolversTypes } from '../generated/graphql.ts';
import { UsersService } from '../users.service.ts';

@Resolver()
export class QueryResolver {
  constructor(private readonly users: UsersService) {}

  @Query()
  me(@Context() { principal }: GraphQLContext): Promise<Awaited<ResolversTypes['User']> | null> {
    return this.users.me(principal);
  }

  @Query()
  async user(@Args() { id }: QueryUserArgs): Promise<Awaited<ResolversTypes['User']> | null> {
    const userId = fromGlobalId('User', id);
    return userId ? ((await this.users.byIds([userId])).get(userId) ?? null) : null;
  }

  @Query('profilesHidden')
  async hidden(@Args() { among }: QueryProfilesHiddenArgs, @Context() { principal }: GraphQLContext): Promise<string[]> {
    const userIds = among.map((id) => fromGlobalId('User', id)).filter((id) => id !== null);
    return (await this.users.hidden(principal, userIds)).map((id) => toGlobalId('User', id));
  }
}
