import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Counter, Histogram } from 'prom-client';
import { OUTBOX, STORAGE, TIMERS } from '../../../platform/injection/tokens.ts';
import { isPermanent } from '../../../platform/messaging/job-queue/envelope.ts';
import type { Emit, Outbox } from '../../../platform/messaging/outbox/outbox.ts';
import { handle, type TimerHandler } from '../../../platform/messaging/timers/definition.ts';
import type { Timers } from '../../../platform/messaging/timers/timers.ts';
import { Metrics } from '../../../platform/observability/metrics.ts';
import { NoAnswer } from '../../../platform/questions/definition.ts';
import { type Storage, StorageError } from '../../../platform/storage/storage.ts';
import { ReportQueue } from '../../../schema/messages/notifications.ts';
import { type Prisma, PrismaClient, type Report } from '../generated/prisma/client.ts';
import type { Language } from '../languages.ts';
import { NoticesService } from '../notices.service.ts';
import type { Content } from './content.ts';
import { lockReports, tellOf, trim } from './feed.ts';
import { keyOf } from './files.ts';
import { OVERDUE_MS, UNFINISHED } from './reports.service.ts';
import { ReportSources, SubjectMissing } from './sources.ts';
import { ReportAges } from './timers.ts';
import { TooLarge } from './too-large.ts';

type Tx = Prisma.TransactionClient;
type Failure = 'SUBJECT_NOT_FOUND' | 'TOO_LARGE' | 'UNAVAILABLE' | 'INTERNAL' | 'TIMED_OUT';

const DAY_MS = 86_400_000;
/** How long a file is kept. Milliseconds. */
export const FILE_MS = 7 * DAY_MS;
/** How long after its request a report is in the list, with or without its file. Milliseconds. */
export const REPORT_MS = 30 * DAY_MS;
/**
 * The shortest time between two progress events. The worker checks at the same times whether the report was cancelled.
 * Milliseconds.
 */
const TELL_MS = 500;
/** The progress in percent at which all content is read. */
const READING = 60;

/** After these failures a repeated job may still write the report: an operator can redrive it from the dead queue. */
const CAN_BE_TRIED_AGAIN = new Set<string | null>(['UNAVAILABLE', 'INTERNAL', 'TIMED_OUT']);

/**
 * The error that ends the work on a report which is not queued or running any more, for example because the person
 * cancelled it.
 */
class Stopped extends Error {}

/**
 * Writes reports, as jobs. If the process dies, the queue delivers the job again, and the next worker writes the same
 * file. If two workers write one report, the first one to finish notifies the person.
 */
@Injectable()
export class ReportWork {
  readonly #log = new Logger(ReportWork.name);
  readonly #ended: Counter<'kind' | 'format' | 'outcome'>;
  readonly #seconds: Histogram<'kind' | 'format'>;
  /** The clock. Tests replace it. */
  now = (): Date => new Date();
  /** The shortest time between two progress events in milliseconds. Tests set 0. */
  tellMs = TELL_MS;

  constructor(
    private readonly prisma: PrismaClient,
    private readonly sources: ReportSources,
    private readonly notices: NoticesService,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(TIMERS) private readonly timers: Timers,
    @Inject(STORAGE) private readonly storage: Storage,
    metrics: Metrics,
  ) {
    this.#ended = metrics.counter('reports_total', 'Reports that ended, by how', ['kind', 'format', 'outcome']);
    this.#seconds = metrics.histogram(
      'reports_duration_seconds',
      'Time from the begin of the work on a report to its file',
      ['kind', 'format'],
      [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    );
  }

