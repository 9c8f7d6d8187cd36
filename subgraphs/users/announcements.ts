import { Injectable } from '@nestjs/common';
import { Announcer } from '../../platform/messaging/announcements/announcer.ts';
import { UserSnapshot } from '../../schema/messages/users.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { UsersService } from './users.service.ts';

/** Answers an announcement with the state of each profile, for subgraphs that missed older events. */
@Injectable()
export class UsersAnnouncements {
  constructor(announcer: Announcer, prisma: PrismaClient, users: UsersService) {
    announcer.announces(UserSnapshot, prisma, (tx, page) => users.states(tx, page));
  }
}
