import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { handle } from '../../platform/messaging/timers/definition.ts';
import type { Timers } from '../../platform/messaging/timers/timers.ts';
import { TIMERS } from '../../platform/injection/tokens.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { GenerationsService } from './generations.service.ts';
import { GenerationTimer } from './record.ts';

/** The handlers of timers of ai. */
@Injectable()
export class AiTimers implements OnApplicationBootstrap {
  constructor(
    @Inject(TIMERS) private readonly timers: Timers,
    private readonly prisma: PrismaClient,
    private readonly generations: GenerationsService,
  ) {}

  onApplicationBootstrap(): void {
    this.runner().start();
  }

  runner(): ReturnType<Timers['runner']> {
    return this.timers.runner(this.prisma, [
      handle(GenerationTimer, ({ tx, emit, payload }) => this.generations.timeOut(tx, emit, payload.generationId)),
    ]) as unknown as ReturnType<Timers['runner']>;
  }
}
