import { Injectable } from '@nestjs/common';
import { Announcer } from '../../platform/messaging/announcements/announcer.ts';
import { MatchSnapshot } from '../../schema/messages/matches.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { MatchesService } from './matches.service.ts';

/** Answers an announcement with the state of each match, for subgraphs that missed older events. */
@Injectable()
export class MatchesAnnouncements {
  constructor(announcer: Announcer, prisma: PrismaClient, matches: MatchesService) {
    announcer.announces(MatchSnapshot, prisma, (tx, page) => matches.states(tx, page));
  }
}
