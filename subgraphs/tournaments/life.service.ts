import { randomBytes } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { fromGlobalId } from '../../platform/graphql/global-id.ts';
import { parseInput } from '../../platform/graphql/input.ts';
import { UserErrors } from '../../platform/graphql/user-errors.ts';
import { OUTBOX, TIMERS } from '../../platform/injection/tokens.ts';
import { type Principal, requireUser } from '../../platform/identity/principal.ts';
import type { Emit, Outbox } from '../../platform/messaging/outbox/outbox.ts';
import { handle } from '../../platform/messaging/timers/definition.ts';
import type { Timers } from '../../platform/messaging/timers/timers.ts';
import {
  DrawSeedCommitted,
  TournamentCancelled,
  TournamentDrawn,
  TournamentPublished,
} from '../../schema/messages/tournaments.ts';
import { hashOf, shuffled } from './draw.ts';
import { moveUp, OPEN, PLACED, told } from './entries.ts';
import { type Prisma, PrismaClient, type Tournament } from './generated/prisma/client.ts';
import type { TournamentState } from './generated/prisma/enums.ts';
import { cancelInput, drawInput, faultsOf, isChangeable, tournamentInput, updateInput } from './inputs.ts';
import { progress } from './progress.ts';
import { userError } from './reasons.ts';
import { change, happened, type Happening, lock, lockAsOrganizer } from './record.ts';
import { unplanMatches } from './planned-matches.ts';
import { drawPlans } from './stages.service.ts';
import { CheckInCloses, RegistrationCloses } from './timers.ts';

type Tx = Prisma.TransactionClient;
type Work = (tx: Tx, emit: Emit, tournament: Tournament) => Promise<Tournament>;

/**
 * The steps in the life of a tournament that organizers and deadlines take. COMPLETED follows from the results instead:
 * see progress.ts. Each step locks the tournament first and then looks at its state. So of two steps at the same time
 * the second one finds the state that the first one left.
 */
