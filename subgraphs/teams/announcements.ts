import { Injectable } from '@nestjs/common';
import { Announcer } from '../../platform/messaging/announcements/announcer.ts';
import { TeamSnapshot } from '../../schema/messages/teams.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { TeamsService } from './teams.service.ts';

/** Announces the state of teams, for subgraphs that are younger than a team. */
@Injectable()
export class TeamsAnnouncements {
  constructor(announcer: Announcer, prisma: PrismaClient, teams: TeamsService) {
    announcer.announces(TeamSnapshot, prisma, (tx, page) => teams.states(tx, page));
  }
}
