import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { orUserErrors } from '../../../platform/graphql/user-errors.ts';
import type {
  MutationFinishMatchArgs,
  MutationRecordMatchEventArgs,
  MutationScheduleMatchArgs,
  MutationStartMatchArgs,
  MutationVoidMatchEventArgs,
  ResolversTypes,
} from '../generated/graphql.ts';
import { MatchEventsService } from '../match-events.service.ts';
import { MatchesService } from '../matches.service.ts';

@Resolver()
export class MutationResolver {
  constructor(
    private readonly matches: MatchesService,
    private readonly events: MatchEventsService,
  ) {}

  @Mutation()
  scheduleMatch(
    @Args() { input }: MutationScheduleMatchArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['ScheduleMatchPayload']> {
    return orUserErrors(async () => ({ match: await this.matches.schedule(principal, input) }));
  }

  @Mutation()
  startMatch(
    @Args() { input }: MutationStartMatchArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['StartMatchPayload']> {
    return orUserErrors(async () => ({ match: await this.matches.start(principal, input) }));
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
  finishMatch(
    @Args() { input }: MutationFinishMatchArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['FinishMatchPayload']> {
    return orUserErrors(async () => ({ match: await this.matches.finish(principal, input) }));
  }
}
