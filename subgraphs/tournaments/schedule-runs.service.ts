import { randomInt } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { fromGlobalId, toGlobalId } from '../../platform/graphql/global-id.ts';
import { parseInput } from '../../platform/graphql/input.ts';
import { batched, keyed } from '../../platform/graphql/loader.ts';
import type { RateLimits } from '../../platform/http/rate-limits.ts';
import { type Principal, requireUser } from '../../platform/identity/principal.ts';
import { OUTBOX, RATE_LIMITS } from '../../platform/injection/tokens.ts';
import type { LimitsOf } from '../../platform/manifest/manifest.ts';
import type { Emit, Outbox } from '../../platform/messaging/outbox/outbox.ts';
import { digestOf } from '../../platform/postgres/digest.ts';
import { ScheduleComputation, ScheduleRunChanged } from '../../schema/messages/tournaments.ts';
import { listenerOf } from './drafts.ts';
import { type Prisma, PrismaClient, type ScheduleRun, type Tournament } from './generated/prisma/client.ts';
import { userError } from './reasons.ts';
import { append, happened, lockAsOrganizer } from './record.ts';
import { ScheduleRefused, checkInput } from './schedule/input.ts';
import { planInput, runInput } from './schedule-inputs.ts';
import type manifest from './subgraph.ts';
import { type Settings, timetableOf } from './timetable.ts';

type Tx = Prisma.TransactionClient;

/** How many schedule runs a tournament keeps. Older ones are deleted. */
const RUNS_KEPT = 20;

const RUNNING: ScheduleRun['state'][] = ['QUEUED', 'RUNNING'];

const NO_NEW_TIMES = new Set<Tournament['state']>(['COMPLETED', 'ARCHIVED', 'CANCELLED']);

/** Starts, cancels and reads schedule runs. {@link ScheduleWork} computes them, as jobs. */
@Injectable()
export class ScheduleRunsService {
  readonly byId = batched((ids, viewer) => this.byIds(viewer, ids));
  readonly ofTournament = batched((ids, viewer) => this.runsOf(viewer, ids));

  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(RATE_LIMITS) private readonly limits: RateLimits<LimitsOf<typeof manifest>>,
  ) {}

  /**
   * Reads runs. Only the organizers of a tournament see its runs. Administrators do not, although they may ask for a
   * schedule.
   */
  async byIds(viewer: Principal, ids: readonly string[]): Promise<Map<string, ScheduleRun>> {
    return keyed(await this.prisma.scheduleRun.findMany({ where: { id: { in: [...ids] }, ...visibleTo(viewer) } }));
  }

  /**
   * The runs of each tournament, the newest first. Only the organizers of a tournament see its runs; administrators do
   * not. A tournament keeps at most 20 runs.
   */
  async runsOf(viewer: Principal, tournamentIds: readonly string[]): Promise<Map<string, ScheduleRun[]>> {
    const rows = await this.prisma.scheduleRun.findMany({
      where: { tournamentId: { in: [...tournamentIds] }, ...visibleTo(viewer) },
      orderBy: { id: 'desc' },
    });
    return Map.groupBy(rows, ({ tournamentId }) => tournamentId);
  }

  /**
   * Asks for a schedule. Organizers and administrators may do this. Refused while another run of the tournament is
   * queued or running. The same client id again gives the same run to the same user; for another user it is a CONFLICT.
   * @throws UserErrors, RATE_LIMITED
   */
  async plan(viewer: Principal, input: unknown): Promise<ScheduleRun> {
    const { userId } = requireUser(viewer);
    const { tournamentId: globalId, clientId, ...asked } = parseInput(planInput, input);
    const createdAs = digestOf(asked);
    const made = async (tx: Pick<Tx, 'scheduleRun'>, tournamentId: string | null): Promise<ScheduleRun | null> => {
      const run = tournamentId
        ? await tx.scheduleRun.findUnique({ where: { tournamentId_clientId: { tournamentId, clientId } } })
        : null;
      if (run && run.requestedBy === userId && run.createdAs !== createdAs)
        throw userError('CLIENT_ID_USED', 'clientId');
      return run;
    };
    const repeated = await made(this.prisma, fromGlobalId('Tournament', globalId));
    if (repeated?.requestedBy === userId) return repeated;
    await this.limits.take('planSchedule', userId, viewer.clientAddress);
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const tournament = await lockAsOrganizer(tx, viewer, globalId);
      // A concurrent request with the same client id may have committed while this one waited for the lock.
      const again = await made(tx, tournament.id);
      if (again && again.requestedBy !== userId) throw userError('CLIENT_ID_USED', 'clientId');
      if (again) return again;
      const { state } = tournament;
      if (NO_NEW_TIMES.has(state)) throw userError('TOURNAMENT_STATE', { state, needed: 'RUNNING' }, 'tournamentId');
      if ((await tx.scheduleRun.count({ where: { tournamentId: tournament.id, state: { in: RUNNING } } })) > 0)
        throw userError('SCHEDULE_IS_COMPUTED', 'tournamentId');
      const settings = await this.#settings(tx, tournament, asked);
      const { input: plan, digest } = await timetableOf(tx, tournament.id, settings);
      refuseTooMuch(() => checkInput(plan));
      const run = await tx.scheduleRun.create({
        data: {
          tournamentId: tournament.id,
          clientId,
          requestedBy: userId,
          createdAs,
          settings,
          digest,
          seed: randomInt(2 ** 31),
        },
      });
      await this.#deleteOld(tx, tournament.id);
      const because = await tellOf(tx, emit, tournament, run);
      emit(ScheduleComputation, { because, payload: { tournamentId: tournament.id, runId: run.id } });
      return run;
    });
  }

  /**
   * Cancels a run that is queued or running. Organizers and administrators may do this.
   * @throws UserErrors CONFLICT once it is done or failed
   */
  async cancel(viewer: Principal, input: unknown): Promise<ScheduleRun> {
    requireUser(viewer);
    const { runId } = parseInput(runInput, input);
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const { run, tournament } = await lockRun(tx, viewer, runId);
      if (run.state === 'CANCELLED') return run;
      if (!RUNNING.includes(run.state)) throw userError('SCHEDULE_RUN_STATE', { state: run.state }, 'runId');
      const cancelled = await tx.scheduleRun.update({
        where: { id: run.id },
        data: { state: 'CANCELLED', finishedAt: new Date() },
      });
      await tellOf(tx, emit, tournament, cancelled);
      return cancelled;
    });
  }

  /** The settings to store. @throws UserErrors for a foreign entry, an invalid user id, or a repeated referee */
  async #settings(
    tx: Tx,
    { id, startsAt }: Tournament,
    asked: Omit<ReturnType<typeof planInput.parse>, 'tournamentId' | 'clientId'>,
  ): Promise<Settings> {
    const entries = await tx.entry.findMany({ where: { tournamentId: id } });
    const known = new Set(entries.map((entry) => entry.id));
    const referees = asked.referees.map(({ userId: user, entryIds }, index) => {
      const field = ['referees', String(index)];
      const userId = fromGlobalId('User', user);
      if (!userId) throw userError('USER_NOT_FOUND', ...field, 'userId');
      const named = entryIds.map((entry) => {
        const entryId = fromGlobalId('Entry', entry);
        if (!entryId || !known.has(entryId)) throw userError('ENTRY_NOT_FOUND', ...field, 'entryIds');
        return entryId;
      });
      // The named players of an entry, and the user who entered the team, belong to it even if the organizer omits it.
      const own = entries.filter(({ enteredBy, playerIds }) => enteredBy === userId || playerIds.includes(userId));
      return { userId, entryIds: [...new Set([...named, ...own.map((entry) => entry.id)])].toSorted() };
    });
    if (new Set(referees.map(({ userId }) => userId)).size < referees.length) throw userError('TAKEN', 'referees');
    return {
      matchMinutes: asked.matchMinutes,
      pauseMinutes: asked.pauseMinutes,
      restMinutes: asked.restMinutes,
      notBefore: Math.max((asked.notBefore ?? startsAt).getTime(), Date.now()),
      keepPlanned: asked.keepPlanned,
      referees,
    };
  }

  async #deleteOld(tx: Tx, tournamentId: string): Promise<void> {
    const old = await tx.scheduleRun.findMany({
      where: { tournamentId },
      orderBy: { id: 'desc' },
      skip: RUNS_KEPT,
      select: { id: true },
    });
    await tx.scheduleRun.deleteMany({ where: { id: { in: old.map(({ id }) => id) } } });
  }
}

