import { Inject, Injectable } from '@nestjs/common';
import { fromGlobalId } from '../../platform/graphql/global-id.ts';
import { parseInput } from '../../platform/graphql/input.ts';
import { type Principal, requireUser } from '../../platform/identity/principal.ts';
import type { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import type { Timers } from '../../platform/messaging/timers/timers.ts';
import { answerOf, type Questions } from '../../platform/questions/questions.ts';
import { OUTBOX, QUESTIONS, TIMERS } from '../../platform/injection/tokens.ts';
import { UserExists } from '../../schema/questions/users.ts';
import { awaitConfirmation, endConfirmation, NOBODY } from './confirmation-timer.ts';
import { refuseDisbanded } from './disbanded-teams.ts';
import { requireWinner } from './final-score.ts';
import { type Match, PrismaClient, type Prisma } from './generated/prisma/client.ts';
import { moveInput, rescheduleInput } from './inputs.ts';
import { userError } from './reasons.ts';
import { append, type Entry, type Moved, progressOf } from './record.ts';
import { lockAsOfficial, lockAsOrganizer } from './rights.ts';
import { type Action, allow, TRANSITIONS } from './transitions.ts';

/** The actions that lead to one state. They do nothing if the match is in this state already. */
type Move = 'start' | 'pause' | 'resume' | 'suspend' | 'finish' | 'abandon' | 'postpone' | 'cancel';

/** Changes the state of a match: kick-off, breaks, its end, postponement. `results.service.ts` handles its result. */
@Injectable()
export class MatchMovesService {
  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(TIMERS) private readonly timers: Timers,
    @Inject(QUESTIONS) private readonly questions: Questions,
  ) {}

  /**
   * Starts the match and its first period. The organizers and the referee of the match, and administrators, may do
   * this.
   * @throws UserErrors
   */
  start(viewer: Principal, input: unknown): Promise<Match> {
    return this.#move('start', viewer, input, { also: [{ detail: { kind: 'PERIOD', period: 1 } }] });
  }

  /** @throws UserErrors */
  pause(viewer: Principal, input: unknown): Promise<Match> {
    return this.#move('pause', viewer, input);
  }

  /** Resumes the match after a break or an interruption. @throws UserErrors */
  resume(viewer: Principal, input: unknown): Promise<Match> {
    return this.#move('resume', viewer, input);
  }

  /** @throws UserErrors */
  suspend(viewer: Principal, input: unknown): Promise<Match> {
    return this.#move('suspend', viewer, input);
  }

  /** @throws UserErrors */
  abandon(viewer: Principal, input: unknown): Promise<Match> {
    return this.#move('abandon', viewer, input);
  }

  /**
   * Ends the match. From now on the sides can confirm the result or protest against it. @throws UserErrors, also
   * CONFLICT for a draw in a match that needs a winner
   */
  finish(viewer: Principal, input: unknown): Promise<Match> {
    return this.#move('finish', viewer, input, {
      check: (match) => requireWinner(match.needsWinner, progressOf(match).score, 'matchId'),
      moved: (tx, match) => awaitConfirmation(tx, this.timers, match),
    });
  }

  /** Postpones the match. Organizers of the match and administrators may do this. @throws UserErrors */
  postpone(viewer: Principal, input: unknown): Promise<Match> {
    return this.#move('postpone', viewer, input);
  }

  /**
   * Cancels the match. Organizers of the match and administrators may do this.
   * @throws UserErrors, also CONFLICT for a match of a tournament, because only the tournament cancels it
   */
  cancel(viewer: Principal, input: unknown): Promise<Match> {
    return this.#move('cancel', viewer, input, {
      check({ tournamentId }) {
        if (tournamentId !== null) throw userError('OF_A_TOURNAMENT', 'matchId');
      },
      moved: (tx, match) => endConfirmation(tx, this.timers, match),
    });
  }

  /**
   * Sets a new plan for a match that has not begun, or was abandoned. Organizers of the match and administrators may do
   * this. A postponed match is scheduled again; an abandoned one starts from the beginning. The same plan again changes
   * nothing.
   * @throws UserErrors; NoAnswer when the subgraph users does not answer whether the referee exists
   */
  async reschedule(viewer: Principal, input: unknown): Promise<Match> {
    const { userId } = requireUser(viewer);
    const { matchId, kickoffAt, venue, refereeId } = parseInput(rescheduleInput, input);
    const referee = refereeId == null ? null : fromGlobalId('User', refereeId);
    if (refereeId != null && !referee) throw userError('USER_NOT_FOUND', 'refereeId');
    // The service asks before it locks the match, so that no other transaction waits for the answer.
    const [exists] = await Promise.allSettled([refereeId == null || this.questions.ask(UserExists, refereeId)]);
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const match = await lockAsOrganizer(tx, viewer, matchId);
      allow('reschedule', match);
      // In a tournament, the organizers decide when and against whom the team forfeits.
      if (match.tournamentId === null)
        await refuseDisbanded(tx, new Map([match.homeTeamId, match.awayTeamId].map((id) => [id, 'matchId'])));
      if (!answerOf(exists)) throw userError('USER_NOT_FOUND', 'refereeId');
      const plan = {
        kickoffAt,
        kickoffIsEstimate: false,
        venue: venue ?? match.venue,
        refereeId: referee ?? match.refereeId,
      };
      const { entries, moved } = replanned(match, plan);
      if (entries.length === 0) return match;
      return (await append(tx, emit, match, userId, entries, moved)).match;
    });
  }

  async #move(
    action: Move,
    viewer: Principal,
    input: unknown,
    {
      check = () => undefined,
      also = [],
      moved = async () => ({}),
    }: {
      readonly check?: (match: Match) => void;
      readonly also?: readonly Entry[];
      readonly moved?: (tx: Prisma.TransactionClient, match: Match) => Promise<Moved>;
    } = {},
  ): Promise<Match> {
    const { userId } = requireUser(viewer);
    const { matchId, reason } = parseInput(moveInput, input);
    const lock = LOCKS[TRANSITIONS[action].by];
    const [state] = TRANSITIONS[action].to;
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const match = await lock(tx, viewer, matchId);
      if (match.state === state) return match;
      allow(action, match);
      check(match);
      const entries: Entry[] = [{ detail: { kind: 'STATE', state, reason: reason ?? null } }, ...also];
      return (await append(tx, emit, match, userId, entries, await moved(tx, match))).match;
    });
  }
}

