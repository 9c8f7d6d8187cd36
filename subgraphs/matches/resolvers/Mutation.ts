import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { orUserErrors } from '../../../platform/graphql/user-errors.ts';
import type {
  MutationAbandonMatchArgs,
  MutationAwardWalkoverArgs,
  MutationCancelMatchArgs,
  MutationConfirmResultArgs,
  MutationCorrectResultArgs,
  MutationDecideProtestArgs,
  MutationFinishMatchArgs,
  MutationPauseMatchArgs,
  MutationPostponeMatchArgs,
  MutationProtestResultArgs,
  MutationRecordFinalScoreArgs,
  MutationRecordMatchEventArgs,
  MutationRescheduleMatchArgs,
  MutationResumeMatchArgs,
  MutationScheduleMatchArgs,
  MutationSetLineupArgs,
  MutationStartMatchArgs,
  MutationSuspendMatchArgs,
  MutationVoidMatchEventArgs,
  ResolversTypes,
} from '../generated/graphql.ts';
import { LineupsService } from '../lineups.service.ts';
import { MatchEventsService } from '../match-events.service.ts';
import { MatchMovesService } from '../match-moves.service.ts';
import { MatchesService } from '../matches.service.ts';
import { ResultsService } from '../results.service.ts';

@Resolver()
export class MutationResolver {
  constructor(
    private readonly matches: MatchesService,
    private readonly events: MatchEventsService,
    private readonly moves: MatchMovesService,
    private readonly lineups: LineupsService,
    private readonly results: ResultsService,
  ) {}

  @Mutation()
  scheduleMatch(
    @Args() { input }: MutationScheduleMatchArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['ScheduleMatchPayload']> {
    return orUserErrors(async () => ({ match: await this.matches.schedule(principal, input) }));
  }

  @Mutation()
  recordMatchEvent(
    @Args() { input }: MutationRecordMatchEventArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['RecordMatchEventPayload']> {
    return orUserErrors(() => this.events.record(principal, input));
  }

  @Mutation()
  voidMatchEvent(
    @Args() { input }: MutationVoidMatchEventArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['VoidMatchEventPayload']> {
    return orUserErrors(() => this.events.takeBack(principal, input));
  }

  @Mutation()
  setLineup(
    @Args() { input }: MutationSetLineupArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['SetLineupPayload']> {
    return orUserErrors(async () => ({ match: await this.lineups.set(principal, input) }));
  }

  @Mutation()
  startMatch(
    @Args() { input }: MutationStartMatchArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['StartMatchPayload']> {
    return orUserErrors(async () => ({ match: await this.moves.start(principal, input) }));
  }

  @Mutation()
  finishMatch(
    @Args() { input }: MutationFinishMatchArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['FinishMatchPayload']> {
    return orUserErrors(async () => ({ match: await this.moves.finish(principal, input) }));
  }

  @Mutation()
  rescheduleMatch(
    @Args() { input }: MutationRescheduleMatchArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['RescheduleMatchPayload']> {
    return orUserErrors(async () => ({ match: await this.moves.reschedule(principal, input) }));
  }

  @Mutation()
  postponeMatch(
    @Args() { input }: MutationPostponeMatchArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['PostponeMatchPayload']> {
    return orUserErrors(async () => ({ match: await this.moves.postpone(principal, input) }));
  }

  @Mutation()
  cancelMatch(
    @Args() { input }: MutationCancelMatchArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['CancelMatchPayload']> {
    return orUserErrors(async () => ({ match: await this.moves.cancel(principal, input) }));
  }

  @Mutation()
  pauseMatch(
    @Args() { input }: MutationPauseMatchArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['PauseMatchPayload']> {
    return orUserErrors(async () => ({ match: await this.moves.pause(principal, input) }));
  }

  @Mutation()
  suspendMatch(
    @Args() { input }: MutationSuspendMatchArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['SuspendMatchPayload']> {
    return orUserErrors(async () => ({ match: await this.moves.suspend(principal, input) }));
  }

  @Mutation()
  resumeMatch(
    @Args() { input }: MutationResumeMatchArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['ResumeMatchPayload']> {
    return orUserErrors(async () => ({ match: await this.moves.resume(principal, input) }));
  }

  @Mutation()
  abandonMatch(
    @Args() { input }: MutationAbandonMatchArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['AbandonMatchPayload']> {
    return orUserErrors(async () => ({ match: await this.moves.abandon(principal, input) }));
  }

  @Mutation()
  awardWalkover(
    @Args() { input }: MutationAwardWalkoverArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['AwardWalkoverPayload']> {
    return orUserErrors(async () => ({ match: await this.results.awardWalkover(principal, input) }));
  }

  @Mutation()
  recordFinalScore(
    @Args() { input }: MutationRecordFinalScoreArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['RecordFinalScorePayload']> {
    return orUserErrors(async () => ({ match: await this.results.recordFinalScore(principal, input) }));
  }

  @Mutation()
  confirmResult(
    @Args() { input }: MutationConfirmResultArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['ConfirmResultPayload']> {
    return orUserErrors(async () => ({ match: await this.results.confirm(principal, input) }));
  }

  @Mutation()
  protestResult(
    @Args() { input }: MutationProtestResultArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['ProtestResultPayload']> {
    return orUserErrors(async () => ({ match: await this.results.protest(principal, input) }));
  }

  @Mutation()
  decideProtest(
    @Args() { input }: MutationDecideProtestArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['DecideProtestPayload']> {
    return orUserErrors(async () => ({ match: await this.results.decide(principal, input) }));
  }

  @Mutation()
  correctResult(
    @Args() { input }: MutationCorrectResultArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['CorrectResultPayload']> {
    return orUserErrors(async () => ({ match: await this.results.correct(principal, input) }));
  }
}
