import { Inject, Injectable } from '@nestjs/common';
import { MAX_PAGE, pageSize } from '../../platform/graphql/connection.ts';
import { badUserInput, notFound } from '../../platform/graphql/errors.ts';
import { fromGlobalId } from '../../platform/graphql/global-id.ts';
import { parseInput } from '../../platform/graphql/input.ts';
import { batched } from '../../platform/graphql/loader.ts';
import { below } from '../../platform/graphql/user-errors.ts';
import { type Principal, requireUser } from '../../platform/identity/principal.ts';
import type { LiveEvents } from '../../platform/live/live-events.ts';
import type { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import { answerOf, type Questions } from '../../platform/questions/questions.ts';
import { LIVE_EVENTS, OUTBOX, QUESTIONS } from '../../platform/injection/tokens.ts';
import { Matches, type MatchEventDetail, type MatchScore } from '../../schema/messages/matches.ts';
import { UserExists } from '../../schema/questions/users.ts';
import { profileOf } from '../../schema/sports.ts';
import { type Match, type Prisma, PrismaClient } from './generated/prisma/client.ts';
import { recordInput, voidInput } from './inputs.ts';
import type { MatchEvent } from './mappers.ts';
import { userError } from './reasons.ts';
import { append, lockAsOfficial, progressOf, received, toEvent } from './record.ts';
import { check, detailOf, isSame } from './rules.ts';
import { scoreOf } from './score.ts';

/** A match and what was put on record about it. */
export interface Recorded {
  readonly match: Match;
  readonly event: MatchEvent;
}

@Injectable()
export class MatchEventsService {
  readonly byId = batched((ids) => this.byIds(ids));
  /** {@link bySeqs}. */
  readonly bySeq = batched((events) => this.bySeqs(events));
  /** {@link voided}. */
  readonly isVoided = batched((events) => this.voided(events));

  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(LIVE_EVENTS) private readonly live: LiveEvents,
    @Inject(QUESTIONS) private readonly questions: Questions,
  ) {}

  /**
   * Officials of the match may, while it is live. The same client id again gives the same event.
   * @throws UserErrors; NoAnswer when whether a player's account exists cannot be found out now
   */
  async record(viewer: Principal, input: unknown): Promise<Recorded> {
    const { userId } = requireUser(viewer);
    const asked = parseInput(recordInput, input);
    const what = asked.goal ? 'goal' : 'card';
    const player = asked[what]?.player?.userId;
    // Before the match is locked: nobody else waits for the answer.
    const [exists] = await Promise.allSettled([player == null || this.questions.ask(UserExists, player)]);
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const match = await lockAsOfficial(tx, viewer, asked.matchId);
      const profile = profileOf(match.sport);
      const progress = progressOf(match);
      const detail = below(asked.at, () => detailOf(profile, progress, asked));
      const repeated = await this.#repeated(tx, match.id, asked.clientEventId, detail);
      if (repeated) return { match, event: repeated };
      if (match.state !== 'LIVE') throw userError('MATCH_STATE', { state: match.state, needed: 'LIVE' }, 'matchId');
      below(asked.at, () => check(profile, progress, detail));
      if (!answerOf(exists)) throw userError('USER_NOT_FOUND', ...asked.at, what, 'player', 'userId');
      const { match: moved, events } = await append(tx, emit, match, userId, [
        { detail, clientEventId: asked.clientEventId },
      ]);
      return { match: moved, event: only(events) };
    });
  }

  /**
   * Goals and cards, once. Officials of the match may, also after the final whistle. The same client id again gives the
   * same event.
   * @throws UserErrors
   */
  async takeBack(viewer: Principal, input: unknown): Promise<Recorded> {
    const { userId } = requireUser(viewer);
    const { matchId, clientEventId, seq, reason } = parseInput(voidInput, input);
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const match = await lockAsOfficial(tx, viewer, matchId);
      const detail = { kind: 'VOID' as const, voids: seq, reason: reason ?? null };
      const repeated = await this.#repeated(tx, match.id, clientEventId, detail);
      if (repeated) return { match, event: repeated };
      if (match.state !== 'LIVE' && match.state !== 'FINISHED')
        throw userError('MATCH_NOT_PLAYED', { state: match.state }, 'matchId');
      const counted = await this.#counted(tx, match.id, seq);
      const entry = {
        detail,
        clientEventId,
        score: scoreOf(profileOf(match.sport), [...counted, { seq: match.lastSeq + 1, detail }]),
      };
      const { match: moved, events } = await append(tx, emit, match, userId, [entry]);
      return { match: moved, event: only(events) };
    });
  }

  /**
   * Public. The same stretch of each match's events, in one statement: `seq` has no holes, so a stretch is a range.
   * @throws BAD_USER_INPUT
   */
  async after(
    matchIds: readonly string[],
    afterSeq: number,
    first: number | null | undefined,
  ): Promise<Map<string, MatchEvent[]>> {
    const size = pageSize(first ?? MAX_PAGE);
    if (afterSeq < 0) throw badUserInput('afterSeq must be a whole number from 0');
    const until = Math.min(afterSeq + size, 2 ** 31 - 1);
    const rows = await this.prisma.matchEvent.findMany({
      where: { matchId: { in: [...matchIds] }, seq: { gt: afterSeq, lte: until } },
      orderBy: [{ matchId: 'asc' }, { seq: 'asc' }],
    });
    return Map.groupBy(rows.map(toEvent), ({ matchId }) => matchId);
  }

  /** Public. Which of these events, named `<matchId>:<seq>`, were taken back. */
  async voided(events: readonly string[]): Promise<Map<string, true>> {
    const named = events.map((event) => event.split(':'));
    // More than was asked for where matches differ in what was taken back, but one range of one index per match.
    const rows = await this.prisma.matchEvent.findMany({
      where: {
        matchId: { in: [...new Set(named.map(([matchId = '']) => matchId))] },
        voids: { in: [...new Set(named.map(([, seq]) => Number(seq)))] },
      },
      select: { matchId: true, voids: true },
    });
    return new Map(rows.map(({ matchId, voids }) => [`${matchId}:${voids}`, true as const]));
  }

  /** Public. */
  async byIds(ids: readonly string[]): Promise<Map<string, MatchEvent>> {
    const rows = await this.prisma.matchEvent.findMany({ where: { id: { in: [...ids] } } });
    return new Map(rows.map((row) => [row.id, toEvent(row)]));
  }

  /** Public. These events, named `<matchId>:<seq>`. */
  async bySeqs(events: readonly string[]): Promise<Map<string, MatchEvent>> {
    const named = events.map((event) => event.split(':'));
    const rows = await this.prisma.matchEvent.findMany({
      where: { OR: named.map(([matchId = '', seq]) => ({ matchId, seq: Number(seq) })) },
    });
    return new Map(rows.map((row) => [`${row.matchId}:${row.seq}`, toEvent(row)]));
  }

  /** Public. Endless. @throws NOT_FOUND, BAD_USER_INPUT */
  async stream(matchGlobalId: string, afterSeq: number): Promise<AsyncIterableIterator<MatchEvent>> {
    const matchId = fromGlobalId('Match', matchGlobalId);
    const newestSeq = async (): Promise<number | null> =>
      matchId
        ? ((await this.prisma.match.findUnique({ where: { id: matchId }, select: { lastSeq: true } }))?.lastSeq ?? null)
        : null;
    if (!matchId || (await newestSeq()) === null) throw notFound('there is no such match');
    return this.live.stream<MatchEvent>({
      topic: Matches.name,
      key: matchId,
      afterSeq,
      read: async (after, limit) =>
        (
          await this.prisma.matchEvent.findMany({
            where: { matchId, seq: { gt: after } },
            orderBy: { seq: 'asc' },
            take: limit,
          })
        ).map((row) => ({ seq: row.seq, event: () => toEvent(row) })),
      newestSeq: async () => (await newestSeq()) ?? 0,
      fromLog: received,
    });
  }

  /**
   * The event of an earlier request with this client id. @throws UserErrors CONFLICT when that one asked for something
   * else
   */
  async #repeated(
    tx: Prisma.TransactionClient,
    matchId: string,
    clientEventId: string,
    detail: MatchEventDetail,
  ): Promise<MatchEvent | null> {
    const row = await tx.matchEvent.findUnique({ where: { matchId_clientEventId: { matchId, clientEventId } } });
    if (!row) return null;
    const event = toEvent(row);
    if (!isSame(event.detail, detail)) throw userError('CLIENT_ID_USED', 'clientEventId');
    return event;
  }

  /** What a score is counted from. @throws UserErrors unless `seq` is a goal or a card that still counts */
  async #counted(
    tx: Prisma.TransactionClient,
    matchId: string,
    seq: number,
  ): Promise<{ seq: number; detail: MatchEventDetail; score: MatchScore }[]> {
    const rows = await tx.matchEvent.findMany({
      where: { matchId, OR: [{ seq }, { kind: { in: ['PERIOD', 'GOAL', 'VOID'] } }] },
      orderBy: { seq: 'asc' },
    });
    const events = rows.map(toEvent);
    const target = events.find((event) => event.seq === seq);
    if (!target) throw userError('EVENT_NOT_FOUND', 'seq');
    if (target.detail.kind !== 'GOAL' && target.detail.kind !== 'CARD') throw userError('NOT_VOIDABLE', 'seq');
    if (rows.some(({ voids }) => voids === seq)) throw userError('VOIDED_BEFORE', 'seq');
    return events;
  }
}

function only(events: readonly MatchEvent[]): MatchEvent {
  const [event] = events;
  if (!event) throw new Error('nothing was put on record');
  return event;
}
