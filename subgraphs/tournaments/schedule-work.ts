import { Inject, Injectable, Optional } from '@nestjs/common';
import { OUTBOX } from '../../platform/injection/tokens.ts';
import { isPermanent } from '../../platform/messaging/job-queue/envelope.ts';
import type { Emit, Outbox } from '../../platform/messaging/outbox/outbox.ts';
import { Computations } from '../../schema/messages/tournaments.ts';
import { type Prisma, PrismaClient, type ScheduleRun, type Tournament } from './generated/prisma/client.ts';
import { TournamentsMetrics } from './metrics.ts';
import { lock } from './record.ts';
import { columnsOf } from './schedule-result.ts';
import { tellOf } from './schedule-runs.service.ts';
import { ScheduleRefused, type ScheduleInput } from './schedule/input.ts';
import { type Schedule, schedule } from './schedule/schedule.ts';
import { settings, timetableOf } from './timetable.ts';

type Tx = Prisma.TransactionClient;

/** How many moves the search tries. 2,000 matches take seconds: docs/tournaments.md has figures. */
const STEPS = 20_000;

/**
 * The shortest time between two progress events, in milliseconds. With each progress event, the worker checks whether
 * the run was cancelled.
 */
const TELL_MS = 500;

/** The time limit of a transaction, in milliseconds. It may be long, because no client waits for a job. */
const LIMIT = { timeout: 30_000 } as const;

/**
 * The error that ends a computation whose run is not queued or running any more, for example because somebody cancelled
 * it.
 */
class Stopped extends Error {}

/**
 * Computes schedules. If the process dies, the queue delivers the job again, and the same input and seed give the same
 * schedule. If two workers compute one run, the first to finish stores the result.
 */
@Injectable()
export class ScheduleWork {
  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Optional() private readonly steps = STEPS,
    @Optional() private readonly tellMs = TELL_MS,
    @Optional() private readonly metrics?: TournamentsMetrics,
  ) {}

  /**
   * Does a job. A run whose last delivery fails ends as FAILED, so that another run can be requested.
   * @throws the errors after which the queue should deliver the job again, and the error of the last delivery
   */
  async compute(
    asked: { readonly tournamentId: string; readonly runId: string },
    { attempt }: { readonly attempt: number } = { attempt: 1 },
  ): Promise<void> {
    try {
      await this.#compute(asked);
    } catch (error) {
      if (attempt >= Computations.maxDeliveries || isPermanent(error))
        await this.#fail(asked.tournamentId, asked.runId, 'INTERNAL');
      throw error;
    }
  }

  /** Ends the run of a job whose workers were lost at each delivery as FAILED, so that another run can be requested. */
  async lost({ tournamentId, runId }: { readonly tournamentId: string; readonly runId: string }): Promise<void> {
    await this.#fail(tournamentId, runId, 'INTERNAL');
  }

  async #compute({ tournamentId, runId }: { readonly tournamentId: string; readonly runId: string }): Promise<void> {
    const begun = await this.#begin(tournamentId, runId);
    if (!begun) return;
    const end = this.metrics?.schedule.startTimer();
    try {
      const result = await this.#search(tournamentId, runId, begun.input, begun.seed);
      const isStored = await this.#change(tournamentId, runId, {
        state: 'DONE',
        percent: 100,
        finishedAt: new Date(),
        ...columnsOf(result),
      });
      end?.({ outcome: isStored ? 'done' : 'cancelled' });
    } catch (error) {
      end?.({ outcome: error instanceof Stopped ? 'cancelled' : 'failed' });
      if (error instanceof Stopped) return;
      if (!(error instanceof ScheduleRefused)) throw error;
      await this.#fail(tournamentId, runId, `${error.code} ${error.field}`);
    }
  }

  /** Marks the run as running. Null if it is finished or cancelled, or if the plan has changed: then the run fails. */
  async #begin(tournamentId: string, runId: string): Promise<{ input: ScheduleInput; seed: number } | null> {
    return this.#locked(tournamentId, runId, async (tx, emit, tournament, run) => {
      const { input, digest } = await timetableOf(tx, tournamentId, settings.parse(run.settings));
      if (digest !== run.digest) {
        await this.#update(tx, emit, tournament, run, { ...FAILED, error: 'PLAN_CHANGED', finishedAt: new Date() });
        return null;
      }
      if (run.state === 'QUEUED') await this.#update(tx, emit, tournament, run, { state: 'RUNNING' });
      return { input, seed: run.seed };
    });
  }

  async #search(tournamentId: string, runId: string, input: ScheduleInput, seed: number): Promise<Schedule> {
    const stop = new AbortController();
    let [told, at] = [0, Date.now()];
    const onProgress = async (done: number): Promise<void> => {
      const percent = Math.min(90, Math.floor(done * 10) * 10);
      if (Date.now() - at < this.tellMs) return;
      at = Date.now();
      const running =
        percent > told
          ? await this.#change(tournamentId, runId, { percent })
          : (await this.prisma.scheduleRun.findUnique({ where: { id: runId } }))?.state === 'RUNNING';
      told = percent;
      if (!running) stop.abort(new Stopped());
    };
    return schedule(input, { seed, steps: this.steps, signal: stop.signal, onProgress });
  }

  #fail(tournamentId: string, runId: string, error: string): Promise<boolean> {
    return this.#change(tournamentId, runId, { ...FAILED, error, finishedAt: new Date() });
  }

  /** Changes a run that is not finished, and emits its progress. @returns false if it was finished */
  async #change(tournamentId: string, runId: string, data: Prisma.ScheduleRunUpdateInput): Promise<boolean> {
    const changed = await this.#locked(tournamentId, runId, async (tx, emit, tournament, run) => {
      // The progress must not go back: another delivery of the job may have reported more.
      if (typeof data.percent !== 'number' || data.percent > run.percent)
        await this.#update(tx, emit, tournament, run, data);
      return true;
    });
    return changed ?? false;
  }

  async #update(
    tx: Tx,
    emit: Emit,
    tournament: Tournament,
    { id }: ScheduleRun,
    data: Prisma.ScheduleRunUpdateInput,
  ): Promise<void> {
    await tellOf(tx, emit, tournament, await tx.scheduleRun.update({ where: { id }, data }));
  }

  /** Calls `work` under the lock of the tournament if the run is not finished; otherwise returns null. */
  #locked<T>(
    tournamentId: string,
    runId: string,
    work: (tx: Tx, emit: Emit, tournament: Tournament, run: ScheduleRun) => Promise<T>,
  ): Promise<T | null> {
    return this.outbox.transaction(
      this.prisma,
      async (tx, emit) => {
        const tournament = await lock(tx, tournamentId);
        const run = await tx.scheduleRun.findUnique({ where: { id: runId } });
        if (!tournament || !run || (run.state !== 'QUEUED' && run.state !== 'RUNNING')) return null;
        return work(tx, emit, tournament, run);
      },
      LIMIT,
    );
  }
}

const FAILED = { state: 'FAILED' } as const;
