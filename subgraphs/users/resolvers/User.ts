import { Context, Parent, ResolveField, ResolveReference, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { fromGlobalId, toGlobalId } from '../../../platform/graphql/global-id.ts';
import { batch } from '../../../platform/graphql/loader.ts';
import type { ProfileVisibility } from '../generated/graphql.ts';
import type { User } from '../generated/prisma/client.ts';
import { UsersService } from '../users.service.ts';

@Resolver('User')
export class UserResolver {
  constructor(private readonly users: UsersService) {}

  @ResolveReference()
  async reference(reference: { id: string }, context: GraphQLContext): Promise<User | null> {
    const userId = fromGlobalId('User', reference.id);
    return userId ? batch(context, 'user', (ids) => this.users.byIds(ids)).load(userId) : null;
  }

  @ResolveField()
  id(@Parent() user: User): string {
    return toGlobalId('User', user.id);
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
  async createdAt(@Parent() user: User, @Context() context: GraphQLContext): Promise<Date | null> {
    return (await this.isOpen(user, context)) ? user.createdAt : null;
  }

  private async isOpen(user: User, context: GraphQLContext): Promise<boolean> {
    if (user.visibility === 'PUBLIC') return true;
    return (await batch(context, 'mayRead', (ids) => this.users.mayReadPrivate(context.principal, ids)).load(user.id)) ?? false;
  }
}
