import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Counter } from 'prom-client';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { QUESTIONS, TIMERS } from '../../platform/injection/tokens.ts';
import { Metrics } from '../../platform/observability/metrics.ts';
import type { Emit } from '../../platform/messaging/outbox/outbox.ts';
import { handle, type TimerHandler } from '../../platform/messaging/timers/definition.ts';
import type { Timers } from '../../platform/messaging/timers/timers.ts';
import type { Questions } from '../../platform/questions/questions.ts';
import { PersonFits } from '../../schema/questions/users.ts';
import { DeliveriesService } from './deliveries.service.ts';
import type { Prisma } from './generated/prisma/client.ts';
import { add } from './inbox.ts';
import { type Audience, type Channel, CHANNELS, type Notice, noticeSchema } from './notice.ts';
import { wishesOf } from './wishes.ts';
import { FanOutContinues } from './timers.ts';

type Tx = Prisma.TransactionClient;

/** The largest number of people whom one transaction notifies. The next transaction notifies the others. */
export const BATCH = 500;
/** The largest number of people about whom one transaction asks the subgraph users. They share one call. */
const ASKED_AT_ONCE = 100;

/**
 * A page of an audience, in the order of ids. The next page begins after the id `last`. On the last page `last` is
 * null.
 */
interface People {
  readonly userIds: readonly string[];
  readonly last: string | null;
}

/** Notifies people: a small audience in the caller's transaction, a large one in batches after it. */
@Injectable()
export class NoticesService {
  readonly #added: Counter<'kind'>;
  /** The clock. Tests replace it. */
  now = (): Date => new Date();

  constructor(
    private readonly deliveries: DeliveriesService,
    @Inject(TIMERS) private readonly timers: Timers,
    @Inject(QUESTIONS) private readonly questions: Questions,
    metrics: Metrics,
  ) {
    this.#added = metrics.counter('notifications_added_total', 'New notifications of people', ['kind']);
  }

  /**
   * Notifies the audience of the notice. A repeated call notifies nobody twice. An audience of more than {@link BATCH}
   * people, or one by city and sport, gets the notice in batches after this transaction. When a process dies between
   * two batches, another process continues with the next one.
   */
  async give(tx: Tx, emit: Emit, notice: Notice): Promise<void> {
    // Only the subgraph users knows who belongs to an audience by city and sport. The next events must not wait for its
    // answers.
    const people = 'sport' in notice.to ? null : await this.#page(tx, notice.to, null);
    if (people && people.last === null) return this.notify(tx, emit, notice, people.userIds);
    const id = randomUUID();
    await tx.fanOut.create({ data: { id, notice } });
    await this.timers.set(tx, FanOutContinues, { key: id, after: 0, payload: { fanOutId: id } });
  }

  /**
   * The handler of {@link FanOutContinues}. It notifies the next batch, and sets the timer again unless it was the
   * last.
   */
  handler(): TimerHandler<Tx> {
    return handle(FanOutContinues, async ({ tx, emit, payload: { fanOutId: id } }) => {
      const fanOut = await tx.fanOut.findUnique({ where: { id } });
      if (!fanOut) return;
      const notice = noticeSchema.parse(fanOut.notice);
      const { userIds, last } = await this.#page(tx, notice.to, fanOut.afterId);
      await this.notify(tx, emit, notice, userIds);
      if (last === null) {
        await tx.fanOut.delete({ where: { id } });
        return;
      }
      await tx.fanOut.update({ where: { id }, data: { afterId: last } });
      await this.timers.set(tx, FanOutContinues, { key: id, after: 0, payload: { fanOutId: id } });
    });
  }

  /**
   * Notifies these people, at most {@link BATCH} of them. Each person is notified by those of the channels in `by` that
   * the person wants. It checks no rights: only this service calls it.
   */
  async notify(
    tx: Tx,
    emit: Emit,
    notice: Omit<Notice, 'to'>,
    userIds: readonly string[],
    by: readonly Channel[] = CHANNELS,
  ): Promise<void> {
    if (userIds.length === 0) return;
    const now = this.now();
    const wishes = await wishesOf(tx, notice.kind, userIds, by);
    const wanting = userIds.filter((userId) => wishes.get(userId)?.channels.size);
    const shown = new Set(wanting.filter((userId) => wishes.get(userId)?.channels.has('IN_APP')));
    const added = await add(tx, emit, notice, wanting, shown, now);
    this.#added.inc({ kind: notice.kind }, added.length);
    await this.deliveries.plan(tx, notice, added, wishes, now);
  }

  async #page(tx: Tx, to: Audience, after: string | null): Promise<People> {
    if ('users' in to) return pageOf([...new Set(to.users)].filter((id) => after === null || id > after).sort(), BATCH);
    if ('teams' in to) {
      const rows = await tx.$queryRaw<{ id: string }[]>`
        SELECT DISTINCT user_id::text AS id FROM notifications.known_members
        WHERE team_id = ANY (${to.teams}::uuid[]) AND role = ANY (${to.roles})
          AND user_id > ${after ?? NOBODY}::uuid AND user_id <> ${to.except ?? NOBODY}::uuid
        ORDER BY 1 LIMIT ${BATCH + 1}`;
      return pageOf(
        rows.map(({ id }) => id),
        BATCH,
      );
    }
    const asking = await tx.$queryRaw<{ id: string }[]>`
      SELECT DISTINCT user_id::text AS id FROM notifications.preferences
      WHERE kind = 'TOURNAMENT_ANNOUNCED' AND is_on AND user_id > ${after ?? NOBODY}::uuid
      ORDER BY 1 LIMIT ${ASKED_AT_ONCE + 1}`;
    const { userIds, last } = pageOf(
      asking.map(({ id }) => id),
      ASKED_AT_ONCE,
    );
    const fits = await Promise.all(
      userIds.map((id) => this.questions.ask(PersonFits, { userId: toGlobalId('User', id), ...to })),
    );
    return { userIds: userIds.filter((_, index) => fits[index]), last };
  }
}

const NOBODY = '00000000-0000-0000-0000-000000000000';

const pageOf = (ids: readonly string[], size: number): People => ({
  userIds: ids.slice(0, size),
  last: ids.length > size ? (ids[size - 1] ?? null) : null,
});
