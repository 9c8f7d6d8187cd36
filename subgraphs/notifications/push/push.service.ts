import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Counter } from 'prom-client';
import type { z } from 'zod';
import { toGlobalId } from '../../../platform/graphql/global-id.ts';
import { MAIL_SETTINGS, OUTBOX, PUSH_SENDER, TIMERS } from '../../../platform/injection/tokens.ts';
import type { MailSettings } from '../../../platform/mail/mail-sender.ts';
import type { Outbox } from '../../../platform/messaging/outbox/outbox.ts';
import type { Timers } from '../../../platform/messaging/timers/timers.ts';
import { Metrics } from '../../../platform/observability/metrics.ts';
import { PushError, type PushMessage, type PushSender, type VapidKey } from '../../../platform/push/push-sender.ts';
import type { NotificationsPush } from '../../../schema/messages/notifications.ts';
import { LATE_MS } from '../decision.ts';
import { type Device, type Notification, PrismaClient } from '../generated/prisma/client.ts';
import { counted, type Language, plural, type Reader } from '../languages.ts';
import { linesOf } from '../lines.ts';
import { PreferencesService } from '../preferences.service.ts';
import { quietEndsOf, switchedOff } from '../wishes.ts';
import { PushPostponed } from '../timers.ts';
import { addressOf, devicesOf } from './devices.service.ts';
import { PushKeys } from './keys.ts';

/** A notification that is older than this is not sent, even if its job waited or was redriven. Milliseconds. */
const TOO_OLD_MS = 2 * LATE_MS;
/** The longest time for which a push service may postpone a message. A longer time is shortened. Milliseconds. */
const LONGEST_PAUSE_MS = 6 * 3_600_000;
/** How long push services keep a message for a device that is not connected. Seconds. */
const TTL_SECONDS = LATE_MS / 1000;
/**
 * After this many refusals in a row a device is removed: its subscription is for another key, or was never valid.
 */
const MOST_REFUSALS = 20;
/** Limits of a message: lines, ids and characters. Push services accept 4096 bytes. */
const MOST_LINES = 3;
const MOST_IDS = 10;
const LONGEST_BODY = 400;

type Job = z.output<typeof NotificationsPush.payload>;

/** Sends push messages. */
@Injectable()
export class PushService {
  private readonly log = new Logger(PushService.name);
  readonly #messages: Counter<'kind' | 'outcome'>;
  /** The clock. Tests replace it. */
  now = (): Date => new Date();

