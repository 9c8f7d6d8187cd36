import { randomBytes } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap, Optional } from '@nestjs/common';
import { fromGlobalId, toGlobalId } from '../../platform/graphql/global-id.ts';
import { parseInput } from '../../platform/graphql/input.ts';
import { UserErrors } from '../../platform/graphql/user-errors.ts';
import { OUTBOX, QUESTIONS, TIMERS } from '../../platform/injection/tokens.ts';
import { type Principal, requireUser } from '../../platform/identity/principal.ts';
import type { Emit, Outbox } from '../../platform/messaging/outbox/outbox.ts';
import { NoAnswer } from '../../platform/questions/definition.ts';
import type { Questions } from '../../platform/questions/questions.ts';
import { handle } from '../../platform/messaging/timers/definition.ts';
import type { Timers } from '../../platform/messaging/timers/timers.ts';
import {
  DrawSeedCommitted,
  TeamInvitedToTournament,
  TournamentCancelled,
  TournamentDrawn,
  TournamentPublished,
} from '../../schema/messages/tournaments.ts';
import { TeamRating } from '../../schema/questions/matches.ts';
import { withdrawDisbanded } from './disbanded-teams.service.ts';
import { byRating, hashOf, shuffled } from './draw.ts';
import { moveUp, OPEN, PLACED, told } from './entries.ts';
import { type Entry, type Prisma, PrismaClient, type Tournament } from './generated/prisma/client.ts';
import type { TournamentState } from './generated/prisma/enums.ts';
import { cancelInput, drawInput, faultsOf, isChangeable, tournamentInput, updateInput } from './inputs.ts';
import { TournamentsMetrics } from './metrics.ts';
import { progress } from './progress.ts';
import { userError } from './reasons.ts';
import { append, change, happened, type Happening, lock, lockAsOrganizer, WHOLE_STAGE } from './record.ts';
import { unplanMatches } from './planned-matches.ts';
import { drawPlans } from './stages.service.ts';
import { CheckInCloses, CourseIsDue, RegistrationCloses, WithdrawDisbanded } from './timers.ts';

type Tx = Prisma.TransactionClient;
/** The rating of each team, by the id of its entry. Null for a team without a rating. */
type Ratings = ReadonlyMap<string, number | null>;
type Work = (tx: Tx, emit: Emit, tournament: Tournament) => Promise<Tournament>;

/**
 * The changes of a tournament's state that organizers and deadlines make. A tournament becomes COMPLETED by its results
 * instead: see progress.ts. Each step locks the tournament and then checks its state. So the second of two concurrent
 * steps sees what the first one changed.
 */
