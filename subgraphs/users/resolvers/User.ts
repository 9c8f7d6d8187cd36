import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { EntityResolver } from '../../../platform/graphql/entity.resolver.ts';
import { batched } from '../../../platform/graphql/loader.ts';
import { type Principal, viewerOf } from '../../../platform/identity/principal.ts';
import type { ProfileVisibility, Sport, SportLevel } from '../generated/graphql.ts';
import type { User } from '../generated/prisma/client.ts';
import { PresenceService } from '../presence.service.ts';
import { UsersService } from '../users.service.ts';

@Resolver('User')
export class UserResolver extends EntityResolver<User> {
  private readonly open = batched((ids, viewer) => this.users.mayReadPrivate(viewer, ids));

  constructor(
    private readonly users: UsersService,
    private readonly presence: PresenceService,
  ) {
    super('User', users.byId);
  }

  @ResolveField()
  async handle(@Parent() user: User, @Context() context: GraphQLContext): Promise<string | null> {
    return (await this.isOpen(user, context)) ? user.username : null;
  }

  @ResolveField()
  async username(@Parent() user: User, @Context() context: GraphQLContext): Promise<string> {
    return (await this.handle(user, context)) ?? '';
  }

  @ResolveField()
  async visibleTo(@Parent() user: User, @Context() context: GraphQLContext): Promise<ProfileVisibility | null> {
    return (await this.isOpen(user, context)) ? user.visibility : null;
  }

  @ResolveField()
  async city(@Parent() user: User, @Context() context: GraphQLContext): Promise<string | null> {
    return (await this.isOpen(user, context)) ? user.city : null;
  }

  @ResolveField()
  async sports(@Parent() user: User, @Context() context: GraphQLContext): Promise<string[]> {
    return (await this.isOpen(user, context)) ? user.sports : [];
  }

  @ResolveField()
  async isOnline(@Parent() { id }: User, @Context() context: GraphQLContext): Promise<boolean | null> {
    return (await this.presence.byId(context, id)) ?? null;
  }

  @ResolveField()
  birthDate(@Parent() user: User, @Context() { principal }: GraphQLContext): string | null {
    return (isOwn(user, principal) && user.birthDate?.toISOString().slice(0, 10)) || null;
  }

  @ResolveField()
  levels(@Parent() user: User, @Context() { principal }: GraphQLContext): SportLevel[] | null {
    if (!isOwn(user, principal)) return null;
    return Object.entries(user.levels as Record<Sport, number>).map(([sport, level]) => ({
      sport: sport as Sport,
      level,
    }));
  }

  @ResolveField()
  async createdAt(@Parent() user: User, @Context() context: GraphQLContext): Promise<Date | null> {
    return (await this.isOpen(user, context)) ? user.createdAt : null;
  }

  private async isOpen(user: User, context: GraphQLContext): Promise<boolean> {
    return user.visibility === 'PUBLIC' || ((await this.open(context, user.id)) ?? false);
  }
}

const isOwn = ({ id }: User, principal: Principal): boolean => viewerOf(principal) === id;