  constructor(
    private readonly prisma: PrismaClient,
    private readonly keys: PushKeys,
    private readonly preferences: PreferencesService,
    metrics: Metrics,
    @Inject(PUSH_SENDER) private readonly push: PushSender,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(TIMERS) private readonly timers: Timers,
    @Inject(MAIL_SETTINGS) private readonly settings: MailSettings,
  ) {
    this.#messages = metrics.counter('push_messages_total', 'Push messages to devices, by what became of them', [
      'kind',
      'outcome',
    ]);
  }

  /**
   * Sends notifications of one person to the person's devices. Notifications that the person has read meanwhile are
   * left out, and those of kinds that the person has switched off meanwhile. A repeat of the job skips the devices that
   * have the message. In the person's quiet hours, in which a late job may arrive, the message is postponed to their
   * end.
   * @throws PushError when a device can be tried again, or was refused
   */
  async send({ userId, notificationIds, deviceId }: Job, { id: jobId }: { readonly id: string }): Promise<void> {
    const devices = (await devicesOf(this.prisma, userId)).filter(
      ({ id }) => deviceId === undefined || id === deviceId,
    );
    if (devices.length === 0) return;
    const rows = await this.prisma.notification.findMany({
      where: {
        id: { in: [...notificationIds] },
        userId,
        readAt: null,
        kind: { notIn: await switchedOff(this.prisma, userId, 'PUSH') },
        occurredAt: { gt: new Date(this.now().getTime() - TOO_OLD_MS) },
      },
      orderBy: [{ occurredAt: 'asc' }, { id: 'asc' }],
    });
    if (rows.length === 0) return;
    const sent = await this.prisma.sentPush.findMany({ where: { jobId }, select: { deviceId: true } });
    const missing = devices.filter(({ id }) => !sent.some((mark) => mark.deviceId === id));
    const quietEnd = (await quietEndsOf(this.prisma, [userId], this.now())).get(userId);
    if (quietEnd) {
      for (const device of missing) await this.#postpone(device, notificationIds, jobId, quietEnd);
      return;
    }
    const reader = await this.preferences.readerOf(userId);
    const message = messageOf(linesOf(rows, reader, this.log), rows, notificationIds, reader, this.settings.webUrl);
    const key = await this.keys.own();
    const failures = await Promise.all(
      missing.map((device) => this.#sendTo(device, message, key, notificationIds, jobId)),
    );
    const failed = failures.filter((failure) => failure !== null);
    // A temporary failure is thrown first, so that the job is repeated. A permanent one parks the job for an operator.
    const failure = failed.find(({ permanent }) => !permanent) ?? failed[0];
    if (failure) throw failure;
  }

  /**
   * Sends the message to one device. @returns the failure that the job reports; null when this device needs no repeat
   */
  async #sendTo(
    device: Device,
    message: PushMessage,
    key: VapidKey,
    notificationIds: readonly string[],
    jobId: string,
  ): Promise<PushError | null> {
    try {
      await this.push.send(addressOf(device), message, key);
    } catch (error) {
      if (!(error instanceof PushError)) throw error;
      return this.#failed(error, device, notificationIds, jobId);
    }
    // If the process ends between these two statements, the job is delivered again and the device gets the message
    // twice, with the same tag: the second one replaces the first.
    await this.prisma.sentPush.createMany({ data: [{ jobId, deviceId: device.id }], skipDuplicates: true });
    if (device.refusals > 0) await this.prisma.device.updateMany({ where: { id: device.id }, data: { refusals: 0 } });
    this.#count(device, 'sent');
    return null;
  }

  async #failed(
    error: PushError,
    device: Device,
    notificationIds: readonly string[],
    jobId: string,
  ): Promise<PushError | null> {
    const { id, kind, addressHash, refusals } = device;
    // Changes the row only if it still has this address: meanwhile the device may have been registered with another
    // one.
    const same = { id, addressHash };
    if (error.code === 'PUSH_GONE' || (error.code === 'PUSH_REFUSED' && refusals + 1 >= MOST_REFUSALS)) {
      await this.prisma.device.deleteMany({ where: same });
      this.log.debug(`a device is removed: ${error.message}`);
      this.#count({ kind }, 'gone');
      return null;
    }
    if (error.code === 'PUSH_REFUSED') {
      await this.prisma.device.updateMany({ where: same, data: { refusals: { increment: 1 } } });
      this.#count({ kind }, 'refused');
      return error;
    }
    if (error.retryAfterMs === undefined) {
      this.#count({ kind }, 'unavailable');
      return error;
    }
    // A push service may ask for a longer delay than the queue has.
    const pause = Math.min(Math.max(error.retryAfterMs, 1000), LONGEST_PAUSE_MS);
    await this.#postpone(device, notificationIds, jobId, new Date(this.now().getTime() + pause));
    return null;
  }

  /** Leaves the message to a timer, which sends it to this device at this time. A repeat of the job does nothing. */
  async #postpone(
    { id: deviceId, kind, userId }: Device,
    notificationIds: readonly string[],
    jobId: string,
    at: Date,
  ): Promise<void> {
    await this.outbox.transaction(this.prisma, async (tx) => {
      const { count } = await tx.sentPush.createMany({ data: [{ jobId, deviceId }], skipDuplicates: true });
      if (count === 0) return;
      await this.timers.set(tx, PushPostponed, {
        key: `${jobId} ${deviceId}`,
        at,
        payload: { userId, notificationIds: [...notificationIds], deviceId },
      });
    });
    this.#count({ kind }, 'postponed');
  }

  #count({ kind }: Pick<Device, 'kind'>, outcome: string): void {
    this.#messages.inc({ kind, outcome });
  }
}

const TEXTS = {
  EN: { product: 'ProDvor', several: (count: number) => counted(count, 'notification', 'notifications') },
  RU: { product: 'ProDvor', several: (count: number) => plural(count, 'уведомление', 'уведомления', 'уведомлений') },
} as const satisfies Readonly<Record<Language, { product: string; several: (count: number) => string }>>;

/**
 * The message about these notifications.
 * @param lines at least one, the newest last
 * @param rows the unread notifications, oldest first
 * @param ids all ids of the job. The tag is made of the first one, so a repeat of the job has the same tag.
 */
function messageOf(
  lines: ReturnType<typeof linesOf<Notification>>,
  rows: readonly Notification[],
  ids: readonly string[],
  reader: Reader,
  webUrl: string | undefined,
): PushMessage {
  const newest = lines.at(-1)?.newest;
  if (!newest) throw new Error('a push message without a notification');
  const texts = TEXTS[reader.language];
  const body = lines
    .slice(-MOST_LINES)
    .map(({ text }) => text)
    .join('\n');
  const subject = toGlobalId(newest.subjectType, newest.subjectId);
  return {
    title: lines.length === 1 ? texts.product : texts.several(lines.length),
    body: body.length > LONGEST_BODY ? `${body.slice(0, LONGEST_BODY - 1)}…` : body,
    tag: Buffer.from((ids[0] ?? '').replaceAll('-', ''), 'hex').toString('base64url'),
    data: {
      kind: newest.kind,
      subject,
      language: reader.language.toLowerCase(),
      notificationIds: rows
        .slice(-MOST_IDS)
        .map(({ id }) => toGlobalId('Notification', id))
        .join(' '),
      ...(webUrl !== undefined && { url: `${webUrl}/open/${subject}` }),
    },
    ttlSeconds: TTL_SECONDS,
  };
}
