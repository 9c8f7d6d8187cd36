import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { orUserErrors } from '../../../platform/graphql/user-errors.ts';
import type { MutationRegisterArgs, MutationUpdateProfileArgs, ResolversTypes } from '../generated/graphql.ts';
import { UsersService } from '../users.service.ts';

@Resolver()
export class MutationResolver {
  constructor(private readonly users: UsersService) {}

  @Mutation()
  register(
    @Args() { input }: MutationRegisterArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['RegisterPayload']> {
    return orUserErrors(async () => ({ user: await this.users.register(principal, input) }));
  }

  @Mutation()
  updateProfile(
    @Args() { input }: MutationUpdateProfileArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['UpdateProfilePayload']> {
    return orUserErrors(async () => ({ user: await this.users.updateProfile(principal, input) }));
  }
}
