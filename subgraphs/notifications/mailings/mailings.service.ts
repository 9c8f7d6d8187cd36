import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import {
  boundsOf,
  type Counted,
  counted,
  cursorsOf,
  type PageArgs,
  newestFirst,
  readPage,
  toConnection,
} from '../../../platform/graphql/connection.ts';
import { badUserInput, notFound } from '../../../platform/graphql/errors.ts';
import { fromGlobalId, toGlobalId, typeOfGlobalId } from '../../../platform/graphql/global-id.ts';
import { name, parseInput, text } from '../../../platform/graphql/input.ts';
import { batched, keyed } from '../../../platform/graphql/loader.ts';
import type { RateLimits } from '../../../platform/http/rate-limits.ts';
import { type Principal, requireUser, viewerOf } from '../../../platform/identity/principal.ts';
import { LIVE_EVENTS, MAIL_SETTINGS, OUTBOX, RATE_LIMITS, TIMERS } from '../../../platform/injection/tokens.ts';
import type { LiveEvents } from '../../../platform/live/live-events.ts';
import type { MailSettings } from '../../../platform/mail/mail-sender.ts';
import type { LimitsOf } from '../../../platform/manifest/manifest.ts';
import type { Emit, Outbox } from '../../../platform/messaging/outbox/outbox.ts';
import type { Timers } from '../../../platform/messaging/timers/timers.ts';
import { createOnce } from '../../../platform/postgres/create-once.ts';
import { digestOf } from '../../../platform/postgres/digest.ts';
import { readOwnCopy } from '../../../platform/questions/own-copy.ts';
import { Mailings } from '../../../schema/messages/notifications.ts';
import { render, type Rendered } from '../emails/email.ts';
import { mailingEmail } from '../emails/emails.ts';
import { type Mailing, type MailingEvent, Prisma, PrismaClient } from '../generated/prisma/client.ts';
import { StoredKnown } from '../known.ts';
import { DEFAULT_LANGUAGE, LANGUAGES } from '../languages.ts';
import { userError } from '../reasons.ts';
import type manifest from '../subgraph.ts';
import { MailingDue } from '../timers.ts';
import { countPeople, nameOf } from './audience.ts';
import {
  type About,
  aboutOf,
  type Audience,
  audienceOf,
  DAY_MS,
  ENTRIES,
  ENTRY_STATES,
  type Entries,
  isOpen,
  MOST_A_DAY,
  MOST_PEOPLE,
} from './mailing.ts';
import { fromLog, fromRow } from './mailing-event.ts';
import { change, end, lock, proceed } from './record.ts';
import { MailingRights } from './rights.ts';

type Tx = Prisma.TransactionClient;

/** A mailing may start at most this long after the call of `startMailing`. Milliseconds. */
const LATEST_START_MS = 60 * DAY_MS;
const LOG_SIZE = 50;

const id = z.string();
const content = {
  about: id,
  entries: z.array(z.enum(ENTRIES)).min(1).max(ENTRIES.length).nullish(),
  subject: name(100),
  text: text(5000, { lines: true }),
};
const createInput = z.object({ clientId: text(100), ...content });
const previewInput = z.object({ ...content, language: z.enum(LANGUAGES).nullish() });
const startInput = z.object({ mailingId: id, at: z.date().nullish() });
const changeInput = z.object({ mailingId: id });

const cursors = cursorsOf('Query.myMailings by creation, id, the newest first', z.tuple([z.iso.datetime(), z.uuid()]));

export interface AudienceCounts {
  readonly people: number;
  readonly unsubscribed: number;
}

/** How many e-mails of a mailing were not sent for one reason. */
export interface NotSent {
  readonly reason: string;
  readonly count: number;
}

