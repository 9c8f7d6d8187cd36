import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { TIMERS } from '../../platform/injection/tokens.ts';
import { handle } from '../../platform/messaging/timers/definition.ts';
import type { Timers } from '../../platform/messaging/timers/timers.ts';
import { clean } from './cleaning.ts';
import { DeliveriesService } from './deliveries.service.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { isToCome } from './kickoffs.ts';
import { startsSoon } from './kinds.ts';
import { StoredKnown } from './known.ts';
import { MailingWork } from './mailings/mailing-work.service.ts';
import { NoticesService } from './notices.service.ts';
import { ReportWork } from './reports/report-work.ts';
import { NotificationsPush, VerificationEmail } from '../../schema/messages/notifications.ts';
import { CleaningDue, MatchIsNear, PushPostponed, VerificationDue } from './timers.ts';

/** The time from a cleaning that left nothing to delete to the next one. Milliseconds. */
const CLEANING_MS = 3_600_000;

/** Fires the timers of notifications. A migration sets the first timer for cleaning. */
@Injectable()
export class WorkService implements OnApplicationBootstrap {
  /** The clock. Tests replace it. */
  now = (): Date => new Date();

  constructor(
    private readonly prisma: PrismaClient,
    private readonly notices: NoticesService,
    private readonly deliveries: DeliveriesService,
    private readonly mailings: MailingWork,
    private readonly reports: ReportWork,
    @Inject(TIMERS) private readonly timers: Timers,
  ) {}

  onApplicationBootstrap(): void {
    this.runner().start();
  }

  runner() {
    return this.timers.runner(this.prisma, [
      this.notices.handler(),
      this.deliveries.handler(),
      this.mailings.handler(),
      this.reports.handler(),
      handle(MatchIsNear, async ({ tx, emit, dueAt, payload: { matchId: id } }) => {
        const known = new StoredKnown(tx);
        const match = await known.match(id);
        // The timer fires late when the service was down. Nobody is notified when the match has begun by then.
        if (!match || !isToCome(match) || match.kickoffAt <= this.now()) return;
        const told = await startsSoon(match, known);
        await this.notices.give(tx, emit, { ...told, kind: 'MATCH_STARTS_SOON', occurredAt: dueAt.toISOString() });
      }),
      handle(VerificationDue, async ({ emit, id, payload }) => emit(VerificationEmail, { because: id, payload })),
      handle(PushPostponed, async ({ emit, id, payload }) => emit(NotificationsPush, { because: id, payload })),
      handle(CleaningDue, async ({ tx }) => {
        const isDone = await clean(tx, this.now());
        await this.timers.set(tx, CleaningDue, { key: 'all', after: isDone ? CLEANING_MS : 0, payload: {} });
      }),
    ]);
  }
}
