import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { orUserErrors } from '../../../platform/graphql/user-errors.ts';
import type { MutationMarkRoomReadArgs, MutationSendMessageArgs, ResolversTypes } from '../generated/graphql.ts';
import { MessagesService } from '../messages.service.ts';
import { ReadMarksService } from '../read-marks.service.ts';

@Resolver()
export class MutationResolver {
  constructor(
    private readonly messages: MessagesService,
    private readonly readMarks: ReadMarksService,
  ) {}

  @Mutation()
  sendMessage(
    @Args() { input }: MutationSendMessageArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['SendMessagePayload']> {
    return orUserErrors(async () => ({ message: await this.messages.send(principal, input) }));
  }

  @Mutation()
  markRoomRead(
    @Args() { input }: MutationMarkRoomReadArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['MarkRoomReadPayload']> {
    return orUserErrors(async () => ({ room: await this.readMarks.mark(principal, input) }));
  }
}
