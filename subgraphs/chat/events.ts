import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { EventLog, LoggedEvent } from '../../platform/messaging/event-log/event-log.ts';
import { payloadOf, UnreadableEvent } from '../../platform/messaging/inbox/payload.ts';
import { EVENT_LOG } from '../../platform/tokens.ts';
import { Matches, MatchEventRecorded } from '../../schema/messages/matches.ts';
import { MemberJoinedTeam, MemberLeftTeam, Teams, TeamCreated } from '../../schema/messages/teams.ts';
import { RoomsService } from './rooms.service.ts';

/** Teams and matches bring their rooms; who joins a team joins its room. */
@Injectable()
export class ChatEvents implements OnApplicationBootstrap {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    private readonly rooms: RoomsService,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.log.consume({ group: 'chat', topics: [Teams.name, Matches.name], handler: (event) => this.handle(event) });
  }

  private async handle(event: LoggedEvent): Promise<void> {
    try {
      await this.follow(event);
    } catch (error) {
      if (!(error instanceof UnreadableEvent)) throw error;
      await this.rooms.refuse(event, error);
    }
  }

  private async follow(event: LoggedEvent): Promise<void> {
    switch (event.type) {
      case TeamCreated.type:
        return this.rooms.open(event, 'TEAM', payloadOf(event, TeamCreated).teamId);
      case MemberJoinedTeam.type:
        return this.rooms.join(event, payloadOf(event, MemberJoinedTeam));
      case MemberLeftTeam.type:
        return this.rooms.leave(event, payloadOf(event, MemberLeftTeam));
      case MatchEventRecorded.type: {
        const { matchId, detail } = payloadOf(event, MatchEventRecorded);
        if (detail.kind === 'STATE' && detail.state === 'SCHEDULED') return this.rooms.open(event, 'MATCH', matchId);
      }
    }
  }
}
