import { Injectable } from '@nestjs/common';
import { Consumers } from '../../platform/messaging/consumers/consumers.ts';
import { consume } from '../../platform/messaging/consumers/declare.ts';
import { MemberJoinedTeam, MemberLeftTeam, TeamSnapshot } from '../../schema/messages/teams.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { UsersService } from './users.service.ts';

/** Keeps an own copy of the memberships of teams. */
@Injectable()
export class UsersConsumers {
  constructor(consumers: Consumers, prisma: PrismaClient, users: UsersService) {
    consumers.group('users', prisma, [
      consume(MemberJoinedTeam, (membership, { tx }) => users.teamMateJoined(tx, membership)),
      consume(MemberLeftTeam, (membership, { tx }) => users.teamMateLeft(tx, membership)),
      consume(TeamSnapshot, (team, { tx }) => users.replaceTeamMembers(tx, team)),
    ]);
  }
}
