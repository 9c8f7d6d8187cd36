import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { orUserErrors } from '../../../platform/graphql/user-errors.ts';
import type { FlowName } from '../flows/flows.ts';
import type {
  MutationJudgeMessageArgs,
  MutationSuggestTeamNamesArgs,
  MutationTranslateTextArgs,
  MutationWriteMatchReportArgs,
  MutationWriteTournamentAnnouncementArgs,
  MutationWriteTrainingPlanArgs,
  ResolversTypes,
} from '../generated/graphql.ts';
import { GenerationsService } from '../generations.service.ts';

type Payload = Promise<ResolversTypes['WriteMatchReportPayload']>;

@Resolver()
export class MutationResolver {
  constructor(private readonly generations: GenerationsService) {}

  @Mutation()
  writeMatchReport(@Args() { input }: MutationWriteMatchReportArgs, @Context() context: GraphQLContext): Payload {
    return this.start(context, 'matchReport', input);
  }

  @Mutation()
  writeTournamentAnnouncement(
    @Args() { input }: MutationWriteTournamentAnnouncementArgs,
    @Context() context: GraphQLContext,
  ): Payload {
    return this.start(context, 'tournamentAnnouncement', input);
  }

  @Mutation()
  writeTrainingPlan(@Args() { input }: MutationWriteTrainingPlanArgs, @Context() context: GraphQLContext): Payload {
    return this.start(context, 'trainingPlan', input);
  }

  @Mutation()
  suggestTeamNames(@Args() { input }: MutationSuggestTeamNamesArgs, @Context() context: GraphQLContext): Payload {
    return this.start(context, 'teamNames', input);
  }

  @Mutation()
  judgeMessage(@Args() { input }: MutationJudgeMessageArgs, @Context() context: GraphQLContext): Payload {
    return this.start(context, 'moderationHint', input);
  }

  @Mutation()
  translateText(@Args() { input }: MutationTranslateTextArgs, @Context() context: GraphQLContext): Payload {
    return this.start(context, 'translation', input);
  }

  private start({ principal }: GraphQLContext, flow: FlowName, input: unknown): Payload {
    return orUserErrors(async () => ({ generation: await this.generations.start(principal, flow, input) }));
  }
}
