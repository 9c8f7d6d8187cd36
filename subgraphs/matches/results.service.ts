import { Inject, Injectable } from '@nestjs/common';
import { fromGlobalId } from '../../platform/graphql/global-id.ts';
import { parseInput } from '../../platform/graphql/input.ts';
import { below } from '../../platform/graphql/user-errors.ts';
import { type Principal, requireUser } from '../../platform/identity/principal.ts';
import type { Emit, Outbox } from '../../platform/messaging/outbox/outbox.ts';
import type { Timers } from '../../platform/messaging/timers/timers.ts';
import type { Questions } from '../../platform/questions/questions.ts';
import { OUTBOX, QUESTIONS, TIMERS } from '../../platform/injection/tokens.ts';
import type { MatchScore } from '../../schema/messages/matches.ts';
import { profileOf } from '../../schema/sports.ts';
import { isDeepStrictEqual } from 'node:util';
import { awaitConfirmation, endConfirmation, NOBODY } from './confirmation-timer.ts';
import { checkFinalScore, requireWinner } from './final-score.ts';
import { type Match, type Prisma, PrismaClient, type Protest } from './generated/prisma/client.ts';
import { confirmInput, correctInput, decideInput, finalScoreInput, protestInput, walkoverInput } from './inputs.ts';
import { userError } from './reasons.ts';
import { append, type Entry, firstLegOf, type Moved, progressOf } from './record.ts';
import { isOrganizer, lockAsOfficial, lockAsOrganizer, lockMatch, type SideName, teamRoles } from './rights.ts';
import { leader, walkoverScore } from './score.ts';
import { allow, mayFrom } from './transitions.ts';

type Tx = Prisma.TransactionClient;

