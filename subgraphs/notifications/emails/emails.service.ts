import { Inject, Injectable, Logger } from '@nestjs/common';
import { z } from 'zod';
import { parseInput } from '../../../platform/graphql/input.ts';
import type { RateLimits } from '../../../platform/http/rate-limits.ts';
import { type Principal, requireUser } from '../../../platform/identity/principal.ts';
import { MAIL_SENDER, MAIL_SETTINGS, OUTBOX, RATE_LIMITS, TIMERS } from '../../../platform/injection/tokens.ts';
import type { MailSender, MailSettings } from '../../../platform/mail/mail-sender.ts';
import type { LimitsOf } from '../../../platform/manifest/manifest.ts';
import type { Outbox } from '../../../platform/messaging/outbox/outbox.ts';
import { Metrics } from '../../../platform/observability/metrics.ts';
import { toGlobalId } from '../../../platform/graphql/global-id.ts';
import type { Timers } from '../../../platform/messaging/timers/timers.ts';
import type { VerificationEmail, WelcomeEmail } from '../../../schema/messages/notifications.ts';
import { PrismaClient } from '../generated/prisma/client.ts';
import { KIND_NAMES } from '../kinds.ts';
import { DEFAULT_LANGUAGE, LANGUAGES } from '../languages.ts';
import { linesOf } from '../lines.ts';
import { DeliveriesService } from '../deliveries.service.ts';
import { PreferencesService } from '../preferences.service.ts';
import { quietEndsOf, switchedOff } from '../wishes.ts';
import { userError } from '../reasons.ts';
import type manifest from '../subgraph.ts';
import { VerificationDue } from '../timers.ts';
import { Contacts, type Unreachable } from './contacts.ts';
import { type Email, render } from './email.ts';
import { notificationsEmail, verificationEmail, welcomeEmail } from './emails.ts';
import { EmailLinks } from './links.ts';

const verificationInput = z.object({ language: z.enum(LANGUAGES).nullish() });

/** The job that sends an e-mail. */
interface Delivery {
  /** The id of the job. The Message-ID of the e-mail contains it. */
  readonly id: string;
}

/** Sends e-mails, and does what the links in them ask for. */
@Injectable()
export class EmailsService {
  private readonly log = new Logger(EmailsService.name);
  /** The clock. Tests replace it. */
  now = (): Date => new Date();

  constructor(
    private readonly prisma: PrismaClient,
    private readonly contacts: Contacts,
    private readonly links: EmailLinks,
    private readonly preferences: PreferencesService,
    private readonly deliveries: DeliveriesService,
    private readonly metrics: Metrics,
    @Inject(MAIL_SENDER) private readonly mail: MailSender,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(TIMERS) private readonly timers: Timers,
    @Inject(RATE_LIMITS) private readonly limits: RateLimits<LimitsOf<typeof manifest>>,
    @Inject(MAIL_SETTINGS) private readonly settings: MailSettings,
  ) {}

  /**
   * Sends the first e-mail of an account. Only this e-mail, and the link that {@link sendVerification} sends, go to an
   * address that nobody has confirmed. It does not go to an address that bounced or has a complaint.
   */
  async sendWelcome({ userId, to }: z.output<typeof WelcomeEmail.payload>, job: Delivery): Promise<void> {
    if (to !== undefined) return this.#send(job, to, welcomeEmail(DEFAULT_LANGUAGE, null));
    const { email, unreachable } = await this.contacts.of(userId);
    if (email === null || isBlocked(unreachable)) return this.#skip(unreachable);
    const { language } = await this.preferences.readerOf(userId);
    const verifyUrl = unreachable === 'UNVERIFIED' ? await this.links.verify(userId, email) : null;
    await this.#send(job, email, welcomeEmail(language, verifyUrl));
  }

  /**
   * Sends the link that confirms an address, because its user asked for it. The e-mail contains nothing else, because
   * the address may be a stranger's. Nothing is sent to a confirmed address, nor to one with a complaint.
   */
  async sendVerification(
    { userId, language }: z.output<typeof VerificationEmail.payload>,
    job: Delivery,
  ): Promise<void> {
    const { email, unreachable } = await this.contacts.of(userId);
    if (email === null || unreachable === null || unreachable === 'COMPLAINED') return this.#skip(unreachable);
    const written = language ?? (await this.preferences.readerOf(userId)).language;
    await this.#send(job, email, verificationEmail(written, await this.links.verify(userId, email)));
  }