@Injectable()
export class LifeService implements OnApplicationBootstrap {
  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(TIMERS) private readonly timers: Timers,
    @Inject(QUESTIONS) private readonly questions: Questions,
    @Optional() private readonly metrics?: TournamentsMetrics,
  ) {}

  onApplicationBootstrap(): void {
    this.runner().start();
  }

  /** The runner of the timers of deadlines, and of the timer that lets tables and brackets follow results. */
  runner() {
    return this.timers.runner(this.prisma, [
      handle(RegistrationCloses, async ({ tx, emit, payload, dueAt }) => {
        const tournament = await lock(tx, payload.tournamentId);
        if (tournament?.state === 'REGISTRATION' && isPast(tournament.registrationClosesAt, dueAt))
          await this.#close(tx, emit, tournament);
      }),
      handle(CheckInCloses, async ({ tx, emit, payload, dueAt }) => {
        const tournament = await lock(tx, payload.tournamentId);
        if (tournament?.state !== 'CHECK_IN' || tournament.checkInEndedAt) return;
        if (isPast(tournament.checkInClosesAt, dueAt)) await this.#endCheckIn(tx, emit, tournament);
      }),
      handle(WithdrawDisbanded, ({ tx, emit, payload }) => withdrawDisbanded(tx, emit, payload.entryId)),
      handle(CourseIsDue, async ({ tx, emit, payload }) => {
        const tournament = await lock(tx, payload.tournamentId);
        if (!tournament) return;
        const end = this.metrics?.progress.startTimer();
        await progress(tx, emit, tournament);
        end?.();
        if (payload.since) this.metrics?.resultLag.observe((Date.now() - Date.parse(payload.since)) / 1000);
      }),
    ]);
  }

  /**
   * Changes fields of a tournament. Organizers and administrators may do this; only organizers may change a draft. The
   * descriptions of `UpdateTournamentInput` in the schema say until when each field may change. @throws UserErrors
   */
  async update(viewer: Principal, input: unknown): Promise<Tournament> {
    requireUser(viewer);
    const { tournamentId, mode, ...asked } = parseInput(updateInput, input);
    return this.#step(viewer, tournamentId, async (tx, emit, tournament) => {
      const data: Partial<Tournament> = Object.fromEntries(
        Object.entries({ ...asked, registration: mode }).filter(
          ([field, value]) =>
            value !== undefined && tournament[field as keyof Tournament]?.valueOf() !== value?.valueOf(),
        ),
      );
      const { state } = tournament;
      const fixed = Object.keys(data).filter((field) => !isChangeable(field, state));
      if (fixed.length > 0)
        throw new UserErrors(
          fixed.flatMap((field) => userError('FIXED_NOW', { state }, field === 'registration' ? 'mode' : field).errors),
        );
      const faults = faultsOf({ ...tournament, ...data });
      if (faults.length > 0)
        throw new UserErrors(
          faults.flatMap(({ field, error }) => error.errors.map((one) => ({ ...one, field: [field] }))),
        );
      if (data.maxTeams !== undefined) {
        const placed = await tx.entry.count({ where: { tournamentId: tournament.id, state: { in: [...PLACED] } } });
        if (data.maxTeams < placed) throw userError('TOO_SMALL', { min: placed }, 'maxTeams');
      }
      if (Object.keys(data).length === 0) return tournament;
      const changed = { ...tournament, ...data };
      await this.#setDeadlines(tx, changed);
      return change(tx, emit, tournament, data, await moveUp(tx, changed));
    });
  }

  /**
   * Makes the tournament public and lets teams enter. Only its organizers may do this, because nobody else sees a
   * draft. @throws UserErrors
   */
  async publish(viewer: Principal, input: unknown): Promise<Tournament> {
    return this.#move(viewer, input, ['DRAFT'], 'REGISTRATION', async (tx, emit, tournament) => {
      const now = new Date();
      for (const field of ['registrationClosesAt', 'checkInClosesAt'] as const)
        if (isPast(tournament[field], now)) throw userError('TOO_EARLY', { min: now.toISOString() }, field);
      await this.#setDeadlines(tx, { ...tournament, state: 'REGISTRATION' });
      const published = await change(tx, emit, tournament, { state: 'REGISTRATION' }, [], TournamentPublished);
      return sendInvitations(tx, emit, published);
    });
  }

  /**
   * Ends registration, begins the check-in, publishes the hash of the draw's seed. Organizers and administrators may do
   * this.
   * @throws UserErrors
   */
  async closeRegistration(viewer: Principal, input: unknown): Promise<Tournament> {
    return this.#move(viewer, input, ['REGISTRATION'], 'CHECK_IN', (tx, emit, tournament) =>
      this.#close(tx, emit, tournament),
    );
  }

  /**
   * Ends the check-in: teams that did not check in lose their places, and teams that wait get them. Organizers and
   * administrators may do this. A second call changes nothing.
   * @throws UserErrors
   */
  async endCheckIn(viewer: Principal, input: unknown): Promise<Tournament> {
    return this.#move(viewer, input, ['CHECK_IN'], null, (tx, emit, tournament) => {
      if (tournament.checkInEndedAt) return Promise.resolve(tournament);
      return this.#endCheckIn(tx, emit, tournament);
    });
  }

  /**
   * Gives each entry its seed, draws the plans and plans the first matches, once. The order is by lot, from the secret
   * whose hash was published, by rating, or the organizer's own. Organizers and administrators may do this.
   * @throws UserErrors; NoAnswer if `matches` does not say the ratings
   */
  async draw(viewer: Principal, input: unknown): Promise<Tournament> {
    requireUser(viewer);
    const { tournamentId, method, entryIds } = parseInput(drawInput, input);
    const ratings: Ratings | null = method === 'BY_RATING' ? await this.#ratings(viewer, tournamentId) : null;
    return this.#step(viewer, tournamentId, async (tx, emit, tournament) => {
      const entries = await toDraw(tx, tournament);
      const ids = entries.map(({ id }) => id);
      const drawSeed = tournament.drawSeed ?? '';
      const ratingOf = (id: string): number | null => ratings?.get(id) ?? null;
      // Refuses the draw if a team got its place while the ratings were asked for, because its rating is missing.
      if (ratings && ids.some((id) => !ratings.has(id))) throw userError('ENTRIES_CHANGED', 'tournamentId');
      const order = ratings
        ? byRating(drawSeed, ids, ratingOf)
        : method === 'BY_LOT'
          ? shuffled(drawSeed, ids)
          : byHand(ids, entryIds ?? []);
      const happenings: Happening[] = [];
      for (const [index, id] of order.entries())
        happenings.push(told(await tx.entry.update({ where: { id }, data: { seed: index + 1 } })));
      happenings.push(
        happened(TournamentDrawn, {
          tournamentId: tournament.id,
          seed: method === 'BY_HAND' ? null : tournament.drawSeed,
          entryIds: order,
          method,
          ...(ratings ? { ratings: order.map(ratingOf).filter((rating) => rating !== null) } : {}),
        }) as Happening,
      );
      await this.timers.cancel(tx, CheckInCloses, tournament.id);
      const seeded = { state: 'SEEDED', drawnAt: new Date(), drawMethod: method } as const;
      const changed = await change(tx, emit, tournament, seeded, happenings);
      await drawPlans(tx, changed, order);
      return progress(tx, emit, changed);
    });
  }

  /** The ratings of the entries that would be drawn now, asked for while nothing is locked. */
  async #ratings(viewer: Principal, tournamentId: string): Promise<Ratings> {
    const { entries, sport } = await this.prisma.$transaction(async (tx) => {
      const tournament = await lockAsOrganizer(tx, viewer, tournamentId);
      return { entries: await toDraw(tx, tournament), sport: tournament.sport };
    });
    const answers = await this.questions.askAll(
      TeamRating,
      entries.map(({ teamId }) => ({ teamId: toGlobalId('Team', teamId), sport })),
    );
    return new Map(
      entries.map(({ id }, index) => {
        const answer = answers[index];
        if (answer === undefined || answer instanceof NoAnswer)
          throw answer ?? new NoAnswer('matches did not say every rating');
        return [id, answer];
      }),
    );
  }

  /**
   * Starts a tournament: its state changes from SEEDED to RUNNING. Organizers and administrators may do this.
   * @throws UserErrors
   */
  async start(viewer: Principal, input: unknown): Promise<Tournament> {
    return this.#move(viewer, input, ['SEEDED'], 'RUNNING', async (tx, emit, tournament) =>
      progress(tx, emit, await change(tx, emit, tournament, { state: 'RUNNING' })),
    );
  }

  /**
   * Cancels the tournament and takes its matches that are not over from the plan. The event names each team whose entry
   * was not out. Organizers and administrators may do this.
   * @throws UserErrors
   */
  async cancel(viewer: Principal, input: unknown): Promise<Tournament> {
    requireUser(viewer);
    const { tournamentId, reason = null } = parseInput(cancelInput, input);
    return this.#step(viewer, tournamentId, async (tx, emit, stored) => {
      const tournament = await this.#followResults(tx, emit, stored);
      if (tournament.state === 'CANCELLED') return tournament;
      requireState(tournament, ['REGISTRATION', 'CHECK_IN', 'SEEDED', 'RUNNING']);
      const { id } = tournament;
      const entries = await tx.entry.findMany({
        where: { tournamentId: id, state: { in: [...OPEN] } },
        orderBy: { number: 'asc' },
      });
      await this.timers.cancel(tx, RegistrationCloses, id);
      await this.timers.cancel(tx, CheckInCloses, id);
      const teamIds = entries.map(({ teamId }) => teamId);
      return change(tx, emit, tournament, { state: 'CANCELLED', cancelReason: reason }, [
        ...(await unplanMatches(tx, tournament, reason ?? 'The tournament is cancelled.')),
        happened(TournamentCancelled, { tournamentId: id, reason, teamIds }) as Happening,
      ]);
    });
  }

  /**
   * Archives a completed or cancelled tournament: later results of its matches are ignored. Organizers and
   * administrators may do this.
   * @throws UserErrors
   */
  async archive(viewer: Principal, input: unknown): Promise<Tournament> {
    return this.#move(viewer, input, ['COMPLETED', 'CANCELLED'], 'ARCHIVED', async (tx, emit, stored) => {
      // A corrected result that is not applied yet may reopen the tournament, so this applies it before the state is
      // checked again.
      const tournament = await this.#followResults(tx, emit, stored);
      requireState(tournament, ['COMPLETED', 'CANCELLED']);
      return change(tx, emit, tournament, { state: 'ARCHIVED' });
    });
  }

  /**
   * Applies the waiting results to tables and brackets. Cancelling and archiving need this, because after them no
   * result changes tables and brackets any more.
   */
  async #followResults(tx: Tx, emit: Emit, tournament: Tournament): Promise<Tournament> {
    return (await this.timers.cancel(tx, CourseIsDue, tournament.id)) ? progress(tx, emit, tournament) : tournament;
  }

  async #close(tx: Tx, emit: Emit, tournament: Tournament): Promise<Tournament> {
    const { id } = tournament;
    const drawSeed = randomBytes(32).toString('hex');
    const drawSeedHash = hashOf(drawSeed);
    const data = { state: 'CHECK_IN' as const, drawSeed, drawSeedHash };
    await this.timers.cancel(tx, RegistrationCloses, id);
    await this.#setDeadlines(tx, { ...tournament, ...data });
    return change(tx, emit, tournament, data, [
      happened(DrawSeedCommitted, { tournamentId: id, seedHash: drawSeedHash }) as Happening,
    ]);
  }

  async #endCheckIn(tx: Tx, emit: Emit, tournament: Tournament): Promise<Tournament> {
    const missing = await tx.entry.findMany({
      where: { tournamentId: tournament.id, state: 'ACCEPTED' },
      orderBy: { number: 'asc' },
    });
    const happenings: Happening[] = [];
    for (const { id } of missing)
      happenings.push(told(await tx.entry.update({ where: { id }, data: { state: 'MISSED_CHECK_IN' } })));
    happenings.push(...(await moveUp(tx, tournament)));
    await this.timers.cancel(tx, CheckInCloses, tournament.id);
    return change(tx, emit, tournament, { checkInEndedAt: new Date() }, happenings);
  }

  /** Sets the timers of the deadlines that are still ahead in this state, and cancels the others. */
  async #setDeadlines(tx: Tx, { id, state, registrationClosesAt, checkInClosesAt, checkInEndedAt }: Tournament) {
    const set = async (timer: typeof RegistrationCloses, isOpen: boolean, at: Date | null): Promise<void> => {
      if (isOpen && at) await this.timers.set(tx, timer, { key: id, at, payload: { tournamentId: id } });
      else await this.timers.cancel(tx, timer, id);
    };
    await set(RegistrationCloses, state === 'REGISTRATION', registrationClosesAt);
    await set(CheckInCloses, state === 'CHECK_IN' && !checkInEndedAt, checkInClosesAt);
  }

  /** Calls `work` if the tournament is in one of the states `from`. If its state is `to` already, nothing changes. */
  async #move(
    viewer: Principal,
    input: unknown,
    from: readonly TournamentState[],
    to: TournamentState | null,
    work: Work,
  ): Promise<Tournament> {
    requireUser(viewer);
    const { tournamentId } = parseInput(tournamentInput, input);
    return this.#step(viewer, tournamentId, async (tx, emit, tournament) => {
      if (tournament.state === to) return tournament;
      requireState(tournament, from);
      return work(tx, emit, tournament);
    });
  }

  #step(viewer: Principal, globalId: string, work: Work): Promise<Tournament> {
    return this.outbox.transaction(
      this.prisma,
      async (tx, emit) => work(tx, emit, await lockAsOrganizer(tx, viewer, globalId)),
      WHOLE_STAGE,
    );
  }
}

