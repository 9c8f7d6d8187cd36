import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Counter } from 'prom-client';
import type { z } from 'zod';
import { toGlobalId } from '../../../platform/graphql/global-id.ts';
import { IdentityUnavailable } from '../../../platform/identity/identity-provider.ts';
import { MAIL_SENDER, MAIL_SETTINGS, OUTBOX, TIMERS } from '../../../platform/injection/tokens.ts';
import { MailError, type MailSender, type MailSettings } from '../../../platform/mail/mail-sender.ts';
import type { Emit, Outbox } from '../../../platform/messaging/outbox/outbox.ts';
import { uuidV5 } from '../../../platform/messaging/outbox/uuid.ts';
import { handle, type TimerHandler } from '../../../platform/messaging/timers/definition.ts';
import type { Timers } from '../../../platform/messaging/timers/timers.ts';
import { Metrics } from '../../../platform/observability/metrics.ts';
import { countsByState } from '../../../platform/observability/state-gauge.ts';
import { NoAnswer } from '../../../platform/questions/definition.ts';
import type { MailingStep } from '../../../schema/messages/notifications.ts';
import { decide } from '../decision.ts';
import { Contacts } from '../emails/contacts.ts';
import { render } from '../emails/email.ts';
import { type Mailed, mailingEmail } from '../emails/emails.ts';
import { EmailLinks } from '../emails/links.ts';
import { type Mailing, type MailingRecipient, Prisma, PrismaClient } from '../generated/prisma/client.ts';
import { StoredKnown } from '../known.ts';
import type { Language } from '../languages.ts';
import { quietUntil } from '../local-time.ts';
import { NoticesService } from '../notices.service.ts';
import { readerOf, wishesOf, type Wishes } from '../wishes.ts';
import { MailingDue } from '../timers.ts';
import { belongs, choosePeople, nameOf } from './audience.ts';
import {
  aboutOf,
  type Audience,
  audienceOf,
  LATE_MS,
  MOST_PEOPLE,
  type StopReason,
  type WaitReason,
} from './mailing.ts';
import { Pace } from './pace.ts';
import { change, end, lock, numbersOf, proceed } from './record.ts';
import { MailingRights } from './rights.ts';

type Tx = Prisma.TransactionClient;

/**
 * The largest number of recipients of one step. Before each step, the service checks that the author still may send.
 */
const BATCH = 100;
/** A step sends for about this many milliseconds, and leaves the rest to the next step. So mailings take turns. */
const STEP_MS = 10_000;
/**
 * How many e-mails of mailings a process sends at the same time. The mail sender has more connections than that, so
 * that other e-mails need not wait for those of mailings. When a process is killed, at most this many people get an
 * e-mail twice.
 */
const AT_ONCE = 2;
/**
 * How long the lease of a mailing lasts, in milliseconds. Its worker renews the lease. If the worker dies, another one
 * continues after this time.
 */
const LEASE_MS = 20_000;
/** A step ends after this many temporary failures without an e-mail that was sent in between. */
const FAILURES_IN_ROW = 5;
/** An e-mail that the mail server has put off this often is not tried again. */
const MOST_ATTEMPTS = 5;
const FIRST_RETRY_MS = 60_000;
/**
 * The first delay of a mailing that can send nothing, in milliseconds. Each further delay in a row is twice as long.
 */
const FIRST_DELAY_MS = 15_000;
const LONGEST_DELAY_MS = 10 * 60_000;

/** Settings that tests replace. */
export interface WorkOptions {
  readonly batch?: number;
  readonly leaseMs?: number;
  readonly stepMs?: number;
}
export const MAILING_WORK_OPTIONS = Symbol('MailingWorkOptions');

/** The error when another worker has the lease of the mailing. The queue delivers the job again later. */
class Busy extends Error {}

/**
 * The error when the mail server, the identity provider or another subgraph does not answer. Then the mailing waits.
 */
class Away extends Error {
  readonly reason: WaitReason;
  constructor(reason: WaitReason, cause: unknown) {
    super(reason, { cause });
    this.reason = reason;
  }
}

/** What is checked immediately before the e-mail to one recipient is sent. */
interface Check {
  /** Whether this worker still has the lease of the mailing, and nobody paused or ended it. */
  readonly is_ours: boolean;
  readonly state: MailingRecipient['state'];
  readonly is_unsubscribed: boolean;
  readonly belongs: boolean;
}

