import { Injectable } from '@nestjs/common';
import { Consumers } from '../../platform/messaging/consumers/consumers.ts';
import { consume } from '../../platform/messaging/consumers/declare.ts';
import { MatchEventRecorded, MatchSnapshot } from '../../schema/messages/matches.ts';
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
import { type Prisma, PrismaClient } from './generated/prisma/client.ts';
import { KnownTeamsService } from './known-teams.service.ts';
import { updateRatings } from './ratings.ts';
import { updateStatistics } from './statistics.ts';
import { TournamentMatchesService } from './tournament-matches.service.ts';

/** The consumer group of ratings and statistics. Its positions say how far they are. */
export const RATINGS_GROUP = 'matches-ratings';

/**
 * Keeps the teams and tournaments that matches refer to, and carries out the plans of tournaments. Keeps ratings and
 * statistics up to date.
 */
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
    // Ratings follow the log and are not part of the change of a match: nobody waits for them, and a correction may affect
    // many later matches.
    consumers.group(RATINGS_GROUP, prisma, [
      consume(MatchEventRecorded, async ({ matchId, detail: { kind } }, { tx }) => {
        if (kind === 'STATE' || kind === 'RESULT' || kind === 'PLAN') await rate(tx, matchId);
      }),
      consume(MatchSnapshot, ({ matchId }, { tx }) => rate(tx, matchId)),
    ]);
  }
}

async function rate(tx: Prisma.TransactionClient, matchId: string): Promise<void> {
  await updateStatistics(tx, matchId);
  await updateRatings(tx, matchId);
}