@Injectable()
export class LifeService implements OnApplicationBootstrap {
  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(TIMERS) private readonly timers: Timers,
  ) {}

  onApplicationBootstrap(): void {
    this.runner().start();
  }

  /** Fires deadlines. */
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
    ]);
  }

  /** Organizers may. The schema says until when a field may change. @throws UserErrors */
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

  /** Everybody sees the tournament from now on, and teams enter. Organizers may. @throws UserErrors */
  async publish(viewer: Principal, input: unknown): Promise<Tournament> {
    return this.#move(viewer, input, ['DRAFT'], 'REGISTRATION', async (tx, emit, tournament) => {
      const now = new Date();
      for (const field of ['registrationClosesAt', 'checkInClosesAt'] as const)
        if (isPast(tournament[field], now)) throw userError('TOO_EARLY', { min: now.toISOString() }, field);
      await this.#setDeadlines(tx, { ...tournament, state: 'REGISTRATION' });
      return change(tx, emit, tournament, { state: 'REGISTRATION' }, [], TournamentPublished);
    });
  }

  /** Nobody enters any more, and the hash of the draw's seed is published. Organizers may. @throws UserErrors */
  async closeRegistration(viewer: Principal, input: unknown): Promise<Tournament> {
    return this.#move(viewer, input, ['REGISTRATION'], 'CHECK_IN', (tx, emit, tournament) =>
      this.#close(tx, emit, tournament),
    );
  }

  /**
   * Teams that did not check in lose their places, and the teams that wait get them. Organizers may, and once.
   * @throws UserErrors
   */
  async endCheckIn(viewer: Principal, input: unknown): Promise<Tournament> {
    return this.#move(viewer, input, ['CHECK_IN'], null, (tx, emit, tournament) => {
      if (tournament.checkInEndedAt) return Promise.resolve(tournament);
      return this.#endCheckIn(tx, emit, tournament);
    });
  }

  /**
   * Gives the seeds, once: by lot from the seed whose hash was published, or by hand. Organizers may.
   * @throws UserErrors
   */
  async draw(viewer: Principal, input: unknown): Promise<Tournament> {
    requireUser(viewer);
    const { tournamentId, method, entryIds } = parseInput(drawInput, input);
    return this.#step(viewer, tournamentId, async (tx, emit, tournament) => {
      if (tournament.drawnAt) throw userError('ALREADY_DRAWN', 'tournamentId');
      requireState(tournament, ['CHECK_IN']);
      const entries = await tx.entry.findMany({
        where: { tournamentId: tournament.id, state: { in: [...PLACED] } },
        orderBy: { number: 'asc' },
      });
      if (entries.length < tournament.minTeams)
        throw userError('TOO_FEW_TEAMS', { min: tournament.minTeams, count: entries.length }, 'tournamentId');
      const ids = entries.map(({ id }) => id);
      const byLot = method === 'BY_LOT';
      const order = byLot ? shuffled(tournament.drawSeed ?? '', ids) : byHand(ids, entryIds ?? []);
      const happenings: Happening[] = [];
      for (const [index, id] of order.entries())
        happenings.push(told(await tx.entry.update({ where: { id }, data: { seed: index + 1 } })));
      const seed = byLot ? tournament.drawSeed : null;
      happenings.push(happened(TournamentDrawn, { tournamentId: tournament.id, seed, entryIds: order }) as Happening);
      await this.timers.cancel(tx, CheckInCloses, tournament.id);
      const seeded = { state: 'SEEDED', drawnAt: new Date(), drawMethod: method } as const;
      const changed = await change(tx, emit, tournament, seeded, happenings);
      await drawPlans(tx, changed, order);
      return progress(tx, emit, changed);
    });
  }

  /** Matches are played from now on. Organizers may. @throws UserErrors */
  async start(viewer: Principal, input: unknown): Promise<Tournament> {
    return this.#move(viewer, input, ['SEEDED'], 'RUNNING', async (tx, emit, tournament) =>
      progress(tx, emit, await change(tx, emit, tournament, { state: 'RUNNING' })),
    );
  }

  /** Nothing is played any more. The event names every team that had entered. Organizers may. @throws UserErrors */
  async cancel(viewer: Principal, input: unknown): Promise<Tournament> {
    requireUser(viewer);
    const { tournamentId, reason = null } = parseInput(cancelInput, input);
    return this.#step(viewer, tournamentId, async (tx, emit, tournament) => {
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

  /** Nothing changes any more. Organizers may. @throws UserErrors */
  async archive(viewer: Principal, input: unknown): Promise<Tournament> {
    return this.#move(viewer, input, ['COMPLETED', 'CANCELLED'], 'ARCHIVED', (tx, emit, tournament) =>
      change(tx, emit, tournament, { state: 'ARCHIVED' }),
    );
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

  /** Timers for the deadlines that the state still has. */
  async #setDeadlines(tx: Tx, { id, state, registrationClosesAt, checkInClosesAt, checkInEndedAt }: Tournament) {
    const set = async (timer: typeof RegistrationCloses, isOpen: boolean, at: Date | null): Promise<void> => {
      if (isOpen && at) await this.timers.set(tx, timer, { key: id, at, payload: { tournamentId: id } });
      else await this.timers.cancel(tx, timer, id);
    };
    await set(RegistrationCloses, state === 'REGISTRATION', registrationClosesAt);
    await set(CheckInCloses, state === 'CHECK_IN' && !checkInEndedAt, checkInClosesAt);
  }

  /** A step from one of these states; a tournament that is in the next one already stays as it is. */
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
    return this.outbox.transaction(this.prisma, async (tx, emit) =>
      work(tx, emit, await lockAsOrganizer(tx, viewer, globalId)),
    );
  }
}

/** Whether a deadline is over. */
export const isPast = (at: Date | null, now: Date): boolean => at !== null && at <= now;

/** @throws UserErrors CONFLICT */
export function requireState({ state }: Tournament, needed: readonly TournamentState[], field = 'tournamentId'): void {
  if (!needed.includes(state)) throw userError('TOURNAMENT_STATE', { state, needed: needed.join(' or ') }, field);
}

/** The entries in the order that the organizer gave. @throws UserErrors unless each is there once */
function byHand(ids: readonly string[], given: readonly string[]): string[] {
  const order = given.map((one) => fromGlobalId('Entry', one));
  for (const [index, id] of order.entries()) {
    if (id === null || !ids.includes(id)) throw userError('ENTRY_NOT_FOUND', 'entryIds', String(index));
    if (order.indexOf(id) !== index) throw userError('ENTRY_TWICE', 'entryIds', String(index));
  }
  if (order.length < ids.length) throw userError('TOO_FEW', { min: ids.length }, 'entryIds');
  return order as string[];
}
