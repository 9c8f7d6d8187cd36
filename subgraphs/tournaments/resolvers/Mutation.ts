import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { orUserErrors } from '../../../platform/graphql/user-errors.ts';
import type {
  MutationCreateTournamentArgs,
  MutationDeductPointsArgs,
  MutationDeleteTournamentArgs,
  MutationDrawLotsArgs,
  MutationRecordFairPlayArgs,
  MutationRecordLotsArgs,
  MutationRecordPlayOffArgs,
  MutationRecordRankingArgs,
  MutationSetStagesArgs,
  ResolversTypes,
} from '../generated/graphql.ts';
import { RulingsService } from '../rulings.service.ts';
import { StagesService } from '../stages.service.ts';
import { TournamentsService } from '../tournaments.service.ts';

@Resolver()
export class MutationResolver {
  constructor(
    private readonly tournaments: TournamentsService,
    private readonly stages: StagesService,
    private readonly rulings: RulingsService,
  ) {}

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

  @Mutation()
  setStages(
    @Args() { input }: MutationSetStagesArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['SetStagesPayload']> {
    return orUserErrors(async () => ({ tournament: await this.stages.set(principal, input) }));
  }

  @Mutation()
  deductPoints(
    @Args() { input }: MutationDeductPointsArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['DeductPointsPayload']> {
    return orUserErrors(async () => ({ tournament: await this.rulings.deductPoints(principal, input) }));
  }

  @Mutation()
  recordFairPlay(
    @Args() { input }: MutationRecordFairPlayArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['RecordFairPlayPayload']> {
    return orUserErrors(async () => ({ tournament: await this.rulings.recordFairPlay(principal, input) }));
  }

  @Mutation()
  recordRanking(
    @Args() { input }: MutationRecordRankingArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['RecordRankingPayload']> {
    return orUserErrors(async () => ({ tournament: await this.rulings.recordOrder(principal, 'RANKING', input) }));
  }

  @Mutation()
  recordLots(
    @Args() { input }: MutationRecordLotsArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['RecordLotsPayload']> {
    return orUserErrors(async () => ({ tournament: await this.rulings.recordOrder(principal, 'LOTS', input) }));
  }

  @Mutation()
  drawLots(
    @Args() { input }: MutationDrawLotsArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['DrawLotsPayload']> {
    return orUserErrors(async () => ({ tournament: await this.rulings.drawLots(principal, input) }));
  }

  @Mutation()
  recordPlayOff(
    @Args() { input }: MutationRecordPlayOffArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['RecordPlayOffPayload']> {
    return orUserErrors(async () => ({ tournament: await this.rulings.recordOrder(principal, 'PLAY_OFF', input) }));
  }
}
