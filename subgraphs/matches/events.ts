import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { EventLog, LoggedEvent } from '../../platform/messaging/event-log/event-log.ts';
import { payloadOf, UnreadableEvent } from '../../platform/messaging/inbox/payload.ts';
import { EVENT_LOG } from '../../platform/tokens.ts';
import { Teams, TeamCreated } from '../../schema/messages/teams.ts';
import { KnownTeamsService } from './known-teams.service.ts';

/** What happens elsewhere and matters here: which teams there are, and what they play. */
@Injectable()
export class MatchesEvents implements OnApplicationBootstrap {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    private readonly teams: KnownTeamsService,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.log.consume({ group: 'matches', topics: [Teams.name], handler: (event) => this.handle(event) });
  }

  private async handle(event: LoggedEvent): Promise<void> {
    try {
      await this.follow(event);
    } catch (error) {
      if (!(error instanceof UnreadableEvent)) throw error;
      await this.teams.refuse(event, error);
    }
  }

  private async follow(event: LoggedEvent): Promise<void> {
    switch (event.type) {
      case TeamCreated.type:
        return this.teams.keep(event, payloadOf(event, TeamCreated));
      default:
        return this.teams.pass(event);
    }
  }
}