/** What a step has done. */
interface Done {
  sent: number;
  /** Whether the mail server accepted an e-mail or refused one for good. Then the server works. */
  isAnswered: boolean;
  /** People whose e-mails the mail server put off. */
  readonly unavailable: Set<string>;
  /** The number of temporary failures since the last e-mail that was sent. */
  inRow: number;
}

/**
 * Sends mailings, step by step. A step is a job: it chooses the recipients, or sends to some of them, and then emits
 * the job of the next step. The rows of the recipients are the checkpoints: a row is marked as sent after its e-mail
 * was sent, so a crash skips nobody.
 */
@Injectable()
export class MailingWork {
  private readonly log = new Logger(MailingWork.name);
  readonly #emails: Counter<'outcome'>;
  readonly #pace: Pace;
  readonly #options: Required<WorkOptions>;
  /** The clock. Tests replace it. */
  now = (): Date => new Date();

  constructor(
    private readonly prisma: PrismaClient,
    private readonly notices: NoticesService,
    private readonly contacts: Contacts,
    private readonly links: EmailLinks,
    private readonly rights: MailingRights,
    @Inject(MAIL_SENDER) private readonly mail: MailSender,
    @Inject(MAIL_SETTINGS) private readonly settings: MailSettings,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(TIMERS) private readonly timers: Timers,
    metrics: Metrics,
    @Inject(MAILING_WORK_OPTIONS) options: WorkOptions,
  ) {
    this.#options = { batch: BATCH, leaseMs: LEASE_MS, stepMs: STEP_MS, ...options };
    this.#pace = new Pace(settings.mailingsPerSecond ?? 20);
    this.#emails = metrics.counter('mailing_emails_total', 'E-mails of mailings', ['outcome']);
    countsByState(
      metrics,
      'mailings_open',
      'Mailings that are not over',
      ['SCHEDULED', 'RUNNING', 'PAUSED'] as const,
      (state, take) => prisma.mailing.count({ where: { state }, take }),
    );
  }

  /** Handles the timer of a mailing: starts it at its time, or continues it after a delay. */
  handler(): TimerHandler<Tx> {
    return handle(MailingDue, async ({ tx, emit, dueAt, payload: { mailingId, step } }) => {
      const mailing = await lock(tx, mailingId);
      if (!mailing || mailing.step !== step) return;
      const now = this.now();
      if (mailing.state === 'RUNNING') {
        const { eventId, mailing: next } = await change(tx, emit, mailing, {
          kind: 'PROGRESS',
          now,
          data: { step: { increment: 1 } },
        });
        proceed(emit, next, eventId);
      } else if (mailing.state === 'SCHEDULED') {
        if (now.getTime() - dueAt.getTime() > LATE_MS) {
          await end(tx, emit, mailing, { reason: 'TOO_LATE', now });
          return;
        }
        const { eventId, mailing: started } = await change(tx, emit, mailing, {
          kind: 'STARTED',
          now,
          data: { state: 'RUNNING', startedAt: now, step: { increment: 1 } },
        });
        proceed(emit, started, eventId);
      }
    });
  }