const visibleTo = (viewer: Principal): Prisma.ScheduleRunWhereInput => ({
  tournament: { organizers: { some: { userId: listenerOf(viewer) ?? '00000000-0000-0000-0000-000000000000' } } },
});

/** The run and its tournament, which is locked. @throws UserErrors */
export async function lockRun(
  tx: Tx,
  viewer: Principal,
  globalId: string,
): Promise<{ run: ScheduleRun; tournament: Tournament }> {
  const id = fromGlobalId('ScheduleRun', globalId);
  const found = id ? await tx.scheduleRun.findUnique({ where: { id } }) : null;
  if (!found) throw userError('SCHEDULE_RUN_NOT_FOUND', 'runId');
  const tournament = await lockAsOrganizer(tx, viewer, toGlobalId('Tournament', found.tournamentId), 'runId');
  const run = await tx.scheduleRun.findUnique({ where: { id: found.id } });
  if (!run) throw userError('SCHEDULE_RUN_NOT_FOUND', 'runId');
  return { run, tournament };
}

/** Emits the state and progress of a run. The caller has locked the tournament. @returns the event's id */
export async function tellOf(
  tx: Tx,
  emit: Emit,
  tournament: Pick<Tournament, 'id' | 'lastSeq'>,
  { id: runId, state, percent }: ScheduleRun,
): Promise<string> {
  const tournamentId = tournament.id;
  const { lastSeq: seq } = await append(tx, emit, tournament, [
    happened(ScheduleRunChanged, { tournamentId, runId, state, percent }),
  ]);
  return (await tx.tournamentEvent.findUniqueOrThrow({ where: { tournamentId_seq: { tournamentId, seq } } })).id;
}

/** Runs a check of the scheduler. @throws UserErrors for what the scheduler refuses */
function refuseTooMuch(check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof ScheduleRefused)) throw error;
    const { code, field, params } = error;
    throw userError('SCHEDULE_REFUSED', { code, part: field, limit: params['limit'] ?? '' }, 'tournamentId');
  }
}