/** Mailings, as their authors see and order them. {@link MailingWork} sends them. */
@Injectable()
export class MailingsService {
  readonly byId = batched((ids, viewer) => this.byIds(viewer, ids));
  readonly notSentOf = batched((ids) => this.#notSent(ids));
  readonly logOf = batched((ids) => this.#logs(ids));
  /** Texts of mailings by the mailings' ids, for their recipients. It checks no rights: only this service calls it. */
  readonly textById = batched(
    async (ids) =>
      new Map(
        (await this.prisma.mailing.findMany({ where: { id: { in: [...ids] } }, select: { id: true, text: true } })).map(
          (row) => [row.id, row.text],
        ),
      ),
  );
  /** The clock. Tests replace it. */
  now = (): Date => new Date();

  constructor(
    private readonly prisma: PrismaClient,
    private readonly rights: MailingRights,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(TIMERS) private readonly timers: Timers,
    @Inject(LIVE_EVENTS) private readonly live: LiveEvents,
    @Inject(RATE_LIMITS) private readonly limits: RateLimits<LimitsOf<typeof manifest>>,
    @Inject(MAIL_SETTINGS) private readonly settings: MailSettings,
  ) {}

  /**
   * The mailings among these that the viewer may see: mailings that the viewer wrote, and mailings to people to whom
   * the viewer may send mailings now.
   * @throws NoAnswer
   */
  async byIds(viewer: Principal, ids: readonly string[]): Promise<Map<string, Mailing>> {
    const userId = viewerOf(viewer);
    if (userId === undefined) return new Map();
    const rows = await this.prisma.mailing.findMany({ where: { id: { in: [...ids] } } });
    const seen = await Promise.all(
      rows.map(async (row) => row.authorId === userId || this.rights.mayMail(userId, aboutOf(row))),
    );
    return keyed(rows.filter((_, index) => seen[index]));
  }

  /** The mailings that the viewer wrote, newest first; null for a guest. */
  async page(viewer: Principal, args: PageArgs): Promise<Counted<Mailing> | null> {
    const authorId = viewerOf(viewer);
    if (authorId === undefined) return null;
    const page = readPage(args);
    const scope = { authorId };
    const { between, ...order } = newestFirst(page, boundsOf(cursors, scope, page));
    const rows = await this.prisma.mailing.findMany({ where: { AND: [{ authorId }, ...between] }, ...order });
    return counted(
      toConnection(rows, page, (row) => cursors.encode(scope, [row.createdAt.toISOString(), row.id])),
      (take) => this.prisma.mailing.count({ where: { authorId }, take }),
    );
  }

  /**
   * How many recipients a mailing would have, counted up to one more than {@link MOST_PEOPLE}. Null for a person who
   * may not send it. @throws RATE_LIMITED, NoAnswer
   */
  async audience(
    viewer: Principal,
    { about, entries }: { readonly about: string; readonly entries?: readonly Entries[] | null },
  ): Promise<AudienceCounts | null> {
    const userId = viewerOf(viewer);
    const found = aboutFrom(about);
    if (userId === undefined || !found) return null;
    if (found.type === 'Team' && entries != null) throw badUserInput('entries is only for a tournament');
    await this.limits.take('mailingAudience', userId);
    if (!(await this.rights.mayMail(userId, found))) return null;
    return countPeople(this.prisma, { ...found, entryStates: statesOf(found, entries) });
  }

  /** Shows a mailing, and stores nothing. @throws UserErrors, RATE_LIMITED, NoAnswer */
  async preview(viewer: Principal, input: unknown): Promise<{ preview: Rendered; audience: AudienceCounts }> {
    const { userId } = requireUser(viewer);
    const { language, ...asked } = parseInput(previewInput, input);
    await this.limits.take('previewMailing', userId, viewer.clientAddress);
    const audience = await this.#audience(userId, asked);
    const { publicUrl, webUrl } = this.settings;
    const email = mailingEmail(
      language ?? DEFAULT_LANGUAGE,
      {
        title: asked.subject,
        text: asked.text,
        about: audience.type,
        from: await nameOf(this.prisma, audience),
        url: webUrl === undefined ? null : `${webUrl}/open/${toGlobalId(audience.type, audience.id)}`,
      },
      { unsubscribe: `${publicUrl}/emails/unsubscribe/example` },
    );
    return { preview: render(email), audience: await countPeople(this.prisma, audience) };
  }

  /**
   * Writes a draft. Organizers of the tournament, and the owner and captains of the team, may do this. The same client
   * id with the same content gives the same mailing.
   * @throws UserErrors, RATE_LIMITED, NoAnswer
   */
  async create(viewer: Principal, input: unknown): Promise<Mailing> {
    const { userId: authorId } = requireUser(viewer);
    const { clientId, ...asked } = parseInput(createInput, input);
    const createdAs = digestOfMailing(asked);
    return createOnce(
      async () => {
        const made = await this.prisma.mailing.findUnique({ where: { authorId_clientId: { authorId, clientId } } });
        if (made && made.createdAs !== createdAs) throw userError('CLIENT_ID_USED', 'clientId');
        return made;
      },
      async () => {
        await this.limits.take('createMailing', authorId, viewer.clientAddress);
        const { type, id: subjectId, entryStates } = await this.#audience(authorId, asked);
        return this.outbox.transaction(this.prisma, async (tx, emit) => {
          const state = type === 'Tournament' ? await new StoredKnown(tx).tournamentState(subjectId) : null;
          const row = await tx.mailing.create({
            data: {
              authorId,
              clientId,
              createdAs,
              subjectType: type,
              subjectId,
              entryStates: [...entryStates],
              title: asked.subject,
              text: asked.text,
              createdAt: this.now(),
              afterCancelling: state === 'CANCELLED',
            },
          });
          const { mailing } = await change(tx, emit, row, { kind: 'CREATED', byUserId: authorId, now: this.now() });
          return mailing;
        });
      },
    );
  }

  /** Starts a draft, now or at a later time. A repeat changes nothing. @throws UserErrors, RATE_LIMITED, NoAnswer */
  async start(viewer: Principal, input: unknown): Promise<Mailing> {
    requireUser(viewer);
    const { mailingId, at: startAt = null } = parseInput(startInput, input);
    const now = this.now();
    if (startAt && startAt.getTime() > now.getTime() + LATEST_START_MS)
      throw userError('TOO_LATE', { max: new Date(now.getTime() + LATEST_START_MS).toISOString() }, 'at');
    return this.#change(viewer, mailingId, async (tx, emit, mailing, byUserId) => {
      if (mailing.state !== 'DRAFT') {
        const isRepeat = mailing.state !== 'CANCELLED' && mailing.startAt?.getTime() === startAt?.getTime();
        if (isRepeat) return mailing;
        throw stateError(mailing);
      }
      await this.#dailyLimits(tx, mailing, now);
      const { people } = await countPeople(tx, audienceOf(mailing));
      if (people === 0) throw userError('NOBODY_TO_MAIL', 'mailingId');
      if (people > MOST_PEOPLE) throw userError('TOO_MANY_TO_MAIL', { max: MOST_PEOPLE }, 'mailingId');
      const isLater = startAt !== null && startAt > now;
      const { mailing: started, eventId } = await change(tx, emit, mailing, {
        kind: isLater ? 'SCHEDULED' : 'STARTED',
        byUserId,
        now,
        data: {
          state: isLater ? 'SCHEDULED' : 'RUNNING',
          startAt,
          orderedAt: now,
          step: { increment: 1 },
          ...(!isLater && { startedAt: now }),
        },
      });
      if (!isLater) proceed(emit, started, eventId);
      else
        await this.timers.set(tx, MailingDue, {
          key: mailing.id,
          at: startAt,
          payload: { mailingId: mailing.id, step: started.step },
        });
      return started;
    });
  }

