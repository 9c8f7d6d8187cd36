import { Injectable } from '@nestjs/common';
import { Announcer } from '../../platform/messaging/announcements/announcer.ts';
import { TournamentSnapshot } from '../../schema/messages/tournaments.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { TournamentsService } from './tournaments.service.ts';

/** Answers an announcement with the state of each tournament, for subgraphs that missed older events. */
@Injectable()
export class TournamentsAnnouncements {
  constructor(announcer: Announcer, prisma: PrismaClient, service: TournamentsService) {
    announcer.announces(TournamentSnapshot, prisma, (tx, page) => service.states(tx, page));
  }
}
