import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import {
  boundsOf,
  type Counted,
  counted,
  cursorsOf,
  type PageArgs,
  readPage,
  toConnection,
} from '../../platform/graphql/connection.ts';
import { badUserInput, resyncRequired } from '../../platform/graphql/errors.ts';
import { fromGlobalIds } from '../../platform/graphql/global-id.ts';
import { parseInput } from '../../platform/graphql/input.ts';
import { batched, keyed } from '../../platform/graphql/loader.ts';
import type { RateLimits } from '../../platform/http/rate-limits.ts';
import { type Principal, requireUser, viewerOf } from '../../platform/identity/principal.ts';
import { LIVE_EVENTS, OUTBOX, RATE_LIMITS } from '../../platform/injection/tokens.ts';
import type { LiveEvents } from '../../platform/live/live-events.ts';
import type { LimitsOf } from '../../platform/manifest/manifest.ts';
import type { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import { Notifications } from '../../schema/messages/notifications.ts';
import { type InboxEvent, type Notification, type Prisma, PrismaClient } from './generated/prisma/client.ts';
import { markRead } from './inbox.ts';
import { fromLog, fromRow } from './inbox-event.ts';
import { KIND_NAMES } from './kinds.ts';
import { Presence } from './presence.ts';
import { userError } from './reasons.ts';
import type manifest from './subgraph.ts';

export const markInput = z.object({
  ids: z.array(z.string()).min(1).max(100).nullish(),
  allUntilSeq: z.int().min(0).max(2_147_483_647).nullish(),
});

const cursors = cursorsOf('Query.notifications by time, id, the newest first', z.tuple([z.iso.datetime(), z.uuid()]));

/** Unread notifications are counted up to this number. A person with more gets this number too. */
export const MOST_UNREAD = 100;

/** A page of notifications, and the `seq` of the inbox's newest event before the page was read. */
export interface NotificationPage extends Counted<Notification> {
  readonly seq: number;
}

/**
 * Reads the viewer's inbox and marks it as read. Nobody sees the inbox of another person, not even an administrator.
 */
@Injectable()
export class NotificationsService {
  readonly byId = batched((ids, viewer) => this.byIds(viewer, ids));

  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(LIVE_EVENTS) private readonly live: LiveEvents,
    private readonly presence: Presence,
    @Inject(RATE_LIMITS) private readonly limits: RateLimits<LimitsOf<typeof manifest>>,
  ) {}

  /** Reads notifications by their ids. Ids that the viewer's inbox does not show are absent from the result. */
  async byIds(viewer: Principal, ids: readonly string[]): Promise<Map<string, Notification>> {
    const userId = viewerOf(viewer);
    if (userId === undefined) return new Map();
    return keyed(await this.prisma.notification.findMany({ where: { ...shownTo(userId), id: { in: [...ids] } } }));
  }

  /** A page of the viewer's notifications, newest first; null for a guest. */
  async page(
    viewer: Principal,
    args: PageArgs & { readonly unreadOnly?: boolean | null },
  ): Promise<NotificationPage | null> {
    const userId = viewerOf(viewer);
    if (userId === undefined) return null;
    const page = readPage(args);
    const unread = args.unreadOnly ? { readAt: null } : {};
    const scope = { userId, unreadOnly: args.unreadOnly ? 'yes' : null };
    const { after, before } = boundsOf(cursors, scope, page);
    const beyond = (way: 'gt' | 'lt', [at, id]: readonly [string, string]): Prisma.NotificationWhereInput => ({
      OR: [{ occurredAt: { [way]: at } }, { occurredAt: at, id: { [way]: id } }],
    });
    const where = { ...shownTo(userId), ...unread };
    const order = page.backwards ? 'asc' : 'desc';
    // The position is read before the rows. An event between the two reads is in the rows and again in the stream, but
    // no event is missed.
    const seq = (await this.prisma.inbox.findUnique({ where: { userId } }))?.lastSeq ?? 0;
    const rows = await this.prisma.notification.findMany({
      where: { AND: [where, after ? beyond('lt', after) : {}, before ? beyond('gt', before) : {}] },
      orderBy: [{ occurredAt: order }, { id: order }],
      take: page.size + 1,
    });
    const connection = toConnection(rows, page, ({ occurredAt, id }) =>
      cursors.encode(scope, [occurredAt.toISOString(), id]),
    );
    return { ...counted(connection, (take) => this.prisma.notification.count({ where, take })), seq };
  }

  /** How many notifications the viewer has not read, at most {@link MOST_UNREAD}; null for a guest. */
  async unreadCount(viewer: Principal): Promise<number | null> {
    const userId = viewerOf(viewer);
    if (userId === undefined) return null;
    return this.prisma.notification.count({ where: { ...shownTo(userId), readAt: null }, take: MOST_UNREAD });
  }

  /**
   * Marks notifications of the viewer as read. Idempotent.
   * @returns how many are still unread, at most {@link MOST_UNREAD}
   * @throws UserErrors, RATE_LIMITED
   */
  async markRead(viewer: Principal, input: unknown): Promise<number | null> {
    const { userId } = requireUser(viewer);
    const { ids, allUntilSeq } = parseInput(markInput, input);
    const which =
      ids != null && allUntilSeq == null
        ? { ids: fromGlobalIds('Notification', ids) }
        : allUntilSeq != null && ids == null
          ? { untilSeq: allUntilSeq }
          : null;
    if (!which) throw userError('NOT_EXACTLY_ONE', { fields: 'ids, allUntilSeq' });
    await this.limits.take('markNotificationsRead', userId, viewer.clientAddress);
    await this.outbox.transaction(this.prisma, (tx, emit) => markRead(tx, emit, userId, which, new Date()));
    return this.unreadCount(viewer);
  }

  /**
   * The stored events of the viewer's inbox after `afterSeq`, then live events. With null, only events from now on. The
   * viewer is online while the stream is open.
   * @throws UNAUTHENTICATED for a guest; BAD_USER_INPUT for a negative `afterSeq`; RESYNC_REQUIRED when the events
   * after `afterSeq` are deleted, or `afterSeq` is beyond the newest event. `next()` can throw RESYNC_REQUIRED too.
   */
  async events(viewer: Principal, afterSeq: number | null): Promise<AsyncIterableIterator<InboxEvent>> {
    const { userId } = requireUser(viewer);
    if (afterSeq !== null && afterSeq < 0) throw badUserInput('afterSeq must not be negative');
    const inbox = await this.prisma.inbox.findUnique({ where: { userId } });
    if (afterSeq !== null && afterSeq < (inbox?.trimmedSeq ?? 0)) throw resyncRequired(GONE);
    const events = this.live.stream<InboxEvent>({
      topic: Notifications.name,
      key: userId,
      afterSeq: afterSeq ?? inbox?.lastSeq ?? 0,
      read: async (after, limit) =>
        (
          await this.prisma.inboxEvent.findMany({
            where: { userId, seq: { gt: after } },
            orderBy: { seq: 'asc' },
            take: limit,
          })
        ).map((row) => ({ seq: row.seq, event: () => fromRow(row) })),
      newestSeq: async () => (await this.prisma.inbox.findUnique({ where: { userId } }))?.lastSeq ?? 0,
      fromLog,
    });
    return this.presence.whileOpen(userId, events);
  }
}

const GONE = 'the events after this cursor are not kept any more: load the current state again';

const shownTo = (userId: string) => ({ userId, isShown: true, kind: { in: [...KIND_NAMES] } });
