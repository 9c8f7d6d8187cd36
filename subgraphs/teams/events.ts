import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { EventLog } from '../../platform/event-log/event-log.ts';
import { EVENT_LOG } from '../../platform/tokens.ts';
import { TEAMS_TOPIC } from '../../schema/events/teams.ts';
import { TeamsService } from './teams.service.ts';

/** A team's own events end what the cache knows of it. */
@Injectable()
export class TeamsEvents implements OnApplicationBootstrap {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    private readonly teams: TeamsService,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.log.consume({ group: 'teams-cache', topics: [TEAMS_TOPIC], handler: ({ key }) => this.teams.changed(key) });
  }
}
