import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { orUserErrors } from '../../../platform/graphql/user-errors.ts';
import type {
  MutationCreateTournamentArgs,
  MutationDeleteTournamentArgs,
  ResolversTypes,
} from '../generated/graphql.ts';
import { TournamentsService } from '../tournaments.service.ts';

@Resolver()
export class MutationResolver {
  constructor(private readonly tournaments: TournamentsService) {}

  @Mutation()
  createTournament(
    @Args() { input }: MutationCreateTournamentArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['CreateTournamentPayload']> {
    return orUserErrors(async () => ({ tournament: await this.tournaments.create(principal, input) }));
  }

  @Mutation()
  deleteTournament(
    @Args() { input }: MutationDeleteTournamentArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['DeleteTournamentPayload']> {
    return orUserErrors(async () => ({ deletedTournamentId: await this.tournaments.delete(principal, input) }));
  }
}