const LOCKS = { OFFICIAL: lockAsOfficial, ORGANIZER: lockAsOrganizer } satisfies Partial<
  Record<(typeof TRANSITIONS)[Action]['by'], unknown>
>;

/** The plan of a match: its time, place and referee. */
export type Plan = Pick<Match, 'kickoffAt' | 'kickoffIsEstimate' | 'venue' | 'refereeId'>;

/**
 * The events and columns for a new plan of a match that may be rescheduled. Empty if nothing changes.
 * @param returns whether a match that is POSTPONED or ABANDONED is SCHEDULED again
 */
export function replanned(
  match: Match,
  plan: Plan,
  returns = true,
): { readonly entries: Entry[]; readonly moved: Moved } {
  const isSame = (Object.keys(plan) as (keyof Plan)[]).every(
    (name) => match[name]?.valueOf() === plan[name]?.valueOf(),
  );
  const isAbandoned = returns && match.state === 'ABANDONED';
  const isBack = isAbandoned || (returns && match.state === 'POSTPONED');
  if (isSame && !isBack) return { entries: [], moved: {} };
  const kickoffAt = plan.kickoffAt.toISOString();
  return {
    entries: [
      ...(isAbandoned ? [{ detail: { kind: 'REPLAY' as const, reason: null } }] : []),
      { detail: { kind: 'PLAN', ...plan, kickoffAt } },
      ...(isBack ? [{ detail: { kind: 'STATE' as const, state: 'SCHEDULED' as const, reason: null } }] : []),
    ],
    moved: { ...plan, ...(isAbandoned && NOBODY) },
  };
}
