import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { handle } from '../../platform/messaging/timers/definition.ts';
import type { Timers } from '../../platform/messaging/timers/timers.ts';
import { TIMERS } from '../../platform/injection/tokens.ts';
import { ConfirmResult } from './confirmation-timer.ts';
import { CancelFriendlies, cancelFriendlies } from './disbanded-teams.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { ResultsService } from './results.service.ts';

/** The handlers of timers of matches. */
@Injectable()
export class MatchesTimers implements OnApplicationBootstrap {
  constructor(
    @Inject(TIMERS) private readonly timers: Timers,
    private readonly prisma: PrismaClient,
    private readonly results: ResultsService,
  ) {}

  onApplicationBootstrap(): void {
    this.runner().start();
  }

  runner(): ReturnType<Timers['runner']> {
    return this.timers.runner(this.prisma, [
      handle(ConfirmResult, ({ tx, emit, payload }) => this.results.timeOut(tx, emit, payload.matchId)),
      handle(CancelFriendlies, ({ tx, emit, payload }) => cancelFriendlies(tx, emit, this.timers, payload.teamId)),
    ]) as unknown as ReturnType<Timers['runner']>;
  }
}
