import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { EventLog, LoggedEvent } from '../../platform/messaging/event-log/event-log.ts';
import { payloadOf, UnreadableEvent } from '../../platform/messaging/inbox/payload.ts';
import { EVENT_LOG } from '../../platform/tokens.ts';
import { MemberJoinedTeam, MemberLeftTeam, Teams } from '../../schema/messages/teams.ts';
import { UsersService } from './users.service.ts';

/** What happens elsewhere and matters here: who plays with whom. */
@Injectable()
export class UsersEvents implements OnApplicationBootstrap {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    private readonly users: UsersService,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.log.consume({ group: 'users', topics: [Teams.name], handler: (event) => this.handle(event) });
  }

  private async handle(event: LoggedEvent): Promise<void> {
    try {
      await this.follow(event);
    } catch (error) {
      if (!(error instanceof UnreadableEvent)) throw error;
      await this.users.refuse(event, error);
    }
  }

  private async follow(event: LoggedEvent): Promise<void> {
    switch (event.type) {
      case MemberJoinedTeam.type:
        return this.users.teamMateJoined(event, payloadOf(event, MemberJoinedTeam));
      case MemberLeftTeam.type:
        return this.users.teamMateLeft(event, payloadOf(event, MemberLeftTeam));
      default:
        return this.users.passTeamEvent(event);
    }
  }
}
