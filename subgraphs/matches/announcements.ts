import { Injectable } from '@nestjs/common';
import { Announcer } from '../../platform/messaging/announcements/announcer.ts';
import { MatchSnapshot } from '../../schema/messages/matches.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { MatchesService } from './matches.service.ts';

/** Announces the current state of all matches, for subgraphs that are newer than a match. */
@Injectable()
export class MatchesAnnouncements {
  constructor(announcer: Announcer, prisma: PrismaClient, matches: MatchesService) {
    announcer.announces(MatchSnapshot, prisma, (tx, page) => matches.states(tx, page));
  }
}
