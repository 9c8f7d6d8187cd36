import { Injectable } from '@nestjs/common';
import { Announcer } from '../../platform/messaging/announcements/announcer.ts';
import { TournamentSnapshot } from '../../schema/messages/tournaments.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { TournamentsService } from './tournaments.service.ts';

/** How everything here is now, for subgraphs that are younger than it. */
@Injectable()
export class TournamentsAnnouncements {
  constructor(announcer: Announcer, prisma: PrismaClient, service: TournamentsService) {
    announcer.announces(TournamentSnapshot, prisma, (tx, page) => service.states(tx, page));
  }
}
