import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { handle } from '../../platform/messaging/timers/definition.ts';
import type { Timers } from '../../platform/messaging/timers/timers.ts';
import { TIMERS } from '../../platform/injection/tokens.ts';
import { ExpireInvitation } from './expiry-timer.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { InvitationsService } from './invitations.service.ts';

/** The handlers of timers of teams. */
@Injectable()
export class TeamsTimers implements OnApplicationBootstrap {
  constructor(
    @Inject(TIMERS) private readonly timers: Timers,
    private readonly prisma: PrismaClient,
    private readonly invitations: InvitationsService,
  ) {}

  onApplicationBootstrap(): void {
    this.runner().start();
  }

  runner(): ReturnType<Timers['runner']> {
    return this.timers.runner(this.prisma, [
      handle(ExpireInvitation, ({ tx, emit, payload }) => this.invitations.expire(tx, emit, payload.invitationId)),
    ]) as unknown as ReturnType<Timers['runner']>;
  }
}
