import { Injectable } from '@nestjs/common';
import { Consumers } from '../../platform/messaging/consumers/consumers.ts';
import { consume, consumeAll, work } from '../../platform/messaging/consumers/declare.ts';
import { Rebuilds } from '../../platform/messaging/rebuilds/rebuilds.ts';
import { MatchComputations, MatchEventRecorded, MatchSnapshot, RebuildMatches } from '../../schema/messages/matches.ts';
import { TeamCreated, TeamDisbanded, TeamSnapshot } from '../../schema/messages/teams.ts';
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
import { ratings, statistics } from './rebuild.ts';
import { updateStatistics } from './statistics.ts';
import { TournamentMatchesService } from './tournament-matches.service.ts';

/** The consumer group of ratings and statistics. Its positions say which events these include. */
export const RATINGS_GROUP = 'matches-ratings';

/**
 * Keeps the own copies of teams and tournaments, carries out the plans of tournaments, and updates ratings and
 * statistics.
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
      consume(TeamDisbanded, (team, { tx }) => teams.disband(tx, team)),
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
    // Ratings follow the log and are not part of the change of a match: nobody waits for them, and a correction may
    // affect many later matches.
    consumers.group(RATINGS_GROUP, prisma, [
      // A match has ten events or more. Together they are one update of its ratings.
      consumeAll(MatchEventRecorded, (tx: Prisma.TransactionClient, events) =>
        rate(
          tx,
          events.flatMap(({ payload: { matchId, detail } }) => (MOVES_RATINGS.has(detail.kind) ? [matchId] : [])),
        ),
      ),
      consume(MatchSnapshot, ({ matchId }, { tx }) => rate(tx, [matchId])),
    ]);
  }
}

/** Does the long computations of matches. */
@Injectable()
export class MatchesComputations {
  constructor(consumers: Consumers, rebuilds: Rebuilds) {
    // One job at a time in a process: a computation uses the CPU for seconds or minutes.
    consumers.worker(MatchComputations, 1, [
      work(
        RebuildMatches,
        (run, job) => rebuilds.run(RebuildMatches, { ratings, statistics }, run, job),
        (run) => rebuilds.lost(run),
      ),
    ]);
  }
}

/** The kinds of events after which a match can count, or count in another way. */
const MOVES_RATINGS: ReadonlySet<string> = new Set(['STATE', 'RESULT', 'PLAN']);

/**
 * Updates statistics and ratings after these matches. Each sport has a lock, which is kept until the transaction ends:
 * every caller takes them in the same order. In the order of kick-off no match is rated twice.
 */
async function rate(tx: Prisma.TransactionClient, ids: readonly string[]): Promise<void> {
  const matches = await tx.match.findMany({
    where: { id: { in: [...new Set(ids)] } },
    select: { id: true },
    orderBy: [{ sport: 'asc' }, { kickoffAt: 'asc' }, { id: 'asc' }],
  });
  for (const { id } of matches) {
    await updateStatistics(tx, id);
    await updateRatings(tx, id);
  }
}
