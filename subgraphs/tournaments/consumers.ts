import { Injectable } from '@nestjs/common';
import { Consumers } from '../../platform/messaging/consumers/consumers.ts';
import { consume, work } from '../../platform/messaging/consumers/declare.ts';
import { MatchEventRecorded, MatchSnapshot } from '../../schema/messages/matches.ts';
import { Computations, ScheduleComputation } from '../../schema/messages/tournaments.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { ResultsService } from './results.service.ts';
import { ScheduleWork } from './schedule-work.ts';

/** Keeps the results of matches, and computes schedules. */
@Injectable()
export class TournamentsConsumers {
  constructor(consumers: Consumers, prisma: PrismaClient, results: ResultsService, schedules: ScheduleWork) {
    consumers.group('tournaments', prisma, [
      consume(MatchEventRecorded, (event, { tx, emit, seq }) => results.keep(tx, emit, event, seq)),
      consume(MatchSnapshot, ({ matchId, score, players, ...match }, { tx, emit, seq }) =>
        results.keep(tx, emit, { matchId, match, score, detail: players }, seq),
      ),
    ]);
    // One at a time: a computation has the CPU for seconds.
    consumers.worker(Computations, 1, [work(ScheduleComputation, (asked) => schedules.compute(asked))]);
  }
}
