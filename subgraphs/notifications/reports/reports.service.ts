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
import { badUserInput, notFound, resyncRequired } from '../../../platform/graphql/errors.ts';
import { fromGlobalId, typeOfGlobalId } from '../../../platform/graphql/global-id.ts';
import { because, parseInput, text } from '../../../platform/graphql/input.ts';
import { batched, keyed } from '../../../platform/graphql/loader.ts';
import type { RateLimits } from '../../../platform/http/rate-limits.ts';
import { type Principal, requireUser, viewerOf } from '../../../platform/identity/principal.ts';
import { LIVE_EVENTS, OUTBOX, RATE_LIMITS, STORAGE, TIMERS } from '../../../platform/injection/tokens.ts';
import type { LiveEvents } from '../../../platform/live/live-events.ts';
import type { LimitsOf } from '../../../platform/manifest/manifest.ts';
import type { Outbox } from '../../../platform/messaging/outbox/outbox.ts';
import type { Timers } from '../../../platform/messaging/timers/timers.ts';
import type { Storage } from '../../../platform/storage/storage.ts';
import { digestOfInput } from '../../../platform/postgres/digest.ts';
import { isTimeZone } from '../../../platform/time-zone.ts';
import { ReportRequested, Reports } from '../../../schema/messages/notifications.ts';
import { type Prisma, PrismaClient, type Report, type ReportEvent } from '../generated/prisma/client.ts';
import { LANGUAGES } from '../languages.ts';
import { PreferencesService } from '../preferences.service.ts';
import { userError } from '../reasons.ts';
import type manifest from '../subgraph.ts';
import { REPORT_FORMATS, REPORT_KINDS, type ReportKind } from './content.ts';
import { fromLog, fromRow, lockReports, tellOf } from './feed.ts';
import { linkTo } from './files.ts';
import { ReportSources } from './sources.ts';
import { ReportAges } from './timers.ts';

type Tx = Prisma.TransactionClient;

const time = z.date().min(new Date('1850-01-01T00:00:00Z')).max(new Date('2200-01-01T00:00:00Z'));

const requestInput = z.object({
  clientId: text(100),
  kind: z.enum(REPORT_KINDS),
  subjectId: z.string(),
  seasonFrom: time.nullish(),
  seasonTo: time.nullish(),
  format: z.enum(REPORT_FORMATS),
  language: z.enum(LANGUAGES).nullish(),
  timeZone: z
    .string()
    .max(64)
    .refine(isTimeZone, because(userError('NO_TIME_ZONE')))
    .nullish(),
});
const cancelInput = z.object({ reportId: z.string() });

const cursors = cursorsOf('Query.myReports by time, id, the newest first', z.tuple([z.iso.datetime(), z.uuid()]));

/** The types of subjects that each kind of report can be about. */
const SUBJECTS: Readonly<Record<ReportKind, readonly string[]>> = {
  MATCH: ['Match'],
  TOURNAMENT: ['Tournament'],
  SEASON_STATISTICS: ['Team', 'Player'],
};

/** The largest number of new reports of a person within 24 hours. */
export const MOST_A_DAY = 50;
const DAY_MS = 86_400_000;
/**
 * For this time after a report is done, an equal request returns it. A later request makes a new report, because
 * results may have changed. Milliseconds.
 */
export const REUSED_MS = 600_000;
/** A report that is not done this long after its request has failed. Milliseconds. */
export const OVERDUE_MS = 3_600_000;

export const UNFINISHED: Report['state'][] = ['QUEUED', 'RUNNING'];

/** A page of reports, and the `seq` of the newest event of the person's reports before the page was read. */
export interface ReportPage extends Counted<Report> {
  readonly seq: number;
}

/** The reports that people ask for. Nobody sees another person's reports, not even administrators. */
@Injectable()
export class ReportsService {
  readonly byId = batched((ids, viewer) => this.byIds(viewer, ids));
  /** The clock. Tests replace it. */
  now = (): Date => new Date();

  constructor(
    private readonly prisma: PrismaClient,
    private readonly sources: ReportSources,
    private readonly preferences: PreferencesService,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(TIMERS) private readonly timers: Timers,
    @Inject(LIVE_EVENTS) private readonly live: LiveEvents,
    @Inject(STORAGE) private readonly storage: Storage,
    @Inject(RATE_LIMITS) private readonly limits: RateLimits<LimitsOf<typeof manifest>>,
  ) {}

