import { Injectable } from '@nestjs/common';
import { Consumers } from '../../platform/messaging/consumers/consumers.ts';
import { consume } from '../../platform/messaging/consumers/declare.ts';
import { MatchEventRecorded, MatchSnapshot } from '../../schema/messages/matches.ts';
import { MemberJoinedTeam, MemberLeftTeam, TeamCreated, TeamSnapshot } from '../../schema/messages/teams.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { RoomsService } from './rooms.service.ts';

/** Creates the rooms of teams and matches, and keeps the members of a team's room equal to the team's. */
@Injectable()
export class ChatConsumers {
  constructor(consumers: Consumers, prisma: PrismaClient, rooms: RoomsService) {
    consumers.group('chat', prisma, [
      consume(TeamCreated, ({ teamId }, { tx }) => rooms.open(tx, 'TEAM', teamId)),
      consume(MemberJoinedTeam, (membership, { tx, emit }) => rooms.join(tx, emit, membership)),
      consume(MemberLeftTeam, (membership, { tx, emit }) => rooms.leave(tx, emit, membership)),
      consume(TeamSnapshot, (team, { tx, emit }) => rooms.replaceMembers(tx, emit, team)),
      consume(MatchSnapshot, ({ matchId }, { tx }) => rooms.open(tx, 'MATCH', matchId)),
      consume(MatchEventRecorded, async ({ matchId, detail }, { tx }) => {
        if (detail.kind === 'STATE' && detail.state === 'SCHEDULED') await rooms.open(tx, 'MATCH', matchId);
      }),
    ]);
  }
}
