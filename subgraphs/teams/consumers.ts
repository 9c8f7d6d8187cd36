import { Injectable } from '@nestjs/common';
import { Consumers } from '../../platform/messaging/consumers/consumers.ts';
import { Teams } from '../../schema/messages/teams.ts';
import { TeamsService } from './teams.service.ts';

/** A team's own events end what the cache knows of it. */
@Injectable()
export class TeamsConsumers {
  constructor(consumers: Consumers, teams: TeamsService) {
    consumers.notice('teams-cache', Teams, (teamId) => teams.changed(teamId));
  }
}