/** Handles the result of a match: the final score, confirmations, protests, corrections and walkovers. */
@Injectable()
export class ResultsService {
  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(TIMERS) private readonly timers: Timers,
    @Inject(QUESTIONS) private readonly questions: Questions,
  ) {}

  /**
   * Ends the match with a score that was entered as a whole. The organizers and the referee of the match, and
   * administrators, may do this. The same score again changes nothing while the result is provisional.
   * @throws UserErrors
   */
  async recordFinalScore(viewer: Principal, input: unknown): Promise<Match> {
    const { userId } = requireUser(viewer);
    const { matchId, score } = parseInput(finalScoreInput, input);
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const match = await lockAsOfficial(tx, viewer, matchId);
      if (match.state === 'FINISHED' && isDeepStrictEqual(match.score, score)) return match;
      allow('recordFinalScore', match);
      if (await openProtest(tx, match)) throw userError('PROTEST_OPEN', 'matchId');
      const firstLeg = await firstLegOf(tx, match);
      below(['score'], () => checkFinalScore(profileOf(match.sport), score, match.needsWinner, firstLeg));
      const entries: Entry[] = [
        result('PLAYED', score, leader(score), null),
        ...(match.state === 'FINISHED' ? [] : [state('FINISHED')]),
      ];
      const moved = await awaitConfirmation(tx, this.timers, match);
      return (await append(tx, emit, match, userId, entries, moved)).match;
    });
  }

  /**
   * Captains and owners of a team confirm for their side; the subgraph teams says who has these roles now. The second
   * side makes the result count. An organizer of the match or an administrator confirms alone, but one who leads a side
   * needs `overrule` for that. With `overrule` the answer of teams is not needed. Refused while a protest is open, and
   * for a draw of a match that needs a winner.
   * @throws UserErrors; NoAnswer when teams does not answer
   */
  async confirm(viewer: Principal, input: unknown): Promise<Match> {
    const { userId } = requireUser(viewer);
    const { matchId, overrule, seenScore } = parseInput(confirmInput, input);
    const wanted = await this.#wanted(matchId);
    const organizes = await isOrganizer(this.prisma, viewer, wanted);
    const overrules = organizes && overrule;
    const sides = overrules ? [] : await this.#leads(viewer, wanted);
    const alone = overrules || (organizes && sides.length === 0);
    if (!alone && sides.length === 0) throw userError('NOT_OF_A_SIDE', 'matchId');
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const match = await lockMatch(tx, fromGlobalId('Match', matchId));
      const { score } = progressOf(match);
      if (seenScore && !isDeepStrictEqual(shown(seenScore), shown(score)))
        throw userError('SCORE_CHANGED', 'seenScore');
      const confirmed = confirmedSides(match);
      const more = sides.filter((side) => !confirmed.includes(side));
      if (match.state === 'CONFIRMED' && (alone || more.length === 0)) return match;
      allow(alone ? 'overrule' : 'confirm', match);
      if (await openProtest(tx, match)) throw userError('PROTEST_OPEN', 'matchId');
      // An abandoned match may be level. Nobody would advance from such a result.
      requireWinner(match.needsWinner, score, 'matchId');
      if (alone) return this.#settle(tx, emit, match, userId, [state('CONFIRMED')]);
      if (more.length === 0) return match;
      const entries: Entry[] = more.map((side) => ({ detail: { kind: 'CONFIRMATION', side } }));
      const by: Moved = {
        ...(more.includes('HOME') && { homeConfirmedBy: userId }),
        ...(more.includes('AWAY') && { awayConfirmedBy: userId }),
      };
      if (confirmed.length + more.length === 2)
        return this.#settle(tx, emit, match, userId, [...entries, state('CONFIRMED')], by);
      return (await append(tx, emit, match, userId, entries, by)).match;
    });
  }

  /**
   * Protests against a result, which stops the time to protest. Captains and owners of a team may do this, unless their
   * side has confirmed the result. The subgraph teams says who has these roles now. The same protest again changes
   * nothing.
   * @throws UserErrors; NoAnswer when teams does not answer
   */
  async protest(viewer: Principal, input: unknown): Promise<Match> {
    const { userId } = requireUser(viewer);
    const { matchId, reason } = parseInput(protestInput, input);
    const [side] = await this.#leads(viewer, await this.#wanted(matchId));
    if (!side) throw userError('NOT_OF_A_SIDE', 'matchId');
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const match = await lockMatch(tx, fromGlobalId('Match', matchId));
      allow('protest', match);
      const open = await openProtest(tx, match);
      if (open?.madeBy === userId && open.reason === reason) return match;
      if (open) throw userError('PROTEST_OPEN', 'matchId');
      if (confirmedSides(match).includes(side)) throw userError('SIDE_CONFIRMED', 'matchId');
      await tx.protest.create({ data: { matchId: match.id, side, madeBy: userId, reason } });
      const moved = await endConfirmation(tx, this.timers, match);
      return (await append(tx, emit, match, userId, [{ detail: { kind: 'PROTEST', side } }], moved)).match;
    });
  }

  /** Decides the open protest. Organizers of the match and administrators may do this. @throws UserErrors */
  async decide(viewer: Principal, input: unknown): Promise<Match> {
    const { userId } = requireUser(viewer);
    const { matchId, answer: said, decision } = parseInput(decideInput, input);
    const answer = said ?? null;
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const match = await lockAsOrganizer(tx, viewer, matchId);
      allow('decide', match);
      const protest = await openProtest(tx, match);
      if (!protest) throw userError('NO_PROTEST', 'matchId');
      const decided = async (kind: string, entries: Entry[]): Promise<Match> => {
        await tx.protest.update({
          where: { id: protest.id },
          data: { decision: kind, answer, decidedBy: userId, decidedAt: new Date() },
        });
        return this.#settle(tx, emit, match, userId, entries, kind === 'REPLAY' ? NOBODY : {});
      };
      const { newScore, walkover, replay } = decision;
      if (replay) return decided('REPLAY', [{ detail: { kind: 'REPLAY', reason: answer } }]);
      if (walkover) return decided('WALKOVER', walkoverEntries(match, walkover.winner ?? null, answer));
      if (!newScore) return decided('CONFIRMED', [state('CONFIRMED', answer)]);
      const firstLeg = await firstLegOf(tx, match);
      below(['decision', 'newScore'], () =>
        checkFinalScore(profileOf(match.sport), newScore, match.needsWinner, firstLeg),
      );
      return decided('NEW_SCORE', [result('AWARDED', newScore, leader(newScore), answer), state('CONFIRMED', answer)]);
    });
  }

  /**
   * Corrects a result that counts. Organizers of the match and administrators may do this. The events keep the old
   * score. @throws UserErrors
   */
  async correct(viewer: Principal, input: unknown): Promise<Match> {
    const { userId } = requireUser(viewer);
    const { matchId, score, reason } = parseInput(correctInput, input);
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const match = await lockAsOrganizer(tx, viewer, matchId);
      allow('correct', match);
      const { how, nobodyWins, score: before } = progressOf(match);
      if (match.state === 'CONFIRMED' && !nobodyWins && isDeepStrictEqual(before, score)) return match;
      const firstLeg = await firstLegOf(tx, match);
      below(['score'], () => checkFinalScore(profileOf(match.sport), score, match.needsWinner, firstLeg));
      // A correction of a score that was played or awarded keeps that. A walkover becomes AWARDED.
      const entries = [result(how === 'WALKOVER' ? 'AWARDED' : how, score, leader(score), reason)];
      if (match.state !== 'CONFIRMED') entries.push(state('CONFIRMED', reason));
      return (await append(tx, emit, match, userId, entries)).match;
    });
  }

  /**
   * Makes the match a walkover. Organizers of the match and administrators may do this. The same walkover again changes
   * nothing. @throws UserErrors
   */
  async awardWalkover(viewer: Principal, input: unknown): Promise<Match> {
    const { userId } = requireUser(viewer);
    const { matchId, winner, reason } = parseInput(walkoverInput, input);
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const match = await lockAsOrganizer(tx, viewer, matchId);
      if (match.state === 'WALKOVER' && isWonBy(match, winner ?? null)) return match;
      allow('awardWalkover', match);
      return this.#settle(tx, emit, match, userId, walkoverEntries(match, winner ?? null, reason ?? null));
    });
  }

  /**
   * Confirms the result at the end of the time to protest. Does nothing if the match is not FINISHED any more, or if a
   * protest is open.
   */
  async timeOut(tx: Tx, emit: Emit, matchId: string): Promise<void> {
    if ((await tx.match.count({ where: { id: matchId } })) === 0) return;
    const match = await lockMatch(tx, matchId);
    if (!mayFrom('timeOut', match.state) || (await openProtest(tx, match))) return;
    await this.#settle(tx, emit, match, match.organizerId, [state('CONFIRMED')]);
  }

  /** Ends the time to protest, and records the entries. */
  async #settle(
    tx: Tx,
    emit: Emit,
    match: Match,
    recordedBy: string,
    entries: readonly Entry[],
    more: Moved = {},
  ): Promise<Match> {
    const moved = { ...(await endConfirmation(tx, this.timers, match)), ...more };
    return (await append(tx, emit, match, recordedBy, entries, moved)).match;
  }

  /** The match, not locked. @throws UserErrors NOT_FOUND */
  async #wanted(matchId: string): Promise<Match> {
    const id = fromGlobalId('Match', matchId);
    const match = id && (await this.prisma.match.findUnique({ where: { id } }));
    if (!match) throw userError('MATCH_NOT_FOUND', 'matchId');
    return match;
  }

  /** The sides whose team the viewer owns or is a captain of now. @throws NoAnswer when teams does not answer */
  async #leads(viewer: Principal, match: Match): Promise<SideName[]> {
    return (await teamRoles(this.questions, viewer, match)).sides('OWNER', 'CAPTAIN');
  }
}

