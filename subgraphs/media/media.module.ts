import { Module } from '@nestjs/common';
import { prismaProvider } from '../../platform/postgres/prisma.ts';
import { MediaConsumers } from './consumers.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { MediaService } from './media.service.ts';
import { NodesService } from './nodes.service.ts';
import { ProcessingService } from './processing.service.ts';
import { MatchResolver } from './resolvers/Match.ts';
import { MediaEventResolver } from './resolvers/MediaEvent.ts';
import { MediaFileResolver } from './resolvers/MediaFile.ts';
import { MutationResolver } from './resolvers/Mutation.ts';
import { QueryResolver } from './resolvers/Query.ts';
import { SubscriptionResolver } from './resolvers/Subscription.ts';
import { TeamResolver } from './resolvers/Team.ts';
import { UserResolver } from './resolvers/User.ts';
import { UsesService } from './uses.service.ts';

@Module({
  providers: [
    prismaProvider('media', PrismaClient),
    MediaService,
    UsesService,
    NodesService,
    ProcessingService,
    MediaConsumers,
    QueryResolver,
    MutationResolver,
    SubscriptionResolver,
    MediaFileResolver,
    MediaEventResolver,
    UserResolver,
    TeamResolver,
    MatchResolver,
  ],
})
export class MediaModule {}