  /**
   * Sends notifications of one person in one e-mail, only to a confirmed address without a bounce or complaint. It
   * leaves out notifications that the person has read meanwhile, and those of kinds that the person has switched off
   * meanwhile, for example by unsubscribing. It sends nothing when none is left. In the person's quiet hours, in which a
   * late job may arrive, the notifications are put off to their end.
   */
  async sendNotifications(
    { userId, notificationIds }: { readonly userId: string; readonly notificationIds: readonly string[] },
    job: Delivery,
  ): Promise<void> {
    const { email, unreachable } = await this.contacts.of(userId);
    if (email === null || unreachable !== null) return this.#skip(unreachable);
    const rows = await this.prisma.notification.findMany({
      where: {
        id: { in: [...notificationIds] },
        userId,
        readAt: null,
        kind: { notIn: await switchedOff(this.prisma, userId, 'EMAIL') },
      },
      orderBy: [{ occurredAt: 'asc' }, { id: 'asc' }],
    });
    if (rows.length === 0) return;
    const quietEnd = (await quietEndsOf(this.prisma, [userId], this.now())).get(userId);
    if (quietEnd) return this.#putOff(job, userId, notificationIds, quietEnd);
    const reader = await this.preferences.readerOf(userId);
    const lines = linesOf(rows, reader, this.log).map(({ newest, text }) => ({
      text,
      ...(this.settings.webUrl !== undefined && {
        url: `${this.settings.webUrl}/open/${toGlobalId(newest.subjectType, newest.subjectId)}`,
      }),
    }));
    const unsubscribe = await this.links.unsubscribe(
      userId,
      rows.map(({ kind }) => kind),
    );
    await this.#send(job, email, notificationsEmail(reader.language, lines, { unsubscribe }), unsubscribe);
  }

  /**
   * Sends the link that confirms the viewer's address once more. An address with a complaint gets nothing.
   * @returns why the viewer gets no notifications by e-mail now
   * @throws UserErrors, RATE_LIMITED, IdentityUnavailable
   */
  async requestVerification(viewer: Principal, input: unknown): Promise<Unreachable | null> {
    const { userId } = requireUser(viewer);
    const { language = null } = parseInput(verificationInput, input);
    const { unreachable } = await this.contacts.of(userId);
    if (unreachable === null) throw userError('ALREADY_VERIFIED');
    if (unreachable === 'NO_ADDRESS') throw userError('NO_ADDRESS');
    await this.limits.take('requestEmailVerification', userId, viewer.clientAddress);
    await this.outbox.transaction(this.prisma, (tx) =>
      this.timers.set(tx, VerificationDue, { key: userId, after: 0, payload: { userId, language } }),
    );
    return unreachable;
  }

  /** Why the user gets no notifications by e-mail; null when the user gets them. @throws IdentityUnavailable */
  async unreachable(userId: string): Promise<Unreachable | null> {
    return (await this.contacts.of(userId)).unreachable;
  }

  /**
   * Confirms an address by the token of a link. False when the token is wrong or too old, or for an earlier address.
   */
  async verify(token: string): Promise<boolean> {
    const link = await this.links.read('verify', token);
    return link !== null && this.contacts.verify(link.userId, link.address);
  }

  /** Whether {@link unsubscribe} would accept this token. Changes nothing. */
  async canUnsubscribe(token: string): Promise<boolean> {
    return (await this.links.read('unsubscribe', token)) !== null;
  }

  /**
   * Switches e-mails off for the kinds in the link's token. Idempotent, and needs no sign-in. False for a wrong token.
   */
  async unsubscribe(token: string): Promise<boolean> {
    const link = await this.links.read('unsubscribe', token);
    if (!link) return false;
    // A kind that this version does not have any more needs no preference.
    const kinds = link.kinds.filter((kind) => (KIND_NAMES as readonly string[]).includes(kind));
    await this.preferences.switchOff(link.userId, kinds, 'EMAIL');
    return true;
  }

  /** Hands the notifications of a job over once more at this time, in another job. A repeat of this job does nothing. */
  async #putOff({ id }: Delivery, userId: string, notificationIds: readonly string[], until: Date): Promise<void> {
    await this.outbox.transaction(this.prisma, async (tx) => {
      const { count } = await tx.sentEmail.createMany({ data: [{ jobId: id }], skipDuplicates: true });
      if (count > 0) await this.deliveries.putOff(tx, 'EMAIL', userId, notificationIds, until);
    });
  }

  /** Sends the e-mail of a job, and remembers the job. Does nothing if the job is remembered already. */
  async #send({ id }: Delivery, to: string, email: Email, unsubscribeUrl?: string): Promise<void> {
    // Does nothing for a job that was done before, because a message broker may deliver it again long after that.
    if (await this.prisma.sentEmail.findUnique({ where: { jobId: id } })) return;
    await this.mail.send({
      to,
      ...render(email),
      messageId: id,
      ...(unsubscribeUrl !== undefined && { unsubscribeUrl }),
    });
    // If the process ends between these two lines, the job is delivered again and the person gets the mail twice, with
    // the same Message-ID.
    await this.prisma.sentEmail.createMany({ data: [{ jobId: id }], skipDuplicates: true });
  }

  #skip(reason: Unreachable | null): void {
    this.metrics
      .counter('emails_skipped_total', 'E-mails that were not sent, by the reason', ['reason'])
      .inc({ reason: reason ?? 'VERIFIED' });
    this.log.debug(`an e-mail is not sent: ${reason}`);
  }
}

const isBlocked = (unreachable: Unreachable | null): boolean =>
  unreachable === 'BOUNCED' || unreachable === 'COMPLAINED';
