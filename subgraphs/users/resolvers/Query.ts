import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { find } from '../../../platform/graphql/entity.resolver.ts';
import { fromGlobalIds, toGlobalId } from '../../../platform/graphql/global-id.ts';
import type {
  QueryKeepOnlineArgs,
  QueryPeopleFitArgs,
  QueryPeopleOnlineArgs,
  QueryPlayersFitArgs,
  QueryProfilesHiddenArgs,
  QueryUserArgs,
  ResolversTypes,
} from '../generated/graphql.ts';
import { PresenceService } from '../presence.service.ts';
import { UsersService } from '../users.service.ts';

@Resolver()
export class QueryResolver {
  constructor(
    private readonly users: UsersService,
    private readonly presence: PresenceService,
  ) {}

  @Query()
  me(@Context() { principal }: GraphQLContext): Promise<ResolversTypes['User'] | null> {
    return this.users.me(principal);
  }

  @Query()
  user(@Args() { id }: QueryUserArgs, @Context() context: GraphQLContext): Promise<ResolversTypes['User'] | null> {
    return find(context, 'User', id, this.users.byId);
  }

  @Query()
  async profilesHidden(
    @Args() { among }: QueryProfilesHiddenArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<string[]> {
    return (await this.users.hiddenProfiles(principal, fromGlobalIds('User', among))).map((id) =>
      toGlobalId('User', id),
    );
  }

  @Query()
  playersFit(@Args() { of }: QueryPlayersFitArgs): Promise<boolean[]> {
    return this.users.playersFit(of);
  }

  @Query()
  peopleFit(@Args() { of }: QueryPeopleFitArgs): Promise<boolean[]> {
    return this.users.peopleFit(of);
  }

  @Query()
  async keepOnline(@Args() { of }: QueryKeepOnlineArgs): Promise<boolean[]> {
    await this.presence.keep(fromGlobalIds('User', of));
    return of.map(() => true);
  }

  @Query()
  async peopleOnline(@Args() { among }: QueryPeopleOnlineArgs): Promise<string[]> {
    return (await this.presence.online(fromGlobalIds('User', among))).map((id) => toGlobalId('User', id));
  }
}
