import { Injectable } from '@nestjs/common';
import { Consumers } from '../../platform/messaging/consumers/consumers.ts';
import { consume, work } from '../../platform/messaging/consumers/declare.ts';
import { MemberJoinedTeam, MemberLeftTeam, TeamSnapshot } from '../../schema/messages/teams.ts';
import { Emails, WelcomeEmail } from '../../schema/messages/users.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { UsersService } from './users.service.ts';

/** Copies from teams who plays with whom, and sends e-mails. */
@Injectable()
export class UsersConsumers {
  constructor(consumers: Consumers, prisma: PrismaClient, users: UsersService) {
    consumers.group('users', prisma, [
      consume(MemberJoinedTeam, (membership, { tx }) => users.teamMateJoined(tx, membership)),
      consume(MemberLeftTeam, (membership, { tx }) => users.teamMateLeft(tx, membership)),
      consume(TeamSnapshot, (team, { tx }) => users.replaceTeamMembers(tx, team)),
    ]);
    consumers.worker(Emails, 5, [work(WelcomeEmail, (mail, { id }) => users.sendWelcome(id, mail))]);
  }
}
