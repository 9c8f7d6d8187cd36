import { Injectable } from '@nestjs/common';
import { Consumers } from '../../platform/messaging/consumers/consumers.ts';
import { consume, consumeAll, work } from '../../platform/messaging/consumers/declare.ts';
import { Rebuilds } from '../../platform/messaging/rebuilds/rebuilds.ts';
import { MatchEventRecorded, MatchSnapshot } from '../../schema/messages/matches.ts';
import { TeamDisbanded, TeamSnapshot } from '../../schema/messages/teams.ts';
import { Computations, RebuildTournaments, ScheduleComputation } from '../../schema/messages/tournaments.ts';
import { DisbandedTeamsService } from './disbanded-teams.service.ts';
import { type Prisma, PrismaClient } from './generated/prisma/client.ts';
import { standings } from './rebuild.ts';
import { ResultsService } from './results.service.ts';
import { ScheduleWork } from './schedule-work.ts';

/** Stores the results of matches from their events, and withdraws teams that were disbanded. */
@Injectable()
export class TournamentsConsumers {
  constructor(consumers: Consumers, prisma: PrismaClient, results: ResultsService, disbanded: DisbandedTeamsService) {
    consumers.group('tournaments', prisma, [
      // A match has ten events or more, and many matches end at once. Without this, tables would be seconds behind.
      consumeAll(MatchEventRecorded, (tx: Prisma.TransactionClient, events) =>
        results.keepAll(
          tx,
          events.map(({ payload, seq }) => ({ ...payload, seq })),
        ),
      ),
      consume(MatchSnapshot, ({ matchId, score, players, ...match }, { tx, seq }) =>
        results.keep(tx, { matchId, match, score, detail: players }, seq),
      ),
    ]);
    consumers.group('tournaments-teams', prisma, [
      consume(TeamDisbanded, (team, { tx }) => disbanded.note(tx, team)),
      consume(TeamSnapshot, async ({ teamId, disbandedAt }, { tx }) => {
        if (disbandedAt !== undefined) await disbanded.note(tx, { teamId, disbandedAt });
      }),
    ]);
  }
}

/** Does the long computations of tournaments: schedules and rebuilds. */
@Injectable()
export class TournamentsComputations {
  constructor(consumers: Consumers, schedules: ScheduleWork, rebuilds: Rebuilds) {
    // One job at a time in a process: a computation uses the CPU for seconds or minutes.
    consumers.worker(Computations, 1, [
      work(
        ScheduleComputation,
        (asked, job) => schedules.compute(asked, job),
        (asked) => schedules.lost(asked),
      ),
      work(
        RebuildTournaments,
        (run, job) => rebuilds.run(RebuildTournaments, { standings }, run, job),
        (run) => rebuilds.lost(run),
      ),
    ]);
  }
}
