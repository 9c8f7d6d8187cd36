import { Inject, Injectable, Optional } from '@nestjs/common';
import { OUTBOX } from '../../platform/injection/tokens.ts';
import type { Emit, Outbox } from '../../platform/messaging/outbox/outbox.ts';
import { type Prisma, PrismaClient, type ScheduleRun, type Tournament } from './generated/prisma/client.ts';
import { lock } from './record.ts';
import { columnsOf } from './schedule-result.ts';
import { tellOf } from './schedule-runs.service.ts';
import { ScheduleRefused, type ScheduleInput } from './schedule/input.ts';
import { type Schedule, schedule } from './schedule/schedule.ts';
import { settings, timetableOf } from './timetable.ts';

type Tx = Prisma.TransactionClient;

/** Moves that the search tries: seconds for 2,000 matches (docs/tournaments.md has figures). */
const STEPS = 20_000;

/** The shortest time between two events of progress, in milliseconds; also how soon a cancelled run stops. */
const TELL_MS = 500;

/** Somebody cancelled the run, or deleted its tournament. */
class Stopped extends Error {}

/**
 * Computes schedules. A process that ends in the middle loses nothing: the job is delivered again, and the same input and
 * seed give the same schedule. The first to finish writes it; a run has one result.
 */
@Injectable()
export class ScheduleWork {
  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Optional() private readonly steps = STEPS,
    @Optional() private readonly tellMs = TELL_MS,
  ) {}

  async compute({ tournamentId, runId }: { tournamentId: string; runId: string }): Promise<void> {
    const begun = await this.#begin(tournamentId, runId);
    if (!begun) return;
    try {
      const result = await this.#search(tournamentId, runId, begun.input, begun.seed);
      await this.#change(tournamentId, runId, {
        state: 'DONE',
        percent: 100,
        finishedAt: new Date(),
        ...columnsOf(result),
      });
    } catch (error) {
      if (error instanceof Stopped) return;
      if (!(error instanceof ScheduleRefused)) throw error;
      await this.#fail(tournamentId, runId, `${error.code} ${error.field}`);
    }
  }

  /** Null when there is nothing to do: it is done or cancelled, or the plan is another one by now. */
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

  /** Changes a run that is not finished, and tells it. @returns whether it was still running */
  async #change(tournamentId: string, runId: string, data: Prisma.ScheduleRunUpdateInput): Promise<boolean> {
    const changed = await this.#locked(tournamentId, runId, async (tx, emit, tournament, run) => {
      // Another delivery of the job may be further.
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
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const tournament = await lock(tx, tournamentId);
      const run = await tx.scheduleRun.findUnique({ where: { id: runId } });
      if (!tournament || !run || (run.state !== 'QUEUED' && run.state !== 'RUNNING')) return null;
      return work(tx, emit, tournament, run);
    });
  }
}

const FAILED = { state: 'FAILED' } as const;
