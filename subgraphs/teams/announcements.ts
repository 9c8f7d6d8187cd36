import { Injectable } from '@nestjs/common';
import { Announcer } from '../../platform/messaging/announcements/announcer.ts';
import { TeamSnapshot } from '../../schema/messages/teams.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { TeamsService } from './teams.service.ts';

/** Answers an announcement with the state of each team, for subgraphs that missed older events. */
@Injectable()
export class TeamsAnnouncements {
  constructor(announcer: Announcer, prisma: PrismaClient, teams: TeamsService) {
    announcer.announces(TeamSnapshot, prisma, (tx, page) => teams.states(tx, page));
  }
}