/** Whether a deadline has passed. Null: there is no deadline. */
export const isPast = (at: Date | null, now: Date): boolean => at !== null && at <= now;

/** @throws UserErrors CONFLICT */
export function requireState({ state }: Tournament, needed: readonly TournamentState[], field = 'tournamentId'): void {
  if (!needed.includes(state)) throw userError('TOURNAMENT_STATE', { state, needed: needed.join(' or ') }, field);
}

/**
 * The entries in the order that an organizer or an administrator gave. @throws UserErrors unless `given` has each of
 * them exactly once
 */
function byHand(ids: readonly string[], given: readonly string[]): string[] {
  const order = given.map((one) => fromGlobalId('Entry', one));
  for (const [index, id] of order.entries()) {
    if (id === null || !ids.includes(id)) throw userError('ENTRY_NOT_FOUND', 'entryIds', String(index));
    if (order.indexOf(id) !== index) throw userError('ENTRY_TWICE', 'entryIds', String(index));
  }
  if (order.length < ids.length) throw userError('TOO_FEW', { min: ids.length }, 'entryIds');
  return order as string[];
}

/** The entries that have a place, in the order of their numbers. @throws UserErrors if they cannot be drawn now */
async function toDraw(tx: Tx, tournament: Tournament): Promise<Entry[]> {
  if (tournament.drawnAt) throw userError('ALREADY_DRAWN', 'tournamentId');
  requireState(tournament, ['CHECK_IN']);
  const { id: tournamentId, minTeams: min } = tournament;
  const where = { tournamentId, state: { in: [...PLACED] } };
  const entries = await tx.entry.findMany({ where, orderBy: { number: 'asc' } });
  if (entries.length < min) throw userError('TOO_FEW_TEAMS', { min, count: entries.length }, 'tournamentId');
  return entries;
}

/** Sends the invitations that were made while the tournament was a draft, except those of teams disbanded since then. */
async function sendInvitations(tx: Tx, emit: Emit, tournament: Tournament): Promise<Tournament> {
  const { id: tournamentId } = tournament;
  const invited = await tx.invitedTeam.findMany({
    where: { tournamentId },
    orderBy: [{ invitedAt: 'asc' }, { teamId: 'asc' }],
  });
  const disbanded = await tx.disbandedTeam.findMany({ where: { id: { in: invited.map(({ teamId }) => teamId) } } });
  const gone = new Set(disbanded.map(({ id }) => id));
  const invitations = invited
    .filter(({ teamId }) => !gone.has(teamId))
    .map(({ teamId }) => happened(TeamInvitedToTournament, { tournamentId, teamId }) as Happening);
  return invitations.length === 0 ? tournament : append(tx, emit, tournament, invitations);
}
