import { Injectable } from '@nestjs/common';
import { Consumers } from '../../platform/messaging/consumers/consumers.ts';
import { Teams } from '../../schema/messages/teams.ts';
import { TeamsService } from './teams.service.ts';

/** Removes a team from the cache at each event of the team. */
@Injectable()
export class TeamsConsumers {
  constructor(consumers: Consumers, teams: TeamsService) {
    consumers.notice('teams-cache', Teams, (teamId) => teams.dropFromCache(teamId));
  }
}
