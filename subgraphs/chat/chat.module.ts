import { Module } from '@nestjs/common';
import { prismaProvider } from '../../platform/postgres/prisma.ts';
import { ChatConsumers } from './consumers.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { MissedService } from './missed.service.ts';
import { MessagesService } from './messages.service.ts';
import { ReadMarksService } from './read-marks.service.ts';
import { MessageResolver } from './resolvers/Message.ts';
import { MutationResolver } from './resolvers/Mutation.ts';
import { QueryResolver } from './resolvers/Query.ts';
import { RoomResolver } from './resolvers/Room.ts';
import {
  MemberJoinedResolver,
  MemberLeftResolver,
  MessageSentResolver,
  RoomEventResolver,
} from './resolvers/RoomEvent.ts';
import { SubscriptionResolver } from './resolvers/Subscription.ts';
import { MatchResolver, TeamResolver } from './resolvers/subjects.ts';
import { RoomsService } from './rooms.service.ts';

@Module({
  providers: [
    prismaProvider('chat', PrismaClient),
    RoomsService,
    MissedService,
    MessagesService,
    ReadMarksService,
    ChatConsumers,
    QueryResolver,
    MutationResolver,
    SubscriptionResolver,
    RoomResolver,
    MessageResolver,
    RoomEventResolver,
    MessageSentResolver,
    MemberJoinedResolver,
    MemberLeftResolver,
    TeamResolver,
    MatchResolver,
  ],
})
export class ChatModule {}
