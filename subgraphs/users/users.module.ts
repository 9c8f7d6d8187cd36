import { Module } from '@nestjs/common';
import { prismaProvider } from '../../platform/postgres/prisma.ts';
import { UsersAnnouncements } from './announcements.ts';
import { UsersConsumers } from './consumers.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { PresenceService } from './presence.service.ts';
import { RegisterController } from './register.controller.ts';
import { MutationResolver } from './resolvers/Mutation.ts';
import { QueryResolver } from './resolvers/Query.ts';
import { UserResolver } from './resolvers/User.ts';
import { UsersService } from './users.service.ts';

@Module({
  controllers: [RegisterController],
  providers: [
    prismaProvider('users', PrismaClient),
    UsersService,
    PresenceService,
    UsersAnnouncements,
    UsersConsumers,
    QueryResolver,
    MutationResolver,
    UserResolver,
  ],
})
export class UsersModule {}