  /**
   * Does a step. A job of a step that is finished already does nothing. @throws Busy when another worker has the
   * mailing
   */
  async run({ mailingId, step }: z.output<typeof MailingStep.payload>): Promise<void> {
    const holder = randomUUID();
    const mailing = await this.#take(mailingId, step, holder);
    if (!mailing) return;
    const renewing = setInterval(() => {
      // A failed renewal is ignored: if another worker gets the lease, this step ends before its next e-mail.
      this.#renew(mailing.id, holder).catch(() => undefined);
    }, this.#options.leaseMs / 4);
    try {
      await this.#step(mailing, holder);
    } finally {
      clearInterval(renewing);
      await this.prisma.mailing.updateMany({
        where: { id: mailing.id, leaseHolder: holder },
        data: { leaseHolder: null, leaseUntil: null },
      });
    }
  }

  async #step(mailing: Mailing, holder: string): Promise<void> {
    try {
      const stopped = await this.#reasonToStop(mailing);
      if (stopped) {
        await this.#whileOurs(mailing, holder, (tx, emit, locked) =>
          end(tx, emit, locked, { reason: stopped, now: this.now() }),
        );
      } else if (mailing.total === null) await this.#choose(mailing, holder);
      else await this.#next(mailing, holder, await this.#sendSome(mailing, holder));
    } catch (error) {
      if (!(error instanceof Away)) throw error;
      this.log.warn(`mailing ${mailing.id} waits: ${error.reason}: ${String(error.cause)}`);
      await this.#whileOurs(mailing, holder, (tx, emit, locked) => this.#wait(tx, emit, locked, error.reason));
    }
  }

  /**
   * Takes the lease of the mailing for this worker. Null when the step is over or the mailing does not run.
   * @throws Busy when another worker has the lease
   */
  async #take(id: string, step: number, holder: string): Promise<Mailing | null> {
    const taken = await this.prisma.$executeRaw`
      UPDATE notifications.mailings
      SET lease_holder = ${holder}::uuid, lease_until = now() + make_interval(secs => ${this.#options.leaseMs / 1000}::float8)
      WHERE id = ${id}::uuid AND state = 'RUNNING' AND step = ${step}::int
        AND (lease_until IS NULL OR lease_until < now())`;
    const mailing = await this.prisma.mailing.findUnique({ where: { id } });
    if (!mailing || mailing.state !== 'RUNNING' || mailing.step !== step) return null;
    if (taken === 0) throw new Busy(`another worker sends mailing ${id}`);
    return mailing;
  }

  async #renew(id: string, holder: string): Promise<void> {
    await this.prisma.$executeRaw`
      UPDATE notifications.mailings
      SET lease_until = now() + make_interval(secs => ${this.#options.leaseMs / 1000}::float8)
      WHERE id = ${id}::uuid AND lease_holder = ${holder}::uuid`;
  }

  /** @throws Away */
  async #reasonToStop(mailing: Mailing): Promise<StopReason | null> {
    const about = aboutOf(mailing);
    const mayMail = await this.rights.mayMail(mailing.authorId, about).catch((error: unknown) => {
      throw error instanceof NoAnswer ? new Away('RIGHTS_AWAY', error) : error;
    });
    if (!mayMail) return 'RIGHT_LOST';
    const isCancelled =
      about.type === 'Tournament' &&
      !mailing.afterCancelling &&
      (await new StoredKnown(this.prisma).tournamentState(about.id)) === 'CANCELLED';
    return isCancelled ? 'TOURNAMENT_CANCELLED' : null;
  }

  /** Chooses the recipients. People who join a team later do not become recipients. */
  async #choose(mailing: Mailing, holder: string): Promise<void> {
    await this.#whileOurs(mailing, holder, async (tx, emit, locked) => {
      const now = this.now();
      await choosePeople(tx, locked.id, audienceOf(locked), now);
      const total = await tx.mailingRecipient.count({ where: { mailingId: locked.id } });
      if (total > MOST_PEOPLE) {
        await tx.mailingRecipient.deleteMany({ where: { mailingId: locked.id } });
        await end(tx, emit, locked, { reason: 'TOO_MANY_PEOPLE', now });
        return;
      }
      const isEmpty = total === 0;
      const { mailing: next, eventId } = await change(tx, emit, locked, {
        kind: isEmpty ? 'FINISHED' : 'CHOSEN',
        now,
        data: { total, step: { increment: 1 }, ...(isEmpty && { state: 'FINISHED', endedAt: now }) },
      });
      if (!isEmpty) proceed(emit, next, eventId);
    });
  }

  /** @throws Away */
  async #sendSome(mailing: Mailing, holder: string): Promise<Done> {
    const { batch, stepMs } = this.#options;
    const until = performance.now() + stepMs;
    const done: Done = { sent: 0, isAnswered: false, unavailable: new Set(), inRow: 0 };
    const rows = await this.#due(mailing, batch);
    const planned = await this.#plan(mailing, holder, rows);
    if (!planned) return done;
    const { toSend, wishes, languages } = planned;
    const mailed = await this.#contentOf(mailing);
    const left = toSend.values();
    let isOver = false;
    const send = async (): Promise<void> => {
      for (const userId of left) {
        if (isOver || performance.now() > until) return;
        await this.#pace.turn();
        const goesOn = await this.#sendOne(mailing, holder, userId, {
          mailed,
          language: languages.get(userId) ?? 'EN',
          wish: wishes.get(userId),
          done,
        });
        if (!goesOn || done.inRow >= FAILURES_IN_ROW) isOver = true;
      }
    };
    // All senders end before an error is thrown, so that no e-mail is under way when the lease is given back.
    const ended = await Promise.allSettled(
      Array.from({ length: AT_ONCE }, () =>
        send().catch((error: unknown) => {
          isOver = true;
          throw error;
        }),
      ),
    );
    const failed = ended.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
    if (done.isAnswered) await this.#countAttempts(mailing.id, [...done.unavailable]);
    else if (done.unavailable.size > 0) throw new Away('MAIL_AWAY', 'the mail server takes nothing');
    return done;
  }

  /** The next recipients whose e-mail is due, in the order of their due times. */
  async #due({ id }: Mailing, take: number): Promise<MailingRecipient[]> {
    const now = this.now();
    return this.prisma.mailingRecipient.findMany({
      where: {
        mailingId: id,
        state: 'WAITING',
        dueAt: { lte: now },
        OR: [{ retryAt: null }, { retryAt: { lte: now } }],
      },
      orderBy: [{ dueAt: 'asc' }, { userId: 'asc' }],
      take,
    });
  }

  /**
   * Adds the mailing to the inboxes of recipients that have not been planned before, and returns the recipients whose
   * e-mail may be sent now. Null when this worker has lost the lease, or the mailing does not run any more.
   */
  async #plan(
    mailing: Mailing,
    holder: string,
    rows: readonly MailingRecipient[],
  ): Promise<{
    readonly toSend: readonly string[];
    readonly wishes: ReadonlyMap<string, Wishes>;
    readonly languages: ReadonlyMap<string, Language>;
  } | null> {
    const now = this.now();
    const ids = rows.map(({ userId }) => userId);
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      if (!(await this.#isOurs(tx, mailing, holder))) return null;
      const isLate = ({ dueAt }: MailingRecipient): boolean => now.getTime() - dueAt.getTime() > LATE_MS;
      const [late, timely] = [rows.filter(isLate), rows.filter((row) => !isLate(row))];
      await this.#skip(tx, mailing.id, late, 'TOO_LATE');
      const settings = await tx.settings.findMany({ where: { userId: { in: ids } } });
      const languages = new Map(settings.map((own) => [own.userId, readerOf(own).language]));
      const wishes = await wishesOf(tx, 'MAILING', ids);
      const fresh = timely.filter(({ isPlanned }) => !isPlanned).map(({ userId }) => userId);
      await this.#notify(tx, emit, mailing, fresh);
      // One statement for all recipients with the same time.
      const due = Map.groupBy(fresh, (userId) => {
        const { timeZone, quietHours, digest } = wishes.get(userId) as Wishes;
        return (
          decide({
            now,
            occurredAt: now,
            startedAt: new Date(0),
            isWanted: true,
            timeZone,
            quietHours,
            digest,
            lastAt: null,
          }) ?? now
        ).getTime();
      });
      for (const [at, userIds] of due)
        await tx.mailingRecipient.updateMany({
          where: { mailingId: mailing.id, userId: { in: userIds } },
          data: { isPlanned: true, ...(at > now.getTime() && { dueAt: new Date(at) }) },
        });
      const isPutOff = new Set([...due].flatMap(([at, userIds]) => (at > now.getTime() ? userIds : [])));
      return {
        toSend: timely.map(({ userId }) => userId).filter((userId) => !isPutOff.has(userId)),
        wishes,
        languages,
      };
    });
  }

  /** Adds the mailing to the inboxes of these people and plans push messages. This class sends the e-mails itself. */
  async #notify(tx: Tx, emit: Emit, mailing: Mailing, userIds: readonly string[]): Promise<void> {
    const about = aboutOf(mailing);
    const occurredAt = (mailing.startedAt ?? this.now()).toISOString();
    const facts = { from: await nameOf(tx, about), title: mailing.title };
    const notice = { kind: 'MAILING', cause: mailing.id, subject: about, facts, occurredAt };
    await this.notices.notify(tx, emit, notice, userIds, ['IN_APP', 'PUSH']);
  }

  async #skip(tx: Tx, mailingId: string, rows: readonly MailingRecipient[], reason: string): Promise<void> {
    if (rows.length === 0) return;
    await tx.mailingRecipient.updateMany({
      where: { mailingId, userId: { in: rows.map(({ userId }) => userId) }, state: 'WAITING' },
      data: { state: 'SKIPPED', reason },
    });
    this.#emails.inc({ outcome: 'skipped' }, rows.length);
  }

  async #contentOf(mailing: Mailing): Promise<Mailed> {
    const about = aboutOf(mailing);
    const { webUrl } = this.settings;
    return {
      title: mailing.title,
      text: mailing.text,
      about: about.type,
      from: await nameOf(this.prisma, about),
      url: webUrl === undefined ? null : `${webUrl}/open/${toGlobalId(about.type, about.id)}`,
    };
  }

  /** Sends one e-mail, or records why it is not sent. @returns false when the step must end @throws Away */
  async #sendOne(
    mailing: Mailing,
    holder: string,
    userId: string,
    {
      mailed,
      language,
      wish,
      done,
    }: { readonly mailed: Mailed; readonly language: Language; readonly wish: Wishes | undefined; readonly done: Done },
  ): Promise<boolean> {
    // The check is made for each recipient, because people unsubscribe and leave teams while a mailing runs.
    const check = await this.#check(mailing, holder, userId, audienceOf(mailing));
    if (!check?.is_ours) return false;
    if (check.state !== 'WAITING') return true;
    const key = { mailingId: mailing.id, userId };
    const now = this.now();
    const quiet = wish?.quietHours ? quietUntil(now, wish.quietHours, wish.timeZone) : now;
    if (quiet > now) {
      await this.prisma.mailingRecipient.updateMany({ where: { ...key, state: 'WAITING' }, data: { dueAt: quiet } });
      return true;
    }
    if (check.is_unsubscribed) return this.#ended(key, 'SKIPPED', 'UNSUBSCRIBED');
    if (!check.belongs) return this.#ended(key, 'SKIPPED', 'LEFT');
    const { email, unreachable } = await this.contacts.of(userId).catch((error: unknown) => {
      throw error instanceof IdentityUnavailable ? new Away('ADDRESSES_AWAY', error) : error;
    });
    if (email === null || unreachable !== null) return this.#ended(key, 'SKIPPED', unreachable ?? 'NO_ADDRESS');
    const unsubscribeUrl = await this.links.unsubscribe(userId, ['MAILING']);
    try {
      await this.mail.send({
        to: email,
        ...render(mailingEmail(language, mailed, { unsubscribe: unsubscribeUrl })),
        // A repeat of the same e-mail has the same Message-ID.
        messageId: uuidV5(mailing.id, userId),
        unsubscribeUrl,
      });
    } catch (error) {
      if (error instanceof MailError && !error.permanent) {
        done.unavailable.add(userId);
        done.inRow++;
        return true;
      }
      // The mail server refused this e-mail for good, or the e-mail cannot be made. The other e-mails are still sent.
      const isRefused = error instanceof MailError && error.code === 'MAIL_REFUSED';
      if (isRefused) done.isAnswered = true;
      this.log.warn(`mailing ${mailing.id}: an e-mail failed: ${String(error)}`);
      return this.#ended(key, 'FAILED', isRefused ? 'REFUSED' : 'ERROR');
    }
    // If the process ends before the next statement is committed, the person gets the e-mail again, with the same
    // Message-ID. The row is marked as sent even if somebody ended the mailing meanwhile.
    await this.prisma.mailingRecipient.updateMany({ where: key, data: { state: 'SENT', reason: null } });
    this.#emails.inc({ outcome: 'sent' });
    done.sent++;
    done.isAnswered = true;
    done.inRow = 0;
    return true;
  }

  async #check({ id, step }: Mailing, holder: string, userId: string, audience: Audience): Promise<Check | undefined> {
    const [check] = await this.prisma.$queryRaw<Check[]>`
      SELECT m.state = 'RUNNING' AND m.step = ${step}::int AND m.lease_holder IS NOT DISTINCT FROM ${holder}::uuid AS is_ours,
        r.state::text,
        EXISTS (
          SELECT FROM notifications.preferences p
          WHERE p.user_id = r.user_id AND p.kind = 'MAILING' AND p.channel = 'EMAIL' AND NOT p.is_on
        ) AS is_unsubscribed,
        ${belongs(audience, userId)} AS belongs
      FROM notifications.mailings m JOIN notifications.mailing_recipients r ON r.mailing_id = m.id
      WHERE m.id = ${id}::uuid AND r.user_id = ${userId}::uuid`;
    return check;
  }

  async #ended(
    key: { readonly mailingId: string; readonly userId: string },
    state: 'SKIPPED' | 'FAILED',
    reason: string,
  ): Promise<true> {
    await this.prisma.mailingRecipient.updateMany({ where: { ...key, state: 'WAITING' }, data: { state, reason } });
    this.#emails.inc({ outcome: state === 'FAILED' ? 'failed' : 'skipped' });
    return true;
  }

  /**
   * Counts a failed attempt for these e-mails, which the mail server put off. After {@link MOST_ATTEMPTS} they have
   * failed.
   */
  async #countAttempts(mailingId: string, userIds: readonly string[]): Promise<void> {
    if (userIds.length === 0) return;
    const now = this.now();
    await this.prisma.$executeRaw`
      UPDATE notifications.mailing_recipients SET attempts = attempts + 1,
        retry_at = ${now}::timestamptz + make_interval(secs => ${FIRST_RETRY_MS / 1000}::float8 * power(2, attempts)),
        state = (CASE WHEN attempts + 1 >= ${MOST_ATTEMPTS}::int THEN 'FAILED' ELSE 'WAITING' END)::notifications.mailing_recipient_state,
        reason = CASE WHEN attempts + 1 >= ${MOST_ATTEMPTS}::int THEN 'UNAVAILABLE' END
      WHERE mailing_id = ${mailingId}::uuid AND user_id = ANY (${[...userIds]}::uuid[]) AND state = 'WAITING'`;
  }

  /** Records what the step did. Then it finishes the mailing, emits the next step, or sets a timer for it. */
  async #next(mailing: Mailing, holder: string, done: Done): Promise<void> {
    await this.#whileOurs(mailing, holder, async (tx, emit, locked) => {
      const now = this.now();
      const [waiting] = await tx.$queryRaw<{ next_at: Date | null }[]>`
        SELECT min(greatest(due_at, retry_at)) AS next_at FROM notifications.mailing_recipients
        WHERE mailing_id = ${locked.id}::uuid AND state = 'WAITING'`;
      const nextAt = waiting?.next_at ?? null;
      if (!nextAt) {
        await change(tx, emit, locked, {
          kind: 'FINISHED',
          now,
          data: { state: 'FINISHED', endedAt: now, delays: 0, step: { increment: 1 } },
        });
        return;
      }
      const isNow = nextAt <= now;
      const { mailing: next, eventId } = await change(tx, emit, locked, {
        kind: isNow ? 'PROGRESS' : 'WAITS',
        now,
        data: { step: { increment: 1 }, ...(done.sent > 0 && { delays: 0 }), ...(!isNow && { reason: 'LATER' }) },
      });
      if (isNow) proceed(emit, next, eventId);
      else await this.#setTimer(tx, next, nextAt);
    });
  }

  /** Records why nothing can be sent, and continues the mailing after a delay, which doubles up to ten minutes. */
  async #wait(tx: Tx, emit: Emit, locked: Mailing, reason: WaitReason): Promise<void> {
    const now = this.now();
    const { mailing: next } = await change(tx, emit, locked, {
      kind: 'WAITS',
      now,
      data: { step: { increment: 1 }, delays: { increment: 1 }, reason },
    });
    const delay = Math.min(FIRST_DELAY_MS * 2 ** locked.delays, LONGEST_DELAY_MS);
    await this.#setTimer(tx, next, new Date(now.getTime() + delay));
  }

  async #setTimer(tx: Tx, { id, step }: Mailing, at: Date): Promise<void> {
    await this.timers.set(tx, MailingDue, { key: id, at, payload: { mailingId: id, step } });
  }

  /**
   * Locks the mailing and calls `work`. If this worker has lost the lease, or the mailing does not run any more, `work`
   * is not called, and only the stored numbers of e-mails are updated.
   */
  async #whileOurs(
    { id, step }: Mailing,
    holder: string,
    work: (tx: Tx, emit: Emit, locked: Mailing) => Promise<unknown>,
  ): Promise<void> {
    await this.outbox.transaction(
      this.prisma,
      async (tx, emit) => {
        const locked = await lock(tx, id);
        if (!locked) return;
        if (locked.state === 'RUNNING' && locked.step === step && locked.leaseHolder === holder) {
          await work(tx, emit, locked);
          return;
        }
        const { sent, failed, skipped } = await numbersOf(tx, id);
        if (sent !== locked.sent || failed !== locked.failed || skipped !== locked.skipped)
          await change(tx, emit, locked, { kind: 'PROGRESS', now: this.now(), data: { reason: locked.reason } });
      },
      { timeout: 30_000 },
    );
  }

  async #isOurs(tx: Tx, { id, step }: Mailing, holder: string): Promise<boolean> {
    const found = await tx.mailing.findUnique({ where: { id } });
    return found?.state === 'RUNNING' && found.step === step && found.leaseHolder === holder;
  }
}