  /** Pauses a running mailing. @throws UserErrors, RATE_LIMITED, NoAnswer */
  async pause(viewer: Principal, input: unknown): Promise<Mailing> {
    requireUser(viewer);
    const { mailingId } = parseInput(changeInput, input);
    return this.#change(viewer, mailingId, async (tx, emit, mailing, byUserId) => {
      if (mailing.state === 'PAUSED') return mailing;
      if (mailing.state !== 'RUNNING') throw stateError(mailing);
      await this.timers.cancel(tx, MailingDue, mailing.id);
      const { mailing: paused } = await change(tx, emit, mailing, {
        kind: 'PAUSED',
        byUserId,
        now: this.now(),
        // The jobs and timers of earlier steps do nothing from now on.
        data: { state: 'PAUSED', step: { increment: 1 } },
      });
      return paused;
    });
  }

  /** Continues a paused mailing. @throws UserErrors, RATE_LIMITED, NoAnswer */
  async resume(viewer: Principal, input: unknown): Promise<Mailing> {
    requireUser(viewer);
    const { mailingId } = parseInput(changeInput, input);
    return this.#change(viewer, mailingId, async (tx, emit, mailing, byUserId) => {
      if (mailing.state === 'RUNNING') return mailing;
      if (mailing.state !== 'PAUSED') throw stateError(mailing);
      const now = this.now();
      // The e-mails are due now, so that the time of the pause does not make them late.
      await tx.mailingRecipient.updateMany({
        where: { mailingId: mailing.id, state: 'WAITING', dueAt: { lt: now } },
        data: { dueAt: now, retryAt: null },
      });
      const { mailing: resumed, eventId } = await change(tx, emit, mailing, {
        kind: 'RESUMED',
        byUserId,
        now,
        data: { state: 'RUNNING', delays: 0, step: { increment: 1 } },
      });
      proceed(emit, resumed, eventId);
      return resumed;
    });
  }

  /** Ends a mailing that has not ended. @throws UserErrors, RATE_LIMITED, NoAnswer */
  async cancel(viewer: Principal, input: unknown): Promise<Mailing> {
    requireUser(viewer);
    const { mailingId } = parseInput(changeInput, input);
    return this.#change(viewer, mailingId, async (tx, emit, mailing, byUserId) => {
      if (mailing.state === 'CANCELLED') return mailing;
      if (!isOpen(mailing)) throw stateError(mailing);
      await this.timers.cancel(tx, MailingDue, mailing.id);
      return end(tx, emit, mailing, { byUserId, now: this.now() });
    });
  }

  /**
   * The events of a mailing of the viewer after `afterSeq`, then live ones; null for live ones only.
   * @throws UNAUTHENTICATED; NOT_FOUND unless the viewer is the author; RESYNC_REQUIRED, also from `next()`
   */
  async events(
    viewer: Principal,
    globalId: string,
    afterSeq: number | null,
  ): Promise<AsyncIterableIterator<MailingEvent>> {
    const { userId: authorId } = requireUser(viewer);
    if (afterSeq !== null && afterSeq < 0) throw badUserInput('afterSeq must not be negative');
    const mailingId = fromGlobalId('Mailing', globalId);
    const mailing = mailingId && (await this.prisma.mailing.findUnique({ where: { id: mailingId, authorId } }));
    if (!mailing) throw notFound('there is no such mailing');
    return this.live.stream<MailingEvent>({
      topic: Mailings.name,
      key: mailing.id,
      afterSeq: afterSeq ?? mailing.lastSeq,
      read: async (after, limit) =>
        (
          await this.prisma.mailingEvent.findMany({
            where: { mailingId: mailing.id, seq: { gt: after } },
            orderBy: { seq: 'asc' },
            take: limit,
          })
        ).map((row) => ({ seq: row.seq, event: () => fromRow(row) })),
      newestSeq: async () => (await this.prisma.mailing.findUnique({ where: { id: mailing.id } }))?.lastSeq ?? 0,
      fromLog,
    });
  }

  /** The audience that the input names, if the person may send mailings to it. @throws UserErrors, NoAnswer */
  async #audience(
    userId: string,
    { about, entries }: { readonly about: string; readonly entries?: readonly Entries[] | null | undefined },
  ): Promise<Audience> {
    const found = aboutFrom(about);
    if (!found) throw userError('MAILING_ABOUT_NOT_FOUND', 'about');
    if (found.type === 'Team' && entries != null) throw userError('ONLY_FOR_TOURNAMENT', 'entries');
    const mayMail = await this.rights.mayMail(userId, found);
    const isKnown = async (): Promise<boolean> => isPublic(this.prisma, found);
    if (!mayMail) throw userError((await isKnown()) ? 'MAY_NOT_MAIL' : 'MAILING_ABOUT_NOT_FOUND', 'about');
    // If the tournament or team was created a moment ago, its event may not have arrived yet: wait for the name.
    await readOwnCopy(
      () => nameOf(this.prisma, found),
      (called) => called !== null,
    );
    return { ...found, entryStates: statesOf(found, entries) };
  }

  /**
   * Changes a mailing. Everybody who may send mailings to the same people may do this.
   * @throws UserErrors: NOT_FOUND for others, FORBIDDEN for an author who has lost the right
   */
  async #change(
    viewer: Principal,
    globalId: string,
    work: (tx: Tx, emit: Emit, mailing: Mailing, byUserId: string) => Promise<Mailing>,
  ): Promise<Mailing> {
    const { userId } = requireUser(viewer);
    const mailingId = fromGlobalId('Mailing', globalId);
    const found = mailingId && (await this.prisma.mailing.findUnique({ where: { id: mailingId } }));
    if (!found) throw userError('MAILING_NOT_FOUND', 'mailingId');
    await this.limits.take('changeMailing', userId, viewer.clientAddress);
    if (!(await this.rights.mayMail(userId, aboutOf(found))))
      throw userError(found.authorId === userId ? 'MAY_NOT_MAIL' : 'MAILING_NOT_FOUND', 'mailingId');
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const mailing = await lock(tx, found.id);
      if (!mailing) throw userError('MAILING_NOT_FOUND', 'mailingId');
      return work(tx, emit, mailing, userId);
    });
  }

  /** @throws UserErrors CONFLICT */
  async #dailyLimits(tx: Tx, { authorId, subjectType, subjectId }: Mailing, now: Date): Promise<void> {
    // The locks make concurrent requests wait for each other, so that two of them cannot both be the last allowed one.
    for (const key of [authorId, subjectId])
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`mailings ${key}`}, 0))`;
    const orderedAt = { gt: new Date(now.getTime() - DAY_MS) };
    const [ofAuthor, ofSubject] = [
      await tx.mailing.count({ where: { authorId, orderedAt } }),
      await tx.mailing.count({ where: { subjectType, subjectId, orderedAt } }),
    ];
    for (const [count, max] of [
      [ofAuthor, MOST_A_DAY.author],
      [ofSubject, MOST_A_DAY.subject],
    ] as const)
      if (count >= max) throw userError('MAILINGS_A_DAY', { max }, 'mailingId');
  }

  async #notSent(ids: readonly string[]): Promise<Map<string, NotSent[]>> {
    const rows = await this.prisma.mailingRecipient.groupBy({
      by: ['mailingId', 'reason'],
      where: { mailingId: { in: [...ids] }, state: { in: ['FAILED', 'SKIPPED'] } },
      _count: true,
      orderBy: [{ mailingId: 'asc' }, { reason: 'asc' }],
    });
    return new Map(
      [...Map.groupBy(rows, ({ mailingId }) => mailingId)].map(([mailingId, of]) => [
        mailingId,
        of.map(({ reason, _count }) => ({ reason: reason ?? 'ERROR', count: _count })),
      ]),
    );
  }

  async #logs(ids: readonly string[]): Promise<Map<string, MailingEvent[]>> {
    const logs = await Promise.all(
      ids.map((mailingId) =>
        this.prisma.mailingEvent.findMany({
          where: { mailingId, kind: { notIn: ['PROGRESS', 'WAITS'] } },
          orderBy: { seq: 'desc' },
          take: LOG_SIZE,
        }),
      ),
    );
    return new Map(ids.map((mailingId, index) => [mailingId, (logs[index] ?? []).reverse().map(fromRow)]));
  }
}

const stateError = ({ state }: Mailing) => userError('MAILING_STATE', { state }, 'mailingId');

/** The tournament or team of a global id; null for anything else. */
function aboutFrom(globalId: string): About | null {
  const type = typeOfGlobalId(globalId);
  const uuid = type === 'Tournament' || type === 'Team' ? fromGlobalId(type, globalId) : null;
  return uuid === null ? null : { type: type as About['type'], id: uuid };
}

const statesOf = ({ type }: About, entries: readonly Entries[] | null | undefined): string[] =>
  type === 'Team'
    ? []
    : [...new Set(entries ?? ['CONFIRMED' as const])].sort().flatMap((one) => [...ENTRY_STATES[one]]);

/** Whether everybody may know that this tournament or team exists. */
async function isPublic(prisma: PrismaClient, { type, id: subjectId }: About): Promise<boolean> {
  const known = new StoredKnown(prisma);
  return type === 'Team'
    ? (await known.teamName(subjectId)) !== null
    : !['DRAFT', null].includes(await known.tournamentState(subjectId));
}

function digestOfMailing(asked: Omit<z.output<typeof createInput>, 'clientId'>): string {
  const { about, entries, subject, text: body } = asked;
  return digestOf([about, [...new Set(entries ?? ['CONFIRMED'])].sort(), subject, body]);
}
