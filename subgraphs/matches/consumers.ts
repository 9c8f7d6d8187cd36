import { Injectable } from '@nestjs/common';
import { Consumers } from '../../platform/messaging/consumers/consumers.ts';
import { consume } from '../../platform/messaging/consumers/declare.ts';
import { TeamCreated, TeamSnapshot } from '../../schema/messages/teams.ts';
import {
  MatchForfeited,
  MatchPlanned,
  MatchReplanned,
  MatchUnplanned,
  OrganizersChanged,
  TournamentChanged,
  TournamentCreated,
  TournamentDeleted,
  TournamentPublished,
  TournamentSnapshot,
} from '../../schema/messages/tournaments.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { KnownTeamsService } from './known-teams.service.ts';
import { TournamentMatchesService } from './tournament-matches.service.ts';

/** Keeps the teams and tournaments that matches refer to, and carries out the plans of tournaments. */
@Injectable()
export class MatchesConsumers {
  constructor(
    consumers: Consumers,
    prisma: PrismaClient,
    teams: KnownTeamsService,
    tournaments: TournamentMatchesService,
  ) {
    consumers.group('matches', prisma, [
      consume(TeamCreated, (team, { tx }) => teams.keep(tx, team)),
      consume(TeamSnapshot, (team, { tx }) => teams.keep(tx, team)),
      consume(TournamentCreated, (tournament, { tx }) => tournaments.keep(tx, tournament)),
      consume(TournamentPublished, (tournament, { tx }) => tournaments.keep(tx, tournament)),
      consume(TournamentChanged, (tournament, { tx }) => tournaments.keep(tx, tournament)),
      consume(OrganizersChanged, (tournament, { tx }) => tournaments.keep(tx, tournament)),
      consume(TournamentDeleted, (tournament, { tx }) => tournaments.forget(tx, tournament)),
      consume(TournamentSnapshot, (tournament, { tx, emit }) => tournaments.restore(tx, emit, tournament)),
      consume(MatchPlanned, (match, { tx, emit }) => tournaments.plan(tx, emit, [match])),
      consume(MatchReplanned, (match, { tx, emit }) => tournaments.replan(tx, emit, match)),
      consume(MatchUnplanned, (match, { tx, emit }) => tournaments.unplan(tx, emit, match)),
      consume(MatchForfeited, (match, { tx, emit }) => tournaments.forfeit(tx, emit, match)),
    ]);
  }
}
