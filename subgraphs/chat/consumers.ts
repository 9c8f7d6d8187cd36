import { Injectable } from '@nestjs/common';
import { Consumers } from '../../platform/messaging/consumers/consumers.ts';
import { consume } from '../../platform/messaging/consumers/declare.ts';
import { MatchEventRecorded, MatchSnapshot } from '../../schema/messages/matches.ts';
import { MediaFileChanged } from '../../schema/messages/media.ts';
import { MemberJoinedTeam, MemberLeftTeam, TeamCreated, TeamSnapshot } from '../../schema/messages/teams.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { MessagesService } from './messages.service.ts';
import { RoomsService } from './rooms.service.ts';

/**
 * Creates the rooms of teams and matches, and copies the members of a team to its room. Keeps a copy of the files that
 * may be attached.
 */
@Injectable()
export class ChatConsumers {
  constructor(consumers: Consumers, prisma: PrismaClient, rooms: RoomsService, messages: MessagesService) {
    consumers.group('chat-files', prisma, [consume(MediaFileChanged, (file, { tx }) => messages.keepFile(tx, file))]);
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