  /** The viewer's own reports among these ids. */
  async byIds(viewer: Principal, ids: readonly string[]): Promise<Map<string, Report>> {
    const userId = viewerOf(viewer);
    if (userId === undefined) return new Map();
    return keyed(await this.prisma.report.findMany({ where: { userId, id: { in: [...ids] } } }));
  }

  /** The viewer's own reports, newest first; null for a guest. */
  async page(viewer: Principal, args: PageArgs): Promise<ReportPage | null> {
    const userId = viewerOf(viewer);
    if (userId === undefined) return null;
    const page = readPage(args);
    const scope = { userId };
    const { between, ...order } = newestFirst(page, boundsOf(cursors, scope, page));
    // `seq` is read before the page. So the stream repeats events that happen between the two reads, and misses none.
    const seq = (await this.prisma.reportFeed.findUnique({ where: { userId } }))?.lastSeq ?? 0;
    const rows = await this.prisma.report.findMany({ where: { AND: [{ userId }, ...between] }, ...order });
    const connection = toConnection(rows, page, ({ createdAt, id }) =>
      cursors.encode(scope, [createdAt.toISOString(), id]),
    );
    return { ...counted(connection, (take) => this.prisma.report.count({ where: { userId }, take })), seq };
  }

  /**
   * Asks for a report. The same client id again gives the same report. So does an equal request while the report is not
   * done, or for {@link REUSED_MS} after that.
   * @throws UserErrors, RATE_LIMITED; NoAnswer
   */
  async request(viewer: Principal, input: unknown): Promise<Report> {
    const { userId } = requireUser(viewer);
    const { clientId, ...asked } = parseInput(requestInput, input);
    const createdAs = digestOfInput(asked);
    const repeated = await this.#earlier(this.prisma, userId, clientId, createdAs);
    if (repeated) return repeated;
    const subject = subjectOf(asked);
    await this.limits.take('requestReport', userId, viewer.clientAddress);
    if (!(await this.sources.isVisible(subject, viewer))) throw userError('SUBJECT_NOT_FOUND', 'subjectId');
    const reader = await this.preferences.readerOf(userId);
    const wanted = {
      ...subject,
      kind: asked.kind,
      seasonFrom: asked.seasonFrom ?? null,
      seasonTo: asked.seasonTo ?? null,
      format: asked.format,
      language: asked.language ?? reader.language,
      timeZone: asked.timeZone ?? reader.timeZone,
    };
    const digest = digestOfInput(wanted);
    const now = this.now();
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const lastSeq = await lockReports(tx, userId);
      // A concurrent request with the same client id may have committed while this one waited for the lock.
      const again = await this.#earlier(tx, userId, clientId, createdAs);
      if (again) return again;
      const equal = await tx.report.findFirst({
        where: {
          userId,
          digest,
          OR: [
            { state: { in: UNFINISHED } },
            { state: 'DONE', finishedAt: { gt: new Date(now.getTime() - REUSED_MS) } },
          ],
        },
        orderBy: { createdAt: 'desc' },
      });
      const report = equal ?? (await this.#create(tx, userId, { ...wanted, digest }, now));
      await tx.reportRequest.create({ data: { userId, clientId, createdAs, reportId: report.id } });
      if (equal) return equal;
      const because = await tellOf(tx, emit, lastSeq, report, now);
      emit(ReportRequested, { because, payload: { reportId: report.id } });
      await this.timers.set(tx, ReportAges, {
        key: report.id,
        at: new Date(now.getTime() + OVERDUE_MS),
        payload: { userId, reportId: report.id },
      });
      return report;
    });
  }

  /** Stops a report of the viewer. @throws UserErrors CONFLICT when it is done, failed or expired */
  async cancel(viewer: Principal, input: unknown): Promise<Report> {
    const { userId } = requireUser(viewer);
    const { reportId } = parseInput(cancelInput, input);
    const id = fromGlobalId('Report', reportId);
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const lastSeq = await lockReports(tx, userId);
      const report = id && (await tx.report.findUnique({ where: { id, userId } }));
      if (!report) throw userError('REPORT_NOT_FOUND', 'reportId');
      if (report.state === 'CANCELLED') return report;
      if (!UNFINISHED.includes(report.state)) throw userError('REPORT_STATE', { state: report.state }, 'reportId');
      const finishedAt = this.now();
      const cancelled = await tx.report.update({ where: { id: report.id }, data: { state: 'CANCELLED', finishedAt } });
      await tellOf(tx, emit, lastSeq, cancelled, finishedAt);
      return cancelled;
    });
  }

  /**
   * A link to the file. Null without a file, and for everybody but the report's owner. The owner's right to see the
   * subject is checked again.
   * @throws GraphQLError NOT_FOUND when the owner has lost it or the subject was deleted; NoAnswer; StorageError
   */
  async url(viewer: Principal, report: Report): Promise<string | null> {
    if (report.state !== 'DONE' || viewerOf(viewer) !== report.userId) return null;
    if (!(await this.sources.isVisible(report, viewer)))
      throw notFound('You may not see the subject of this report any more, or it was deleted.');
    return linkTo(this.storage, report);
  }

  /**
   * The events of the viewer's reports after `afterSeq`, then live ones. With null, only live ones.
   * @throws UNAUTHENTICATED; BAD_USER_INPUT for a negative `afterSeq`; RESYNC_REQUIRED when the events after `afterSeq`
   * are deleted, or `afterSeq` is beyond the newest event, also from `next()`
   */
  async events(viewer: Principal, afterSeq: number | null): Promise<AsyncIterableIterator<ReportEvent>> {
    const { userId } = requireUser(viewer);
    if (afterSeq !== null && afterSeq < 0) throw badUserInput('afterSeq must not be negative');
    const feed = await this.prisma.reportFeed.findUnique({ where: { userId } });
    if (afterSeq !== null && afterSeq < (feed?.trimmedSeq ?? 0)) throw resyncRequired(GONE);
    return this.live.stream<ReportEvent>({
      topic: Reports.name,
      key: userId,
      afterSeq: afterSeq ?? feed?.lastSeq ?? 0,
      read: async (after, limit) =>
        (
          await this.prisma.reportEvent.findMany({
            where: { userId, seq: { gt: after } },
            orderBy: { seq: 'asc' },
            take: limit,
          })
        ).map((row) => ({ seq: row.seq, event: () => fromRow(row) })),
      newestSeq: async () => (await this.prisma.reportFeed.findUnique({ where: { userId } }))?.lastSeq ?? 0,
      fromLog,
    });
  }

  /** The report of an earlier request with this client id. @throws UserErrors if the request had another content */
  async #earlier(
    tx: Pick<Tx, 'reportRequest'>,
    userId: string,
    clientId: string,
    createdAs: string,
  ): Promise<Report | null> {
    const found = await tx.reportRequest.findUnique({
      where: { userId_clientId: { userId, clientId } },
      include: { report: true },
    });
    if (found && found.createdAs !== createdAs) throw userError('CLIENT_ID_USED', 'clientId');
    return found?.report ?? null;
  }

  async #create(tx: Tx, userId: string, data: Omit<Prisma.ReportCreateInput, 'userId'>, now: Date): Promise<Report> {
    const since = new Date(now.getTime() - DAY_MS);
    if ((await tx.report.count({ where: { userId, createdAt: { gt: since } } })) >= MOST_A_DAY)
      throw userError('TOO_MANY_REPORTS', { max: MOST_A_DAY });
    return tx.report.create({ data: { ...data, userId, createdAt: now } });
  }
}

const GONE = 'the events after this cursor are not kept any more: load the current state again';

/**
 * The subject of the requested report.
 * @throws UserErrors for an id of another type, for a season that is missing or not allowed, and for one that ends
 * before it begins
 */
function subjectOf({
  kind,
  subjectId,
  seasonFrom,
  seasonTo,
}: Omit<z.output<typeof requestInput>, 'clientId'>): Pick<Report, 'subjectType' | 'subjectId'> {
  const isSeason = kind === 'SEASON_STATISTICS';
  if ((seasonFrom == null) === isSeason) throw userError('SEASON', 'seasonFrom');
  if ((seasonTo == null) === isSeason) throw userError('SEASON', 'seasonTo');
  if (seasonFrom && seasonTo && seasonTo <= seasonFrom) throw userError('SEASON_ENDS_TOO_EARLY', 'seasonTo');
  const type = typeOfGlobalId(subjectId);
  const id = type && SUBJECTS[kind].includes(type) ? fromGlobalId(type, subjectId) : null;
  if (!type || !id) throw userError('SUBJECT_NOT_FOUND', 'subjectId');
  return { subjectType: type, subjectId: id };
}