  /**
   * Does a job: writes the report, stores its file and notifies the person.
   * @throws the errors after which the queue should deliver the job again, and the error of the last delivery
   */
  async write({ reportId }: { readonly reportId: string }, { attempt }: { readonly attempt: number }): Promise<void> {
    const report = await this.#begin(reportId);
    if (!report) return;
    const { kind, format, userId } = report;
    const end = this.#seconds.startTimer({ kind, format });
    try {
      // The viewer has no roles, because those of the token may be old by now. So the report has only what the person
      // may see without being an administrator.
      const viewer = { userId, roles: [] };
      const content = await this.sources.read(report, viewer, this.#progressOf(report));
      await this.#tell(report, READING);
      const edition = { language: report.language as Language, timeZone: report.timeZone, madeAt: this.now() };
      const { body, pages } = await fileOf(content, format, edition);
      await this.#tell(report, 95);
      await this.storage.put(keyOf(report), body);
      await this.#finish(report, nameOf(content), { pages, bytes: body.byteLength });
      end();
    } catch (error) {
      if (error instanceof Stopped) return this.#leave(report);
      const failure = failureOf(error);
      const isFinal = failure === 'SUBJECT_NOT_FOUND' || failure === 'TOO_LARGE';
      if (isFinal || attempt >= ReportQueue.maxDeliveries || isPermanent(error)) await this.#fail(report, failure);
      if (isFinal) return;
      throw error;
    }
  }

  /** Handles the timer of a report: fails it, deletes its file, or deletes it, whichever is due. */
  handler(): TimerHandler<Tx> {
    return handle(ReportAges, async ({ tx, emit, payload: { userId, reportId } }) => {
      const lastSeq = await lockReports(tx, userId);
      const report = await tx.report.findUnique({ where: { id: reportId } });
      if (!report) return;
      const now = this.now();
      const leavesAt = new Date(report.createdAt.getTime() + REPORT_MS);
      if (leavesAt <= now) {
        await this.storage.delete(keyOf(report));
        const last = await tx.reportEvent.aggregate({ where: { userId, reportId }, _max: { seq: true } });
        await trim(tx, userId, last._max.seq ?? 0);
        await tx.report.delete({ where: { id: reportId } });
        return;
      }
      const wait = (at: Date): Promise<unknown> =>
        this.timers.set(tx, ReportAges, { key: reportId, at, payload: { userId, reportId } });
      if (UNFINISHED.includes(report.state)) {
        const failed = await tx.report.update({
          where: { id: reportId },
          data: { state: 'FAILED', failure: 'TIMED_OUT', finishedAt: now },
        });
        await tellOf(tx, emit, lastSeq, failed, now);
        this.#count(report, 'TIMED_OUT');
      } else if (report.state === 'DONE') {
        if (report.expiresAt && report.expiresAt > now) {
          await wait(report.expiresAt);
          return;
        }
        await this.storage.delete(keyOf(report));
        await tellOf(
          tx,
          emit,
          lastSeq,
          await tx.report.update({ where: { id: reportId }, data: { state: 'EXPIRED' } }),
          now,
        );
      }
      await wait(leavesAt);
    });
  }

  /** Marks the report as running. Null if it needs no work: it is done, cancelled, deleted, or failed for good. */
  async #begin(reportId: string): Promise<Report | null> {
    const found = await this.prisma.report.findUnique({ where: { id: reportId } });
    if (!found) return null;
    const begun = await this.#locked(found, async (tx, emit, lastSeq, report) => {
      const isOpen =
        UNFINISHED.includes(report.state) || (report.state === 'FAILED' && CAN_BE_TRIED_AGAIN.has(report.failure));
      if (!isOpen) return null;
      if (report.state === 'RUNNING') return report;
      // The timer of a failed report waits for its deletion. Now it must fire earlier, to fail the report again if no
      // worker finishes it.
      if (report.state === 'FAILED')
        await this.timers.set(tx, ReportAges, {
          key: reportId,
          at: new Date(this.now().getTime() + OVERDUE_MS),
          payload: { userId: report.userId, reportId },
        });
      const running = await tx.report.update({
        where: { id: reportId },
        data: { state: 'RUNNING', failure: null, finishedAt: null },
      });
      await tellOf(tx, emit, lastSeq, running, this.now());
      return running;
    });
    if (!begun) await this.#leave(found);
    return begun;
  }

  /** Reports the progress of reading, at most every {@link TELL_MS}. It throws Stopped when the report is cancelled. */
  #progressOf(report: Report): (share: number) => Promise<void> {
    let [told, at] = [0, this.now().getTime()];
    return async (share) => {
      const percent = Math.floor(share * 6) * 10;
      if (this.now().getTime() - at < this.tellMs) return;
      at = this.now().getTime();
      if (percent > told) await this.#tell(report, (told = percent));
      else await this.#check(report);
    };
  }

  /** Checks that the report still runs. @throws Stopped when the report is not running any more */
  async #check({ id }: Report): Promise<void> {
    if ((await this.prisma.report.findUnique({ where: { id } }))?.state !== 'RUNNING') throw new Stopped();
  }

  /**
   * Emits progress unless it is behind the stored one, which another delivery of the job may have reached. @throws
   * Stopped
   */
  async #tell(report: Report, percent: number): Promise<void> {
    const isRunning = await this.#locked(report, async (tx, emit, lastSeq, { state, percent: before }) => {
      if (state !== 'RUNNING') return false;
      if (percent > before)
        await tellOf(
          tx,
          emit,
          lastSeq,
          await tx.report.update({ where: { id: report.id }, data: { percent } }),
          this.now(),
        );
      return true;
    });
    if (!isRunning) throw new Stopped();
  }

  /** Marks the report as done, and notifies the person. @throws Stopped when the report is not running any more */
  async #finish(
    report: Report,
    subject: string | null,
    file: { readonly pages: number | null; readonly bytes: number },
  ): Promise<void> {
    const isDone = await this.#locked(report, async (tx, emit, lastSeq, { state }) => {
      if (state !== 'RUNNING') return false;
      const { id, userId, kind, format } = report;
      const now = this.now();
      const expiresAt = new Date(now.getTime() + FILE_MS);
      const done = await tx.report.update({
        where: { id },
        data: { ...file, state: 'DONE', percent: 100, finishedAt: now, expiresAt },
      });
      await tellOf(tx, emit, lastSeq, done, now);
      await this.timers.set(tx, ReportAges, { key: id, at: expiresAt, payload: { userId, reportId: id } });
      await this.notices.give(tx, emit, {
        kind: 'REPORT_READY',
        cause: id,
        subject: { type: 'Report', id },
        facts: { report: kind, format, subject },
        occurredAt: now.toISOString(),
        to: { users: [userId] },
      });
      return true;
    });
    if (!isDone) throw new Stopped();
    this.#count(report, 'DONE');
  }

  async #fail(report: Report, failure: Failure): Promise<void> {
    const isFailed = await this.#locked(report, async (tx, emit, lastSeq, { state }) => {
      if (!UNFINISHED.includes(state)) return false;
      const finishedAt = this.now();
      const failed = await tx.report.update({
        where: { id: report.id },
        data: { state: 'FAILED', failure, finishedAt },
      });
      await tellOf(tx, emit, lastSeq, failed, finishedAt);
      return true;
    });
    if (isFailed) this.#count(report, failure);
  }

  /** Deletes a file that was written although the report has ended in another way. */
  async #leave(report: Report): Promise<void> {
    const now = await this.prisma.report.findUnique({ where: { id: report.id } });
    if (now?.state === 'DONE') return;
    await this.storage.delete(keyOf(report)).catch((error: unknown) => {
      this.#log.warn(`the file of a report that has ended stays until its timer deletes it: ${String(error)}`);
    });
  }

  #count({ kind, format }: Report, outcome: 'DONE' | Failure): void {
    this.#ended.inc({ kind, format, outcome });
  }

  /** Calls `work` with the report as it is now, under the lock of the person's reports. Null if it is deleted. */
  #locked<T>(
    { id, userId }: Report,
    work: (tx: Tx, emit: Emit, lastSeq: number, report: Report) => Promise<T>,
  ): Promise<T | null> {
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const lastSeq = await lockReports(tx, userId);
      const report = await tx.report.findUnique({ where: { id } });
      return report && work(tx, emit, lastSeq, report);
    });
  }
}

/** Makes the file. The libraries are loaded by the first report of a process, because most processes write none. */
async function fileOf(
  content: Content,
  format: string,
  edition: { language: Language; timeZone: string; madeAt: Date },
): Promise<{ body: Uint8Array; pages: number | null }> {
  if (format === 'PDF') return (await import('./pdf/pdf.ts')).pdfOf(content, edition);
  return { body: (await import('./csv.ts')).csvOf(content, edition), pages: null };
}

function nameOf(content: Content): string | null {
  if (content.kind === 'MATCH') return `${content.home.name ?? '–'} – ${content.away.name ?? '–'}`;
  return content.name;
}

function failureOf(error: unknown): Failure {
  if (error instanceof SubjectMissing) return 'SUBJECT_NOT_FOUND';
  if (error instanceof TooLarge) return 'TOO_LARGE';
  if (error instanceof NoAnswer || (error instanceof StorageError && error.code === 'STORAGE_UNAVAILABLE'))
    return 'UNAVAILABLE';
  return 'INTERNAL';
}
