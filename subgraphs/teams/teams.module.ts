import { Module } from '@nestjs/common';
import { prismaProvider } from '../../platform/postgres/prisma.ts';
import { TeamsAnnouncements } from './announcements.ts';
import { TeamsConsumers } from './consumers.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { InvitationsService } from './invitations.service.ts';
import { JoinRequestsService } from './join-requests.service.ts';
import { MembersService } from './members.service.ts';
import { InvitationResolver } from './resolvers/Invitation.ts';
import { JoinRequestResolver } from './resolvers/JoinRequest.ts';
import { MembershipResolver } from './resolvers/Membership.ts';
import { MutationResolver } from './resolvers/Mutation.ts';
import { QueryResolver } from './resolvers/Query.ts';
import { TeamResolver } from './resolvers/Team.ts';
import { TeamsService } from './teams.service.ts';
import { TeamsTimers } from './timers.ts';

@Module({
  providers: [
    prismaProvider('teams', PrismaClient),
    TeamsService,
    TeamsAnnouncements,
    InvitationsService,
    JoinRequestsService,
    MembersService,
    TeamsTimers,
    TeamsConsumers,
    QueryResolver,
    MutationResolver,
    TeamResolver,
    MembershipResolver,
    InvitationResolver,
    JoinRequestResolver,
  ],
})
export class TeamsModule {}
