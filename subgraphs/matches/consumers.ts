import { Injectable } from '@nestjs/common';
import { Consumers } from '../../platform/messaging/consumers/consumers.ts';
import { consume } from '../../platform/messaging/consumers/declare.ts';
import { TeamCreated, TeamSnapshot } from '../../schema/messages/teams.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { KnownTeamsService } from './known-teams.service.ts';

/** What happens elsewhere and matters here: which teams there are, and what they play. */
@Injectable()
export class MatchesConsumers {
  constructor(consumers: Consumers, prisma: PrismaClient, teams: KnownTeamsService) {
    consumers.group('matches', prisma, [
      consume(TeamCreated, (team, { tx }) => teams.keep(tx, team)),
      consume(TeamSnapshot, (team, { tx }) => teams.keep(tx, team)),
    ]);
  }
}
