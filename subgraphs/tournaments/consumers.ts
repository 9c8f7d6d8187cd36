import { Injectable } from '@nestjs/common';
import { Consumers } from '../../platform/messaging/consumers/consumers.ts';
import { consume } from '../../platform/messaging/consumers/declare.ts';
import { MatchEventRecorded, MatchSnapshot } from '../../schema/messages/matches.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { ResultsService } from './results.service.ts';

/** What happens elsewhere and matters here: results of matches. */
@Injectable()
export class TournamentsConsumers {
  constructor(consumers: Consumers, prisma: PrismaClient, results: ResultsService) {
    consumers.group('tournaments', prisma, [
      consume(MatchEventRecorded, (event, { tx, emit, seq }) => results.keep(tx, emit, event, seq)),
      consume(MatchSnapshot, ({ matchId, score, players, ...match }, { tx, emit, seq }) =>
        results.keep(tx, emit, { matchId, match, score, detail: players }, seq),
      ),
    ]);
  }
}