/** What people see of a score. */
const shown = ({ home, away, shootout }: Pick<MatchScore, 'home' | 'away'> & Partial<MatchScore>): unknown => [
  ...[home, away],
  ...(shootout ? [shootout.home, shootout.away] : []),
];

const state = (to: 'FINISHED' | 'CONFIRMED' | 'WALKOVER', reason: string | null = null): Entry => ({
  detail: { kind: 'STATE', state: to, reason },
});

const result = (
  how: 'PLAYED' | 'AWARDED' | 'WALKOVER',
  score: MatchScore,
  winner: SideName | 'NONE' | null,
  reason: string | null,
): Entry => ({ detail: { kind: 'RESULT', how, score, winner, reason } });

/** The events of a walkover. @param winner null: both sides lose */
export function walkoverEntries(match: Match, winner: SideName | null, reason: string | null): Entry[] {
  const { walkoverScore: own } = match;
  const profile = profileOf(match.sport);
  const score = walkoverScore(own === null ? profile : { ...profile, walkover: own }, winner);
  return [result('WALKOVER', score, winner ?? 'NONE', reason), state('WALKOVER', reason)];
}

export const isWonBy = (match: Match, winner: SideName | null): boolean =>
  winner === null ? match.nobodyWins : !match.nobodyWins && leader(progressOf(match).score) === winner;

export const confirmedSides = ({ homeConfirmedBy, awayConfirmedBy }: Match): SideName[] => [
  ...(homeConfirmedBy === null ? [] : ['HOME' as const]),
  ...(awayConfirmedBy === null ? [] : ['AWAY' as const]),
];

export const openProtest = (tx: Pick<Tx, 'protest'>, { id: matchId }: Match): Promise<Protest | null> =>
  tx.protest.findFirst({ where: { matchId, decision: null } });
